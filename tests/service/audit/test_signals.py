"""A trail in which a signal ended something else than it is about, or less, is found out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from agpc.service.core import Caller, Decide, Heed, Issue, Signal, SignIn, Subject
from agpc.service.core.operations.callers import SYSTEM

from ..core.desk import DESK, HELPER, call, opened, policy
from ..core.lending import POLICY
from .rewriting import Told, written

REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
THEM = Caller("transmitter:id", ("signal",), (HELPER,))
STEP_UP = POLICY.replace('approval per task by "role:lead"', 'step_up "mfa" within 15m')


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What is recorded of a person who has signed in, and of a signal about them that ends two of three leases."""
    folder = tmp_path_factory.mktemp("signals")
    now = int(time.time())
    with opened(f"sqlite:///{folder}/agpc.db", policy(STEP_UP)) as desk:

        def sign_in(key: str) -> None:
            told: Any = {"person": "user:joe", "roles": (), "source": "https://id.example"}
            more: Any = {"methods": ("mfa",), "at": now, "ends": now + 3600}
            desk.do(SignIn(caller=SYSTEM, key=key, **told, **more))

        def issue(task: str) -> None:
            desk.do(Issue(caller=DESK, key=desk.key(), task=task, capabilities=("desk.shop.peek",)))

        def close(task: str) -> str:
            request = call(task, "shop", "close")
            request["context"]["confidence"] = 0.9
            found = desk.do(Decide(caller=DESK, key=desk.key(), request=request))
            effect: str = found["context"]["effect"]
            return effect

        task = desk.start()["task"]["id"]
        sign_in("one")
        issue(task)
        issue(task)
        assert close(task) == "permit"
        subject = Subject(people=("user:joe",))
        signals = (Signal(REVOKED, True, ("leases", "sessions", "person"), subject),)
        desk.do(
            Heed(
                caller=THEM, key="set-1", jti="e-1", set=f"sha256:{'0' * 64}", issued=now,
                signals=signals,
            )
        )  # fmt: skip
        assert close(task) == "challenge"
        issue(task)
        with desk.core.view() as view:
            return list(view.events(0, view.head.seq)), view.generations()


def one(told: Told, kind: str, number: int = 0) -> dict[str, Any]:
    return [each for each in told if each["kind"] == kind][number]


def test_as_it_was_it_is_proved(recorded: Any) -> None:
    found = written(recorded, lambda told: None)
    assert (found.verdict, found.wrong) == ("proved", [])


def _of_signal(change: Callable[[dict[str, Any]], None]) -> Callable[[Told], None]:
    return lambda told: change(one(told, "signal"))


def _use_the_session_again(told: Told) -> None:
    """A call after the signal rests on what was shown before it."""
    calls = [each for each in told if each["kind"] == "call"]
    permit, asked = calls[-2], calls[-1]
    asked["effect"] = "permit"
    asked["answer"] = {**permit["answer"], "call": asked["id"]}
    asked["request"]["context"]["step_up"] = json.loads(
        json.dumps(permit["request"]["context"]["step_up"])
    )


CHANGED: dict[str, tuple[Callable[[Told], None], str]] = {
    "a lease lives on": (
        lambda told: told.remove(one(told, "revoked", 1)), "did not end by the signal"
    ),
    "none ends": (
        lambda told: [told.remove(each) for each in list(told) if each["kind"] == "revoked"] and None,
        "did not end by the signal",
    ),
    "another lease ends": (
        lambda told: one(told, "revoked").update(lease="l-999"), "is not in the trail"
    ),
    "about nobody": (
        _of_signal(lambda each: each["events"][0].pop("people")), "is not about it"
    ),
    "it ends nothing": (
        _of_signal(lambda each: each["events"][0].update(effects=[])), "is not about it"
    ),
    "by no signal": (
        lambda told: one(told, "revoked").pop("signal"), "the signal by which the lease ended"
    ),
    "by another one": (
        lambda told: one(told, "revoked").update(signal=1), "the signal by which the lease ended"
    ),
    "not understood": (
        _of_signal(lambda each: each["events"][0].update(understood=False)), "was not understood"
    ),
    "somebody else's": (_of_signal(lambda each: each.update(caller="desk")), "whose it is"),
    "without a digest": (_of_signal(lambda each: each.update(set="x")), "whose it is"),
    "an effect that is none": (
        _of_signal(lambda each: each["events"][0].update(effects=["x"])), "whose it is"
    ),
    "otherwise, and by a signal": (
        lambda told: one(told, "revoked").update(cause="asked"), "names a signal"
    ),
    "a session goes on": (_use_the_session_again, "a session that a signal, or the removal of a passkey, had ended"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(CHANGED))
def test_what_is_changed_is_found(recorded: Any, what: str) -> None:
    change, why = CHANGED[what]
    found = written(recorded, change)
    assert found.verdict == "wrong", found
    assert any(why in str(each) for each in found.wrong), found.wrong
