"""A word that nobody knows, in a node that all know: it is refused as an unknown node is.

The language grows by an operator more often than by a kind of test: one that compares, that asks of a list, that
says how many elements are meant; by another kind of evidence, of collection, of statement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import pytest

from agpc.audit.checking.deciding import single_use_evidence
from agpc.audit.people.asked import asks
from agpc.cli.report.gather import approvers
from agpc.compiler.analysis.access import Access, Way
from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.diff.order import more
from agpc.compiler.analysis.exposure import is_seen
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.check.compiling.compile import compile_sources, lower
from agpc.compiler.check.compiling.ir_json import IRError, dumps, loads
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.check.compiling.recompile import problems
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.leases import reasons_of
from agpc.compiler.ir.printing.rules import rule_lines
from agpc.compiler.lowering.names.controls import Catalogue
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.evidence import describe, described, kind_of
from agpc.compiler.meaning.explain import explain
from agpc.compiler.meaning.possible import possible
from agpc.compiler.replay.absence import RulesRead
from agpc.compiler.replay.records import read_answer
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source, Span
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse
from agpc.compiler.testing.coverage import Coverage
from agpc.compiler.testing.coverage_points import points
from agpc.compiler.testing.expected import terms_of
from agpc.compiler.testing.mutants import mutants
from agpc.compiler.testing.suggest import suggest
from agpc.compiler.testing.tidy import Reads
from agpc.compiler.testing.witnesses import Witnesses
from agpc.guard.enforcing.denials import waiting
from agpc.guard.enforcing.enforcement import Question
from agpc.lsp.features.about.rules import about_rules
from agpc.monitor.starts import rests_on_people
from agpc.runtime.decision import Decision
from agpc.runtime.evidence import KINDS, agrees
from agpc.service.config.models import Settings
from agpc.service.core.approvals.acting import is_asked
from agpc.service.core.people.sessions import needs_step_up
from agpc.service.serving.answering import unanswered
from agpc.service.store import Person
from agpc.targets.emission import Emission, Options
from agpc.targets.python import evaluator
from agpc.targets.registry import load_target, target_names

ROOT = Path(__file__).parents[1]
TEXT = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { name: string action read(l: [string]) }
grant g { to bot for work allow t.read when resource.name == "y" }
forbid f { deny t.read when resource.name == "x" because "no" }
bind aws {
    resource t "arn:aws:s3:::bucket/${name}" { read = s3:GetObject }
    agent bot "arn:aws:iam::111122223333:role/bot"
    session tag intent = "agp:intent"
}
bind vault { resource t "secret/data/${name}" { read = "read" } agent bot "bot" }
"""
ARGUMENTS = {"l": ["y"]}
REQUEST: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://t.example/bot"},
    "action": {"name": "read", "properties": ARGUMENTS},
    "resource": {"type": "p.t", "id": "r", "properties": {"name": "y"}},
    "context": {
        "time": "2026-01-01T00:00:00Z",
        "task": {"id": "t", "intent": "p.work", "state": "active"},
        "approvals": [
            {"by": "x", "roles": [], "at": "2026-01-01T00:00:00Z", "task": "t"}
            | {"capability": "p.t.read", "resource": "r", "args": ARGUMENTS}
        ],
        "step_up": [{"method": "m", "at": "2026-01-01T00:00:00Z"}],
    },
}


@dataclass(frozen=True, slots=True)
class Vouched:
    """Evidence of another kind, which happens to have all fields of those that there are."""

    by: tuple[str, ...] = ("x",)
    count: int = 1
    within: int | None = None
    per_task: bool = False
    method: str = "m"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Computed:
    """A collection of another kind, which happens to have all fields of those that there are."""

    type: ir.Type = ir.STRING
    values: tuple[str, ...] = ("y",)
    name: str | None = None
    root: str = "args"
    path: tuple[str, ...] = ("l",)
    optional: bool = False


NAME = ir.Attribute("resource", ("name",), ir.STRING)
LIST = ir.Attribute("args", ("l",), ir.ListType(ir.STRING))
Y: Any = ir.Constant(ir.STRING, "y")
OTHER_OPERATOR: Any = "~="
OTHER_LIST_OPERATOR: Any = "contains none"
OTHER_QUANTIFIER: Any = "most"
COMPUTED: Any = Computed()
CONDITIONS: dict[str, ir.Condition] = {
    "operator": ir.Compare(OTHER_OPERATOR, NAME, Y),
    "operator of lists": ir.ListTest(OTHER_LIST_OPERATOR, LIST, ir.Constants(ir.STRING, ("y",))),
    "quantifier": ir.Quantified(OTHER_QUANTIFIER, LIST, ir.Compare("==", ir.Element(ir.STRING), Y)),
    "collection": ir.In(NAME, COMPUTED),
    "collection beside a list": ir.ListTest("subset of", LIST, COMPUTED),
    "collection of elements": ir.Quantified("every", LIST, ir.In(ir.Element(ir.STRING), COMPUTED)),
}
VOUCHED: Any = Vouched()


def policy() -> ir.Policy:
    found = compile_sources([Source("p.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def strange_policies() -> dict[str, ir.Policy]:
    known = policy()
    (allow,), (forbid,) = known.allows, known.forbids

    def of_allow(**changes: Any) -> ir.Policy:
        return replace(known, allows=(replace(allow, **changes),), forbids=())

    def of_forbid(**changes: Any) -> ir.Policy:
        return replace(known, forbids=(replace(forbid, **changes),))

    found = {
        "evidence in allow": of_allow(requirements=(VOUCHED,)),
        "evidence in unless": of_forbid(condition=None, unless_evidence=(VOUCHED,)),
    }
    for name, condition in CONDITIONS.items():
        found[f"{name} in allow"] = of_allow(condition=condition)
        found[f"{name} in not"] = of_allow(condition=ir.Not(condition))
        found[f"{name} in revoke"] = of_allow(revoke=(condition,))
        found[f"{name} in forbid"] = of_forbid(condition=condition)
        found[f"{name} in unless"] = of_forbid(condition=None, unless=condition)
    return found


STRANGE = strange_policies()


def refuses(question: Callable[[], object]) -> bool:
    """Whether a question about what nobody knows raises, as a program's fault does."""
    try:
        question()
    except (AssertionError, TypeError, ValueError, AttributeError, KeyError, IRError):
        return True
    return False


@pytest.mark.parametrize("name", STRANGE)
def test_no_evaluator_permits_under_an_unknown_word(name: str) -> None:
    strange = STRANGE[name]
    assert refuses(lambda: interpreter.decide(strange, REQUEST))
    assert refuses(lambda: explain(strange, REQUEST))
    assert refuses(lambda: evaluator(strange)) or (
        evaluator(strange).decide(REQUEST).effect == "deny"
    )


@pytest.mark.parametrize("name", STRANGE)
def test_no_document_with_an_unknown_word_is_read(name: str) -> None:
    strange = STRANGE[name]
    assert refuses(lambda: loads(dumps(strange)))
    assert refuses(lambda: list(problems(strange))) or list(problems(strange))


@pytest.mark.parametrize("name", STRANGE)
def test_the_analysis_takes_no_unknown_word_for_one_that_it_knows(name: str) -> None:
    strange, known = STRANGE[name], policy()
    assert refuses(lambda: list(Access(World(strange)).answers(Scope(1, 1, 1))))
    assert refuses(lambda: compare(known, strange))
    assert refuses(lambda: compare(strange, known))


@pytest.mark.parametrize("name", STRANGE)
def test_no_test_shows_anything_of_an_unknown_word(name: str) -> None:
    strange = STRANGE[name]
    test = ir.Test("t", REQUEST, "permit", None, Span("p.agp", 1, 1, 1, 1))
    assert refuses(lambda: Coverage.of_tests(strange, [test]))
    assert refuses(lambda: suggest(strange, REQUEST))
    assert refuses(
        lambda: [
            Witnesses(strange).find(point, result)
            for rule in strange.rules
            for point in points(rule)
            for result in point.counted
        ]
    )


def test_an_unknown_word_has_no_weaker_one() -> None:
    for name in ("operator", "operator of lists", "quantifier", "evidence"):
        assert refuses(lambda name=name: mutants(STRANGE[f"{name} in allow"])), name  # type: ignore[misc]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("target", sorted({*target_names()} - {"ir"}))
def test_no_target_says_an_unknown_word(target: str, name: str) -> None:
    """Not even a part of it: where a target writes something, it left the word out of an allow, or forbids more."""
    strange = STRANGE[name]

    def emit() -> Emission:
        return load_target(target).emit(strange, Options())

    if refuses(emit):
        return
    made = emit()
    by_rule = {each.rule: each.enforcement for each in made.ledger}
    if strange.forbids:
        assert by_rule["p.f"] in ("stricter", "elsewhere") or by_rule["p.g.t.read"] == "elsewhere"
    else:
        assert by_rule["p.g.t.read"] == "elsewhere"


def test_the_form_of_the_ir_says_an_unknown_word_as_it_is() -> None:
    """So that whoever reads it meets the word, and refuses it."""
    made = load_target("ir").emit(STRANGE["operator in allow"], Options())
    (text,) = made.files.values()
    assert OTHER_OPERATOR in json.dumps(json.loads(text))


def test_no_statement_is_left_out() -> None:
    @dataclass(frozen=True, slots=True)
    class Quarantine(syntax.Node):
        """A statement that the language does not have."""

    diagnostics: list[Diagnostic] = []
    file = parse(Source("p.agp", TEXT), diagnostics)
    assert not diagnostics
    strange: Any = replace(file, statements=(*file.statements, Quarantine(file.span)))
    with pytest.raises(AssertionError):
        lower([strange], diagnostics, Memory())


# --- Evidence: whoever reads it meets a kind that nobody knows ------------------------------------

EVIDENCE = ("evidence in allow", "evidence in unless")
KNOWN_EVIDENCE: dict[str, ir.Requirement] = {
    "approval": ir.Approval(("x",)),
    "step_up": ir.StepUp("m"),
    "confirmation": ir.Confirmation(),
}


def with_evidence(where: str, asked: ir.Requirement) -> ir.Policy:
    strange = STRANGE[where]
    if where == "evidence in allow":
        return replace(strange, allows=(replace(strange.allows[0], requirements=(asked,)),))
    return replace(strange, forbids=(replace(strange.forbids[0], unless_evidence=(asked,)),))


EVIDENCE_READERS: dict[str, Callable[[ir.Policy], object]] = {
    **{
        f"the finding {code}": lambda policy, code=code: [  # type: ignore[misc]
            each.code for each in analyze(policy, codes=[code], at=0)
        ]
        for code in FINDINGS
    },
    "what may ever be permitted": lambda policy: possible(policy, REQUEST),
    "what a replay lacks": lambda policy: [
        list(RulesRead(policy).reads([rule])) for rule in policy.rules
    ],
    "why there is no lease": lambda policy: [list(reasons_of(rule)) for rule in policy.rules],
    "what a person sees": lambda policy: [is_seen(allow) for allow in policy.allows],
    "what it takes": lambda policy: [Way(allow, (), (), None).how for allow in policy.allows],
    "who has to agree": lambda policy: list(approvers(policy)),
    "what a suggested test keeps": lambda policy: Reads.by(policy.rules),
    "a rule as text": lambda policy: [rule_lines(policy, rule) for rule in policy.rules],
    "a rule in words": lambda policy: [
        list(about_rules([rule], "p", Catalogue(), 0.0)) for rule in policy.rules
    ],
}


@pytest.mark.parametrize("where", EVIDENCE)
@pytest.mark.parametrize("reader", EVIDENCE_READERS)
def test_nobody_takes_unknown_evidence_for_evidence_of_a_kind(reader: str, where: str) -> None:
    """Readers refuse it, or do not look at evidence: then they say the same whatever it is."""
    read = EVIDENCE_READERS[reader]
    strange = STRANGE[where]
    assert refuses(lambda: read(strange)) or all(
        read(strange) == read(with_evidence(where, known)) for known in KNOWN_EVIDENCE.values()
    )


SAID: dict[str, Any] = {"rule": "p.g", "type": "vouched", "within_seconds": None, "by": ["x"]}
GIVEN = {"rule": "p.g", "kind": "vouched", "by": "x", "at": "2026-01-01T00:00:00Z"}
ASKING = Decision("challenge", rules=("p.g",), requirements=(SAID,))
RESTING = Decision("permit", rules=("p.g",), evidence=(GIVEN,))


def test_no_reader_of_answers_takes_unknown_evidence_for_evidence_of_a_kind() -> None:
    assert refuses(lambda: rests_on_people(RESTING))
    assert refuses(lambda: agrees("vouched")) and refuses(lambda: agrees(["approval"]))
    assert refuses(lambda: described(SAID))
    assert refuses(lambda: more(ASKING, ASKING, ()))
    assert refuses(lambda: terms_of(ASKING))
    body = {"effect": "permit", "request": REQUEST, "answer": RESTING.to_authzen(), "digest": "d"}
    assert refuses(lambda: list(single_use_evidence(body)))
    asked = {"user": "x", "above": []}
    assert refuses(
        lambda: asks(STRANGE["evidence in allow"], "p.t.read", {"by": "x", "roles": ["x"]}, asked)
    )
    assert read_answer(ASKING.to_authzen(), "it").whole is None


def test_nobody_is_asked_for_unknown_evidence_and_whoever_waits_is_told_so() -> None:
    person = Person("x", '["x"]', "settings", True, 0, "x", None)
    assert not is_asked({"requirements": [SAID], "user": "x", "above": [], "agents": []}, person)
    assert not needs_step_up(ASKING)
    ir_text = json.dumps({"allows": [{"id": "p.g", "requirements": [{"kind": "vouched"}]}]})
    assert len(unanswered(ir_text.encode(), Settings())) == 1
    question = Question("r-1", "https://x.example", "2026-01-01T00:00:00Z", (SAID,))
    assert "something else of people" in waiting(question)


def test_the_tables_of_evidence_have_all_kinds() -> None:
    assert {kind_of(each): kind for kind, each in KNOWN_EVIDENCE.items()} == {
        kind: kind for kind in KINDS
    }
    assert {type(each) for each in KNOWN_EVIDENCE.values()} == set(get_args(ir.Requirement))
    for kind, each in KNOWN_EVIDENCE.items():
        assert described(describe(("p.g", 0, each))) == each
        assert agrees(kind) is (kind != "step_up")


LAYERS = ["runtime", "monitor", "compiler", "targets", "audit", "service", "guard", "lsp", "cli"]
BY_NAME = r"\b(?:ir|syntax|evidence)\.(?:Approval|StepUp|Confirmation)(?:Need)?\b"
BY_TEXT = r'"(?:step_up|confirmation)"|BY_PEOPLE'


def sources() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*.py")
    }


def test_contributing_names_every_file_that_knows_evidence_by_kind() -> None:
    known = {path for path, text in sources().items() if re.search(f"{BY_NAME}|{BY_TEXT}", text)}
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = text[text.index("| file | what it has to know of a kind of evidence |") :]
    named = set(re.findall(rf"`((?:{'|'.join(LAYERS)})/[\w/]+\.py)`", table.split("\n\n")[0]))
    assert named == known


def test_kinds_of_evidence_are_told_apart_by_a_match_which_mypy_holds_to_all_of_them() -> None:
    loose = rf"isinstance\([^)]*{BY_NAME}|\bis (?:not )?{BY_NAME}"
    assert [path for path, text in sources().items() if re.search(loose, text)] == []
