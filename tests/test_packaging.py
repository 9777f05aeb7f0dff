"""The wheel holds `agpc/` and nothing else, with its data, and works without this checkout."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

import agpc

ROOT = Path(__file__).parents[1]
LAYERS = (
    "audit",
    "cli",
    "compiler",
    "grammar",
    "guard",
    "lsp",
    "monitor",
    "runtime",
    "service",
    "targets",
)


def build(kind: str, directory: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(directory)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = directory.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel"))) as file:
        yield file


def sources(layer: str) -> set[str]:
    """Every file of a layer that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", layer],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def test_links_of_an_editable_install_are_not_part_of_the_source() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--stage", "agpc"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert [line for line in listed.stdout.splitlines() if line.startswith("120000")] == []


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"agpc", f"agpc-{agpc.__version__}.dist-info"}


def test_the_wheel_holds_every_file_of_every_layer_once(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert len(names) == len(set(names))
    for layer in LAYERS:
        assert {f"agpc/{name}" for name in sources(layer)} == {
            name for name in names if name.startswith(f"agpc/{layer}/")
        }
    for name in (
        "grammar/agp.lark",
        "compiler/lowering/names/controls.json",
        "cli/commands/writing/starter.agp",
        "cli/output/templates/matrix.html.j2",
        "py.typed",
    ):
        assert f"agpc/{name}" in names


def test_the_version_stands_in_one_place(wheel: zipfile.ZipFile) -> None:
    metadata = wheel.read(f"agpc-{agpc.__version__}.dist-info/METADATA")
    assert message_from_bytes(metadata)["Version"] == agpc.__version__


def test_the_wheel_works_without_the_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    ran = subprocess.run(
        [sys.executable, "-S", "-c", WORKS, str(tmp_path / "site"), str(tmp_path / "work")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("3 passed, 0 failed\n")


# Without site (-S) the editable install's .pth does not count, and what we depend on is added by hand.
WORKS = f"""
import sys
site, work = sys.argv[1:]
sys.path[:0] = [site, *{[p for p in sys.path if p.endswith("site-packages")]!r}]
from agpc.cli.process import run
assert sys.modules["agpc"].__file__.startswith(site)
for arguments in (["init", work], ["check", work], ["test", work]):
    status = run(arguments)
    assert status == 0, (arguments, status)
"""


def test_a_source_distribution_holds_the_layers_and_not_their_links(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    for layer in LAYERS:
        assert sources(layer) <= names
        assert f"agpc/{layer}" not in names
