"""How a project's own catalogue of controls is read: TOML, JSON of the same shape, or an OSCAL catalog in JSON.

```toml
name = "Acme controls for agents"
version = "2026.1"

[controls]
A2 = "Agents act with an identity of their own"
GOV-2 = "Somebody answers for every agent"
```

It stands at or below the directory of the settings that name it. What is wrong with one is an error that
names the file and the place: a control that is passed over in silence is one that nobody shows evidence for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ....runtime.strict_json import NotJSON, read_request
from ...lowering.names.controls import Framework, standards
from ...text.suggestions import did_you_mean
from ...text.visible import visible
from .files import reason

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32  # of the groups and controls of an OSCAL catalog
FRAMEWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:/-]|\([A-Za-z0-9]+\))*")
FIELDS = ("name", "version", "controls")


class CatalogueError(Exception):
    """A catalogue cannot be used; the message names the file, the place and what is wrong there."""


def read_catalogues(named: Mapping[str, str], directory: Path) -> tuple[Framework, ...]:
    """Read the files that settings in a directory name, by framework. Raises `CatalogueError`."""
    return tuple(_read(id, path, directory) for id, path in sorted(named.items()))


def _read(id: str, given: str, directory: Path) -> Framework:
    if not FRAMEWORK.fullmatch(id):
        raise CatalogueError(
            f"`{visible(id)}` cannot be the name of a framework: write letters, digits, `_`, `.` and `-`"
        )
    if id in {each.id for each in standards()}:
        raise CatalogueError(f"`{id}` ships with the compiler: give your framework another name")
    path = _inside(given, directory)
    shown = f"`{visible(given)}`"
    try:
        return Framework(id, *_contents(_document(path, shown)), source=given)
    except _Wrong as wrong:
        where = f": `{visible(wrong.place)}`" if wrong.place else ""
        raise CatalogueError(f"{shown}{where}: {wrong}") from None


class _Wrong(Exception):
    """Something in a document is not what it should be; `place` leads to it."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem)
        self.place = place


def _inside(given: str, directory: Path) -> Path:
    """The file that settings name, which may not stand outside of their directory, whatever links say."""
    try:
        root = Path(os.path.realpath(directory))
        path = Path(os.path.realpath(root / given))
    except (OSError, ValueError) as error:  # a NUL byte is a ValueError
        raise CatalogueError(f"cannot read `{visible(given)}`: {reason(error)}") from None
    if not path.is_relative_to(root):
        raise CatalogueError(
            f"`{visible(given)}` stands outside of the directory of the settings that name it"
        )
    return path


def _document(path: Path, shown: str) -> Any:
    try:
        if path.exists() and not path.is_file():
            raise CatalogueError(f"{shown} is not a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as error:
        raise CatalogueError(f"cannot read {shown}: {reason(error)}") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CatalogueError(f"{shown} is not UTF-8, in line {line}") from None
    if len(content) > MAX_BYTES:
        raise CatalogueError(f"{shown} is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        if path.suffix == ".json":
            return read_request(content)
        import tomllib

        return tomllib.loads(text)
    except NotJSON as error:
        raise CatalogueError(f"{shown}: {error}") from None
    except RecursionError:
        raise CatalogueError(f"{shown} is nested too deeply") from None
    except ValueError as error:  # of TOML: it names the line and the column
        said = str(error)
        raise CatalogueError(f"{shown} is not TOML: {said[:1].lower()}{said[1:]}") from None


def _contents(document: Any) -> tuple[str, str, dict[str, str]]:
    """The name, the version and the controls of a document."""
    if not isinstance(document, dict):
        raise _Wrong("a catalogue is a table with `name`, `version` and `controls`")
    if "catalog" in document:
        return _oscal(document["catalog"])
    for key in document:
        if key not in FIELDS:
            help = did_you_mean(key, FIELDS)
            raise _Wrong("a catalogue has no such field" + (f": {help}" if help else ""), key)
    controls = document.get("controls")
    if not isinstance(controls, dict) or not controls:
        raise _Wrong('name at least one control, as `LABEL = "title"`', "controls")
    found = {
        _label(label, f"controls.{label}"): _text(title, f"controls.{label}")
        for label, title in controls.items()
    }
    return _text(document.get("name"), "name"), _text(document.get("version"), "version"), found


def _label(value: Any, place: str) -> str:
    text = _text(value, place)
    if not LABEL.fullmatch(text):
        raise _Wrong("a label is letters, digits and `_.:/-`, as in `GOV-2` or `AC-2(1)`", place)
    return text


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise _Wrong(
            "this has to be a text in quotes" if value is not None else "it is missing", place
        )
    if not value.strip():
        raise _Wrong("the text is empty", place)
    return value


# --- OSCAL ----------------------------------------------------------------------------------------


def _oscal(catalog: Any) -> tuple[str, str, dict[str, str]]:
    metadata = _object(_object(catalog, "catalog").get("metadata"), "catalog.metadata")
    found: dict[str, str] = {}
    for label, title, place in _controls(catalog, "catalog", 0):
        if label in found:
            raise _Wrong(f"the control `{label}` stands twice", place)
        found[label] = title
    if not found:
        raise _Wrong("the catalog has no controls", "catalog")
    return (
        _text(metadata.get("title"), "catalog.metadata.title"),
        _text(metadata.get("version"), "catalog.metadata.version"),
        found,
    )


def _controls(within: dict[str, Any], place: str, depth: int) -> Iterator[tuple[str, str, str]]:
    """The controls of a catalog, a group or a control: each label, its title and where it stands."""
    if depth > MAX_DEPTH:
        raise _Wrong("nested too deeply", place)
    for kind in ("groups", "controls"):
        listed = within.get(kind, [])
        if not isinstance(listed, list):
            raise _Wrong("this has to be a list", f"{place}.{kind}")
        for number, each in enumerate(listed):
            here = f"{place}.{kind}.{number}"
            one = _object(each, here)
            if kind == "controls":
                yield (
                    _label(one.get("id"), f"{here}.id"),
                    _text(one.get("title"), f"{here}.title"),
                    here,
                )
            yield from _controls(one, here, depth + 1)


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("this has to be an object" if value is not None else "it is missing", place)
    return value
