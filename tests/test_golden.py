"""What every target makes of the examples and of a few policies by hand, to the byte.

`pytest tests/test_golden.py --renew` writes the files anew; the change of a target is what git then shows.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.targets.chains import closing
from agpc.targets.emission import LICENCE, Emission, LedgerEntry, Options
from agpc.targets.registry import load_target, target_names

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden"
POLICIES = {
    **{path.stem: path for path in sorted((Path(__file__).parent / "policies").glob("*.agp"))},
    "finance": ROOT / "examples/finance",
    "kubernetes": ROOT / "examples/adapters/kubernetes",
    "envoy": ROOT / "examples/adapters/envoy",
    "banking": ROOT / "examples/agentdojo/banking",
    "workspace": ROOT / "examples/agentdojo/workspace",
}
MORE = {
    ("bound", "aws-iam.managed"): {"session": "managed"},
    ("finance", "aws-iam.all"): {
        "artifacts": "all",
        "oidc-provider": "arn:aws:iam::111122223333:oidc-provider/idp.example/x",
        "oidc-audience": "sts",
        "trust-anchor": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a",
        "revoke-before": "2026-11-01T00:00:00Z",
    },
    ("agentcore", "cedar.agentcore"): {
        "shape": "agentcore",
        "gateway": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:gateway/agp-a1b2c3d4e5",
        "sessions": "tasks",
    },
    ("finance", "aws-iam.revoked"): {
        "artifacts": "trust",
        "trust-anchor": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a",
        "revoke-task": "t-1,t-2",
    },
}
"""Runs with settings, beside one without any for each policy and target."""
LARGE = {"banking", "workspace"}
"""Of these the files are kept as digests: what they show is shown by others in a tenth of the text."""
RUNS: dict[tuple[str, str], dict[str, str]] = {
    **{(name, target): {} for name in POLICIES for target in target_names()},
    **MORE,
}
RULE = "=" * 8


@cache
def policy(name: str) -> ir.Policy:
    path = POLICIES[name]
    if not path.is_dir():
        return load_policy([str(path)])
    files = sorted(path.rglob("*.agp"))
    # Tests of limits are many and alike: what targets make of tests is seen without them.
    return load_policy([str(each) for each in files if each.name != "limits_test.agp"])


@cache
def emission(name: str, run: str) -> Emission:
    return load_target(run.partition(".")[0]).emit(policy(name), Options(RUNS[name, run]))


def golden_file(name: str, run: str) -> Path:
    """Its name ends in `.txt`, whatever it holds: nothing takes it for code of the project."""
    return GOLDEN / name / f"{run}.txt"


def written(made: Emission, whole: bool) -> str:
    """The whole of an emission as one text: ledger, diagnostics, and the files made of the policy."""
    return "".join(
        (
            f"{RULE} ledger\n",
            *map(_entry, made.ledger),
            f"{RULE} diagnostics\n",
            *map(_diagnostic, made.diagnostics),
            *(f"{RULE} missing: {_about(each)}\n" for each in made.missing),
            *(_file(made, path, whole) for path in sorted(made.files)),
        )
    )


def _entry(entry: LedgerEntry) -> str:
    place = "" if entry.span is None else f" ({entry.span.line}:{entry.span.column})"
    lines = [f"{entry.rule}: {entry.enforcement}{place}", *entry.reasons]
    lines += [f"idle: {each}" for each in entry.idle]
    return "\n    ".join(lines) + "\n"


def _diagnostic(found: Diagnostic) -> str:
    lines = [f"{found.severity} {found.code}: {found.message}"]
    lines += [f"{each.span.line}:{each.span.column} {each.text}".rstrip() for each in found.labels]
    lines += [f"note: {each}" for each in found.notes]
    lines += [f"help: {found.help}"] if found.help else []
    return "\n    ".join(lines) + "\n"


def _about(artifact: Any) -> str:
    return ", ".join(filter(None, (artifact.kind, artifact.agent, artifact.intent)))


def _file(made: Emission, path: str, whole: bool) -> str:
    text, artifact = made.files[path], made.artifacts.get(path)
    about = f" ({_about(artifact)})" if artifact else ""
    if is_copied(text):
        return f"{RULE} {path}{about}: copied\n"
    if not whole:
        return f"{RULE} {path}{about}: {sha256(text.encode()).hexdigest()}\n"
    ending = "" if text.endswith("\n") or not text else "\\ no newline\n"
    return f"{RULE} {path}{about}\n{text}{ending}"


def is_copied(text: str) -> bool:
    """Whether a file is the compiler's own, which no policy changes: its source is in git already."""
    first, _, rest = text.partition("\n")
    return (LICENCE in first and rest.lstrip("\n") in sources()) or text.lstrip("\n") in sources()


@cache
def sources() -> frozenset[str]:
    """The texts of the files of the product that may be copied."""
    return frozenset(
        path.read_text("utf-8").lstrip("\n")
        for layer in ("monitor", "runtime", "targets")
        for path in (ROOT / layer).rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".zip") and path.stat().st_size
    )


@pytest.mark.parametrize(("name", "run"), RUNS, ids=map("-".join, RUNS))
def test_every_target_makes_what_it_made(name: str, run: str, pytestconfig: pytest.Config) -> None:
    path = golden_file(name, run)
    made = written(emission(name, run), name not in LARGE)
    if pytestconfig.getoption("--renew"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="utf-8", newline="")
    kept = path.read_bytes().decode("utf-8") if path.exists() else ""
    if made != kept:
        difference = difflib.unified_diff(
            kept.splitlines(), made.splitlines(), "kept", "made", lineterm="", n=2
        )
        pytest.fail("\n".join([f"{path.relative_to(ROOT)}:", *difference]), pytrace=False)


def test_no_golden_file_is_left_of_what_no_run_makes(pytestconfig: pytest.Config) -> None:
    kept = {path for path in GOLDEN.rglob("*") if path.is_file()}
    stale = kept - {golden_file(*each) for each in RUNS}
    if pytestconfig.getoption("--renew"):
        for path in stale:
            path.unlink()
        return
    assert stale == set()


# --- That they show everything ---------------------------------------------------------------------

TOO_LARGE = {("bound", "aws-iam")}
"""Runs that show what is said of files that do not fit; the run `aws-iam.managed` has what would be in them."""


@pytest.mark.parametrize(("name", "run"), RUNS, ids=map("-".join, RUNS))
def test_a_run_ends_in_an_error_only_where_it_shows_one(name: str, run: str) -> None:
    made = emission(name, run)
    errors = {each.code for each in made.diagnostics if each.severity == "error"}
    if (name, run) in TOO_LARGE:
        assert errors == {"AGP5002"} and not made.is_written
    else:
        assert errors == ({"AGP5006"} if made.unbound else set())


@pytest.mark.parametrize(("name", "run"), RUNS, ids=map("-".join, RUNS))
def test_the_ledger_has_each_rule_and_where_it_stands(name: str, run: str) -> None:
    made = emission(name, run)
    entries = {each.rule: each for each in made.ledger}
    opening = (each for each in policy(name).starts.values() if each.agents)
    rules = {each.id: each for each in (*policy(name).rules, *opening)}
    assert len(entries) == len(made.ledger)
    declared = policy(name).delegations
    closed = {closing(each.delegate, each.delegate_intent) for each in declared}
    assert entries.keys() - closed == (rules.keys() if made.is_written else set())
    for each in made.ledger:
        assert each.span is not None
        assert each.rule in rules or each.enforcement == "stricter"
        assert each.enforcement != "exact" or each.span == rules[each.rule].span


KINDS = [each for each in vars(ir).values() if isinstance(each, type) and is_dataclass(each)]


def nodes_in(value: object) -> Iterator[Any]:
    """Every object of the IR inside a value."""
    if isinstance(value, tuple(KINDS)):
        yield value
        for field in fields(value):
            yield from nodes_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from nodes_in(each)


def choices(hint: Any) -> set[object]:
    """The words that a field can hold, and whether it may be left out."""
    if get_origin(hint) is Literal:
        return set(get_args(hint))
    if get_origin(hint) is UnionType and type(None) in get_args(hint):
        return {None, "given"}
    return {True, False} if hint is bool else set()


def test_every_kind_of_node_and_every_word_stands_in_a_golden_policy() -> None:
    nodes = [node for name in POLICIES for node in nodes_in(policy(name))]
    assert {type(node) for node in nodes} == set(KINDS)
    for kind in KINDS:
        for field, hint in get_type_hints(kind, vars(ir)).items():
            found = [getattr(node, field) for node in nodes if type(node) is kind]
            if None in choices(hint):
                found = [None if each is None else "given" for each in found]
            missing = [each for each in choices(hint) if each not in found]
            assert field == "span" or missing == [], f"{kind.__name__}.{field}"
