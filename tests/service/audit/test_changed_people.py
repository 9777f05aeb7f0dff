"""Rows of people, questions, leases and sessions: whichever column decides, a change of it is told, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ..copied import copies
from ..core.desk import opened, policy
from ..core.lending import POLICY
from ..store.filled import run_in
from .lending import everything
from .stored import SIGNER, in_store


def fill(url: str, folder: Path) -> None:
    with opened(url, policy(POLICY), signer=SIGNER) as desk:
        everything(desk)
    before = in_store(url)
    assert (before.verdict, before.wrong) == ("proved", [])


copy, database = copies(fill, "sqlite"), copies(fill, "postgres")
ACTIVE, PENDING = "WHERE state = 'active'", "WHERE state = 'pending'"
CHANGES = {
    "question: state": "UPDATE request SET state = 'pending' WHERE state = 'refused'",
    "question: state approved": f"UPDATE request SET state = 'approved' {PENDING}",
    "question: state expired": f"UPDATE request SET state = 'expired' {PENDING}",
    "question: state pending": "UPDATE request SET state = 'pending' WHERE state = 'expired'",
    "question: expires": f"UPDATE request SET expires = expires + 1 {PENDING}",
    "question: digest": f"UPDATE request SET digest = 'hmac-sha256:0' {PENDING}",
    "question: asks": "UPDATE request SET asks = replace(asks, 'user:joe', 'user:eve')",
    "question: asked_for": f"UPDATE request SET asked_for = replace(asked_for, '3', '9') {PENDING}",
    "question: asked_for again": "UPDATE request SET asked_for = '{}' WHERE state = 'refused'",
    "question: call": f"UPDATE request SET call = 3 {PENDING}",
    "question: task": f"UPDATE request SET task = 't-x' {PENDING}",
    "question: agent": f"UPDATE request SET agent = 'spiffe://x/y' {PENDING}",
    "question: capability": f"UPDATE request SET capability = 'desk.shop.browse' {PENDING}",
    "question: policy": f"UPDATE request SET policy = 'sha256:0' {PENDING}",
    "question: message": "UPDATE request SET message = 'go on' WHERE state = 'refused'",
    "question` follows from no event": f"UPDATE request SET id = id || '0' {PENDING}",
    "of questions": f"DELETE FROM request {PENDING}",
    "verdict: used": "UPDATE verdict SET used = NULL WHERE used IS NOT NULL",
    "verdict: verdict": "UPDATE verdict SET verdict = 'approve' WHERE verdict = 'refuse'",
    "verdict: roles": "UPDATE verdict SET roles = '[\"role:boss\"]' WHERE verdict = 'approve'",
    "verdict: person": "UPDATE verdict SET person = 'user:eve'",
    "verdict: digest": "UPDATE verdict SET digest = 'hmac-sha256:0'",
    "verdict: request": "UPDATE verdict SET request = 'q-1'",
    "verdict: task": "UPDATE verdict SET task = 't-x'",
    "verdict: capability": "UPDATE verdict SET capability = 'desk.shop.browse'",
    "verdict: at": "UPDATE verdict SET at = at + 1",
    "verdict` follows from no event": (
        "INSERT INTO verdict SELECT 'v-0', request, digest, task, capability, person, roles, verdict, at, NULL, caller"
        " FROM verdict WHERE used IS NOT NULL AND capability = 'desk.shop.refund'"
    ),
    "of verdicts": "DELETE FROM verdict WHERE verdict = 'refuse'",
    "person: roles": "UPDATE person SET roles = '[\"role:lead\"]' WHERE id = 'user:bob'",
    "person: active": "UPDATE person SET active = NOT active WHERE id = 'user:ann'",
    "person: source": "UPDATE person SET source = 'me'",
    "person` follows from no event": "UPDATE person SET id = 'user:mallory' WHERE id = 'user:bob'",
    "of people": "DELETE FROM person WHERE id = 'user:ann'",
    "session: person": "UPDATE session SET person = 'user:mallory'",
    "session: methods": "UPDATE session SET methods = '[\"hwk\"]'",
    "session: at": "UPDATE session SET at = at + 1",
    "session: ends": "UPDATE session SET ends = ends + 1",
    "of sessions": "DELETE FROM session WHERE person = 'user:joe'",
    "lease: state": "UPDATE lease SET state = 'active' WHERE state = 'revoked'",
    "lease: state expired": f"UPDATE lease SET state = 'expired', asked_for = '{{}}' {ACTIVE}",
    "lease: expires": f"UPDATE lease SET expires = expires + 1 {ACTIVE}",
    "lease: renewed": "UPDATE lease SET renewed = 0 WHERE renewed = 2",
    "lease: renew": f"UPDATE lease SET renew = renew + 1 {ACTIVE}",
    "lease: policy": "UPDATE lease SET policy = (SELECT generation FROM head) WHERE policy = ''",
    "lease: policy again": "UPDATE lease SET policy = '' WHERE policy <> '' AND state = 'active'",
    "lease: proved": "UPDATE lease SET proved = NULL WHERE proved IS NOT NULL",
    "lease: capabilities": f"UPDATE lease SET capabilities = '[\"desk.shop.refund\"]' {ACTIVE}",
    "lease: agent": f"UPDATE lease SET agent = 'spiffe://x/y' {ACTIVE}",
    "lease: caller": f"UPDATE lease SET caller = 'eve' {ACTIVE}",
    "lease: task": f"UPDATE lease SET task = 't-x' {ACTIVE}",
    "lease: agreed": "UPDATE lease SET agreed = NOT agreed",
    "lease: chained": f"UPDATE lease SET chained = NOT chained {ACTIVE}",
    "lease: decided": f"UPDATE lease SET decided = decided - 1 {ACTIVE}",
    "lease: issued": f"UPDATE lease SET issued = issued - 1 {ACTIVE}",
    "lease: cause": "UPDATE lease SET cause = 'task' WHERE cause = 'asked'",
    "lease: end_seq": "UPDATE lease SET end_seq = 9999 WHERE end_seq IS NOT NULL",
    "lease: asked_for": f"UPDATE lease SET asked_for = replace(asked_for, 'confidence', 'sureness') {ACTIVE}",
    "lease: asked_for site": f"UPDATE lease SET asked_for = replace(asked_for, '0.96', '0.97') {ACTIVE}",
    "lease: asked_for more": f"UPDATE lease SET asked_for = replace(asked_for, 'grade', 'rank') {ACTIVE}",
    "lease` follows from no event": "UPDATE lease SET id = 'l-0' WHERE proved = 'thumb'",
    "of leases": "DELETE FROM lease WHERE proved = 'thumb'",
    "call: refused": "UPDATE call SET refused = NOT refused",
    "call: digest": "UPDATE call SET digest = 'hmac-sha256:0' WHERE effect = 'challenge'",
    "of keys": "DELETE FROM seen WHERE answer LIKE '%renewals_left%'",
    "of proofs": f"DELETE FROM proof WHERE id = '{'e' * 64}'",
    "proof: until": "UPDATE proof SET until = until - 1",
    "lease: person": f"UPDATE lease SET person = NULL {ACTIVE}",
    "lease: acts_for": f"UPDATE lease SET acts_for = '[\"spiffe://x/y\"]' {ACTIVE}",
    "person: out": "UPDATE person SET out = NULL",
    "key: answer": "UPDATE seen SET answer = replace(answer, 'approve', 'refuse')",
    "key: seq": "UPDATE seen SET seq = seq + 1 WHERE answer LIKE '%renewals_left%'",
    "told of events that are not there": "UPDATE receiver SET upto = 100000",
    "told of events that are not there too": "UPDATE notice SET upto = 100000",
    "question: state cancelled": "UPDATE request SET state = 'expired' WHERE state = 'cancelled'",
    "question: answered": "UPDATE request SET answered = NULL WHERE state = 'cancelled'",
    "person: until": "UPDATE person SET until = until + 1 WHERE source <> 'settings'",
    "person: until never": "UPDATE person SET until = NULL",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_row_is_told(copy: Callable[[], str], what: str) -> None:
    check_told(copy(), what)


@pytest.mark.parametrize("what", [*CHANGES][::6])  # what compares the rows is the same for both
def test_a_changed_row_of_a_database_is_told(database: Callable[[], str], what: str) -> None:
    check_told(database(), what)


def check_told(url: str, what: str) -> None:
    run_in(url, CHANGES[what])
    found = in_store(url)
    assert found.verdict == "wrong"
    name, _, column = what.partition(": ")
    told = [each.what for each in found.wrong]
    if column:
        assert any(
            f"of the {name} `" in each and f"another `{column.split()[0]}`" in each for each in told
        ), told
    else:
        assert any(name.rpartition("` ")[2].removesuffix(" too") in each for each in told), told
