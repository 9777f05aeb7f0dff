"""Dependencies point one way: grammar <- compiler <- targets <- cli; runtime imports none of them, and monitor only that."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

import pytest
from layers import HOUSES, LAYERS, ROOMS, order

ROOT = Path(__file__).parents[1]
FACE = "agpc"  # the public API, of which the layers may know the version and nothing else


def modules() -> Iterator[tuple[str, Path]]:
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            if "templates" not in path.parts:
                yield layer, path


@cache
def imports_in(text: str) -> list[ast.Import | ast.ImportFrom]:
    """The import statements of a module, which is read once for all that look at them."""
    return [
        each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Import | ast.ImportFrom)
    ]


def imports(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """What a module imports from `agpc`: pairs of a layer, or `agpc` itself, and a name."""
    package = ["agpc", *path.relative_to(ROOT).parent.parts]
    for node in imports_in(text):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == FACE:
                    yield FACE, alias.name
        else:
            if node.level:
                base = package[: len(package) - node.level + 1]
                module = [*base, *(node.module.split(".") if node.module else [])]
            else:
                module = (node.module or "").split(".")
            if module[0] != FACE:
                continue
            for alias in node.names:
                full = [*module, alias.name]
                yield (full[1], alias.name) if full[1] in LAYERS else (FACE, alias.name)


def violations(layer: str, path: Path, text: str) -> list[str]:
    found = []
    for other, name in imports(path, text):
        if other == FACE:
            if name != "__version__":
                found.append(f"{path.relative_to(ROOT)} imports {name} from the public API")
        elif other != layer and other not in LAYERS[layer]:
            found.append(f"{path.relative_to(ROOT)} imports {other}")
    return found


def test_no_module_imports_what_stands_to_the_right_of_it() -> None:
    found = [
        each
        for layer, path in modules()
        for each in violations(layer, path, path.read_text(encoding="utf-8"))
    ]
    assert found == []


LEFT_OF_THE_IR = {"syntax", "lowering"}


def rooms_imported(
    path: Path, text: str, layer: str = "compiler", rooms: Collection[str] = ROOMS
) -> Iterator[str]:
    """The rooms of a layer that a module imports from."""
    package = ["agpc", *path.relative_to(ROOT).parent.parts]
    house = ["agpc", *layer.split("/")]
    for node in imports_in(text):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = [*base, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                match [*module, alias.name][: len(house) + 1]:
                    case [*begin, room] if begin == house and room in rooms:
                        yield room


def room_of(path: Path) -> str | None:
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "compiler" and len(parts) > 2 else None


def test_every_module_of_the_compiler_stands_in_a_room() -> None:
    found = {room_of(path) for layer, path in modules() if layer == "compiler"} - {None}
    assert found == set(ROOMS)
    loose = [path.name for path in (ROOT / "compiler").glob("*.py")]
    assert sorted(loose) == [
        "__init__.py",
        "garbage.py",
        "packaged.py",
        "processes.py",
        "standard_dataclass.py",
        "struct_methods.py",
        "struct_sources.py",
        "structs.py",
    ]


def test_no_room_knows_one_that_stands_behind_it() -> None:
    found = []
    for layer, path in modules():
        imported = set(rooms_imported(path, path.read_text(encoding="utf-8")))
        room = room_of(path)
        if room is not None:
            wrong = imported - ROOMS[room] - {room}
        else:
            wrong = imported & LEFT_OF_THE_IR if layer == "targets" else set()
        found += [f"{path.relative_to(ROOT)} imports {each}" for each in sorted(wrong)]
    assert found == []


@pytest.mark.parametrize("house", HOUSES)
def test_no_room_of_a_house_knows_one_that_stands_behind_it(house: str) -> None:
    rooms = HOUSES[house]
    assert {path.parent.name for path in (ROOT / house).glob("*/__init__.py")} == set(rooms)
    beside = {path.stem for path in (ROOT / house).glob("*.py")} if house != "cli" else set()
    found = []
    for room, known in rooms.items():
        for path in (ROOT / house / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            wrong = {*rooms_imported(path, text, house, {*rooms, *beside})} - known - {room}
            found += [f"{path.relative_to(ROOT)} imports {each}" for each in sorted(wrong)]
    assert found == []


def test_no_test_imports_from_a_test() -> None:
    """What two tests share stands in a module that holds no tests."""
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if re.search(r"^\s*(from|import)\s.*\btest_\w", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert found == []


def test_imports_inside_the_package_are_relative() -> None:
    """A type checker would see a file under two names, and the checks above look at relative ones."""
    found = [
        path.relative_to(ROOT).as_posix()
        for _, path in modules()
        for node in imports_in(path.read_text(encoding="utf-8"))
        if (
            (isinstance(node, ast.ImportFrom) and not node.level and node.module)
            and node.module.split(".")[0] == FACE
        )
        or (
            isinstance(node, ast.Import)
            and any(each.name.split(".")[0] == FACE for each in node.names)
        )
    ]
    assert found == []


def test_no_module_is_named_for_nothing() -> None:
    riddles = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [path for _, path in modules() if path.stem in riddles] == []


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_map_is_one_screen_and_has_the_order_of_the_compiler() -> None:
    lines = ARCHITECTURE.splitlines()
    assert len(lines) <= 50
    assert [line for line in lines if len(line) > 120] == []
    assert order(ROOMS) in lines


def test_what_the_map_shows_is_there() -> None:
    rows = re.findall(r"^\| `([\w/]+/)` \|.*\| `([\w./]+)` \|$", ARCHITECTURE, re.MULTILINE)
    assert {f"{layer}/" for layer in LAYERS} <= {folder for folder, _ in rows}
    assert [each for each in rows if not (ROOT / "".join(each)).is_file()] == []


@pytest.mark.parametrize("text", [ARCHITECTURE, CONTRIBUTING], ids=["map", "contributing"])
def test_paths_that_are_told_are_there(text: str) -> None:
    layers = "|".join((*LAYERS, FACE, "tests", "docs"))
    told = re.findall(rf"`((?:{layers})/[\w./]*)`", text)
    named = [each for each in told if not re.search(r"NAME|ROOM|CODE", each)]
    assert [each for each in named if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("rooms", [ROOMS, *HOUSES.values()], ids=["compiler", *HOUSES])
def test_no_room_knows_one_that_knows_it(rooms: dict[str, set[str]]) -> None:
    assert {*re.findall(r"\w+", order(rooms))} == set(rooms)


def test_the_folders_are_the_layers() -> None:
    assert {layer for layer, _ in modules()} == set(LAYERS)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("compiler/x.py", "from ..targets import emission"),
        ("compiler/report/x.py", "from ...cli.exits import Stop"),
        ("compiler/x.py", "from .. import cli"),
        ("compiler/x.py", "from .. import load"),
        ("compiler/x.py", "import agpc.targets.registry"),
        ("runtime/x.py", "def f():\n    from ..compiler import ir"),
        ("targets/python/x.py", "from agpc.cli import main"),
        ("grammar/x.py", "from ..compiler.source import Source"),
    ],
)
def test_a_wrong_import_is_found(place: str, text: str) -> None:
    assert len(violations(place.split("/")[0], ROOT / place, text)) == 1


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("compiler/report/x.py", "from ..diagnostics import Diagnostic"),
        ("compiler/report/x.py", "from ... import __version__"),
        ("compiler/x.py", "from ..runtime.values import is_text"),
        ("cli/x.py", "from ..targets.write import write_artifacts\nimport json"),
    ],
)
def test_a_right_import_is_let_be(place: str, text: str) -> None:
    assert violations(place.split("/")[0], ROOT / place, text) == []
