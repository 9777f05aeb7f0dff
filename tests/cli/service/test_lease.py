"""`agpc lease`: what it asks, what it prints, and how it ends."""

from __future__ import annotations

import json

import pytest
from service.scripted import Says, problem, scripted

from ..conftest import Run

LEASE = {
    "lease": "l-7",
    "task": "t-1",
    "agent": "spiffe://acme.example/bot",
    "capabilities": ["finance.ledger.read", "finance.ledger.list"],
    "state": "active",
    "issued_at": "2026-11-24T10:00:00.000000007Z",
    "decided_at": "2026-11-24T10:00:00.000000007Z",
    "expires_at": "2026-11-24T10:15:00.000000007Z",
    "renewals_left": 2,
}
ENDED = {**LEASE, "state": "revoked", "ended_at": "2026-11-24T10:01:00Z", "cause": "task"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agpc.service.client.client.PAUSES", (0.0, 0.0))


def test_leases_are_listed(run: Run) -> None:
    with scripted(Says({"leases": [LEASE, ENDED], "next": "7"})) as (address, asked):
        found = run("lease", "list", "--task", "t-1", "--limit", "2", "--service", address)
    assert asked[0].path == "/v1/leases?task=t-1&limit=2"
    assert found.status == 0
    assert found.out.splitlines()[0] == (
        "l-7  active   2026-11-24T10:15:00Z  t-1  spiffe://acme.example/bot  finance.ledger.read finance.ledger.list"
    )
    assert found.err == "note: there may be more: --before 7\n"
    waiting = {**LEASE, "good": False}
    with scripted(Says({"leases": [waiting], "next": None})) as (address, _):
        found = run("lease", "list", "--service", address)
    assert found.out.startswith("l-7  active, and not good until it was looked at again  2026")
    with scripted(Says({"leases": [], "next": None})) as (address, _):
        assert run("lease", "list", "--service", address).err == "note: there are no leases\n"


@pytest.mark.parametrize(
    "lease, good, first, last",
    [
        (LEASE, True, "l-7  active", "  until    2026-11-24T10:15:00.000000007Z, renewals left: 2"),
        (LEASE, False, "l-7  active, and not good until it was looked at again", "  until"),
        (ENDED, False, "l-7  revoked", "  ended    2026-11-24T10:01:00Z: its task ended or drifted"),
        ({**ENDED, "cause": "x\u202ey"}, False, "l-7  revoked", "  ended    2026-11-24T10:01:00Z: x<U+202E>y"),
        ({**ENDED, "cause": []}, False, "l-7  revoked", "  ended    2026-11-24T10:01:00Z: []"),
    ],
)  # fmt: skip
def test_one_is_shown(run: Run, lease: object, good: bool, first: str, last: str) -> None:
    with scripted(Says({"lease": lease, "good": good})) as (address, asked):
        found = run("lease", "show", "l/7", "--service", address)
    assert asked[0].path == "/v1/leases/l%2F7"
    lines = found.out.splitlines()
    assert lines[0] == first and lines[-1].startswith(last)


def test_one_is_revoked(run: Run) -> None:
    with scripted(Says(ENDED)) as (address, asked):
        found = run(
            "lease", "revoke", "l-7", "--why", "Enough.", "--key", "k", "--service", address
        )
    assert asked[0].json == {"key": "k", "why": "Enough."}
    assert (found.status, found.out) == (0, "l-7 was revoked\n")


def test_a_refusal_is_told(run: Run) -> None:
    says = problem(409, "has_ended", "the lease is expired")
    with scripted(says) as (address, _):
        found = run("lease", "revoke", "l-7", "--service", address)
    assert found.status == 2 and "the lease is expired" in found.err


def test_what_is_no_answer_of_ours_breaks_nothing(run: Run) -> None:
    for answer in ({}, {"leases": 7}, {"lease": 7}, {"leases": [7, {"capabilities": 8}]}):
        with scripted(Says(answer), Says(answer)) as (address, _):
            assert run("lease", "list", "--service", address).status == 0
            assert run("lease", "show", "l-7", "--service", address).status == 0


def test_a_credential_is_printed_as_it_is(run: Run) -> None:
    given = {"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "B\u202e", "SessionToken": "C"}
    with scripted(Says({"lease": "l-7", "credential": given})) as (address, asked):
        found = run("lease", "credential", "l-7", "--broker", "aws", "--service", address)
    assert (asked[0].path, asked[0].json["broker"]) == ("/v1/leases/l-7/credential", "aws")
    assert found.status == 0 and json.loads(found.out) == given and found.out.isascii()


def test_no_credential_is_an_error(run: Run) -> None:
    for says in (Says({}), problem(409, "not_brokered", "there is no credential for this lease")):
        with scripted(says) as (address, _):
            found = run("lease", "credential", "l-7", "--broker", "aws", "--service", address)
        assert (found.status, found.out) == (2, "") and "credential" in found.err


def test_why_it_was_revoked_is_shown(run: Run) -> None:
    lease = {**ENDED, "cause": "asked", "why": "Enough.\u202e"}
    with scripted(Says({"lease": lease, "good": False})) as (address, _):
        found = run("lease", "show", "l-7", "--service", address)
    assert found.out.endswith(
        "  ended    2026-11-24T10:01:00Z: somebody asked for it\n  why      Enough.<U+202E>\n"
    )


def test_one_that_had_ended_is_no_failure(run: Run) -> None:
    with scripted(Says({**ENDED, "had_ended": True})) as (address, _):
        found = run("lease", "revoke", "l-7", "--service", address)
    assert (found.status, found.out) == (
        0,
        "l-7 had ended before: revoked at 2026-11-24T10:01:00Z\n",
    )
