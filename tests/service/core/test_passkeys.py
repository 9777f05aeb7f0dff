"""Who has a passkey signs what they say with it: exactly that, here, once; and the trail shows it to whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.audit.people.cose import NoKey, PublicKey
from agpc.audit.people.passkeys import bytes_of as audit_bytes_of
from agpc.audit.people.passkeys import why_not_signed
from agpc.audit.reading.events import Event
from agpc.service.base64url import encoded
from agpc.service.core import (
    SYSTEM,
    Passkeys,
    Problem,
    Prune,
    TakeAway,
    as_person,
)
from agpc.service.core.people.sessions import shown_by
from agpc.service.passkeys import statement
from agpc.service.passkeys.ceremony import Site
from agpc.service.passkeys.statement import challenge, of_enrolment, of_sign_in

from .asking import CLERK, LEAD, bodies, effect, in_session, judge, know, refund
from .authenticator import ORIGIN, SITE, Authenticator
from .checking import checked, of_kind, wrong
from .desk import Desk, opened, policy
from .enrolling import CODE, enrols, says, signs_in

OF_SITE = Passkeys(Site(SITE, ORIGIN))


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    with a_desk(store_url) as desk:
        yield desk


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Desk]:
    with a_desk(sqlite_url) as desk:
        yield desk


def a_desk(url: str, passkeys: Passkeys | None = OF_SITE) -> Any:
    return known(opened(url, policy(), passkeys=passkeys))


class known:
    """A desk with the people, as a context."""

    def __init__(self, desk: Any) -> None:
        self._desk = desk

    def __enter__(self) -> Desk:
        desk: Desk = self._desk.__enter__()
        know(desk, LEAD, "role:lead")
        know(desk, CLERK, "role:lead")
        return desk

    def __exit__(self, *error: object) -> None:
        self._desk.__exit__(*error)


def refused(code: str, work: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as found:
        work()
    assert found.value.code == code, found.value.message
    return found.value


# --- Approving ------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [-7, -8, -257])
def test_what_is_signed_counts_and_is_proved(desk: Desk, algorithm: int) -> None:
    key = Authenticator(algorithm)
    enrols(desk, key)
    task = desk.start()["task"]["id"]
    asked = refund(desk, task)
    refused("passkey_needed", lambda: judge(desk, asked))
    judge(desk, asked, signed=key.signs(challenge(says(desk, asked))))
    assert effect(refund(desk, task)) == "permit"
    other = refund(desk, task, amount=6)
    message = "Not this one: zu früh."
    said = says(desk, other, verdict="refuse", message=message)
    signed = key.signs(challenge(said))
    judge(desk, other, verdict="refuse", message=message, signed=signed)
    found = checked(desk)
    assert (wrong(found), found.proved["passkeys"]) == ([], 2)
    assert (found.proved["verdicts"], found.proved["verdicts_signed"], found.proved["uses"]) == (
        2,
        2,
        1,
    )
    with desk.core.view() as view:
        (row,) = view.passkeys(LEAD)
    assert row.count == key.count == 3


@pytest.mark.parametrize(
    "other",
    [
        *({"verdict": "refuse"}, {"message": "x"}, {"by": CLERK}, {"task": "t-other"}, {"call": "c-1"}),
        *({"digest": "sha256:" + "0" * 64}, {"policy": "sha256:" + "0" * 64}, {"request": "q-1"}),
    ],
)  # fmt: skip
def test_another_statement_is_no_approval(here: Desk, other: dict[str, Any]) -> None:
    key = Authenticator()
    enrols(here, key)
    asked = refund(here, here.start()["task"]["id"])
    signed = key.signs(challenge({**says(here, asked), **other}))
    if "message" in other:
        signed = key.signs(challenge(says(here, asked, message="x")))
    refused("not_signed", lambda: judge(here, asked, signed=signed))
    assert bodies(here, "verdict") == []


@pytest.mark.parametrize(
    "how",
    [
        *({"flags": 0x01}, {"flags": 0x04}, {"site": "evil.example"}, {"origin": "https://evil.example"}),
        *({"origin": "https://agpc.example:444"}, {"crossOrigin": True}, {"topOrigin": ORIGIN}),
        {"type": "webauthn.create"},
    ],
)  # fmt: skip
def test_what_is_signed_elsewhere_or_by_nobody_is_none(here: Desk, how: dict[str, Any]) -> None:
    key = Authenticator()
    enrols(here, key)
    asked = refund(here, here.start()["task"]["id"])
    signed = key.signs(challenge(says(here, asked)), **how)
    refused("not_signed", lambda: judge(here, asked, signed=signed))


def test_only_ones_own_passkey_signs(here: Desk) -> None:
    own, other, unknown = Authenticator(), Authenticator(), Authenticator()
    enrols(here, own)
    enrols(here, other, CLERK)
    asked = refund(here, here.start()["task"]["id"])
    said = challenge(says(here, asked))
    for each in (other, unknown):
        refused("not_signed", lambda each=each: judge(here, asked, signed=each.signs(said)))  # type: ignore[misc]
    forged = {**own.signs(said), "signature": other.signs(said)["signature"]}
    refused("not_signed", lambda: judge(here, asked, signed=forged))
    # Somebody else has signed in, and shows what this one has signed.
    refused("not_signed", lambda: judge(here, asked, CLERK, signed=own.signs(said)))


def test_what_was_signed_counts_once(here: Desk) -> None:
    key = Authenticator(counts=False)
    enrols(here, key)
    task = here.start()["task"]["id"]
    asked = refund(here, task)
    signed = key.signs(challenge(says(here, asked)))
    judge(here, asked, signed=signed)
    refused("not_asked", lambda: judge(here, asked, signed=signed))
    assert effect(refund(here, task)) == "permit"
    again = refund(here, task)
    assert effect(again) == "challenge"
    refused("not_signed", lambda: judge(here, again, signed=signed))
    assert wrong(checked(here)) == []


def test_one_that_counts_has_to_count_further(here: Desk) -> None:
    key = Authenticator()
    enrols(here, key)
    task = here.start()["task"]["id"]
    asked, other = refund(here, task), refund(here, task, amount=6)
    early = key.signs(challenge(says(here, other)))
    judge(here, asked, signed=key.signs(challenge(says(here, asked))))
    refused("not_signed", lambda: judge(here, other, signed=early))


@pytest.mark.parametrize("given", [{}, {"credential": "AA"}, [], "x", {"a": 1}])
def test_what_is_no_signature_is_refused(here: Desk, given: Any) -> None:
    enrols(here, Authenticator())
    asked = refund(here, here.start()["task"]["id"])
    refused("malformed", lambda: judge(here, asked, signed=given))


def test_nobody_approves_without_one_where_all_need_one(sqlite_url: str) -> None:
    with a_desk(sqlite_url, replace(OF_SITE, required=True)) as desk:
        asked = refund(desk, desk.start()["task"]["id"])
        refused("passkey_needed", lambda: judge(desk, asked))
        refused("passkey_needed", lambda: judge(desk, asked, verdict="refuse"))
        key = Authenticator()
        refused("code_needed", lambda: enrols(desk, key))
        enrols(desk, key, code=CODE)
        judge(desk, asked, signed=key.signs(challenge(says(desk, asked))))


def test_turned_off_they_are_needed_still(sqlite_url: str) -> None:
    key = Authenticator()
    with a_desk(sqlite_url) as desk:
        enrols(desk, key)
    with opened(sqlite_url, policy()) as desk:
        desk._keys = 1000
        asked = refund(desk, desk.start()["task"]["id"])
        refused("passkey_needed", lambda: judge(desk, asked))


# --- Enrolling ------------------------------------------------------------------------------------


def test_another_one_takes_a_code_that_counts_once(desk: Desk) -> None:
    first, second, third = Authenticator(), Authenticator(), Authenticator()
    enrols(desk, first)
    refused("code_needed", lambda: enrols(desk, second))
    enrols(desk, second, code=CODE)
    refused("code_used", lambda: enrols(desk, third, code=CODE))
    refused("code_used", lambda: enrols(desk, third, CLERK, code=CODE))
    refused("known_passkey", lambda: enrols(desk, second, CLERK))
    asked = refund(desk, desk.start()["task"]["id"])
    judge(desk, asked, signed=second.signs(challenge(says(desk, asked))))
    assert [each["passkey"] for each in bodies(desk, "passkey")] == sorted(
        each.id for each in passkeys(desk)
    )
    assert wrong(checked(desk)) == []


def passkeys(desk: Desk) -> list[Any]:
    with desk.core.view() as view:
        return view.passkeys()


@pytest.mark.parametrize(
    "how",
    [
        *({"flags": 0x41}, {"flags": 0x44}, {"site": "evil.example"}, {"origin": "http://agpc.example"}),
        *({"type": "webauthn.get"}, {"crossOrigin": True}, {"nonce": "n", "said": of_enrolment(LEAD, "m")}),
        {"nonce": "n", "said": of_enrolment(CLERK, "n")},
    ],
)  # fmt: skip
def test_what_was_not_made_for_this_is_not_enrolled(here: Desk, how: dict[str, Any]) -> None:
    refused("malformed", lambda: enrols(here, Authenticator(), **how))
    assert bodies(here, "passkey") == []


def test_a_small_key_is_not_enrolled(here: Desk) -> None:
    refused("malformed", lambda: enrols(here, Authenticator(-257, bits=1024)))


def test_nobody_is_enrolled_who_is_not_there(here: Desk) -> None:
    refused("forbidden", lambda: enrols(here, Authenticator(), "user:eve"))
    know(here, LEAD, active=False)
    refused("forbidden", lambda: enrols(here, Authenticator()))


def test_one_that_was_taken_away_signs_nothing(here: Desk) -> None:
    key = Authenticator()
    id = enrols(here, key)["passkey"]
    asked = refund(here, here.start()["task"]["id"])
    here.do(TakeAway(caller=SYSTEM, key=here.key(), passkey=id, why="It was lost."))
    signed = key.signs(challenge(says(here, asked)))
    refused("not_signed", lambda: judge(here, asked, signed=signed))
    refused("forbidden", lambda: signs_in(here, key))
    refused("removed", lambda: here.do(TakeAway(caller=SYSTEM, key="x", passkey=id, why="y")))
    judge(here, asked)
    assert wrong(checked(here)) == []


def test_public_keys_stay_when_bodies_go(here: Desk) -> None:
    key = Authenticator()
    enrols(here, key)
    task = here.start()["task"]["id"]
    asked = refund(here, task)
    judge(here, asked, signed=key.signs(challenge(says(here, asked))))
    with here.core.view() as view:
        now = view.now
    here.do(Prune(caller=SYSTEM, key="prune", before=now))
    assert len([each for each in bodies(here, "passkey") if each]) == 1
    found = checked(here)
    assert wrong(found) == [] and found.undetermined["pruned"]


# --- Signing in -----------------------------------------------------------------------------------


def test_somebody_signs_in(sqlite_url: str) -> None:
    with a_desk(sqlite_url, replace(OF_SITE, step_up=("mfa",))) as desk:
        key = Authenticator()
        enrols(desk, key)
        answer = signs_in(desk, key)
        assert answer["person"] == LEAD
        (begun,) = bodies(desk, "session")
        assert (begun["source"], begun["methods"], begun["person"]) == ("passkey", ["mfa"], LEAD)
        refused("not_signed", lambda: signs_in(desk, key, "n-2", flags=0x01))
        refused(
            "not_signed", lambda: signs_in(desk, key, signed=key.signs(challenge(of_sign_in("n"))))
        )
        found = checked(desk)
        assert (wrong(found), found.proved["passkeys"]) == ([], 1)
        assert wrong(checked(desk, of_kind("session", passkey_nonce="n-3")))
        assert wrong(checked(desk, of_kind("session", source="settings")))
        assert wrong(checked(desk, of_kind("session", person=CLERK)))


def test_who_comes_by_a_provider_signs_in_there(here: Desk) -> None:
    from agpc.service.core import Know

    here.do(Know(caller=SYSTEM, key="x", person="user:eve", roles=(), source="https://id.example"))
    key = Authenticator()
    enrols(here, key, "user:eve")
    refused("forbidden", lambda: signs_in(here, key))


# --- What the verifier finds ----------------------------------------------------------------------


@pytest.fixture
def approved(here: Desk) -> Desk:
    key = Authenticator()
    enrols(here, key)
    task = here.start()["task"]["id"]
    asked = refund(here, task)
    said = says(here, asked, message="Go on.")
    judge(here, asked, message="Go on.", signed=key.signs(challenge(said)))
    refund(here, task)
    assert wrong(checked(here)) == []
    return here


@pytest.mark.parametrize(
    "change",
    [
        {"message": "Go on!"}, {"verdict": "refuse"}, {"by": CLERK, "caller": f"person:{CLERK}"},
        {"passkey": None}, {"passkey": {}}, {"passkey": []}, {"passkey_id": "k-9"}, {"passkey_signature": "AAAA"},
        {"passkey_expires": "2030-01-01T00:00:00Z"}, {"passkey_expires": 1}, {"passkey_client_data": "e30"},
        {"passkey_authenticator_data": "AAAA"}, {"passkey_client_data": None}, {"capability": "desk.mail.send"},
    ],
)  # fmt: skip
def test_a_verdict_that_was_changed_is_found(approved: Desk, change: dict[str, Any]) -> None:
    if change.get("passkey", 0) is None:

        def change_it(event: Event) -> Event:
            if event.kind == "verdict" and event.body is not None:
                body = {name: each for name, each in event.body.items() if name != "passkey"}
                return replace(event, body=body)
            return event

        assert wrong(checked(approved, change_it)) == [
            "the person has a passkey, and has not signed the verdict"
        ]
        return
    assert wrong(checked(approved, of_kind("verdict", **change)))


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": encoded(Authenticator().public())}, {"public_key": "AAAA"}, {"origin": "https://evil.example"},
        {"site": "evil.example"}, {"person": CLERK}, {"count": 99}, {"count": -1}, {"passkey": "k-1"},
    ],
)  # fmt: skip
def test_an_enrolment_that_was_changed_is_found(approved: Desk, change: dict[str, Any]) -> None:
    def change_it(event: Event) -> Event:
        if event.kind != "passkey" or event.body is None:
            return event
        return replace(event, body={**event.body, **change})

    assert wrong(checked(approved, change_it))


def test_an_enrolment_that_is_left_out_is_found(approved: Desk) -> None:
    found = checked(approved, lambda each: None if each.kind == "passkey" else each)
    assert "the passkey that it is about is not in the trail before it" in wrong(found)


def test_an_enrolment_that_cannot_be_read_proves_nothing(approved: Desk) -> None:
    found = checked(
        approved, lambda each: replace(each, body=None) if each.kind == "passkey" else each
    )
    assert wrong(found) == [] and found.proved["passkeys"] == 0
    assert found.verdict == "undetermined" and found.undetermined["unfollowed"]


KEYS = {each: Authenticator(each, counts=False) for each in (-7, -8, -257)}
SAID = challenge({"v": 1})
SIGNED = {each: key.signs(SAID) for each, key in KEYS.items()}


@settings(max_examples=150)
@given(st.sampled_from(sorted(KEYS)), st.sampled_from(sorted(SIGNED[-7])), st.data())
def test_no_byte_of_a_signature_may_be_another(
    algorithm: int, name: str, data: st.DataObject
) -> None:
    passkey = {
        "site": SITE, "origin": ORIGIN, "public_key": encoded(KEYS[algorithm].public()),
    }  # fmt: skip
    assert why_not_signed(passkey, SIGNED[algorithm], SAID) == (None, 0)
    if name == "credential":
        return
    old = audit_bytes_of(SIGNED[algorithm][name])
    assert old is not None
    at = data.draw(st.integers(0, len(old) * 8 - 1))
    new = bytearray(old)
    new[at // 8] ^= 1 << at % 8
    changed = {**SIGNED[algorithm], name: encoded(bytes(new))}
    assert why_not_signed(passkey, changed, SAID)[0] is not None
    assert why_not_signed(passkey, SIGNED[algorithm], SAID[::-1])[0] is not None


@settings(max_examples=150)
@given(st.sampled_from(sorted(KEYS)), st.data())
def test_a_key_that_was_changed_has_signed_nothing(algorithm: int, data: st.DataObject) -> None:
    new = bytearray(KEYS[algorithm].public())
    at = data.draw(st.integers(0, len(new) * 8 - 1))
    new[at // 8] ^= 1 << at % 8
    try:
        PublicKey.read(bytes(new))
    except NoKey:
        return
    passkey = {"site": SITE, "origin": ORIGIN, "public_key": encoded(bytes(new))}
    assert why_not_signed(passkey, SIGNED[algorithm], SAID)[0] is not None


@given(st.binary(max_size=300))
def test_whatever_stands_there_is_read_or_refused(data: bytes) -> None:
    try:
        PublicKey.read(data)
    except NoKey as error:
        assert str(error)


@given(st.binary(max_size=60))
def test_both_write_bytes_alike(data: bytes) -> None:
    text = encoded(data)
    if data:
        assert audit_bytes_of(text) == statement.bytes_of(text, 60) == data


def test_who_speaks_is_not_taken_for_another(here: Desk) -> None:
    """Of one whose passkey another person shows, what is recorded is by the one who signed."""
    key = Authenticator()
    enrols(here, key)
    asked = refund(here, here.start()["task"]["id"])
    signed = key.signs(challenge(says(here, asked, CLERK)))
    refused("not_signed", lambda: judge(here, asked, CLERK, signed=signed))
    assert as_person(CLERK).person == CLERK


def test_with_one_that_is_taken_away_the_sessions_end(store_url: str) -> None:
    passkeys = replace(OF_SITE, step_up=("mfa",))
    with a_desk(store_url, passkeys) as desk:
        key = Authenticator()
        made = enrols(desk, key)
        asked = refund(desk, desk.start()["task"]["id"])
        session = signs_in(desk, key)["session"]
        desk.do(TakeAway(caller=SYSTEM, key="x", passkey=made["passkey"], why="It was stolen."))
        with desk.core.view() as view:
            assert shown_by(view.reading, LEAD, view.now) == []
        refused("forbidden", lambda: judge(desk, asked, session=session))
        thiefs = Authenticator()
        refused("forbidden", lambda: enrols(desk, thiefs, session=session))
        judge(desk, asked, session=in_session(desk, LEAD))  # a later one
        assert wrong(checked(desk)) == []
