"""A new policy: what it defines as the one before did goes on, and what is new is worked out from the trail, or unknown.

Nothing starts at zero by accident: of each meter it is kept up to when some of its records may be lacking.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...monitor.cells import start_of
from ...monitor.definitions import Definitions
from ...monitor.own import own_of
from ...monitor.shares import keys_of_each, scopes_of
from ...runtime.facts import ABSENT, is_request
from ..store.rows import Call, Task
from ..store.turn import Turn
from .lines import is_open
from .rows import CLOCK, SOURCES, Meter

if TYPE_CHECKING:
    from .facts import Facts

MOST_EVENTS = 10_000
"""Events of the trail that are read again for meters that are new."""


def adopt(turn: Turn, facts: Facts) -> None:
    """Keep the meters and sources of a policy from now on, and no other ones."""
    rows = {each.id: each for each in turn.find(Meter, "number > 0", kept=True)}
    next_number = max((each.number for each in rows.values()), default=0) + 1
    wanted = facts.ids
    for row in rows.values():
        if row.active and row.id not in wanted:
            row.active = False
            turn.put(row)
    new = []
    for id in wanted:
        before = rows.get(id)
        needs = needs_of(facts.definitions) if id == SOURCES else None
        if before is not None and before.active and (needs is None or _covers(before, needs)):
            if needs is not None:
                before.needs = json.dumps(needs)
                turn.put(before)
            continue
        text = None if needs is None else json.dumps(needs)
        turn.put(Meter(id, next_number, turn.time, turn.head.seq, True, text))
        next_number += 1
        new.append(id)
    numbers = [number for number, each in enumerate(facts.kept) if each.meter.digest in new]
    if numbers:
        _count_again(turn, facts, numbers)


def doubt(turn: Turn, until: int) -> None:
    """Begin anew with all that is kept: of what was before nobody can say whether it is in a window."""
    turn.put(Meter(CLOCK, 0, until, turn.head.seq, False, None))
    rows = turn.find(Meter, "number > 0", kept=True)
    number = max((each.number for each in rows), default=0)
    for row in rows:
        if row.active:
            number += 1
            row.number, row.known_from, row.since = number, until, turn.head.seq
            turn.put(row)


# --- Meters ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Before:
    """A call of the trail: what it was about, and its request, if that is there and whole."""

    row: Call
    time: int
    request: dict[str, Any] | None
    capability: str | None


def _count_again(turn: Turn, facts: Facts, numbers: list[int]) -> None:
    """Count the calls of the trail for meters, as far back as it is read and as it is whole."""
    first, calls = _trail(turn)
    lacking: dict[int, tuple[int | None, int | None]] = dict.fromkeys(numbers, first)
    goes_on: dict[str, bool] = {}
    for each in calls:
        mine = [number for number in numbers if _is_about(facts, number, each, turn.time)]
        if each.request is None:
            for number in mine:
                lacking[number] = (each.time, each.row.seq + 1)
        elif mine:
            task = None if each.row.task is None else turn.get(Task, each.row.task)
            if task is not None and task.run not in goes_on:
                goes_on[task.run] = is_open(turn, task)
            is_known = task is not None and goes_on[task.run]
            _count(turn, facts, mine, each, task if is_known else None)
    for number in numbers:
        row = turn.get(Meter, facts.kept[number].meter.digest)
        if row is not None:
            row.known_from, row.since = lacking[number]
            turn.put(row)


def _count(turn: Turn, facts: Facts, numbers: list[int], each: _Before, task: Task | None) -> None:
    request = each.request
    assert request is not None
    scopes = scopes_of(request, ABSENT if task is None else task.run, user=True)
    own = own_of(facts.definitions, each.capability or "", request, scopes)
    shares: list[str] = []
    for number in numbers:
        if number in own and facts.counts_once(number):
            keys, share = own[number]
            every = keys_of_each(facts.kept[number].meter, keys, request)
            shares += facts.count(turn, each.row, number, every, share)
    if shares:
        each.row.shares = json.dumps([*json.loads(each.row.shares or "[]"), *shares])
        turn.put(each.row)


def _is_about(facts: Facts, number: int, each: _Before, now: int) -> bool:
    """Whether a call may count in a meter: it does, as long as nobody can say what it is about."""
    meter = facts.kept[number].meter
    if each.time <= start_of(meter, now):
        return False
    return each.capability is None or each.capability in meter.capabilities


def _trail(turn: Turn) -> tuple[tuple[int | None, int | None], list[_Before]]:
    """Give up to when the trail is not read, and from which event on it is, and the calls in what is."""
    clock = turn.get(Meter, CLOCK)
    first = max(0, turn.head.seq - MOST_EVENTS, (clock and clock.since) or 0)
    sql = "SELECT seq, time, kind, body FROM event WHERE seq >= ? ORDER BY seq"
    events = turn.select(sql, (first,))
    turn.fetch(Call, [seq for seq, _, kind, _ in events if kind == "call"])
    calls = list(_calls(turn, events))
    turn.fetch(Task, [each.row.task for each in calls if each.row.task is not None])
    if first == 0:
        return (None, None), calls
    time = events[0][1] if events else turn.time
    return (
        time if clock is None or clock.known_from is None else max(time, clock.known_from),
        first,
    ), calls


def _calls(turn: Turn, events: list[tuple[Any, ...]]) -> Iterator[_Before]:
    for seq, time, kind, body in events:
        if kind != "call":
            continue
        row = turn.get(Call, seq)
        if row is None:
            row = Call(seq, "", None, None, "", None, "deny", time, None, False, "", True)
            yield _Before(row, time, None, None)
            continue
        data = {} if body is None else json.loads(bytes(body))
        request: Any = data.get("request")
        if not is_request(request):
            yield _Before(row, time, None, row.capability)
            continue
        capability = f"{request['resource']['type']}.{request['action']['name']}"
        yield _Before(row, time, None if data.get("redacted") else request, capability)


# --- Sources --------------------------------------------------------------------------------------


def needs_of(definitions: Definitions) -> dict[str, Any]:
    """Give of which calls lines are kept."""
    return {
        "writes": definitions.watches_writes,
        "reading": sorted(definitions.reading),
        "asked": sorted(each for each in definitions.origins_in if definitions.asks_again(each)),
        "results": sorted(definitions.origins_in),
        "starting": sorted(definitions.starting),
    }


def _covers(row: Meter, needs: dict[str, Any]) -> bool:
    """Whether the lines that were kept so far are all that are needed."""
    had = json.loads(row.needs or "{}")
    return (
        (had["writes"] or not needs["writes"])
        and (not needs["writes"] or {*had["reading"]} <= {*needs["reading"]})
        and all({*needs[name]} <= {*had[name]} for name in ("asked", "results", "starting"))
    )
