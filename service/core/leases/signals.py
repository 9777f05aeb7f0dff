"""Signals: what other systems tell of agents and people, and what ends here by that, in the turn in which it is recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from ....runtime.time_text import format_time
from ....runtime.values import NANOSECONDS
from ...store import Lease, Person, Task, Turn
from ..operations.of_leases import Heed, Signal
from ..people.names import folded, may_be_same
from ..people.people import SETTINGS, said_to_be
from ..people.sessions import end_sessions
from ..turns.step import Step
from .ending import end

CAUSE = "signal"
_ACTIVE = "state = 'active' AND expires > ?"
_FOUR = ", ".join(["lower(?)"] * 4)


@dataclass(frozen=True, slots=True)
class SignalSubjects:
    """Whom a signal is about, as they are called here."""

    agents: tuple[str, ...]
    people: tuple[str, ...]
    leases: tuple[str, ...]
    tasks: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Give those that there are, as JSON."""
        told = {"agents": self.agents, "people": self.people}
        told |= {"leases": self.leases, "tasks": self.tasks}
        return {name: list(each) for name, each in told.items() if each}


def heed(step: Step[Heed]) -> dict[str, Any]:
    """Take in a token: record it, and end what its events end here, all in one turn."""
    operation, turn = step.operation, step.turn
    at, seq = turn.tick(), step.trail.next
    found = [_found(step, each) for each in operation.signals]
    told = {
        "jti": operation.jti,
        "set": operation.set,
        "issued": format_time(operation.issued * NANOSECONDS),
        "events": [
            {
                "event": each.event,
                "understood": each.understood,
                "effects": sorted(each.effects),
                **who.told(),
            }
            for each, who in zip(operation.signals, found, strict=True)
        ],
    }
    step.append("signal", at, told)
    ended = out = 0
    for signal, who in zip(operation.signals, found, strict=True):
        if "person" in signal.effects:
            _leave(step, who.people)
        if "sessions" in signal.effects:
            out += sum(end_sessions(turn, each, at, seq) for each in who.people)
        if "leases" in signal.effects:
            for lease in _leases_of(turn, who):
                end(step, lease, turn.tick(), CAUSE, signal.event, signal=seq)
                ended += 1
    known = [any(who.told().values()) for who in found]
    idle = [
        signal.event
        for signal, is_known in zip(operation.signals, known, strict=True)
        if signal.effects and not is_known
    ]
    return step.answered({"signal": seq, "leases": ended, "sessions": out, "nobody": idle}, seq)


def _found(step: Step[Heed], signal: Signal) -> SignalSubjects:
    """Find whom a signal is about, as far as the one who signals may speak of them.

    A session that it names beside an agent narrows it to that, unless the agent is gone altogether.
    """
    turn, caller, subject = step.turn, step.operation.caller, signal.subject
    agents = tuple(each for each in subject.agents if caller.speaks_for(each))
    named: list[Lease | Task | None] = [turn.get(Lease, each) for each in subject.named]
    named += [turn.get(Task, each) for each in subject.named]
    known = [each for each in named if each is not None and caller.speaks_for(each.agent)]
    is_gone = "person" in signal.effects
    if known and not is_gone and {each.agent for each in known} <= set(agents):
        agents = ()  # what is named is less than all that its agent has
    leases = tuple(each.id for each in known if isinstance(each, Lease))
    tasks = tuple(each.id for each in known if isinstance(each, Task))
    people = [each for each in subject.people if _is_here(turn, each)]
    for each in subject.addresses:
        people += _written_otherwise(turn, each)
    return SignalSubjects(agents, tuple(dict.fromkeys(people)), leases, tasks)


def _is_here(turn: Turn, person: str) -> bool:
    if turn.get(Person, person) is not None:
        return True
    found = turn.find(Lease, f"lower(person) = lower(?) AND {_ACTIVE}", (person, turn.time))
    return any(each.person == person for each in found)


def _written_otherwise(turn: Turn, address: str) -> list[str]:
    """Give the people whose ids are an address, whichever way it is written.

    Databases differ in the letters of which they know a small and a large one, so that it is looked for by each.
    """
    text = normalize("NFC", address)
    forms = (text, text.lower(), text.upper(), text.casefold())
    sql = (
        "SELECT id FROM person WHERE folded = ?"
        f" UNION SELECT person FROM lease WHERE lower(person) IN ({_FOUR}) AND {_ACTIVE}"
    )
    found = turn.select(sql, (folded(address), *forms, turn.time))
    return sorted(id for (id,) in found if may_be_same(id, address))


def _leases_of(turn: Turn, who: SignalSubjects) -> list[Lease]:
    """Give the active leases of agents, of people, of tasks, and of agents that act for one of the agents."""
    found: dict[str, Lease] = {}

    def take(rows: Iterable[Lease]) -> None:
        found.update((each.id, each) for each in rows)

    def where(condition: str, *values: object) -> list[Lease]:
        return turn.find(Lease, f"{condition} AND {_ACTIVE}", (*values, turn.time), kept=True)

    for agent in who.agents:
        take(where("agent = ?", agent))
    for person in who.people:
        take(each for each in where("lower(person) = lower(?)", person) if each.person == person)
    for task in who.tasks:
        take(where("task = ?", task))
    for id in who.leases:
        take(where("id = ?", id))
    if who.agents:
        agents = set(who.agents)
        for each in where("acts_for IS NOT NULL"):
            if not agents.isdisjoint(json.loads(each.acts_for or "[]")):
                take([each])
    return sorted(found.values(), key=lambda each: each.seq)


def _leave(step: Step[Heed], people: Iterable[str]) -> None:
    """Take in that people have left, but for those whom the settings say to be there."""
    for id in people:
        person = step.turn.get(Person, id)
        if person is not None and person.active and person.source != SETTINGS:
            said_to_be(step, id, (), person.source, active=False)
