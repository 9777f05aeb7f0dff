"""docs/rooms.md is what the packages say of themselves; `UPDATE_DOCS=1` renews it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from layers import HOUSES, LAYERS, ROOMS, order

from docs.blocks import DOCS
from docs.diagnostic_pages import same

ROOT = DOCS.parent
PAGE = DOCS / "rooms.md"
BEGIN = re.compile(r"^Begin with (`[\w/.]+`(?:, `[\w/.]+`)*)\.$", re.MULTILINE)
HEAD = """# Rooms

What stands where, by folder, as each package says of itself. [architecture.md](architecture.md) is the plan; the
`__init__.py` of a room says more of its files.
<!-- Made of the docstrings of the packages: UPDATE_DOCS=1 pytest tests/docs/test_rooms_page.py -->
"""


@cache
def rooms_of(layer: str) -> list[str]:
    """The folder of a layer, and those in it that are packages."""
    found = (path.parent for path in (ROOT / layer).rglob("__init__.py"))
    return sorted(
        path.relative_to(ROOT).as_posix() for path in found if "templates" not in path.parts
    )


@cache
def docstring(room: str) -> str:
    module = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    return ast.get_docstring(module) or ""


def summary(room: str) -> str:
    return " ".join(docstring(room).partition("\n\n")[0].split())


def page() -> str:
    return HEAD + "".join(part for layer in sorted(LAYERS) for part in section(layer))


def section(layer: str) -> Iterator[str]:
    first = begin(layer)
    yield f"\n## {layer}\n\n{summary(layer)}{f' Begin with {first}.' if first else ''}\n"
    orders = {"compiler": ROOMS, **HOUSES}
    houses = [each for each in rooms_of(layer) if each in orders]
    if houses:
        yield "\nA room knows rooms before it, and none behind it; in braces stand those that do not know one another.\n\n"
        yield "".join(f"- `{house}/`: `{order(orders[house])}`\n" for house in houses)
    rows = "".join(
        f"| `{room}/` | {summary(room)} |{f' {begin(room)} ' if begin(room) else ' '}|\n"
        for room in rooms_of(layer)[1:]
    )
    if rows:
        yield f"\n| room | holds | begin with |\n| --- | --- | --- |\n{rows}"


def begin(room: str) -> str:
    files: list[str] = BEGIN.findall(docstring(room))
    return files[0] if files else ""


def test_the_page_is_what_the_packages_say_of_themselves() -> None:
    assert same(PAGE, page()), "run it again with UPDATE_DOCS=1"


@pytest.mark.parametrize("room", [room for layer in LAYERS for room in rooms_of(layer)])
def test_a_room_says_what_it_holds_and_names_no_file_that_is_not_there(room: str) -> None:
    text = docstring(room)
    assert summary(room).endswith("."), room
    told = re.findall(r"`([\w/]+(?:\.(?:py|agp|json)|/))`", text)
    assert [
        each for each in told if not ((ROOT / room / each).exists() or (ROOT / each).exists())
    ] == []
