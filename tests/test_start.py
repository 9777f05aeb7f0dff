"""What a start does without: each of these was a good part of the time that it took."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agpc.cli.process import is_plain
from agpc.grammar import tables

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("layer", ["compiler", "targets", "cli"])
def test_classes_with_slots_are_structs(layer: str) -> None:
    """The standard `dataclass` compiles up to six functions for each class, and its module imports `inspect`."""
    slow = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / layer).rglob("*.py"))
        if "templates" not in path.parts
        and re.search(r"^ *@dataclass\((frozen=True, )?slots=True", path.read_text(), re.MULTILINE)
    ]
    assert slow == []


NEEDLESS = {
    "agpc.cli.input.held",
    "agpc.compiler.analysis.exposure",
    "agpc.compiler.analysis.procedure.cubes.containment",
    "agpc.compiler.analysis.procedure.asked_of_rules.chained",
    "agpc.compiler.analysis.procedure.rules.closed_sources",
    "agpc.compiler.analysis.runs",
    "agpc.compiler.ir.documentation",
    "agpc.compiler.ir.printing.rules",
    "agpc.compiler.ir.schema",
    "agpc.compiler.lowering.conditions.sources",
    "agpc.compiler.lowering.names.documented",
    "agpc.compiler.lowering.uses",
    "agpc.compiler.lowering.vocabulary.extensions",
    "agpc.compiler.report.text",
    "agpc.compiler.struct_sources",
    "agpc.compiler.syntax.documentation",
    "agpc.compiler.syntax.mistakes.habits",
    "agpc.compiler.syntax.mistakes.idioms",
    "agpc.compiler.syntax.mistakes.recover",
    "agpc.compiler.syntax.mistakes.unreadable",
    "agpc.runtime.arguments",
    "agpc.runtime.decision",
    "agpc.runtime.hosts",
    "ast",
    "asyncio",
    "click",
    "copy",
    "dataclasses",
    "decimal",
    "difflib",
    "email",
    "fractions",
    "gettext",
    "hashlib",
    "importlib.metadata",
    "importlib.resources",
    "inspect",
    "jinja2",
    "lark",
    "logging",
    "pkgutil",
    "platform",
    "pydantic",
    "random",
    "shutil",
    "tempfile",
    "traceback",
    "unicodedata",
    "uuid",
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


@pytest.mark.parametrize("policy", ["examples/data", "examples/finance"])
def test_a_check_loads_nothing_that_it_does_not_need(policy: str) -> None:
    modules = loaded("check", policy)
    assert "agpc.compiler.analysis.run" in modules
    assert modules & NEEDLESS == set()


def test_what_is_started_without_it_loads_nothing_of_the_guard() -> None:
    heavy = re.compile(r"(agpc\.guard|agpc\.service|mcp|mcp_types|starlette|uvicorn|anyio)(\.|$)")
    program = "import sys, agpc; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for modules in (set(done.stdout.split()), loaded("check", "examples/data")):
        assert {each for each in modules if heavy.match(each)} == set()


def test_who_has_a_policy_compiled_loads_nothing_that_analyses() -> None:
    """As a service, a guard and its hooks do at their start."""
    program = "import sys, agpc; agpc.compile('examples/finance'); print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    assert "agpc.compiler.check.project.settings_file" in modules
    assert not {each for each in modules if each.startswith("agpc.compiler.analysis.procedure")}


def test_a_check_loads_no_finding_about_what_a_policy_does_not_have() -> None:
    findings = "agpc.compiler.analysis.findings"
    modules = loaded("check", "examples/finance")
    assert f"{findings}.facts.limit_below_one" in modules  # it has a meter, and no source
    assert not modules & {f"{findings}.facts.written_by_others", f"{findings}.privilege.cut_off"}


def parsed(text: str) -> tuple[set[str], int]:
    """The terminals whose patterns a process has compiled that parsed a text, and in how many rows it has looked."""
    program = (
        "import sys; from agpc.compiler.report.source import Source;"
        "from agpc.compiler.syntax.parse import parse; found = [];"
        "parse(Source('a.agp', sys.argv[1]), found); assert not found, found;"
        "from agpc.compiler.syntax.automaton import automaton;"
        "print(*(key for keys in automaton().find_here._finds for key in keys), len(automaton().tables.rows))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, text], capture_output=True, text=True, check=True
    )
    *keys, rows = done.stdout.split()
    return set(keys), int(rows)


def test_a_text_compiles_only_the_patterns_of_places_that_it_comes_to() -> None:
    contextual = {key for key, _, is_contextual in tables().terminals if is_contextual}
    plain, rows = parsed('language 2\npackage a\nowner "o" contact "c"\n')
    controls, more = parsed(
        'language 2\npackage a\nowner "o" contact "c"\ncontrols iso-42001:A.2.2\n'
    )
    assert plain < controls <= contextual and "%CONTROL_ID" in controls - plain
    assert 0 < rows < more < len(tables().gotos) / 10


def test_what_needs_no_parser_is_called_as_the_parser_would() -> None:
    from agpc.cli.checking import check_policies
    from agpc.cli.commands.writing.check import check

    chosen = check.make_context("check", ["a", "-", "b"]).params
    defaults = inspect.signature(check_policies).parameters
    assert set(chosen) == set(defaults)
    assert chosen.pop("paths") == ("a", "-", "b")
    assert {each: value for each, value in chosen.items() if value != defaults[each].default} == {}


@pytest.mark.parametrize(
    ("arguments", "variable", "plain"),
    [
        (["check"], None, True),
        (["check", "-", "a b"], None, True),
        ([], None, False),
        (["test", "a"], None, False),
        (["check", "--watch"], None, False),
        (["check", "a", "-h"], None, False),
        (["check", "--", "a"], None, False),
        (["check", "a"], "AGPC_CHECK_FORMAT", False),
        (["check", "a"], "_AGPC_COMPLETE", False),
        (["check", "a"], "AGPCX", True),
    ],
)
def test_only_a_check_of_paths_alone_needs_no_parser(
    arguments: list[str], variable: str | None, plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in os.environ:
        if each.startswith(("AGPC_", "_AGPC_")):
            monkeypatch.delenv(each)
    if variable is not None:
        monkeypatch.setenv(variable, "json")
    assert is_plain(arguments) is plain


def test_a_check_loads_nothing_for_settings_and_windows_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.agp").write_text("package a\n")
    modules = loaded("check", "--fail-on", "error", str(tmp_path))
    assert "agpc.compiler.check.project.settings_file" in modules
    assert not modules & {"tomllib", "zoneinfo"}
    assert not loaded("check", str(tmp_path)) & {"ipaddress", "pathlib", "tomllib", "urllib"}


def test_the_version_is_told_without_loading_anything() -> None:
    assert {each for each in loaded("--version") if each.startswith(("agpc", "click"))} == {
        "agpc",
        "agpc.cli",
    }
