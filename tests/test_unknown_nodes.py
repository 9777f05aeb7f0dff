"""A node that nobody knows is refused everywhere: growth of the language cannot open anything.

A node is put into the IR of which no phase and no target has heard. None may take it for something that
it knows, and above all none may leave it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generators.unknown_nodes import (
    CONDITIONS,
    KNOWN,
    PLACES,
    PROBE,
    REQUEST,
    policy,
    refuses,
    with_probe,
)

from agpc.compiler.analysis.access import Access
from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.procedure.calls.scope import Scope
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
