"""On policies of which every call can be asked, proofs, privileges and access are as asking says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.analysis.access import Access, Answer
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source

from .calls import ASKED, NAMES, VOCABULARY, Calls, capability

LEAVES = (
    "resource.r <= low",
    "resource.r >= mid",
    "resource.r == high",
    "has resource.r",
    "args.a",
    "not args.a",
    "has args.a",
    "context.b",
    "not context.b",
)
CONDITIONS = st.recursive(
    st.sampled_from(LEAVES),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(("and", "or")), parts).map(
            lambda each: f"({each[0]}) {each[1]} ({each[2]})"
        ),
        parts.map(lambda part: f"not ({part})"),
    ),
    max_leaves=3,
)
APPROVAL = 'approval by "role:x"'
CODES = ("AGP3101", "AGP3102", "AGP3201", "AGP3202", "AGP3207", "AGP3301", "AGP3302")
Draw = Callable[[st.SearchStrategy[Any]], Any]


def drawn(draw: Draw, *choices: str) -> str:
    return str(draw(st.sampled_from(choices)))


def when(draw: Draw) -> str:
    return f"when {draw(CONDITIONS)}" if draw(st.booleans()) else ""


@st.composite
def texts(draw: Draw) -> str:
    """A policy: a few grants and forbids, and something to prove."""
    lines = [VOCABULARY]
    for number in range(draw(st.integers(1, 4))):
        lines += [
            f"grant g{number} {{",
            f"    to {drawn(draw, 'one', 'two', 'one, two', 'all', 'any agent')}",
            f"    for {drawn(draw, 'look', 'work', 'look, work')}",
            f"    allow {drawn(draw, 't.read', 't.send', 't.*')} {when(draw)}",
            f"        {drawn(draw, '', '', f'require {APPROVAL}')}",
            "}",
        ]
    for number in range(draw(st.integers(0, 2))):
        unless = drawn(draw, "", f"unless {APPROVAL}", f"unless {draw(CONDITIONS)}")
        lines += [
            f"forbid f{number} {{",
            f"    {drawn(draw, '', 'to one', 'to all')}",
            f"    deny {drawn(draw, 't.read', 't.send', 'any')}",
            f"    {when(draw)}",
            f"    {unless}",
            "}",
        ]
    lines += draw(st.lists(constraints(), min_size=1, max_size=3))
    return "\n".join(lines)


@st.composite
def constraints(draw: Draw) -> str:
    match drawn(draw, "separate", "isolate", "no", "can"):
        case "separate":
            return f"separate t.read, t.send {drawn(draw, '', 'per task')}"
        case "isolate":
            right = drawn(draw, "two", "all")
            return f"isolate one from {right} {drawn(draw, '', 'except t.read')}"
        case "no":
            without = drawn(draw, "", f"without {APPROVAL}")
            return f"assert no {who(draw)} can {what(draw)} {when(draw)} {without}"
        case _:
            return f"assert {who(draw)} can {what(draw)} {drawn(draw, '', 'for look')} {when(draw)}"


def who(draw: Draw) -> str:
    return drawn(draw, "agent", "one", "all")


def what(draw: Draw) -> str:
    return drawn(draw, "t.read", "t.send", "t.*")


def compiled(text: str) -> ir.Policy:
    compilation = compile_sources([Source("p.agp", text)])
    assert compilation.policy is not None, (text, compilation.diagnostics)
    return compilation.policy


@given(texts())
def test_proofs_and_privileges_are_as_asking_says(text: str) -> None:
    policy = compiled(text)
    found = analyze(policy, codes=CODES)
    assert [each for each in found if each.code == "AGP2999"] == [], text
    asked = Calls(policy)

    def places(code: str) -> set[Any]:
        return {each.labels[0].span for each in found if each.code == code}

    assertions = policy.assertions
    broken = {e.span for e in assertions if not e.possible and asked.fitting(e)}
    assert places("AGP3101") == broken, text
    impossible = {e.span for e in assertions if e.possible and not asked.fitting(e)}
    assert places("AGP3102") == impossible, text
    for separation in policy.separations:
        said = {
            name
            for each in found
            if each.code == "AGP3301" and each.labels[0].span == separation.span
            for name in NAMES.values()
            if name in each.message
        }
        assert said == {NAMES[each] for each in asked.together(separation)}, text
    met = {each.span for each in policy.isolations if asked.meet(each)}
    assert places("AGP3302") == met, text
    assert bool(places("AGP3202")) == asked.toxic(), text
    swallowed = {e.span for e in policy.allows if e.id in asked.swallowed()}
    assert places("AGP3207") == swallowed, text
    between: set[frozenset[str]] = set()
    under: frozenset[str] = frozenset()
    for each in found:
        if each.code == "AGP3201":
            names = frozenset(id for id, name in NAMES.items() if name in each.message)
            if "more than one intent" in each.message:
                under = names
            else:
                between.add(names)
    assert between == asked.linked(), text
    assert under == asked.under_two_intents(), text


def without_witnesses(answer: Answer) -> Answer:
    return replace(answer, ways=tuple(replace(each, witness=None) for each in answer.ways))


@given(texts(), st.none() | CONDITIONS)
def test_access_is_as_asking_says(text: str, condition: str | None) -> None:
    policy = compiled(
        text if condition is None else f"{text}\nassert no agent can any when {condition}"
    )
    asked_about = None
    if condition is not None:
        (asked_about,) = (
            each.condition
            for each in policy.assertions
            if each.span.line == max(e.span.line for e in policy.assertions)
        )
    world, asked = World(policy), Calls(policy)
    near = asked.where(asked_about)
    scope = Scope(
        world.names.agents_of(),
        world.names.intents_of(),
        world.names.capabilities_of(("any",)),
    )
    answers = {
        (each.agent, each.intent, each.capability): each
        for each in Access(world, asked_about).answers(scope)
    }
    unshown = Access(world, asked_about, shown=False).answers(scope)
    assert [without_witnesses(each) for each in unshown] == [
        without_witnesses(each) for each in answers.values()
    ]
    for place in {(ask[0], ask[1], capability(ask)) for ask in ASKED}:
        here = {ask for ask in near if (ask[0], ask[1], capability(ask)) == place}
        answer = answers.get(place)
        ways = {} if answer is None else {each.allow.id: each for each in answer.ways}
        assert answer is None or answer.doubts == ()
        assert set(ways) == {id for id, found in asked.open.items() if found & here}, text
        for id, way in ways.items():
            decision = interpreter.decide(policy, way.witness)
            assert decision.effect == "permit" and id in decision.rules, text
            meant = asked.permits[id] & here
            blocked = {ask for ask in meant if ask in asked.forbidden}
            assert bool(way.forbids) == bool(blocked), text
            if way.how == "permit":
                # Nothing is left to hold: all that is asked about is permitted.
                assert here <= asked.open[id], text
