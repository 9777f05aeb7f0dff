"""What a comparison says of two policies, against what their answers are to random requests."""

from __future__ import annotations

from typing import Any

from generators.changes import changed, changes
from generators.policies import FEATURES
from generators.requests import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.diff.difference import Change, Difference
from agpc.compiler.analysis.diff.order import more
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.spiffe import spiffe_matches
from agpc.compiler.meaning import interpreter

FEW = settings(max_examples=max(10, settings().max_examples // 4))
"""Each example compares two policies whole, so that a push asks a few and `make fuzz` the rest."""


@st.composite
def asked_changes(draw: st.DrawFn) -> tuple[ir.Policy, ir.Policy, list[Any]]:
    base, head = draw(changes())
    some = st.lists(requests(base), min_size=2, max_size=4)
    return base, head, [*draw(some), *draw(st.lists(requests(head), min_size=2, max_size=4))]


@FEW
@given(asked_changes())
def test_a_request_that_is_answered_otherwise_is_one_of_a_change(
    case: tuple[ir.Policy, ir.Policy, list[Any]],
) -> None:
    base, head, asked = case
    found = compare(base, head)
    forbids = forbids_of(base, head)
    for request in asked:
        if is_of_new_agent(base, head, request):
            continue
        was, is_ = interpreter.decide(base, request), interpreter.decide(head, request)
        for direction, kinds in (
            ("more", more(was, is_, forbids)),
            ("less", more(is_, was, forbids)),
        ):
            for kind in kinds:
                # What forbids ask for, and evidence that counts under one policy alone, is told as what it permits.
                is_evidence = (base.user is None) != (head.user is None)
                asks = any(
                    each["rule"] in forbids for each in (*was.requirements, *is_.requirements)
                )
                told = {kind, "permit"} if is_evidence or asks else {kind}
                assert any(
                    each.change in (direction, "incomparable") and told & set(each.what)
                    for each in about(found, base, head, request)
                ) or is_open(found), (direction, kind, request)


@FEW
@given(changes())
def test_witnesses_show_what_they_are_witnesses_of(pair: tuple[ir.Policy, ir.Policy]) -> None:
    base, head = pair
    forbids = forbids_of(base, head)
    for each in compare(base, head).changes:
        assert each.witnesses
        for witness in each.witnesses:
            assert witness.base == interpreter.decide(base, witness.request)
            assert witness.head == interpreter.decide(head, witness.request)
            if witness.later is None:
                one, other = (witness.base, witness.head)
                if witness.direction == "less":
                    one, other = other, one
                assert more(one, other, forbids) & set(each.what)


@FEW
@given(changes())
def test_the_other_way_round_more_is_less(pair: tuple[ir.Policy, ir.Policy]) -> None:
    base, head = pair
    there, back = compare(base, head), compare(head, base)
    if is_open(there) or is_open(back):
        return
    assert by_call(there) == by_call(back, turned=True)


def forbids_of(*policies: ir.Policy) -> set[str]:
    return {each.id for policy in policies for each in policy.forbids}


def by_call(found: Difference, turned: bool = False) -> dict[tuple[str, str], set[str]]:
    """The directions and kinds of each intent and call; who has a name depends on which policy is the second."""
    other = {"more": "less", "less": "more"}
    calls: dict[tuple[str, str], set[str]] = {}
    for each in found.changes:
        directions = other if each.change == "incomparable" else [each.change]
        said = calls.setdefault((each.intent, each.capability), set())
        said.update(other[way] if turned else way for way in directions)
        said.update(each.what)
    return calls


@st.composite
def three(draw: st.DrawFn) -> tuple[ir.Policy, ir.Policy, ir.Policy]:
    """A policy, and what it is after one change and after another one."""
    first, second = draw(changes())
    return first, second, changed(draw, second, 7, FEATURES)


@FEW
@given(three(), st.data())
def test_what_two_changes_open_together_is_not_lost(
    policies: tuple[ir.Policy, ir.Policy, ir.Policy], data: st.DataObject
) -> None:
    """What is more at each of two steps is more at both together, and one of them is said to open it."""
    a, b, c = policies
    forbids = forbids_of(a, b, c)
    found = {"ab": compare(a, b), "bc": compare(b, c), "ac": compare(a, c)}
    if any(map(is_open, found.values())):
        return
    asked = [w.request for each in found.values() for e in each.changes for w in e.witnesses]
    asked += data.draw(st.lists(requests(c), max_size=3))
    for request in asked:
        first, middle, last = (interpreter.decide(each, request) for each in policies)
        opens = {
            "ab": more(first, middle, forbids),
            "bc": more(middle, last, forbids),
            "ac": more(first, last, forbids),
        }
        if "permit" in opens["ab"] | opens["bc"] and last.effect == "permit" != first.effect:
            assert "permit" in opens["ac"]
        for step, kinds in opens.items():
            if "permit" in kinds:
                one, other = (policies["abc".index(each)] for each in step)
                assert any(
                    each.change in ("more", "incomparable") and "permit" in each.what
                    for each in about(found[step], one, other, request)
                )
        if "permit" in opens["ac"]:  # no step, however small, opens unseen
            assert opens["ab"] | opens["bc"]


@FEW
@given(changes())
def test_a_policy_is_equivalent_to_itself(pair: tuple[ir.Policy, ir.Policy]) -> None:
    for policy in pair:
        found = compare(policy, policy)
        assert found.verdict == "equivalent"
        assert found.changes == ()


def about(
    found: Difference, base: ir.Policy, head: ir.Policy, request: dict[str, Any]
) -> list[Change]:
    """The changes of whoever a request is decided for: a chain is answered otherwise as far as its sides are."""
    resource, action = request["resource"]["type"], request["action"]["name"]
    called = {
        f"{resource}.{policy.actions_called.get(resource, {}).get(action, action)}"
        for policy in (base, head)
    }
    task = request["context"].get("task")
    intent = (
        resource if task is None else task["intent"]
    )  # of a first start, the task that it starts
    asked = [(request["subject"]["id"], intent)]
    for link in request["context"].get("delegation") or ():
        asked.append((link["agent"], link["task"]["intent"]))
    return [
        each
        for each in found.changes
        if each.capability in {*called, f"{resource}.{action}"}
        and any(
            each.intent == intent and each.agent in names_of(agent, base, head)
            for agent, intent in asked
        )
    ]


def names_of(agent: str, *policies: ir.Policy) -> set[str]:
    """What policies call an agent."""
    return {
        name
        for policy in policies
        for name, (ids, patterns) in policy.identities.items()
        if agent in ids or any(spiffe_matches(each, agent) for each in patterns)
    }


def is_of_new_agent(base: ir.Policy, head: ir.Policy, request: Any) -> bool:
    """Whether a starter asks who is an agent in one policy alone; of one that comes nothing is told."""
    context = request.get("context") if isinstance(request, dict) else None
    starter = context.get("starter") if isinstance(context, dict) else None
    known = [
        any(isinstance(starter, str) and (starter in ids or any(spiffe_matches(e, starter) for e in patterns)) for ids, patterns in policy.identities.values())
        for policy in (base, head)
    ]  # fmt: skip
    return known[0] != known[1]


def is_open(found: Difference) -> bool:
    return bool(found.undetermined)
