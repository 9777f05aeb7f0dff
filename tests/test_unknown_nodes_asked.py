"""What is asked of policies with a node that nobody knows: a report, the prompt, an editor, a monitor, what may ever be permitted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from generators.unknown_nodes import (
    CONDITIONS,
    KNOWN,
    PLACES,
    PROBE,
    REQUEST,
    TEXT,
    Probe,
    refuses,
    with_probe,
)

from agpc.cli.commands.releasing import report as command
from agpc.cli.input.held import Held
from agpc.cli.repl.question_table import QUESTIONS, answered
from agpc.cli.repl.session import Session
from agpc.cli.report.gather import gathered
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.check.compiling.compile import compile_sources, lower
from agpc.compiler.check.compiling.ir_json import dumps
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.check.compiling.recompile import problems
from agpc.compiler.check.review.review import Review
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.lowering.names.controls import Catalogue
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.facts.reader import read_record
from agpc.compiler.meaning.facts.why import why_facts
from agpc.compiler.report import Report
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import PolicyFile, Source
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse
from agpc.monitor import Monitor
from agpc.runtime.values import read_time
from agpc.targets.emission import Emission, Options
from agpc.targets.python import evaluator
from agpc.targets.registry import load_target

FILES = [PolicyFile(Source("p.agp", TEXT), "p.agp")]
KNOWN_REQUEST = {**REQUEST, "context": {"task": REQUEST["context"]["task"], "user": {"id": "u"}}}


@pytest.mark.parametrize("name", sorted({*CONDITIONS} - {"of elements"}))  # of what may be anything
@pytest.mark.parametrize("place", PLACES)
def test_no_evaluator_says_that_more_is_possible_under_an_unknown_node(
    place: str, name: str
) -> None:
    strange = with_probe(place, CONDITIONS[name])
    assert refuses(lambda: evaluator(strange).possible(KNOWN_REQUEST)) or (
        evaluator(strange).possible(KNOWN_REQUEST) == frozenset()
    )


def report_of(policy: ir.Policy) -> object:
    shown = Report.of((), FILES)
    return gathered(
        policy,
        FILES,
        Review(policy, (), 0),
        shown,
        Catalogue(),
        0,
        {},
        command.tests_of(policy, shown),
    )


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
@pytest.mark.parametrize("place", PLACES)
def test_no_report_is_made_of_an_unknown_node(place: str, condition: Any) -> None:
    assert report_of(with_probe(place, KNOWN)) is not None
    assert refuses(lambda: report_of(with_probe(place, condition)))


def asked_at_prompt(policy: ir.Policy, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the prompt says, of policies in the place of those that were read."""
    found = compile_sources([each.source for each in FILES])
    held = Held(FILES, replace(found, policy=policy))
    answered(Session(("p.agp",), Memory(), held, held), line, QUESTIONS)
    return capsys.readouterr().out


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "line",
    ["who-can p.t.read", "what-can p.bot", "exposure", "matrix", "test"]
    + [f"{word} {json.dumps(REQUEST)}" for word in ("decide", "explain")],
)
def test_the_prompt_answers_nothing_about_an_unknown_node(
    line: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or does not look at conditions: then it says the same whatever they are."""
    known = asked_at_prompt(with_probe(place, KNOWN), line, capsys)
    strange = with_probe(place, PROBE)
    assert refuses(lambda: asked_at_prompt(strange, line, capsys)) or (
        asked_at_prompt(strange, line, capsys) == known
    )


def test_no_editor_is_told_what_the_words_of_an_unknown_node_stand_for() -> None:
    """They stand for what lowering noted, and that takes no condition that it does not know."""

    @dataclass(frozen=True, slots=True)
    class Vouches(syntax.Node):
        """A condition that the language does not have."""

    diagnostics: list[Diagnostic] = []
    file = parse(Source("p.agp", TEXT), diagnostics)
    assert not diagnostics
    forbid = next(
        each
        for each in file.statements
        if isinstance(each, syntax.RuleDeclaration) and each.name.text == "f"
    )
    when = next(each for each in forbid.clauses if isinstance(each, syntax.WhenClause))
    unknown: Any = replace(when, condition=Vouches(when.span))
    clauses = tuple(unknown if each is when else each for each in forbid.clauses)
    statements = tuple(
        replace(forbid, clauses=clauses) if each is forbid else each for each in file.statements
    )
    with pytest.raises(AssertionError):
        lower([replace(file, statements=statements)], diagnostics, Memory())


# --- Facts: the condition of a meter, and that of an origin ---------------------------------------

WITH_FACTS = """\
language 2
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { name: string action read(n: string) -> { out: string, good?: bool } }
meter reads = count of t.read when resource.name == "y" per task within 1h
source given = t.read.out when it.good
grant g { to bot for work allow t.read when reads.before < 3 }
forbid f { deny t.read unless args.n from given because "no" }
"""
CALL: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://t.example/bot"},
    "action": {"name": "read", "properties": {"n": "one"}},
    "resource": {"type": "p.t", "id": "r", "properties": {"name": "y"}},
    "context": {
        "time": "2026-01-01T00:01:00Z",
        "task": {"id": "t", "intent": "p.work", "state": "active"},
    },
}
RECORD: list[dict[str, Any]] = [
    {"event": "task", "task": {"id": "t", "intent": "p.work"}, "time": "2026-01-01T00:00:00Z"}
    | {"agent": "spiffe://t.example/bot"},
    {"event": "call", "id": "c", "time": "2026-01-01T00:00:10Z", "effect": "permit"}
    | {"request": CALL},
    {"event": "outcome", "outcome": "done", "call": "c", "time": "2026-01-01T00:00:11Z"}
    | {"result": {"out": "one", "good": True}},
]
IT = ir.Attribute("context", ("it", "good"), ir.BOOL, optional=True)
PROBES: dict[str, Any] = {
    "alone": Probe,
    "negated": lambda item: ir.Not(Probe(item)),
    "joined": lambda item: ir.And((KNOWN if item.root == "resource" else GOOD, Probe(item))),
}
GOOD = ir.Compare("==", IT, ir.Constant(ir.BOOL, True))


def with_facts() -> ir.Policy:
    found = compile_sources([Source("p.agp", WITH_FACTS)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def strange_facts(what: str, probe: Callable[[ir.Attribute], Any]) -> ir.Policy:
    known = with_facts()
    if what == "meter":
        item = ir.Attribute("resource", ("name",), ir.STRING)
        return replace(known, meters=(replace(known.meters[0], condition=probe(item)),))
    (source,) = known.sources
    origins = (replace(source.origins[0], condition=probe(IT)),)
    return replace(known, sources=(replace(source, origins=origins),))


def watched(policy: ir.Policy) -> object:
    now = read_time("2026-01-01T00:01:00Z")
    assert now is not None
    return Monitor(evaluator(policy), record=RECORD, clock=lambda: now).decide(CALL).decision


FACTS_READERS: dict[str, Callable[[ir.Policy], object]] = {
    "the reference of facts": lambda policy: facts(policy, RECORD, CALL),
    "the interpreter": lambda policy: interpreter.decide(policy, facts(policy, RECORD, CALL)),
    "why facts are so": lambda policy: list(
        why_facts(policy, read_record(policy, RECORD), CALL, policy.rules)
    ),
    "the monitor": watched,
    "the evaluator": lambda policy: evaluator(policy).facts,
    "the JSON form": dumps,
    "policies as text": policy_sources,
    "a document that is read": lambda policy: None if list(problems(policy)) else policy,
}


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("what", ["meter", "origin"])
@pytest.mark.parametrize("reader", FACTS_READERS)
def test_no_fact_follows_from_an_unknown_node(reader: str, what: str, probe: str) -> None:
    read = FACTS_READERS[reader]
    assert read_record(with_facts(), RECORD).problems == []
    assert read(with_facts()) is not None
    strange = strange_facts(what, PROBES[probe])
    assert refuses(lambda: read(strange)) or read(strange) is None


@pytest.mark.parametrize("what", ["meter", "origin"])
@pytest.mark.parametrize("code", FINDINGS)
def test_no_finding_takes_an_unknown_node_of_a_fact(code: str, what: str) -> None:
    """It raises, or does not look at it: then it finds the same whatever it is."""
    strange = strange_facts(what, Probe)
    assert refuses(lambda: analyze(strange, codes=[code], at=0)) or (
        [each.code for each in analyze(strange, codes=[code], at=0)]
        == [each.code for each in analyze(with_facts(), codes=[code], at=0)]
    )


@pytest.mark.parametrize("what", ["meter", "origin"])
@pytest.mark.parametrize("target", ["python", "ir"])
def test_no_target_that_works_facts_out_takes_an_unknown_node(target: str, what: str) -> None:
    """The others read facts as whoever works them out gives them."""

    def emit(policy: ir.Policy) -> Emission:
        return load_target(target).emit(policy, Options())

    assert emit(with_facts()).files
    assert refuses(lambda: emit(strange_facts(what, Probe)))
