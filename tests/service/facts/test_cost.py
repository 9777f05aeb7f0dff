"""What a decision asks of a store does not grow with what the store holds."""

from __future__ import annotations

from collections.abc import Callable

from .filling import Filled, Scale

SMALL, LARGE = Scale(tasks=5, calls=20), Scale(tasks=200, calls=1_600)


def statements(url: str, scale: Scale) -> dict[str, int]:
    """The statements of one call: in a process that has just started, and in one that has done others before."""
    filled = Filled(url)
    filled.fill(scale)
    filled.close()
    again = Filled(url, adopts=False)
    found = {"first": again.statements(), "next": again.statements()}
    (before,) = {
        each["before"]
        for key, each in again.call(0)["context"]["meters"].items()
        if key.startswith("p.calls")
    }
    assert before == scale.of_one_task + 2
    again.close()
    return found


def test_a_decision_takes_as_many_statements_with_many_records_as_with_few(
    fresh_url: Callable[[], str],
) -> None:
    assert statements(fresh_url(), SMALL) == statements(fresh_url(), LARGE)


def test_a_call_of_a_process_that_knows_its_cells_reads_nothing(
    fresh_url: Callable[[], str],
) -> None:
    filled = Filled(fresh_url())
    filled.fill(SMALL)
    filled.sql.clear()
    filled.call(0)
    read = [
        each
        for each in filled.sql
        if each.startswith("SELECT") and not any(name in each for name in ("FROM head", "pg_"))
    ]
    assert read == []
    filled.close()


def test_what_has_left_a_window_is_gone(fresh_url: Callable[[], str]) -> None:
    filled = Filled(fresh_url())
    filled.fill(SMALL)
    assert filled.count("share") > 0
    filled.time += 3_600 * 10**9
    for _ in range(20):  # of one agent: nobody asks for the cells of others any more
        filled.call(0)
    assert filled.count("cell") == SMALL.tasks + 2
    assert filled.count("peak") == 20
    assert filled.count("share") == (SMALL.calls + 20) + 2 * 20  # of tasks, and in windows
    filled.close()


def test_of_a_run_that_has_ended_nothing_stays(
    fresh_url: Callable[[], str],
) -> None:
    filled = Filled(fresh_url())
    filled.fill(SMALL)
    before = filled.count("cell")
    filled.end(1)
    assert filled.count("cell") == before - 1
    filled.close()
