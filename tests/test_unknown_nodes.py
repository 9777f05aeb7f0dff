"""A node that nobody knows is refused everywhere: growth of the language cannot open anything.

A node is put into the IR of which no phase and no target has heard. None may take it for something that
it knows, and above all none may leave it out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from generators.unknown_nodes import (
    CONDITIONS,
    KNOWN,
    PLACES,
    PROBE,
    REQUEST,
    Probe,
    policy,
    refuses,
    with_probe,
)

from agpc.compiler.analysis.access import Access
from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.first_starts import outcomes, without_task
from agpc.compiler.analysis.procedure.calls.agents_of_conditions import agents_in_conditions
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.cubes.conditions import compares_paths
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.check.compiling.ir_json import dumps
from agpc.compiler.check.compiling.recompile import problems
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir import walk
from agpc.compiler.ir.leases import aging, without_leases
from agpc.compiler.ir.printing.conditions import condition_text
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.ir.printing.rules import rule_lines
from agpc.compiler.lowering.names.controls import Catalogue
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.explain import explain
from agpc.compiler.meaning.possible import possible
from agpc.compiler.replay.absence import Absence
from agpc.compiler.report.source import Span
from agpc.compiler.testing.coverage import Coverage
from agpc.compiler.testing.coverage_points import points
from agpc.compiler.testing.mutants import mutants
from agpc.compiler.testing.suggest import suggest
from agpc.compiler.testing.witnesses import Witnesses
from agpc.lsp.features.about.rules import about_rules
from agpc.targets.emission import Emission, Options
from agpc.targets.python import evaluator
from agpc.targets.registry import load_target, target_names

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_no_walk_takes_an_unknown_node_for_one_that_reads_nothing(condition: Any) -> None:
    assert refuses(lambda: list(walk.leaves(condition)) and list(walk.attributes(condition)))
    assert refuses(lambda: condition_text(condition, "p"))


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
def test_no_phase_takes_an_unknown_node(place: str, condition: Any) -> None:
    strange = with_probe(place, condition)
    assert refuses(lambda: dumps(strange))
    assert refuses(lambda: list(problems(strange))) or list(problems(strange))
    assert refuses(lambda: policy_sources(strange))
    assert not any(rule_lines(strange, rule) for rule in strange.rules if "Probe" in repr(rule))


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
def test_no_evaluator_permits_under_an_unknown_node(place: str, condition: Any) -> None:
    strange = with_probe(place, condition)
    assert refuses(lambda: interpreter.decide(strange, REQUEST))
    assert evaluator(strange).decide(REQUEST).effect == "deny"
    assert refuses(lambda: explain(strange, REQUEST))


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("code", FINDINGS)
def test_no_finding_takes_an_unknown_node(code: str, place: str, condition: Any) -> None:
    """It raises, or does not look at conditions: then it finds the same whatever they are."""
    strange = with_probe(place, condition)
    known = with_probe(place, KNOWN)
    assert refuses(lambda: analyze(strange, codes=[code], at=0)) or (
        [each.code for each in analyze(strange, codes=[code], at=0)]
        == [each.code for each in analyze(known, codes=[code], at=0)]
    )


TEST = ir.Test("t", REQUEST, "permit", None, Span("p.agp", 1, 1, 1, 1))


def shown_by_tests(strange: ir.Policy) -> None:
    found = Witnesses(strange)
    for rule in strange.rules:
        for point in points(rule):
            for wanted in point.counted:
                found.find(point, wanted)


READERS: dict[str, Callable[[ir.Policy], object]] = {
    "a comparison with what was": lambda strange: compare(policy(), strange),
    "a comparison with what comes": lambda strange: compare(strange, policy()),
    "what tests cover": lambda strange: Coverage.of_tests(strange, [TEST]),
    "a suggested test": lambda strange: suggest(strange, REQUEST),
    "what a test could show": shown_by_tests,
    "weaker rules": lambda strange: mutants(strange),
    "a request that is replayed": lambda strange: Absence(strange, None).rests_on(REQUEST),
    "which leases there are": lambda strange: [without_leases(strange), aging(strange)],
    "a rule in words": lambda strange: [
        block for rule in strange.rules for block in about_rules([rule], "p", Catalogue(), 0.0)
    ],
}


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reader", READERS)
def test_nobody_who_reads_policies_takes_an_unknown_node(
    reader: str, place: str, condition: Any
) -> None:
    assert refuses(lambda: READERS[reader](with_probe(place, condition)))


@pytest.mark.parametrize("name", sorted({*CONDITIONS} - {"of elements"}))  # of what may be anything
@pytest.mark.parametrize("place", PLACES)
def test_nobody_is_told_what_may_ever_be_permitted_under_an_unknown_node(
    place: str, name: str
) -> None:
    assert refuses(lambda: possible(with_probe(place, CONDITIONS[name]), REQUEST))


@pytest.mark.parametrize("place", PLACES)
def test_nobody_is_said_to_have_access_under_an_unknown_node(place: str) -> None:
    strange = with_probe(place, PROBE)
    world = World(strange)
    assert refuses(lambda: list(Access(world).answers(Scope(1, 1, 1))))


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("target", target_names())
def test_no_target_writes_an_unknown_node(target: str, place: str, condition: Any) -> None:
    strange = with_probe(place, condition)

    def emit() -> Emission:
        return load_target(target).emit(strange, Options())

    if refuses(emit):
        return
    made = emit()
    assert not made.files or all(
        entry.enforcement == "elsewhere"
        for entry in made.ledger
        if "Probe" in repr(next(rule for rule in strange.rules if rule.id == entry.rule))
    )


OF_AGENT: Any = Probe(ir.Attribute("agent", ("id",), ir.STRING))
SEEKERS: dict[str, Callable[[Any], object]] = {
    "ages": lambda condition: list(walk.aged(condition)),
    "paths that are compared": compares_paths,
    "agents that are told apart": lambda condition: agents_in_conditions(
        [with_probe("allow", condition)]
    ),
    "what no task leaves": without_task,
    "what comes of no task": outcomes,
}


@pytest.mark.parametrize("condition", [OF_AGENT, ir.Not(OF_AGENT)], ids=["alone", "negated"])
@pytest.mark.parametrize("seeker", SEEKERS)
def test_whoever_looks_for_something_in_a_condition_takes_no_unknown_node_for_one_without_it(
    seeker: str, condition: Any
) -> None:
    assert refuses(lambda: SEEKERS[seeker](condition))


LAYERS = ["runtime", "monitor", "compiler", "targets", "audit", "service", "guard", "lsp", "cli"]


def test_contributing_names_every_file_that_knows_conditions_by_name() -> None:
    known = {
        path.relative_to(ROOT).as_posix()
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*.py")
        if re.search(
            r"\bir\.(?:Within|Under|Quantified|Like|ListTest|Has)\b", path.read_text("utf-8")
        )
    }
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text[text.index("| file | what it has to know of a condition |") :]
    named = set(re.findall(rf"`((?:{'|'.join(LAYERS)})/[\w/]+\.py)`", table.split("\n\n")[0]))
    assert named == known


OPEN = {
    "compiler/analysis/diff/joint/retyped.py": {
        "_constants"
    },  # what it does not know tells all apart
    "compiler/analysis/exposure.py": {"_of_leaf", "_binds_element"},  # it binds nothing
    "compiler/analysis/findings/contradictions/empty_every.py": {"_needs_one"},  # it asks for none
    "compiler/analysis/findings/contradictions/path_glob.py": {"_unpinned"},  # gives it as it is
    "compiler/analysis/findings/facts/chosen_key.py": {"_binds"},  # it binds nothing
    "compiler/analysis/procedure/asked_of_rules/chained.py": {
        "_can_be_said"
    },  # of one kind of term
    "compiler/analysis/procedure/asked_of_rules/condition_parts.py": {"smallest"},  # asks it whole
    "compiler/analysis/procedure/cubes/conditions.py": {"directly_read"},  # all that it reads
    "compiler/analysis/procedure/proofs/existence.py": {"_keys", "_holds"},  # no proof
    "compiler/analysis/procedure/proofs/shared.py": {"_is_free"},  # no proof
    "compiler/analysis/procedure/solving/single_values.py": {"ask", "_test"},  # asks what is found
    "compiler/ir/printing/conditions.py": {"condition_text", "as_written", "_is_after"},  # refuses
    "compiler/meaning/possible.py": {"may_be"},  # asks the reference
    "compiler/meaning/reasons.py": {"blamed"},  # gives it as it is
    "compiler/testing/weaker_conditions.py": {"_inside"},  # asks a table that refuses it
    "targets/aws_iam/rules/leaves.py": {"_compared", "_texts"},  # raises behind the `match`
    "targets/cedar/conditions.py": {"_elements"},  # raises behind the `match`
    "targets/code/conditions.py": {"_quantified"},  # gives it to `_leaf`
    "targets/vault/locations.py": {"said"},  # raises behind the `match`
}
"""Who takes all that is left of conditions for alike, and why nothing comes of that."""


def is_of_conditions(case: ast.match_case) -> bool:
    nodes = {each.__name__ for each in get_args(ir.Condition)}
    return any(
        isinstance(each, ast.MatchClass)
        and ast.unparse(each.cls) in {f"ir.{name}" for name in nodes}
        for each in ast.walk(case.pattern)
    )


def is_closed(case: ast.match_case) -> bool:
    """Whether a case takes all that is left, and refuses it."""
    last = ast.unparse(case.body[-1])
    return ast.unparse(case.pattern) == "_" and last.startswith(("raise ", "assert_never("))


def test_who_takes_what_is_left_of_conditions_for_alike_is_known() -> None:
    found: dict[str, set[str]] = {}
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("*.py"):
            for function in ast.walk(ast.parse(path.read_text("utf-8"))):
                for match in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
                    if (
                        isinstance(match, ast.Match)
                        and any(map(is_of_conditions, match.cases))
                        and not is_closed(match.cases[-1])
                    ):
                        where = path.relative_to(ROOT).as_posix()
                        found.setdefault(where, set()).add(function.name)
    assert found == OPEN
