"""What the service says while it runs: one line an event, words of ours, and nothing that came in.

INVARIANT: no secret, argument or other input reaches a line. What we say is a fixed sentence and fields that are
ours; of what libraries say the sentence is kept without what they fill in; of an exception its type and where it
was raised are kept, and its text alone where that is a sentence of ours for operators.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from ...audit.export import ExportError
from ...config.models import Logging
from ...store import StoreError

OURS = "agpc.service"
logger = logging.getLogger(OURS)


def say(level: int, sentence: str, **fields: Any) -> None:
    """Log a fixed sentence with fields of ours."""
    if logger.isEnabledFor(level):
        # Without asking where this was called from, which takes half the time of a line and is not said.
        logger.handle(
            logger.makeRecord(OURS, level, "", 0, sentence, (), None, extra={"fields": fields})
        )


def say_failure(sentence: str, error: BaseException, **fields: Any) -> None:
    """Log that something failed which should not, without the text of the exception."""
    say(logging.ERROR, sentence, **fields, **told_of(error))


def told_of(error: BaseException) -> dict[str, Any]:
    """Say of an exception what has no input in it: its type, and the lines that it came through.

    Some are a sentence for operators, or a reason that the system gives: `why`.
    """
    frames = traceback.extract_tb(error.__traceback__)
    why = str(error) if isinstance(error, (StoreError, ExportError)) else None
    if isinstance(error, OSError):
        why = error.strerror
    return {
        "error": type(error).__name__,
        **({} if why is None else {"why": why}),
        "at": [f"{_short(each.filename)}:{each.lineno} {each.name}" for each in frames[-12:]],
    }


def _short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-3:])


def _time_of(seconds: float) -> str:
    whole, rest = divmod(int(seconds * 1000), 1000)
    return f"{_second(whole)}.{rest:03}+00:00"


@lru_cache(maxsize=4)
def _second(number: int) -> str:
    return datetime.fromtimestamp(number, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _first_of(said: str) -> dict[str, str]:
    """The first line of what a library says, and of a traceback the type alone: its last line may hold input."""
    lines = said.splitlines() or [""]
    if not lines[0].startswith("Traceback "):
        return {"says": lines[0]}
    return {"says": "an exception", "error": lines[-1].partition(":")[0]}


class _Line(logging.Formatter):
    def fields_of(self, record: logging.LogRecord) -> dict[str, Any]:
        ours = record.name == OURS
        found: dict[str, Any] = {
            "time": _time_of(record.created),
            "level": record.levelname.lower(),
            "says": str(record.msg).strip(),  # without what was to be filled in
        }
        if not ours:
            found |= {**_first_of(found["says"]), "from": record.name}
        found |= getattr(record, "fields", {}) if ours else {}
        if record.exc_info and record.exc_info[1] is not None:
            found |= told_of(record.exc_info[1])
        return found


class JSONLine(_Line):
    """A JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return json.dumps(self.fields_of(record), default=lambda value: type(value).__name__)


class TextLine(_Line):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        fields = self.fields_of(record)
        time, level, says = fields.pop("time"), fields.pop("level"), fields.pop("says")
        below = fields.pop(
            "diagnostics", ()
        )  # laid out by the compiler, which has made them safe to print
        rest = "".join(
            f" {name}={json.dumps(value, default=str)}" for name, value in fields.items()
        )
        return "\n    ".join([f"{time} {level:7} {says}{rest}", *below])


def set_up(settings: Logging) -> None:
    """Let everything that this process logs go to standard error, in the form of the settings."""
    handler = logging.StreamHandler(sys.stderr)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # not said
    handler.setFormatter(JSONLine() if settings.format == "json" else TextLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(settings.level.upper())
    quiet = settings.level in ("info", "warning")  # uvicorn's own steps are no news
    logging.getLogger("uvicorn.error").setLevel("WARNING" if quiet else settings.level.upper())
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
