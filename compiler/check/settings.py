"""The settings of a project: which findings it looks for, how serious they are, and its limits.

They stand in `agpc.toml`, or in `[tool.agpc]` of `pyproject.toml`, in the directory of the policies or
above it; the nearest holds alone, and in one directory `agpc.toml` goes first. What is misspelt or has a
bad value is an error: a setting that is passed over in silence is one that somebody relies on in vain.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ...runtime.values import NANOSECONDS, read_duration
from ..analysis.inquiry import Limits
from ..report.codes import CODES, Severity
from ..report.diagnostics import Diagnostic
from .files import reason

OWN_FILE = "agpc.toml"
SHARED_FILE = "pyproject.toml"
MAX_BYTES = 1024 * 1024
DEFAULT = Limits()
ALWAYS = {"AGP2999"}
"""Codes that no setting and no silence turns off or lowers: what nobody knows."""
PREFIX = re.compile(r"AGP[0-9]{0,4}")


M = TypeVar("M", bound=BaseModel)


class SettingsError(Exception):
    """A file of settings cannot be used; the message names the file, the key and what is wrong."""


def can_be_ignored(code: str) -> bool:
    """Whether a finding may be turned off or silenced: no error may, and not what is undetermined."""
    return code in CODES and CODES[code].severity != "error" and code not in ALWAYS


def _duration(value: object) -> int:
    """Read a duration of at least a second, in seconds."""
    read = read_duration(value)
    if not read:
        raise ValueError('a duration is written like "15m" or "1h30m"')
    return read // NANOSECONDS


def _known(value: str) -> str:
    """Check a code or the start of one."""
    if not PREFIX.fullmatch(value) or not any(code.startswith(value) for code in CODES):
        raise ValueError(f"there is no code `{value}`, and none that starts so")
    return value


def _ignorable(value: str) -> str:
    """Check a code, or the start of some, of which at least one can be ignored."""
    _known(value)
    if not any(can_be_ignored(code) for code in CODES if code.startswith(value)):
        raise ValueError(f"`{value}` cannot be ignored: it is an error, or undetermined")
    return value


def _judged(value: dict[str, Severity]) -> dict[str, Severity]:
    """Check that each code is there, and that no error and nothing undetermined is lowered."""
    for code, severity in value.items():
        if code not in CODES:
            raise ValueError(f"there is no code `{code}`")
        lowered = severity != "error" and not can_be_ignored(code)
        if lowered and severity != CODES[code].severity:
            raise ValueError(f"the severity of `{code}` cannot be lowered")
    return value


def _tuple(value: object) -> object:
    """Let a list of TOML stand for a tuple, which strict validation would not."""
    return tuple(value) if isinstance(value, list) else value


Selected = Annotated[tuple[Annotated[str, AfterValidator(_known)], ...], BeforeValidator(_tuple)]
Ignored = Annotated[tuple[Annotated[str, AfterValidator(_ignorable)], ...], BeforeValidator(_tuple)]
Severities = Annotated[dict[str, Severity], AfterValidator(_judged)]


def _address(value: str) -> str:
    """Check an address of the web."""
    if not re.fullmatch(r"https?://[\x21-\x7e]+", value):
        raise ValueError("an address starts with `https://`")
    return value


Address = Annotated[str, AfterValidator(_address)]
Globs = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_tuple)]


def _named(name: str) -> str:
    """Write the name of a field as the file does."""
    return name.replace("_", "-")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=_named)


class LimitSettings(_Table):
    """The table `limits`; what it leaves out is as `analysis.finding.Limits` has it."""

    max_ttl: Annotated[int, BeforeValidator(_duration)] = DEFAULT.max_ttl
    read_level: str | None = DEFAULT.read_level
    outward: Globs = DEFAULT.outward
    max_validity: Annotated[int, BeforeValidator(_duration)] = DEFAULT.max_validity


class Selection(_Table):
    """What is looked for beside what is looked for anyway, and what is not: codes or their starts."""

    select: Selected = ()
    ignore: Ignored = ()


class Settings(Selection):
    """All settings, each with the value that it has where the file does not say."""

    fail_on: Severity = "error"
    docs_url: Address | None = None
    severity: Severities = {}
    limits: LimitSettings = LimitSettings()

    def looks_for(self, code: str) -> bool:
        """Whether a finding is looked for and shown.

        The longest of the entries of `select` and `ignore` that fit decides, `ignore` among equals; where
        none fits, the table of codes does.
        """
        if not can_be_ignored(code):
            return True
        select = max((len(each) for each in self.select if code.startswith(each)), default=-1)
        ignore = max((len(each) for each in self.ignore if code.startswith(each)), default=-1)
        return CODES[code].default if select == ignore == -1 else select > ignore

    def and_then(self, select: Sequence[str], ignore: Sequence[str]) -> Settings:
        """These settings with more of a selection, which goes first. Raises `SettingsError`."""
        more = _validated(Selection, {"select": tuple(select), "ignore": tuple(ignore)}, "")
        return self.model_copy(
            update={
                "select": (*(e for e in self.select if e not in more.ignore), *more.select),
                "ignore": (*(e for e in self.ignore if e not in more.select), *more.ignore),
            }
        )

    def judge(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Leave out what is ignored, and give the others the severity that the project says."""
        return [
            replace(each, judged=self.severity.get(each.code))
            for each in diagnostics
            if self.looks_for(each.code)
        ]


def find_settings(directory: Path) -> Path | None:
    """Find the file that holds for policies in a directory: the nearest, there or above.

    Raises `SettingsError` for something of that name that is no file, such as a link that leads nowhere.
    """
    for each in (directory, *directory.parents):
        if _is_there(each / OWN_FILE):
            return each / OWN_FILE
        shared = each / SHARED_FILE
        if _is_there(shared) and _table_of(_parsed(shared), shared) is not None:
            return shared
    return None


def _is_there(path: Path) -> bool:
    try:
        if not os.path.lexists(path):
            return False
        is_file = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read `{path}`: {reason(error)}") from None
    if not is_file:
        raise SettingsError(f"`{path}` is not a file, and settings are in one")
    return True


def read_settings(path: Path) -> Settings:
    """Read a file of settings. Raises `SettingsError`."""
    table = _table_of(_parsed(path), path)
    if table is None:
        raise SettingsError(f"`{path}` has no table `[tool.agpc]`")
    return _validated(Settings, table, f"`{path}`: ")


def _validated(model: type[M], table: Mapping[str, Any], where: str) -> M:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise SettingsError(f"{where}{_first_problem(error)}") from None
    except UnicodeEncodeError:  # from a command line that is not UTF-8
        raise SettingsError(f"{where}there is no code that is not text") from None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise SettingsError(f"`{path}` is larger than {MAX_BYTES // 1024} KiB")
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read `{path}`: {reason(error)}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"`{path}` is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"`{path}` is not TOML: {_lower(str(error))}") from None
    except RecursionError:
        raise SettingsError(f"`{path}` is nested too deeply") from None
    except ValueError:  # a NUL byte in the path, or more digits than Python makes a number of
        raise SettingsError(f"`{path}` has a number that is too long, or cannot be read") from None


def _table_of(document: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """The settings in a document; None where a file that is shared with others has none."""
    if path.name != SHARED_FILE:
        return document
    tool = document.get("tool", {})
    table = tool.get("agpc") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"`{path}`: `tool.agpc` has to be a table")
    return cast("dict[str, Any] | None", table)


def _first_problem(error: ValidationError) -> str:
    """Say what is wrong with the first setting that is, on one line."""
    first = error.errors(include_url=False, include_context=False)[0]
    key = ".".join(str(each) for each in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"there is no setting `{key}`"
    if first["type"] in ("model_type", "dict_type", "tuple_type"):
        kind = "list" if first["type"] == "tuple_type" else "table"
        return f"`{key}`: input should be a {kind}"
    message = first["msg"].removeprefix("Value error, ")
    return f"`{key}`: {_lower(message)}"


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
