"""Rows of a store that are no events: whichever was changed, the verifier says which and what, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agpc.service.core import SYSTEM, Move, Prune, Report, Tell
from agpc.service.policies.generation import Generation

from ..copied import copies
from ..core.desk import DESK, Desk, opened, policy
from ..store.filled import run_in
from .stored import SIGNER, everything, in_store, publish, second


@pytest.fixture
def generation() -> Generation:
    return policy()


def signed(desk: Desk) -> str:
    """Do something of each kind; give the task that goes on."""
    ended = desk.start(said="look it up")["task"]["id"]
    desk.call(ended, "shop", "lookup", order="o-7")
    desk.call(ended, "shop", "lookup", order="o-8")
    desk.call(ended, "shop", "refund", key="asked", order="o-7", amount=5)
    done = desk.call(ended, "shop", "lookup", order="o-7")
    desk.do(Tell(caller=DESK, key="told", call=done["call"], outcome="failed"))
    desk.do(Move(caller=DESK, key="end", task=ended, state="ended"))
    goes_on = desk.start(order="o-9")["task"]["id"]
    desk.do(Report(caller=DESK, key="rep", task=goes_on, context={"confidence": 0.5}))
    publish(desk)
    desk.call(goes_on, "shop", "lookup", order="o-9")  # which no checkpoint covers
    return str(goes_on)


def fill(url: str, folder: Path) -> None:
    with opened(url, policy(), signer=SIGNER) as desk:
        signed(desk)
    before = in_store(url)
    assert (before.verdict, before.wrong) == ("proved", [])
    assert before.proved["rows"] > 10
    assert before.notes == ["1 event behind the checkpoint fit, and nobody has signed them yet"]


copy, database = copies(fill, "sqlite"), copies(fill, "postgres")
CHANGES = {
    "state": "UPDATE task SET state = 'active' WHERE state = 'ended'",
    "ended": "UPDATE task SET ended = NULL WHERE state = 'ended'",
    "agent": "UPDATE task SET agent = 'spiffe://acme.example/ns/desk/sa/other'",
    "user": 'UPDATE task SET "user" = \'{"id": "user:eve"}\'',
    "fields": 'UPDATE task SET fields = \'{"order": "o-8"}\'',
    "context": "UPDATE task SET context = '{}' WHERE state = 'active'",
    "caller": "UPDATE task SET caller = 'eve'",
    "parent": "UPDATE task SET parent = 't-x'",
    "started": "UPDATE task SET started = started + 1",
    "no event": "UPDATE task SET id = 't-made-up' WHERE state = 'active'",
    "effect": "UPDATE call SET effect = 'permit' WHERE effect = 'deny'",
    "outcome": "UPDATE call SET outcome = NULL WHERE outcome IS NOT NULL",
    "redacted": "UPDATE call SET redacted = NOT redacted",
    "digest": "UPDATE call SET digest = 'sha256:0'",
    "not in the store": "DELETE FROM seen WHERE answer IS NULL",
    "answer": "UPDATE seen SET answer = replace(answer, 'false', 'true')",
    "seq": "UPDATE seen SET seq = 3 WHERE answer LIKE '%deny%'",
    "question": "UPDATE request SET call = 3",
    "time, kind": "UPDATE event SET kind = 'said' WHERE kind = 'state'",
    "time, kind, task": "UPDATE event SET task = 't-x' WHERE kind = 'state'",
    "not there": "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
    "another tree": "UPDATE head SET edge = substr(edge, 1, 32)",
    "another policy": "UPDATE head SET generation = 'sha256:0'",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_row_is_told(copy: Callable[[], str], what: str) -> None:
    check_told(copy(), what)


@pytest.mark.parametrize("what", [*CHANGES][::3])  # what compares the rows is the same for both
def test_a_changed_row_of_a_database_is_told(database: Callable[[], str], what: str) -> None:
    check_told(database(), what)


def check_told(url: str, what: str) -> None:
    run_in(url, CHANGES[what])
    found = in_store(url)
    assert found.verdict == "wrong"
    assert any(what in each.what for each in found.wrong), found.wrong


def test_a_task_that_goes_on_is_not_excused_by_what_was_pruned(
    store_url: str, generation: Generation, tmp_path: Path
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        everything(desk, second())
        with desk.core.view() as view:
            now = view.head.time + 1
        desk.do(Prune(caller=SYSTEM, key="prune", before=now))
        publish(desk)
    found = in_store(store_url)
    assert (found.verdict, found.wrong) == ("undetermined", [])
    assert found.undetermined["rows"] > 0
    run_in(store_url, "UPDATE task SET state = 'active', ended = NULL")
    found = in_store(store_url)
    assert found.verdict == "wrong"
    assert "follows from no event" in found.wrong[0].what


@pytest.mark.parametrize("kind", ["call", "outcome", "generation"])
def test_a_body_that_nobody_pruned_is_missed(
    store_url: str, generation: Generation, tmp_path: Path, kind: str
) -> None:
    with opened(store_url, generation, signer=SIGNER) as desk:
        everything(desk, second())
        with desk.core.view() as view:
            now = view.head.time + 1
        desk.do(Prune(caller=SYSTEM, key="prune", before=now))
        task = desk.start(order="o-9")["task"]["id"]
        found = desk.call(task, "shop", "lookup", order="o-9")
        desk.do(Tell(caller=DESK, key="last", call=found["call"], outcome="done"))
        desk.do(Prune(caller=SYSTEM, key="none", before=now))
    assert in_store(store_url).wrong == []
    latest = f"(SELECT max(seq) FROM event WHERE kind = '{kind}')"
    run_in(store_url, f"UPDATE event SET body = NULL WHERE seq = {latest}")
    found = in_store(store_url)
    assert found.verdict == "wrong"
    assert any("pruned" in each.what for each in found.wrong), found.wrong
