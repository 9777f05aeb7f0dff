"""Policies whose rules relate times, ages, windows and lists, each with what there is to say of it."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from agpc.compiler.analysis.procedure.cubes.cube import Cube, key_of
from agpc.compiler.analysis.procedure.domains.values import EDGES, Intervals, Values
from agpc.compiler.analysis.procedure.solving.instants import APART
from agpc.compiler.analysis.procedure.solving.solve import solve
from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.walk import NOW
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source

HEAD = """package p
agent a1 = "spiffe://t.x/a1" { teams: [string], team: string }
agent a2 = "spiffe://t.x/a2" { teams: [string], team: string }
intent i "I" { limit: number, accounts: [string], one: string }
tool r {
    created: time team: string teams: [string]
    action x(to: [string], amount: number, t: time, a: int, b: int, c: int, d: duration), y(t: time)
}
"""


def found(text: str) -> list[str]:
    """The codes of what is found, but for lifecycle (AGP4) and what is for information."""
    compilation = compile_sources([Source("related.agp", HEAD + text)])
    assert compilation.policy is not None, compilation.diagnostics
    return sorted(
        each.code for each in analyze(compilation.policy) if each.code[:4] in ("AGP2", "AGP3")
    )


def asserted(condition: str, never: str, more: str = "") -> list[str]:
    """What is found of a grant with a condition, of which something is asserted never to happen."""
    return found(
        f"grant k {{ to a1 for i allow r.x when {condition} {more} }}\n"
        f"assert no agent can r.x when {never}\n"
    )


TRUE = (
    ("every args.to in task.accounts", "some args.to not in task.accounts"),
    ("args.amount <= task.limit and task.limit <= 500", "args.amount > task.limit"),
    ("args.amount <= task.limit and task.limit <= 500", "args.amount > 500"),
    ("age(args.t) < 30m", "args.t > now"),
    ("age(args.t) < 30m and now >= 2026-01-01T00:00:00Z", "args.t < 2025-01-01T00:00:00Z"),
    ("age(args.t) < 30m", "args.t > 2027-01-01T00:00:00Z and now < 2027-01-01T00:00:00Z"),
    ("age(args.t) < 8h", "age(args.t) > 1d"),
    ('args.to subset of task.accounts and task.accounts subset of ["a", "b"]', 'args.to contains "c"'),
    ('args.to subset of task.accounts and task.accounts subset of ["a", "b"]', 'not args.to subset of ["a", "b"]'),
    ('args.to subset of task.accounts and task.accounts subset of ["a", "b"]', 'some args.to == "c"'),
    ('resource.team in agent.teams and agent.teams subset of ["red", "blue"]', 'resource.team == "green"'),
    ("agent.team in resource.teams", 'not resource.teams contains any ["x", "y"] and agent.team in ["x", "y"]'),
    ("args.a < args.b and args.b < args.c", "args.c < args.a"),
    ("args.a < args.b and args.b < args.c", "args.a >= 5 and args.c <= 6"),
    ("some args.to == task.one and every args.to == task.one", "some args.to != task.one"),
    ("some args.to == task.one and every args.to == task.one", "not (task.one in args.to)"),
    ('some args.to == task.one and every args.to == task.one and task.one == "a"', 'args.to contains "b"'),
    ("some args.to == task.one and every args.to == task.one", "every args.to != task.one"),
    ("age(args.t) < args.d and args.d <= 1h", "age(args.t) > 2h"),
)  # fmt: skip
FALSE = (
    ("every args.to in task.accounts", "some task.accounts not in args.to"),
    ("age(args.t) < 30m", "args.t < now"),
    ("args.to subset of task.accounts", 'args.to contains "c"'),
    ("args.a < args.b and args.b < args.c", "args.a >= 5 and args.c <= 7"),
    ("some args.to == task.one and every args.to == task.one", 'args.to contains "b"'),
    ("age(args.t) < args.d and args.d <= 2h", "age(args.t) > 1h"),
)


@pytest.mark.parametrize(("condition", "never"), TRUE)
def test_what_cannot_be_is_proved(condition: str, never: str) -> None:
    assert asserted(condition, never) == []


@pytest.mark.parametrize(("condition", "never"), FALSE)
def test_what_can_be_is_shown(condition: str, never: str) -> None:
    assert asserted(condition, never) == ["AGP3101"]


@pytest.mark.parametrize(
    ("zones", "meet"),
    [
        (("Europe/Berlin", "Asia/Tokyo"), False),
        (("Europe/Berlin", "Europe/Athens"), True),
        (("Europe/Berlin", "Europe/Berlin"), True),
        (("America/New_York", "Australia/Sydney"), False),
    ],
)
def test_windows_of_two_zones_are_held_against_each_other(
    zones: tuple[str, str], meet: bool
) -> None:
    windows = frozenset((ir.Window((0, 1, 2, 3, 4), 540, 720, zone), True) for zone in zones)
    now = Values(False, False, Intervals("time", EDGES["time"]))
    model = solve(Cube({key_of(NOW): now}, windows), ir.Policy())
    assert (model is not None) is meet


def test_a_window_of_all_days_asks_for_nothing_but_a_clock() -> None:
    during = 'during mon..sun 00:00..24:00 "Europe/Berlin"'
    known = "when now >= 1678-01-01T00:00:00Z"
    plain = f"grant k {{ to a1 for i allow r.x {known} }}\n"
    windowed = f"grant l {{ to a1 for i allow r.x {known} {during} }}\n"
    assert found(plain + windowed) == ["AGP2101"]
    compilation = compile_sources([Source("all.agp", HEAD + windowed)])
    assert compilation.policy is not None
    request: dict[str, Any] = {
        "subject": {"type": "agent", "id": "spiffe://t.x/a1"},
        "action": {"name": "x"},
        "resource": {"type": "p.r", "id": "1"},
        "context": {"task": {"state": "active", "intent": "p.i"}},
    }
    for time, effect in (("2026-03-29T01:30:00Z", "permit"), (None, "deny")):
        request["context"]["time"] = time
        assert decide(compilation.policy, request).effect == effect


@pytest.mark.parametrize(
    ("mine", "theirs", "codes"),
    [
        ("r.s < r.u", "r.u < r.v", ["AGP3302"]),
        ("r.s < r.u and r.u < r.v", "r.v < r.s", []),
        (
            "r.some subset of r.more",
            'r.more contains "a" and not r.more subset of r.some',
            ["AGP3302"],
        ),
        ("every r.some in r.more", "some r.some not in r.more", []),
    ],
)
def test_what_relates_the_shared_resource_is_asked_of_both_requests(
    mine: str, theirs: str, codes: list[str]
) -> None:
    tool = "tool t { s: time u: time v: time some: [string] more: [string] action x, y }\n"
    allows = (each.replace("r.", "resource.") for each in (mine, theirs))
    text = "".join(
        f"grant g{n} {{ to a{n} for i allow t.{action} when {when} }}\n"
        for n, action, when in zip((1, 2), "xy", allows, strict=True)
    )
    assert found(f"{tool}{text}isolate a1 from a2\n") == codes


def test_two_requests_have_two_clocks() -> None:
    assert found(
        "grant g0 { to a2 for i allow r.y when age(resource.created) <= 2m }\n"
        "grant g1 { to a1 for i allow r.x when age(resource.created) > 4m }\n"
        "isolate a1 from a2\n"
    ) == ["AGP3302"]
    assert (
        found(
            "grant g0 { to a2 for i allow r.y when age(resource.created) <= 2m valid from 2027-01-01 }\n"
            "grant g1 { to a1 for i allow r.x when age(resource.created) > 4m valid until 2026-01-01 }\n"
            "isolate a1 from a2\n"
        )
        == []
    )


@pytest.mark.parametrize(
    ("allow", "more", "codes"),
    [
        ("age(now) > 1h", "", ["AGP2105", "AGP3102"]),
        (
            "age(args.t) < 1h and args.t >= 2026-11-24T12:00:00Z and now < 2026-11-24T11:00:00Z",
            "",
            ["AGP2105", "AGP3102"],
        ),
        (
            "age(args.t) > 2h and args.t >= 2026-11-24T12:00:00Z and now < 2026-11-24T13:00:00Z",
            "",
            ["AGP2105", "AGP3102"],
        ),
        (
            "age(args.t) < 1h and now >= 2026-11-24T12:00:00Z",
            "forbid n { deny r.y when args.t > 2026-11-24T10:59:00Z }",
            ["AGP2103", "AGP3102"],
        ),
        (
            "age(args.t) < 1h and now >= 2026-11-24T12:00:00Z",
            "grant o { to a2 for i allow r.y when args.t >= now }",
            ["AGP3201"],
        ),
    ],
)
def test_ages_times_and_now_are_one_order(allow: str, more: str, codes: list[str]) -> None:
    text = f"grant k {{ to a1 for i allow r.y when {allow} }}\n{more}\nassert a1 can r.y\n"
    assert found(text) == codes


@pytest.mark.parametrize(
    "zone", ["Africa/Freetown", "Africa/Tunis", "America/Recife", "Asia/Gaza", "Europe/Vienna"]
)
def test_nowhere_are_clocks_set_twice_within_what_is_stepped_over(zone: str) -> None:
    """Of these zones it is closest; in all others that there are, changes are further apart."""
    local, start = zoneinfo.ZoneInfo(zone), datetime(1890, 1, 1, tzinfo=UTC)
    hours = range(0, 24 * 365 * 150, 6)
    offsets = [(start + timedelta(hours=each)).astimezone(local).utcoffset() for each in hours]
    changes = [at for at, (one, other) in enumerate(pairwise(offsets)) if one != other]
    assert all((other - one) * 6 * 3600 > APART for one, other in pairwise(changes))
