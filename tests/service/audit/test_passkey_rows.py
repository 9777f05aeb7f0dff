"""The rows of passkeys are held against their events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agpc.service.core import SYSTEM, Passkeys, TakeAway
from agpc.service.passkeys.ceremony import Site
from agpc.service.passkeys.statement import challenge

from ..core.asking import LEAD, judge, know, refund
from ..core.authenticator import ORIGIN, SITE, Authenticator
from ..core.desk import opened, policy
from ..core.enrolling import CODE, enrols, says, signs_in
from ..store.filled import run_in
from .stored import SIGNER, in_store, publish

CHANGES = {
    "nothing": None,
    "public_key": "UPDATE passkey SET public_key = 'AAAA' WHERE removed IS NULL",
    "count": "UPDATE passkey SET count = 1 WHERE removed IS NULL",
    "back": "UPDATE passkey SET removed = NULL",
    "away": "UPDATE passkey SET removed = 1 WHERE removed IS NULL",
    "gone": "DELETE FROM passkey WHERE removed IS NULL",
    "person": "UPDATE passkey SET person = 'user:eve' WHERE removed IS NULL",
    "folded": "UPDATE person SET folded = 'user:eve'",
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_row_is_told(store_url: str, what: str) -> None:
    passkeys = replace(Passkeys(Site(SITE, ORIGIN)), step_up=("mfa",))
    with opened(store_url, policy(), passkeys=passkeys, signer=SIGNER) as desk:
        know(desk, LEAD, "role:lead")
        key, other = Authenticator(), Authenticator(-8)
        enrols(desk, key)
        asked = refund(desk, desk.start()["task"]["id"])
        judge(desk, asked, signed=key.signs(challenge(says(desk, asked))))
        signs_in(desk, key)
        id = enrols(desk, other, code=CODE)["passkey"]
        desk.do(TakeAway(caller=SYSTEM, key="x", passkey=id, why="It was lost."))
        publish(desk)
    if (change := CHANGES[what]) is not None:
        run_in(store_url, change)
    found = in_store(store_url)
    assert (found.verdict, bool(found.wrong)) == (
        ("wrong", True) if change else ("proved", False)
    ), found.wrong
