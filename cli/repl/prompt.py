"""The prompt itself: lines from a terminal, with completion and history, or from a pipe, and an answer to each.

No question ends the session, whatever comes of it: Ctrl-C ends the question that is running, and Ctrl-D leaves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from .. import exits
from ..process import guarded, say
from .completing import DELIMITERS, completions
from .question_table import Leave, Question, answered, questions
from .session import Session

PROMPT = "agpc> "
MOST_KEPT = 1_000  # lines of the history
LONGEST = 1024 * 1024  # characters of a line
UNKEPT = ("decide", "explain")
"""The words whose lines the history does not keep: what stands in requests may be secret."""


def ask_at_terminal(session: Session) -> None:
    """Answer questions until somebody leaves."""
    known, lines = questions(is_terminal=True), Lines(session)
    click.echo("`help` lists what can be asked, Tab completes, Ctrl-D leaves.")
    with lines:
        while True:
            if session.is_outdated:
                click.echo(
                    "note: files have changed since they were read: `load` reads them again",
                    err=True,
                )
                session.seen = {}  # which is said once
            try:
                line = input(PROMPT)
                if _answer(session, line, known) == exits.INTERRUPTED:
                    click.echo("interrupted", err=True)
            except KeyboardInterrupt:
                click.echo()
            except (EOFError, Leave):
                click.echo()
                return
            except UnicodeDecodeError:
                click.echo("error: this is not UTF-8", err=True)


def _answer(session: Session, line: str, known: dict[str, Question]) -> int:
    """Answer a line and give its status, whatever goes wrong."""
    try:
        return guarded(partial(answered, session, line, known))
    except BrokenPipeError:
        raise
    except OSError as error:
        say(f"cannot read or write `{error.filename or 'the output'}`: {error.strerror}")
        return exits.USAGE


def ask_of_lines(session: Session, lines: Iterator[str]) -> int:
    """Answer each line; give the first status that is none of success."""
    known, status = questions(is_terminal=False), exits.CLEAN
    for line in lines:
        try:
            found = _answer(session, line, known)
        except Leave:
            break
        sys.stdout.flush()
        if found == exits.INTERRUPTED:
            return found
        status = status or found
    return status


def lines_of(stream: Any) -> Iterator[str]:
    """The lines of a stream of bytes. Ends the command where one is no text."""
    number = 0
    while line := stream.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise exits.Failure(f"line {number} is longer than {LONGEST} bytes")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise exits.Failure(f"line {number} is not UTF-8") from None


class Lines:
    """Lines that can be edited, completed and called back, where Python has `readline`."""

    def __init__(self, session: Session) -> None:
        """Complete names of a session."""
        self._session = session
        self._found: list[str] = []
        self._readline: Any = None
        with suppress(ImportError):
            import readline

            self._readline = readline

    def __enter__(self) -> None:
        """Read the history, and complete from now on."""
        readline = self._readline
        if readline is None:
            return
        readline.set_completer_delims(DELIMITERS)
        readline.set_completer(self._complete)
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")
        if hasattr(readline, "set_auto_history"):
            readline.set_auto_history(True)
        with suppress(OSError, UnicodeError):
            readline.read_history_file(history_file())

    def __exit__(self, *error: object) -> None:
        """Keep the history, without requests, in a file that is the user's alone."""
        readline = self._readline
        if readline is None:
            return
        readline.set_completer(None)
        lines = [
            readline.get_history_item(n + 1) or ""
            for n in range(readline.get_current_history_length())
        ]
        kept = [each for each in lines if each.split()[:1] and each.split()[0] not in UNKEPT]
        with suppress(OSError, UnicodeError):
            path = history_file()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                if "libedit" in (readline.__doc__ or ""):
                    file.write("_HiStOrY_V2_\n")
                file.writelines(f"{each}\n" for each in kept[-MOST_KEPT:])

    def _complete(self, word: str, number: int) -> str | None:
        if number == 0:
            self._found = []
            with suppress(Exception):  # nothing that goes wrong here may end a line that is typed
                line = self._readline.get_line_buffer()
                before = line[: self._readline.get_begidx()]
                self._found = completions(self._session, before, word)
        return self._found[number] if number < len(self._found) else None


def history_file() -> Path:
    """Where the history is kept: below the directory of the user's state."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
    return base / "agpc" / "repl_history"
