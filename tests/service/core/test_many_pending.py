"""However much waits for people, what is read for a page, a notice or one more request is bounded: by rows, and not by time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agpc.service.core import SYSTEM, Notify
from agpc.service.core.approvals.notices import AT_ONCE, untold
from agpc.service.core.operations.callers import as_person
from agpc.service.core.waiting import LOOKED_AT, waiting
from agpc.service.store import Reading

from ..store.filled import run_in
from .asking import CLERK, LEAD, know, refund
from .desk import Desk, opened, policy

MANY = 10_000


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    """One request that waits, and as many others like it, which are asked in other tasks by other agents."""
    with opened(store_url, policy()) as desk:
        know(desk, LEAD, "role:lead")
        know(desk, CLERK, "role:clerk")
        asked = refund(desk, desk.start()["task"]["id"])["request"]["id"]
        names = "capability, policy, asks, asked_for, state, asked, expires, answered, message"
        numbers = (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
        )
        run_in(
            store_url,
            f"INSERT INTO request (id, digest, call, task, agent, {names}) {numbers}"
            f" SELECT 'q-x' || i, 'd' || i, -i, 't-' || (i % 500), 'spiffe://acme.example/a' || (i % 50), {names}"
            f" FROM request, n WHERE id = '{asked}'",
        )
        for table in ("request", "verdict", "person", "notice"):
            run_in(store_url, f"ANALYZE {table}")
        yield desk


class Counting:
    """Counts the rows that a reading gives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows, self.asked = 0, []  # type: ignore[var-annotated]
        select = Reading.select

        def counted(reading: Reading, sql: str, values: Any = ()) -> Any:
            found = select(reading, sql, values)
            self.rows += len(found)
            self.asked.append((sql, tuple(values)))
            return found

        monkeypatch.setattr(Reading, "select", counted)


def plans(desk: Desk, asked: list[tuple[str, tuple[Any, ...]]]) -> list[str]:
    """How the store looks for what was asked of requests."""
    found = []
    explain = "EXPLAIN QUERY PLAN" if desk.core.store.url.startswith("sqlite") else "EXPLAIN"
    with desk.core.store.reading() as reading:
        for sql, values in asked:
            if "request" in sql:
                rows = reading.select(f"{explain} {sql}", values)
                found.append("\n".join(str(each[-1]) for each in rows))
    return found


def test_what_is_read_does_not_grow_with_what_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    with desk.core.view() as view:
        rows, more = waiting(desk.core, view, as_person(LEAD), state="pending", mine=True)
        assert len(rows) == 50 and more is not None
        page = counting.rows
        rows, more = waiting(desk.core, view, as_person(CLERK), state="pending", mine=True)
        assert (
            rows == [] and more is not None
        )  # who is asked nothing has it looked for, and goes on
        nobody = counting.rows - page
        assert len(untold(view.reading, "leads", view.now, most=1)) == 1
        news = counting.rows - page - nobody
    assert page <= 60 and nobody <= LOOKED_AT + 100 and news <= 2
    looked = list(counting.asked)
    before = counting.rows
    told = desk.do(Notify(caller=SYSTEM, key="n", channel="leads"))
    assert len(told["requests"]) == AT_ONCE or len(told["requests"]) == 1
    one_more = refund(desk, desk.start()["task"]["id"], amount=6)
    assert one_more["request"]
    assert counting.rows - before <= AT_ONCE + 100
    found = plans(desk, [*looked, *counting.asked])
    assert found
    for each in found:
        assert "SCAN request" not in each and "Seq Scan on request" not in each, each


def test_all_that_waits_can_be_reached(desk: Desk) -> None:
    seen: list[str] = []
    before: int | None = None
    with desk.core.view() as view:
        while True:
            rows, before = waiting(
                desk.core,
                view,
                as_person(LEAD),
                state="pending",
                mine=True,
                before=before,
                limit=500,
            )
            seen += [each.question.id for each in rows]
            if before is None:
                break
    assert len(seen) == len(set(seen)) == MANY + 1
    assert json.dumps(seen)
