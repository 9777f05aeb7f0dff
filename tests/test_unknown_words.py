"""A word that nobody knows, in a node that all know: it is refused as an unknown node is.

The language grows by an operator more often than by a kind of test: one that compares, that asks of a list, that
says how many elements are meant; by another kind of evidence, of collection, of statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from agpc.compiler.analysis.access import Access
from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.check.compiling.compile import compile_sources, lower
from agpc.compiler.check.compiling.ir_json import IRError, dumps, loads
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.check.compiling.recompile import problems
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.explain import explain
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.source import Source, Span
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse
from agpc.compiler.testing.coverage import Coverage
from agpc.compiler.testing.mutants import mutants
from agpc.compiler.testing.points import points
from agpc.compiler.testing.suggest import suggest
from agpc.compiler.testing.witnesses import Witnesses
from agpc.targets.emission import Emission, Options
from agpc.targets.python import evaluator
from agpc.targets.registry import load_target, target_names

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
