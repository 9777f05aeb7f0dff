"""Rows to put into a store, for tests that ask what a store does with any."""

from __future__ import annotations

from agpc.service.store import Event, Store, Turn


def put_event(turn: Turn, said: str) -> int:
    """Append an event to the store, and give its number."""
    seq, entry = turn.head.seq, said.encode()
    time = turn.tick()
    turn.add(Event(seq, time, "admin", None, None, entry, entry))
    turn.head.seq, turn.head.time = seq + 1, time
    return seq


def say(store: Store, said: str) -> int:
    """Take a turn of one event."""
    with store.turn() as turn:
        return put_event(turn, said)


def told(store: Store) -> list[str]:
    """What all events say."""
    with store.reading() as reading:
        events = reading.find(Event, "TRUE ORDER BY seq")
        assert [each.seq for each in events] == list(range(reading.head.seq))
        return [each.entry.decode() for each in events]
