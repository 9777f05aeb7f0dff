"""Requests of any shape, and windows of any zone, in OPA."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from engines.hand_policies import AGENT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir

from .deciding import by_opa, by_rego_cpp, decisions
from .opa import needs_opa
from .policies import ALLOW, POLICY, request

SHAPES: list[Any] = [
    None,
    5,
    "x",
    [],
    {},
    {**request(), "subject": None},
    {**request(), "subject": {"type": "user", "id": AGENT}},
    {**request(), "subject": {"type": "agent", "id": 5}},
    {**request(), "action": {"name": None}},
    {**request(), "action": {"name": "nope"}},
    {**request(), "resource": {"type": "p.ledger"}},
    {**request(), "resource": {"type": "p.ledger", "id": "a\ufffd"}},
    {**request(), "resource": {"type": "p", "id": "main"}},
    {**request(), "context": None},
    {**request(), "context": []},
    request(task=None),
    request(task={"intent": ["p.pay"], "state": "active"}),
    request(task={"intent": "p.pay", "state": "ended"}),
    request(task={"intent": "p.other", "state": "active"}),
    *(
        {**request(), "subject": {"type": "agent", "id": f"spiffe://acme.example/fleet{each}"}}
        for each in ["", "/", "/a", "/a/b", "/..", "/.", "/...", "/a//b", "/é", "/a" * 1100]
    ),
]


@needs_opa
def test_opa_takes_any_shape_of_request() -> None:
    assert by_opa(POLICY, SHAPES) == decisions(POLICY, SHAPES)


def test_rego_cpp_takes_any_shape_of_request() -> None:
    answers, able = by_rego_cpp(POLICY, SHAPES)
    assert answers == decisions(POLICY, able)


FIRST = datetime(1900, 1, 1)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]


@needs_opa
@given(
    st.sampled_from(ZONES),
    st.lists(st.integers(0, 6), min_size=1, unique=True).map(sorted).map(tuple),
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.lists(st.datetimes(min_value=FIRST), min_size=20),
)
@settings(max_examples=20)
@example("Europe/Berlin", (6,), 120, 180, [])
def test_opa_knows_windows_as_the_interpreter(
    zone: str, days: tuple[int, ...], start: int, end: int, times: list[Any]
) -> None:
    window = ir.Window(days, start, end, zone)
    policy = replace(POLICY, allows=(replace(ALLOW, window=window),))
    near = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "x"]
    asked = [
        request(time=each)
        for each in [*near, *(f"{time.isoformat(timespec='microseconds')}Z" for time in times)]
    ]
    assert by_opa(policy, asked) == decisions(policy, asked)
