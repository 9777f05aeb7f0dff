"""The generators give what the tests that use them rely on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields, replace
from typing import Any

from generators import aimed_requests, cases, hostile_text, policies, policies_with_tests, requests
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.check.compiling.recompile import problems
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.testing.run import passes
from agpc.runtime.values import is_text


@given(policies() | policies_with_tests())
def test_policies_are_well_typed(policy: ir.Policy) -> None:
    assert list(problems(policy)) == []


@given(policies(features=()))
def test_features_that_are_not_named_are_left_out(policy: ir.Policy) -> None:
    assert not policy.forbids
    for rule in policy.allows:
        assert rule.requirements == rule.revoke == rule.obligations == ()
        assert rule.credential is rule.validity is rule.window is None
        assert "Has(" not in repr(rule.condition)


@given(cases())
def test_requests_are_json_that_utf8_carries(case: tuple[ir.Policy, Any]) -> None:
    _, request = case
    text = json.dumps(request, allow_nan=False, ensure_ascii=False)
    assert json.loads(text.encode("utf-8")) == request


@given(st.data())
def test_a_time_that_is_missing_is_left_out(data: st.DataObject) -> None:
    now = ir.Has(ir.Attribute("now", (), ir.TIME))
    policy = data.draw(policies())
    policy = replace(policy, allows=tuple(replace(r, condition=ir.Not(now)) for r in policy.allows))
    json.dumps(data.draw(aimed_requests(policy)))


@given(hostile_text())
def test_hostile_text_is_whole(text: str) -> None:
    assert is_text(text)


def test_tests_expect_everything_and_pass_and_fail() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=60, derandomize=True, database=None)
    @given(policies_with_tests())
    def count(policy: ir.Policy) -> None:
        for test in policy.tests:
            passed = passes(test, decide(policy, test.request))
            seen[f"{test.effect} that {'passes' if passed else 'fails'}"] += 1
            for field in fields(test.terms or ir.Terms()):
                value = getattr(test.terms, field.name, None)
                if value is not None:
                    seen[field.name if value not in ((), "none") else f"no {field.name}"] += 1

    count()
    effects = {
        f"{e} that {s}" for e in ("permit", "challenge", "deny") for s in ("passes", "fails")
    }
    terms = {"credential", "obligations", "asking", "reasons", "owner"}
    absent = {"no credential", "no obligations", "no owner"}
    assert seen.keys() == effects | terms | absent, seen


def test_requests_reach_every_decision() -> None:
    """Always on the same cases: about each policy a request of either kind."""
    aimed: Counter[str] = Counter()
    everything: Counter[str] = Counter()

    @settings(max_examples=150, derandomize=True, database=None)
    @given(st.data())
    def count(data: st.DataObject) -> None:
        policy = data.draw(policies())
        for effects, kind in ((aimed, aimed_requests), (everything, requests)):
            decision = decide(policy, data.draw(kind(policy)))
            default = decision.effect == "deny" and not decision.rules
            effects["default" if default else decision.effect] += 1

    count()
    assert aimed["permit"] >= 22 and aimed["challenge"] >= 10 and aimed["deny"] >= 10, aimed
    assert min(everything.values()) >= 5 and everything["default"] >= 30, everything
