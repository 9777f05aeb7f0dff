"""Steps of which histories draw few: the moment at which a call leaves a window, values that are equal, starts that never were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engines.kept import SECOND, Failed, Kept
from generators.histories import BOTS

from agpc.runtime.time_text import format_time
from agpc.service.facts import cells, lines

JOE = {"id": "user:joe"}


@pytest.fixture
def kept(fresh_url: Callable[[], str]) -> Iterator[Kept]:
    """A store with a task. At each call its facts are held against the record."""
    kept = Kept(fresh_url(), processes=2)
    kept.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOTS[0], user=JOE)
    yield kept
    kept.close()


def call(tool: str, name: str, task: str = "t1", **arguments: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOTS[0], "properties": {}},
        "action": {"name": name, "properties": arguments},
        "resource": {"type": f"p.{tool}", "id": "r1", "properties": {"grade": "low"}},
        "context": {
            "task": {"id": task, "intent": "p.work", "state": "active", "order": "o-7"},
            "user": JOE,
        },
    }


def told(kept: Kept, request: dict[str, Any]) -> dict[str, Any]:
    context = kept.ask(request)["context"]
    found = {**context.get("meters", {}), **context.get("sources", {})}
    return {key.partition("#")[0]: value for key, value in found.items()}


def test_a_call_leaves_a_window_when_it_is_as_old_as_that(kept: Kept) -> None:
    pay = call("pay", "send", amount=1)
    kept.call(pay, "permit")
    kept.commit()
    (seq, _, decided) = kept.calls[0]
    then = kept.time
    assert decided["context"]["time"] == format_time(then)
    kept.time = then + 20 * SECOND - 1
    assert told(kept, pay)["p.all_"]["before"] == 1
    kept.time = then + 20 * SECOND
    assert told(kept, pay)["p.all_"]["before"] == 0
    kept.call(pay, "permit")
    kept.commit(1)
    kept.outcome(seq, "withdrawn")  # which is no other one for it
    assert told(kept, pay)["p.all_"]["before"] == 1


def test_of_values_that_are_equal_the_first_is_told_as_it_was_written(kept: Kept) -> None:
    for wait in ("1m", "60s", "5s", "60s"):
        kept.call(call("pay", "send", amount=1, wait=wait), "permit")
        kept.commit(1)
    assert told(kept, call("pay", "send", amount=1))["p.longest"]["before"] == "1m"
    kept.outcome(kept.calls[0][0], "withdrawn")
    assert told(kept, call("pay", "send", amount=1))["p.longest"]["before"] == "60s"
    for seq, *_ in (kept.calls[1], kept.calls[3]):
        kept.outcome(seq, "withdrawn")
    assert told(kept, call("pay", "send", amount=1))["p.longest"]["before"] == "5s"
    kept.outcome(kept.calls[2][0], "withdrawn")
    assert told(kept, call("pay", "send", amount=1))["p.longest"]["before"] == {"none": True}


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_start_that_never_was_makes_no_field_one_that_a_person_agreed_to(
    kept: Kept, is_withdrawn: bool
) -> None:
    asked = {"task": "t1", "capability": "p.part.start", "resource": "t2", "args": {"order": "zz"}}
    start = call("part", "start", order="zz")
    start["resource"] = {"type": "p.part", "id": "t2", "properties": {}}
    approval = {"by": "user:joe", "roles": [], "at": format_time(kept.time), **asked}
    start["context"]["approvals"] = [approval]
    assert kept.call(start) == "permit"
    if is_withdrawn:
        kept.outcome(kept.calls[-1][0], "withdrawn")
    kept.commit(1)
    task = {"id": "t2", "intent": "p.part", "order": "zz"}
    kept.start(task, agent=BOTS[0], user=JOE, parent="t1")
    mail = call("mail", "send", task="t2", to=["zz"])
    mail["context"]["task"] = {**task, "state": "active"}
    assert ("to" in told(kept, mail)["p.people"]) is not is_withdrawn
    kept.call(mail)


def test_what_was_said_in_a_turn_that_failed_was_not_said(kept: Kept) -> None:
    mail = call("mail", "send", to=["joe@corp.com"])
    kept.call(mail)
    kept.commit()

    def lost(turn: Any) -> None:
        kept.process.facts.said(turn, kept.task(turn, mail), "write to joe@corp.com")  # type: ignore[arg-type]
        known, _ = kept.process.facts.known(
            turn, "p.mail.send", mail, kept.task(turn, mail), turn.tick()
        )
        assert any("to" in each for each in known["context"]["sources"].values())
        raise Failed

    with pytest.raises(Failed), kept.process.store.turn() as turn:
        lost(turn)
    kept.say("t1", "write to nobody")  # in its place
    kept.call(mail)
    assert "to" not in told(kept, mail)["p.people"]


def test_a_run_of_too_many_lines_has_no_sources(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 3)
    mail = call("mail", "send", to=["joe@corp.com"])
    for _ in range(2):
        assert "to" not in told(kept, mail)["p.people"]
        kept.say("t1", "write on")
    kept.may_lack = {each.key for each in kept.declared.sources}
    kept.say("t1", "write to joe@corp.com")
    assert "p.people" not in told(kept, mail)
    assert "p.calls" in told(kept, mail)


def test_too_many_calls_that_may_have_any_key_make_a_meter_unknown(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "MOST_OF_ANY", 2)
    see = call("pay", "see", order="o-7")
    kept.call(see, "permit")
    kept.may_lack = {each.key for each in kept.declared.meters}
    for _ in range(3):
        kept.call(call("pay", "see", order=7), "permit")
        kept.commit()
        kept.time += 12 * SECOND
    assert "p.orders" not in told(kept, see)
    kept.time += 12 * SECOND  # the first two have left the window of 30s, the third has not
    assert "p.orders" not in told(kept, see)
    kept.time += 12 * SECOND
    assert told(kept, see)["p.orders"] == {"before": 0, "with": 1}
    assert "p.crossed" not in told(kept, see)  # which has none
