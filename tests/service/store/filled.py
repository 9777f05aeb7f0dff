"""Rows to put into a store, for tests that ask what a store does with any."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import psycopg

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


def run_in(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement behind the back of a store."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as base:
            return base.execute(statement).fetchall()
    with psycopg.connect(url) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall() if found.description else []


def tables_of(url: str) -> dict[str, list[str]]:
    """The columns of each table, in their order."""
    with closing(Store(url)):
        pass
    if url.startswith("sqlite"):
        found = run_in(
            url,
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table' ORDER BY m.name, c.cid",
        )
    else:
        found = run_in(
            url,
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
        )
    tables: dict[str, list[str]] = {}
    for name, column in found:
        tables.setdefault(str(name), []).append(str(column))
    return tables
