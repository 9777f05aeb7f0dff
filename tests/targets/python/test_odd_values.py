"""Values of classes that no JSON has, in each place of a request, after one that was remembered."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.source import Source
from agpc.runtime import conditions as module
from agpc.runtime.conditions import Ranges
from agpc.targets.python import evaluator

POLICY = """package p
owner "o" contact "c"
agent bot = "spiffe://acme.example/bot" { tenant: string }
intent pay "Pay"
tool ledger { tenant: string  action post(amount: int, count: int, to: string) }
context { risk: int, ip: ip }
grant g {
    to bot for pay
    allow ledger.post
        when agent.tenant == resource.tenant and args.amount <= 100 and args.to like "x*"
            and args.amount >= -3 and args.count == 2 and args.count < 5
}
forbid f { deny any when not context.ip within "10.0.0.0/8" because "Elsewhere." }
forbid r { deny any when context.risk > 9 because "Too much." }
"""
REQUEST: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://acme.example/bot", "properties": {"tenant": "t"}},
    "action": {"name": "post", "properties": {"amount": 7, "count": 2, "to": "xy"}},
    "resource": {"type": "p.ledger", "id": "main", "properties": {"tenant": "t"}},
    "context": {"risk": 3, "ip": "10.1.2.3", "task": {"intent": "p.pay", "state": "active"}},
}


class Text(str):
    """Equal to the text that it holds, and found by it in a dictionary."""


class Whole(int):
    """Equal to the number that it holds."""


class Fields(dict[str, Any]):
    """Holds what a dictionary holds."""


class Liar:
    """Equal to everything, and found as what it stands for."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(self.value)


def odd(value: Any) -> Iterator[Any]:
    """Give values like this one of other classes, and some that are nothing like it."""
    yield from (None, True, [], [value], {}, {"a": value}, "", 2**53, -(2**53), 1e400, 7.0, 7.5)
    match value:
        case str():
            yield from (Text(value), Liar(value))
        case int():
            yield from (Whole(value), Liar(value), float(value), value + 2**60, value - 2**60)
        case dict():
            yield from (Fields(value), list(value.items()), {**value, "more": 1})


def places(value: Any, *above: str) -> Iterator[tuple[str, ...]]:
    """Give the way to each value of a request."""
    yield above
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, *above, name)


def put(value: Any, place: tuple[str, ...], new: Any) -> Any:
    if not place:
        return new
    first, *rest = place
    return {**value, first: put(value[first], tuple(rest), new)}


def at(value: Any, place: tuple[str, ...]) -> Any:
    for step in place:
        value = value[step]
    return value


@pytest.mark.parametrize("place", list(places(REQUEST)), ids=".".join)
def test_odd_values_are_decided_as_the_interpreter_decides(place: tuple[str, ...]) -> None:
    policy = compile_sources([Source("p.agp", POLICY)]).policy
    assert policy is not None
    decide = evaluator(policy).decide
    assert decide(REQUEST).decision  # and is remembered
    without = copy.deepcopy(REQUEST)
    if place:
        del at(without, place[:-1])[place[-1]]
    for asked in (without, *(put(REQUEST, place, value) for value in odd(at(REQUEST, place)))):
        found, expected = decide(asked), interpreter.decide(policy, asked)
        assert found.to_authzen() == expected.to_authzen(), asked
        assert found.decision is (found.effect == "permit")
    assert decide(REQUEST).decision


def test_answers_about_addresses_are_forgotten_before_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 3)
    ranges = Ranges("10.0.0.0/8")
    remembered: Any = ranges.hold.__self__  # type: ignore[attr-defined]
    for number in range(10):
        for _ in range(2):
            assert ranges.hold(f"10.0.0.{number}") is True
            assert ranges.hold(f"11.0.0.{number}") is False
            assert ranges.hold(f"10.0.0.{number}.0") is None
        assert len(remembered) <= 3
