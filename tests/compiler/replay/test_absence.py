"""An answer that is said to be known is the same whatever stands where the record has nothing."""

from __future__ import annotations

import copy
from typing import Any

from generators.policies import policies
from generators.requests import requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.replay.absence import Absence
from agpc.compiler.replay.records import change

from .shop import RECORD, compiled, grant


def holders(request: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Each place from which something that is read may be gone."""
    found: list[tuple[dict[str, Any], str]] = []
    context = request.get("context", {})
    for part in ("subject", "action", "resource"):
        fields = request[part].get("properties")
        found += [(fields, key) for key in (fields if isinstance(fields, dict) else ())]
    found += [(context, k) for k in context if k not in ("task", "approvals", "step_up")]
    for inner in ("task", "user"):
        fields = context.get(inner)
        if isinstance(fields, dict):
            found += [(fields, k) for k in fields if k not in ("id", "intent", "state")]
    return found


@given(st.data())
def test_what_is_known_does_not_depend_on_what_is_lacking(data: st.DataObject) -> None:
    policy = data.draw(policies(max_rules=4))
    whole = data.draw(requests(policy))
    try:
        places = holders(whole)
    except (AttributeError, KeyError, TypeError):
        return  # no request at all
    if not places:
        return
    record = copy.deepcopy(whole)
    gone = data.draw(st.sets(st.integers(0, len(places) - 1), min_size=1, max_size=3))
    again = holders(record)
    for number in gone:
        holder, key = again[number]
        del holder[key]
    if not Absence(policy, None).rests_on(record):
        assert change(decide(policy, record), decide(policy, whole)) is None


@given(st.data())
def test_what_the_other_policy_read_as_well_is_known(data: st.DataObject) -> None:
    policy = data.draw(policies(max_rules=4))
    request = data.draw(requests(policy))
    if isinstance(request, dict):
        assert Absence(policy, policy).rests_on(request) == ()


def lacking(base: str | None, head: str, record: dict[str, Any] | None = None) -> tuple[str, ...]:
    before = None if base is None else compiled(base)
    return Absence(compiled(head), before).rests_on(record or RECORD)


def test_an_answer_rests_on_what_it_needs_and_on_nothing_else() -> None:
    base = grant("allow till.open")
    assert lacking(base, grant('allow till.open when context.place == "x"')) == ("context.place",)
    # false whatever the place is
    assert (
        lacking(base, grant('allow till.open when context.place == "x" and args.amount > 9')) == ()
    )
    # permitted whatever it is
    assert (
        lacking(base, grant('allow till.open allow till.open as b when context.place == "x"')) == ()
    )
    forbid = 'forbid f { deny till.open when context.place == "x" because "No." }'
    assert lacking(base, base + forbid) == ("context.place",)
    other = 'forbid e { deny till.open when args.amount == 5 because "No." }'
    assert lacking(base, base + forbid + other) == ()
    assert lacking(base + forbid, base + forbid) == ()


def test_absence_itself_is_no_answer_where_nobody_asked_before() -> None:
    base = grant("allow till.open")
    assert lacking(base, grant("allow till.open when not has context.zone")) == ("context.zone",)
    both = grant("allow till.open when not has context.zone")
    assert lacking(both, both) == ()
    assert lacking(None, both) == ("context.zone",)


def test_a_time_that_was_not_recorded_is_none() -> None:
    base = grant("allow till.open")
    assert lacking(base, grant("allow till.open valid until 2030-01-01")) == ("now",)
    revoked = grant("allow till.open revoke when now > 2030-01-01T00:00:00Z")
    assert lacking(base, revoked) == ("now",)


def test_evidence_that_is_newly_asked_for_is_a_challenge_and_no_gap() -> None:
    base = grant("allow till.open")
    assert lacking(base, grant('allow till.open require approval by "role:boss" within 1h')) == ()


def test_terms_that_may_be_others_are_not_known() -> None:
    base = grant("allow till.open credential ttl 5m")
    head = base + (
        'grant h { to bot for sell allow till.open when context.place == "x" credential ttl 1m }'
    )
    assert lacking(base, head) == ("context.place",)


def test_what_is_malformed_is_something() -> None:
    record = copy.deepcopy(RECORD)
    record["context"]["place"] = 3  # type: ignore[index]
    head = grant('allow till.open when context.place == "x"')
    assert lacking(None, head, record) == ()
