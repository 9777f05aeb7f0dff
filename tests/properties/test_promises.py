"""The promises of the language reference, section *Meaning*, of the reference interpreter."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

from engines.asked import is_another_call
from generators import FEATURES, cases, deletions, policies, requests
from generators.edits import Path
from generators.requests import broken_requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.request import Call
from agpc.runtime.values import is_too_deep

CASES = cases()
UNDECLARED = ("spiffe://nobody.example/x", "p.undeclared", "undeclared")


@given(CASES)
def test_without_an_allow_everything_is_denied(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    assert decide(replace(policy, allows=()), request).effect == "deny"


@given(
    CASES,
    st.sampled_from(
        (("subject", "id"), ("action", "name"), ("resource", "type"), ("context", "task", "intent"))
    ),
)
def test_what_is_not_declared_is_denied(case: tuple[ir.Policy, Any], path: Path) -> None:
    policy, request = case
    broken = copy.deepcopy(request)
    holder = broken
    for step in path[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if not isinstance(holder, dict):
        return  # a first start has no task
    holder[path[-1]] = UNDECLARED[0 if path == ("subject", "id") else 1]
    if path == ("subject", "id"):
        policy = replace(
            policy,
            families=tuple(
                replace(each, patterns=("spiffe://t.example/ns/a/sa/*",))
                for each in policy.families
            ),
        )
    assert decide(policy, broken).effect == "deny"


@given(CASES)
def test_a_forbid_wins_over_everything(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    whole = decide(policy, request)
    for forbid in policy.forbids:
        alone = decide(replace(policy, allows=(), forbids=(forbid,)), request)
        if not alone.rules:
            continue
        assert whole.effect in ("deny", "challenge"), "nothing is permitted that a forbid closes"
        if whole.effect == "challenge":
            assert forbid.unless_evidence, "only evidence that is missing makes a forbid a question"
            assert forbid.id in {each["rule"] for each in whole.requirements}
        if not forbid.unless_evidence or not policy.delegations:
            assert forbid.id in whole.rules  # in a chain, one agent is asked and another denied


@given(CASES)
def test_a_forbid_is_a_question_only_where_an_allow_applies(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    if decide(policy, request).effect == "challenge":
        open_ = decide(replace(policy, forbids=()), request)
        assert open_.effect in ("permit", "challenge")


@given(CASES)
def test_a_forbid_without_conditions_denies_everything(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    assert decide(with_forbid(policy, everything("p.everything")), request).effect == "deny"


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_statements_is_irrelevant(case: tuple[ir.Policy, Any], random: Any) -> None:
    policy, request = case

    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    other = replace(
        policy,
        packages=shuffled(policy.packages),
        agents=shuffled(policy.agents),
        families=shuffled(policy.families),
        intents=shuffled(policy.intents),
        resources=tuple(
            replace(each, actions=shuffled(each.actions), attributes=shuffled(each.attributes))
            for each in shuffled(policy.resources)
        ),
        allows=shuffled(policy.allows),
        forbids=shuffled(policy.forbids),
    )
    assert decide(other, request) == decide(policy, request)


@given(cases(features=FEATURES - {"has"}))
def test_less_information_never_opens(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    if decide(policy, request).effect == "permit" or type(request) is not dict:
        return
    if is_too_deep(request):
        return  # what nests too deeply is no request, and without its depth another one
    for path, less in deletions(request):
        if not is_another_call(policy, path, request, less):
            assert decide(policy, less).effect != "permit", path


@given(st.data())
def test_adding_a_grant_never_closes(data: st.DataObject) -> None:
    policy = data.draw(policies())
    request = data.draw(requests(policy))
    fewer = replace(policy, allows=data.draw(some_of(policy.allows)))
    if decide(fewer, request).effect == "permit":
        assert decide(policy, request).effect == "permit"


@given(st.data())
def test_adding_a_forbid_never_opens(data: st.DataObject) -> None:
    policy = data.draw(policies())
    request = data.draw(requests(policy))
    fewer = replace(policy, forbids=data.draw(some_of(policy.forbids)))
    if decide(fewer, request).effect != "permit":
        assert decide(policy, request).effect != "permit"


@given(st.data())
def test_adding_an_approval_never_closes(data: st.DataObject) -> None:
    policy = data.draw(policies())
    request = data.draw(requests(policy))
    context = request.get("context") if isinstance(request, dict) else None
    if not isinstance(context, dict) or not isinstance(context.get("approvals", []), list):
        return
    approvals = context.get("approvals", [])
    for keep in range(len(approvals)):
        fewer = {**request, "context": {**context, "approvals": approvals[:keep]}}
        if decide(policy, fewer).effect == "permit":
            assert decide(policy, request).effect == "permit"
    hostile = data.draw(st.sampled_from((None, 0, {}, {"by": "user:ann"}, {"by": [], "roles": 1})))
    more = {**request, "context": {**context, "approvals": [*approvals, hostile]}}
    assert decide(policy, more) == decide(policy, request)


@given(cases(of=lambda policy: broken_requests(policy, json_only=False, surrogates=True)))
def test_nothing_that_a_request_holds_raises(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    assert decide(policy, request).effect in ("permit", "challenge", "deny")


@given(CASES)
def test_the_same_request_gets_the_same_answer(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    before = copy.deepcopy(request)
    first = decide(policy, request)
    assert request == before, "a decision changes no request"
    assert decide(policy, reordered(request)) == first
    assert decide(copy.deepcopy(policy), request) == first


@given(CASES)
def test_an_answer_is_json(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    answer = decide(policy, request).to_authzen()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["decision"] is (answer["context"]["effect"] == "permit")


@given(
    cases(features=FEATURES - {"require", "evidence"}),
    st.sampled_from((None, 1, [], {"a": {}}, "x")),
)
def test_fields_that_nobody_declared_are_ignored_but_for_arguments(
    case: tuple[ir.Policy, Any], value: Any
) -> None:
    policy, request = case
    decision = decide(policy, request)
    for path in (
        (), ("subject",), ("subject", "properties"), ("action",), ("action", "properties"),
        ("resource",), ("resource", "properties"), ("context",), ("context", "task"),
        ("context", "user"),
    ):  # fmt: skip
        more = copy.deepcopy(request)
        holder = more
        for step in path:
            holder = holder.get(step) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder["zz_undeclared"] = value
            if path == ("action", "properties") and is_closed(policy, more):
                only_forbids = replace(policy, allows=())
                assert decide(policy, more) == decide(only_forbids, request), path
            else:
                assert decide(policy, more) == decision, path


def is_closed(policy: ir.Policy, request: Any) -> bool:
    """Whether a request is about an action that is not open."""
    call = Call.read(policy, request)
    return call is not None and call.action is not None and not call.action.is_open


@given(CASES)
def test_null_is_absent(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    decision = decide(policy, request)
    for path, without in deletions(request):
        if path[0] == "action" or "args" in path:
            continue  # under an approval, `{"a": null}` and `{}` are two calls
        null = copy.deepcopy(request)
        holder = null
        for step in path[:-1]:
            holder = holder[step]
        if holder[path[-1]] is None:
            assert decide(policy, without) == decision, path


@given(CASES)
def test_a_list_is_a_set(case: tuple[ir.Policy, Any]) -> None:
    policy, request = case
    other = copy.deepcopy(request)
    changed = [other]
    while changed:
        value = changed.pop()
        if isinstance(value, dict):
            # The arguments that an approval quotes are compared as JSON, in which order counts.
            # In a chain it counts too: each link is handed its task by the next.
            for key, inner in value.items():
                if key == "delegation" and isinstance(inner, list):
                    changed += inner
                elif key not in ("args", "action"):
                    changed.append(inner)
        elif isinstance(value, list):
            changed += value
            value.extend(value[::-1])
    assert decide(policy, other) == decide(policy, request)


def with_forbid(policy: ir.Policy, forbid: ir.Forbid) -> ir.Policy:
    """The policy with one forbid more."""
    return replace(policy, forbids=tuple(sorted((*policy.forbids, forbid), key=lambda r: r.id)))


def everything(id: str) -> ir.Forbid:
    """A forbid of everything."""
    from agpc.compiler.report.source import Span

    return ir.Forbid(
        id,
        ir.ANYONE,
        ir.ANYONE,
        ("any",),
        None,
        None,
        (),
        None,
        None,
        (),
        Span("p.agp", 1, 1, 1, 2),
    )


def some_of(rules: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A part of the rules."""
    if not rules:
        return st.just(())
    return st.sets(st.integers(0, len(rules) - 1)).map(
        lambda chosen: tuple(rule for place, rule in enumerate(rules) if place in chosen)
    )


def reordered(data: Any) -> Any:
    """JSON data with the fields of every object the other way round."""
    if isinstance(data, dict):
        return {key: reordered(value) for key, value in reversed(data.items())}
    return [reordered(each) for each in data] if isinstance(data, list) else data
