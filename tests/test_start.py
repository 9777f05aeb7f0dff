"""What a start does without: each of these was a good part of the time that it took."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("layer", ["compiler", "targets", "cli"])
def test_classes_with_slots_are_records(layer: str) -> None:
    """The standard `dataclass` compiles up to six functions for each class."""
    slow = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / layer).rglob("*.py"))
        if "templates" not in path.parts
        and re.search(
            r"^ *@dataclass\((frozen=True, )?slots=True", text := path.read_text(), re.MULTILINE
        )
        and not re.search(r"^from [.\w]*records import .*\bdataclass\b", text, re.MULTILINE)
    ]
    assert slow == []


NEEDLESS = {
    "agpc.compiler.ir.print_rules",
    "agpc.compiler.ir.schema",
    "agpc.compiler.report.text",
    "agpc.compiler.syntax.mistakes.idioms",
    "agpc.compiler.syntax.mistakes.recover",
    "agpc.compiler.syntax.mistakes.unreadable",
    "asyncio",
    "difflib",
    "email",
    "hashlib",
    "importlib.metadata",
    "importlib.resources",
    "jinja2",
    "lark",
    "logging",
    "pydantic",
    "random",
    "shutil",
    "tempfile",
    "traceback",
}
"""What is imported where it is used, since a check of policies without mistakes does not need it."""


def loaded(*arguments: str) -> set[str]:
    """The modules that a process has loaded at the end of a command."""
    program = (
        "import sys; from agpc.cli import main; sys.argv = ['agpc', *sys.argv[1:]]; status = main();"
        "print('\\n' + '\\n'.join(sys.modules)); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("policy", "needed"),
    [
        ("examples/data", set()),
        ("examples/finance", {"hashlib"}),  # for the digest of its meter
    ],
)
def test_a_check_loads_nothing_that_it_does_not_need(policy: str, needed: set[str]) -> None:
    modules = loaded("check", policy)
    assert "agpc.compiler.analysis.run" in modules
    assert modules & NEEDLESS == needed


def test_a_check_compiles_no_methods_of_records() -> None:
    """They stand ready in `record_shapes.py`, which is written anew with `--renew`."""
    program = (
        "import sys; from agpc.compiler import records; ready = records._ready; sources = {};"
        "records._ready = lambda name, source: sources.setdefault(name, source) and ready(name, source);"
        "from agpc.cli import main; sys.argv = ['agpc', 'check', 'examples/finance']; main();"
        "print(len(sources), [each for each in sources if not hasattr(records.record_shapes, each)])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, _, compiled = done.stdout.splitlines()[-1].partition(" ")
    assert int(count) > 20
    assert compiled == "[]"


def test_a_check_compiles_only_the_patterns_of_places_that_it_comes_to() -> None:
    program = (
        "import sys; from agpc.cli import main; sys.argv = ['agpc', 'check', sys.argv[1]]; main();"
        "from agpc.compiler.syntax.automaton import automaton;"
        "print(sorted(key for keys in automaton().find_here._finds for key in keys))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, "examples/data"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "%_BINDING_COMMA" not in done.stdout.splitlines()[-1]


def test_a_check_loads_nothing_for_settings_and_windows_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.agp").write_text("package a\n")
    modules = loaded("check", "--fail-on", "error", str(tmp_path))
    assert "agpc.compiler.check.settings_file" in modules
    assert not modules & {"tomllib", "zoneinfo"}


def test_the_version_is_told_without_loading_anything() -> None:
    assert {each for each in loaded("--version") if each.startswith(("agpc", "click"))} == {
        "agpc",
        "agpc.cli",
    }
