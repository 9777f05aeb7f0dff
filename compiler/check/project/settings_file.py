"""Where the settings of a project stand, and how they are read.

They stand in `agpc.toml`, or in `[tool.agpc]` of `pyproject.toml`, in the directory of the policies or
above it; the nearest holds alone, and in one directory `agpc.toml` goes first. What is misspelt or has a
bad value is an error: a setting that is passed over in silence is one that somebody relies on in vain.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast, get_args

from ....runtime.values import NANOSECONDS, read_duration
from ...analysis.limits import Limits
from ...lowering.names.controls import STANDARDS, Catalogue
from ...report.codes import CODES, Severity
from .files import reason
from .settings import DeclaredSet, Settings, can_be_ignored

if TYPE_CHECKING:
    from pathlib import Path

OWN_FILE = "agpc.toml"
SHARED_FILE = "pyproject.toml"
MAX_BYTES = 1024 * 1024

Reader = Callable[[object], Any]
"""Makes of a value of TOML what a setting holds. Raises `_Wrong`."""


class SettingsError(Exception):
    """A file of settings cannot be used; the message names the file, the key and what is wrong."""


class _Wrong(Exception):
    """A value is not what it should be."""

    def __init__(self, problem: str, *keys: str) -> None:
        """Keep the keys that lead to the value."""
        super().__init__(problem)
        self.problem, self.keys = problem, keys


class _Unknown(_Wrong):
    """There is no setting of that name."""


def find_settings(directory: str | os.PathLike[str]) -> Path | None:
    """Find the file that holds for policies in a directory: the nearest, there or above.

    Raises `SettingsError` for something of that name that is no file, such as a link that leads nowhere.
    """
    here, below = os.fspath(directory), None
    while here != below:
        own, shared = os.path.join(here, OWN_FILE), os.path.join(here, SHARED_FILE)
        if _is_there(own):
            return _path(own)
        if _is_there(shared) and _has_table(shared):
            return _path(shared)
        here, below = os.path.dirname(here), here
    return None


def _path(name: str) -> Path:
    from pathlib import Path  # which takes a thirtieth of a check to load

    return Path(name)


def _is_there(path: str) -> bool:
    try:
        if not os.path.lexists(path):
            return False
        is_file = stat.S_ISREG(os.stat(path).st_mode)
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
    found = _read(SETTINGS, table, f"`{path}`: ")
    found["controls"] = _catalogue(found.get("controls", {}), path)
    settings = Settings(**found, file=path)
    if settings.set and settings.baseline is not None:
        raise SettingsError(f"`{path}`: `baseline`: where there are sets, each names its own")
    return settings


def settings_in(content: bytes, path: Path) -> Settings | None:
    """What a file of settings said that is no longer there, but for its catalogues; None as of `find_settings`.

    Raises `SettingsError`.
    """
    table = _table_of(_of_toml(content, os.fspath(path)), path)
    if table is None:
        return None
    found = _read(SETTINGS, table, f"`{path}`: ")
    found.pop("controls", None)  # whose files may not be there any more
    return Settings(**found, file=path)


def catalogue_near(directory: str | os.PathLike[str]) -> Catalogue:
    """The controls that policies in a directory may name. Raises `SettingsError`.

    Of the settings this reads nothing else, so that what is wrong elsewhere in them is said by `agpc check` alone.
    """
    path = find_settings(directory)
    table = None if path is None else _table_of(_parsed(path), path)
    if path is None or table is None or "controls" not in table:
        return STANDARDS
    named = _read({"controls": _controls}, {"controls": table["controls"]}, f"`{path}`: ")
    return _catalogue(named["controls"], path)


def declares_sets(directory: str | os.PathLike[str]) -> Path | None:
    """The file that holds for policies in a directory, if it names policy sets. Raises `SettingsError`."""
    path = find_settings(directory)
    table = None if path is None else _table_of(_parsed(path), path)
    return path if table and table.get("set") else None


def _catalogue(named: Mapping[str, str], path: Path) -> Catalogue:
    """The standards, and beside them the catalogues that settings name."""
    if not named:
        return STANDARDS
    from .catalogue_file import CatalogueError, read_catalogues

    try:
        return Catalogue(read_catalogues(named, path.parent))
    except CatalogueError as error:
        raise SettingsError(f"`{path}`: `controls`: {error}") from None


def with_selection(settings: Settings, select: Sequence[str], ignore: Sequence[str]) -> Settings:
    """Settings with what a command line selects and ignores. Raises `SettingsError`."""
    return settings.and_then(
        **_read(SELECTION, {"select": list(select), "ignore": list(ignore)}, "")
    )


def _read(readers: Mapping[str, Reader], table: Mapping[str, object], where: str) -> dict[str, Any]:
    try:
        return _fields(readers, table)
    except _Wrong as wrong:
        key = ".".join(wrong.keys)
        if isinstance(wrong, _Unknown):
            raise SettingsError(f"{where}there is no setting `{key}`") from None
        raise SettingsError(f"{where}`{key}`: {wrong.problem}") from None


def _has_table(shared: str) -> bool:
    """Whether a shared file has settings; most have no word for this tool, and TOML takes its time.

    `tool.agpc` stands there in one of these ways, unless a character of the names is written as its number.
    """
    content = _content(shared)
    ways = rb"""tool["']?[ \t]*(?:\.[ \t]*["']?agpc|[]=])"""
    may_have = len(content) > MAX_BYTES or re.search(rb"\\[uU]|" + ways, content) is not None
    return may_have and _table_of(_of_toml(content, shared), shared) is not None


def _content(path: str | os.PathLike[str]) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"cannot read `{path}`: {reason(error)}") from None
    except ValueError:
        raise SettingsError(f"`{path}` has a NUL byte in its name") from None


def _parsed(path: str | os.PathLike[str]) -> dict[str, Any]:
    return _of_toml(_content(path), os.fspath(path))


@lru_cache(maxsize=1)  # who finds a file of settings reads it next; nobody changes what is given
def _of_toml(content: bytes, path: str) -> dict[str, Any]:
    import tomllib  # by those who have such a file

    if len(content) > MAX_BYTES:
        raise SettingsError(f"`{path}` is larger than {MAX_BYTES // 1024} KiB")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise SettingsError(f"`{path}` is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"`{path}` is not TOML: {_lower(str(error))}") from None
    except RecursionError:
        raise SettingsError(f"`{path}` is nested too deeply") from None
    except ValueError:  # more digits than Python makes a number of
        raise SettingsError(f"`{path}` has a number that is too long") from None


def _table_of(document: dict[str, Any], path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """The settings in a document; None where a file that is shared with others has none."""
    if os.path.basename(path) != SHARED_FILE:
        return document
    tool = document.get("tool", {})
    table = tool.get("agpc") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"`{path}`: `tool.agpc` has to be a table")
    return cast("dict[str, Any] | None", table)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _fields(readers: Mapping[str, Reader], table: Mapping[str, object]) -> dict[str, Any]:
    """Read a table: the fields that it gives, by the names that they have in Python."""
    found = {}
    for name, read in readers.items():
        if name in table:
            found[name.replace("-", "_")] = _below(name, read, table[name])
    for name in table:
        if name not in readers:
            raise _Unknown("", name)
    return found


def _below(key: str, read: Reader, value: object) -> Any:
    """Read what stands under a key, which a problem there is told with."""
    try:
        return read(value)
    except _Wrong as wrong:
        wrong.keys = (key, *wrong.keys)
        raise


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Wrong("input should be a table")
    return value


def _list_of(read: Reader) -> Reader:
    def read_list(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise _Wrong("input should be a list")
        return tuple(_below(str(place), read, each) for place, each in enumerate(value))

    return read_list


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("input should be a valid string")
    return value


def _glob(value: object) -> str:
    if not _text(value):
        raise _Wrong("string should have at least 1 character")
    return _text(value)


def _severity(value: object) -> str:
    if value not in get_args(Severity):
        *others, last = (f"'{each}'" for each in get_args(Severity))
        raise _Wrong(f"input should be {', '.join(others)} or {last}")
    return cast("str", value)


def _duration(value: object) -> int:
    """Read a duration of at least a second, in seconds."""
    read = read_duration(value)
    if not read:
        raise _Wrong('a duration is written like "15m" or "1h30m"')
    return read // NANOSECONDS


def _address(value: object) -> str:
    if not re.fullmatch(r"https?://[\x21-\x7e]+", _text(value)):
        raise _Wrong("an address starts with `https://`")
    return _text(value)


def _known(value: object) -> str:
    """Read a code, or how some start."""
    text = _text(value)
    if not re.fullmatch(r"AGP[0-9]{0,4}", text) or not any(code.startswith(text) for code in CODES):
        raise _Wrong(f"there is no code `{text}`, and none that starts so")
    return text


def _ignorable(value: object) -> str:
    """Read a code, or how some start, of which at least one can be ignored."""
    text = _known(value)
    if not any(can_be_ignored(code) for code in CODES if code.startswith(text)):
        raise _Wrong(f"`{text}` cannot be ignored: it is an error, or undetermined")
    return text


def _judged(value: object) -> dict[str, str]:
    """Read severities by code: each code is there, and no error and nothing undetermined is lowered."""
    judged = {code: _below(code, _severity, each) for code, each in _table(value).items()}
    for code, severity in judged.items():
        if code not in CODES:
            raise _Wrong(f"there is no code `{code}`")
        lowered = severity != "error" and not can_be_ignored(code)
        if lowered and severity != CODES[code].severity:
            raise _Wrong(f"the severity of `{code}` cannot be lowered")
    return judged


def _controls(value: object) -> dict[str, str]:
    """Read the files of catalogues, by framework."""
    return {id: _below(id, _glob, each) for id, each in _table(value).items()}


def _relative(value: object) -> str:
    """Read a path that leads to something below the directory of the settings."""
    text = _text(value)
    if not text or "\0" in text or os.path.isabs(text) or ".." in _path(text).parts:
        raise _Wrong("a path leads from the directory of the settings to something below it")
    return text


def _name(value: object) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", _text(value)):
        raise _Wrong("a name has up to 64 letters, digits, `.`, `_` and `-`")
    return _text(value)


def _paths(value: object) -> tuple[str, ...]:
    paths = cast("tuple[str, ...]", _list_of(_relative)(value))
    if not paths:
        raise _Wrong("a set has at least one path")
    return paths


def _set(value: object) -> DeclaredSet:
    found = _fields(SET, _table(value))
    for key in ("name", "paths"):
        if key not in found:
            raise _Wrong(f"a set needs `{key}`")
    return DeclaredSet(**found)


def _sets(value: object) -> tuple[DeclaredSet, ...]:
    sets = cast("tuple[DeclaredSet, ...]", _list_of(_set)(value))
    for number, each in enumerate(sets):
        if each.name in (other.name for other in sets[:number]):
            raise _Wrong(f"two sets are named `{each.name}`")
    return sets


def _limits(value: object) -> Limits:
    return Limits(**_fields(LIMITS, _table(value)))


LIMITS: dict[str, Reader] = {
    "max-ttl": _duration,
    "read-level": _text,
    "outward": _list_of(_glob),
    "max-validity": _duration,
    "retention": _duration,
}
SET: dict[str, Reader] = {
    "name": _name,
    "paths": _paths,
    "baseline": _relative,
    "targets": _list_of(_glob),
}
SELECTION: dict[str, Reader] = {"select": _list_of(_known), "ignore": _list_of(_ignorable)}
SETTINGS: dict[str, Reader] = {
    **SELECTION,
    "fail-on": _severity,
    "docs-url": _address,
    "severity": _judged,
    "limits": _limits,
    "controls": _controls,
    "baseline": _relative,
    "targets": _list_of(_glob),
    "set": _sets,
}
"""What each setting may be; a name in Python has `_` for `-`."""
