"""What a monitor does not know is unknown: what was before it, what it no longer holds, what it cannot read."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from generators.histories import BOTS, Whole, policy_of_histories

from agpc.monitor import BrokenRecord, Limits, Monitor, MonitorError
from agpc.targets.python import evaluator

SECOND = 10**9
START = 1_795_000_000 * SECOND
ENGINE = evaluator(policy_of_histories())


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> int:
        return self.time


def call(
    name: str = "send",
    task: str = "t1",
    tool: str = "pay",
    agent: str = BOTS[0],
    **arguments: Any,
) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": agent},
        "action": {"name": name, "properties": arguments},
        "resource": {"type": f"p.{tool}", "id": "r1", "properties": {"grade": "low"}},
        "context": {
            "task": {"id": task, "intent": "p.work", "state": "active", "order": "o-7"},
            "user": {"id": "user:joe"},
        },
    }


def pay() -> dict[str, Any]:
    return call(amount=1)


def mail(to: str) -> dict[str, Any]:
    return call("send", tool="mail", to=[to])


def meters(monitor: Monitor, request: Any) -> dict[str, Any]:
    found = monitor.facts(request)["context"].get("meters", {})
    return {key.partition("#")[0]: value for key, value in found.items()}


def is_from(monitor: Monitor, to: str) -> bool | None:
    """Whether a recipient comes from what is vouched for; None if that is unknown."""
    found = monitor.facts(mail(to))["context"].get("sources", {})
    listed = {key.partition("#")[0]: value for key, value in found.items()}.get("p.people")
    return None if listed is None else "to" in listed


def watch(**settings: Any) -> tuple[Monitor, Clock]:
    clock = Clock()
    monitor = Monitor(ENGINE, **{"record": (), "clock": clock, **settings})
    monitor.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOTS[0])
    return monitor, clock


def test_what_was_before_is_unknown_until_the_window_has_passed_it() -> None:
    clock = Clock()
    monitor = Monitor(ENGINE, clock=clock)
    monitor.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOTS[0])
    assert meters(monitor, pay())["p.calls"] == {"before": 0, "with": 1}  # it began here
    assert "p.all_" not in meters(monitor, pay())
    assert monitor.decide(pay()).decision.effect == "deny"
    clock.time += 20 * SECOND
    assert meters(monitor, pay())["p.all_"] == {"before": 0, "with": 1}
    assert "p.calls" not in meters(monitor, call(amount=1, task="t0"))  # nobody started it here


def test_it_begins_where_a_record_ends() -> None:
    lines: list[Any] = []
    monitor, clock = watch(journal=lines.append)
    monitor.said("t1", "write to joe@corp.com")
    paid = monitor.decide(pay())
    assert paid.decision.effect == "permit"
    assert paid.call is not None
    monitor.done(paid.call)
    clock.time += SECOND
    again = Monitor(ENGINE, record=lines, clock=clock)
    assert meters(again, pay()) == meters(monitor, pay()) != {}
    assert is_from(again, "joe@corp.com") is True
    with pytest.raises(MonitorError, match="told before"):
        again.done(paid.call)
    with pytest.raises(BrokenRecord, match="line 2 of the record is broken: it has no `task`"):
        Monitor(ENGINE, record=[lines[0], {"time": lines[0]["time"], "event": "said", "text": ""}])


def deep() -> Any:
    found: Any = []
    for _ in range(70):
        found = [found]
    return found


@pytest.mark.parametrize(
    "result", [float("nan"), {1: 2}, object(), deep()], ids=["nan", "key", "object", "deep"]
)
def test_a_result_that_does_not_read_back_makes_the_sources_of_its_run_unknown(result: Any) -> None:
    lines: list[Any] = []
    monitor, _ = watch(journal=lines.append)
    monitor.said("t1", "write to joe@corp.com")
    assert is_from(monitor, "joe@corp.com") is True
    answer = monitor.decide(call("see", order="o-7"))
    assert answer.call is not None
    monitor.done(answer.call, result)
    assert is_from(monitor, "joe@corp.com") is None
    assert lines[-1]["unreadable"] is True
    assert meters(monitor, pay())["p.calls"] == {"before": 0, "with": 1}


def test_texts_over_the_bound_make_sources_unknown() -> None:
    for limits in (
        Limits(text=30),
        Limits(run_characters=150),
        Limits(run_values=1),
    ):
        monitor, _ = watch(limits=limits)
        monitor.said("t1", "write to joe@corp.com")
        answer = monitor.decide(call("see", order="o-7"))
        assert is_from(monitor, "joe@corp.com") is True
        assert answer.call is not None
        monitor.done(answer.call, {"total": 7, "customer": "x@y.example", "tags": []})
        monitor.said("t1", "and this is more than thirty characters")
        assert is_from(monitor, "joe@corp.com") is None
        assert monitor.decide(mail("joe@corp.com")).decision.effect == "deny"


def test_a_call_that_is_forgotten_makes_its_meters_unknown() -> None:
    monitor, clock = watch(limits=Limits(calls=2))
    for _ in range(2):
        clock.time += SECOND
        first = monitor.decide(pay())
    assert meters(monitor, pay())["p.calls"]["before"] == 2
    clock.time += SECOND
    monitor.decide(pay())
    found = meters(monitor, pay())
    assert "p.calls" not in found
    assert "p.all_" not in found
    assert monitor.decide(pay()).decision.effect == "deny"
    clock.time += 20 * SECOND  # the window is past it, and the run is not
    assert "p.all_" in meters(monitor, pay())
    assert "p.calls" not in meters(monitor, pay())
    for _ in range(3):
        monitor.decide(pay())
    assert first.call is not None
    with pytest.raises(MonitorError, match="forgotten"):
        monitor.done(first.call)


def test_a_run_that_is_forgotten_is_unknown_and_so_is_one_that_nobody_started() -> None:
    monitor, _ = watch(limits=Limits(runs=1))
    assert "p.calls" in meters(monitor, call(amount=1, task="t7"))
    monitor.decide(pay())
    monitor.start({"id": "t2", "intent": "p.work", "order": "o-7"}, agent=BOTS[0])
    for task in ("t1", "t7"):
        assert "p.calls" not in meters(monitor, call(amount=1, task=task))
    assert meters(monitor, call(amount=1, task="t2"))["p.calls"] == {"before": 0, "with": 1}


def test_many_characters_forget_the_runs_that_were_used_the_longest_time_ago() -> None:
    monitor, _ = watch(limits=Limits(characters=400))
    monitor.start({"id": "t2", "intent": "p.work", "order": "o-7"}, agent=BOTS[0])
    for number in range(3):
        monitor.said("t1", f"{number}: write to joe@corp.com")
    assert is_from(monitor, "joe@corp.com") is True
    for number in range(3):
        monitor.said("t2", f"{number}: write to somebody else")
    assert is_from(monitor, "joe@corp.com") is None


def test_keys_that_are_forgotten_are_unknown() -> None:
    monitor, _ = watch(limits=Limits(keys=1))
    other = call(amount=1, task="t2", agent=BOTS[1])
    monitor.start({"id": "t2", "intent": "p.work", "order": "o-7"}, agent=BOTS[1])
    assert meters(monitor, pay())["p.calls"]["before"] == 0
    monitor.decide(pay())
    monitor.decide(other)  # which takes the one place
    assert meters(monitor, other)["p.calls"]["before"] == 1
    assert "p.calls" not in meters(monitor, pay())


def test_too_many_tasks_in_a_run_are_a_run_that_is_unknown() -> None:
    monitor, _ = watch(limits=Limits(tasks=1))
    monitor.start({"id": "t2", "intent": "p.work"}, agent=BOTS[0], parent="t1")
    assert "p.calls" not in meters(monitor, call(amount=1, task="t2"))


def test_a_clock_that_went_back_makes_what_is_later_unknown() -> None:
    monitor, clock = watch()
    monitor.said("t1", "write to joe@corp.com")
    monitor.decide(pay())
    clock.time -= SECOND // 2  # a little does not matter: the order of things stays
    assert meters(monitor, pay())["p.calls"]["before"] == 1
    clock.time -= 10 * SECOND
    assert "p.calls" not in meters(monitor, pay())
    assert is_from(monitor, "joe@corp.com") is None
    assert monitor.decide(pay()).decision.effect == "deny"


def test_a_window_that_has_moved_on_is_unknown_where_the_clock_goes_back() -> None:
    monitor, clock = watch()
    add = call("add", tool="book")
    monitor.decide(pay())
    clock.time += 60 * SECOND
    assert meters(monitor, add)["p.recent"]["before"] == 0
    clock.time -= 55 * SECOND
    assert "p.recent" not in meters(monitor, add)  # the call is in the window again


@pytest.mark.parametrize("outcome", ["done", "failed", "withdrawn", "refused"])
def test_a_record_stays_in_order_where_the_clock_goes_back(outcome: str) -> None:
    lines: list[Any] = []
    monitor, clock = watch(journal=lines.append)
    first = monitor.decide(pay()).call
    clock.time -= 10 * SECOND
    monitor.start({"id": "t2", "intent": "p.work"}, agent=BOTS[0], parent="t1")
    monitor.said("t1", "write to joe@corp.com")
    told = {"by": "user:ann"} if outcome == "refused" else {}
    getattr(monitor, outcome)(first, **told)
    monitor.decide(pay())
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    assert lines[-1]["request"]["context"]["time"] < times[0]
    Monitor(ENGINE, record=lines)
    assert "p.calls" not in meters(monitor, pay())
    clock.time += 60 * SECOND
    assert meters(monitor, pay())["p.calls"]["before"] == (0 if outcome == "withdrawn" else 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda r: r["context"]["task"].update(id=7), "`id`"),
        (lambda r: r["subject"].update(id=BOTS[1]), "another agent's"),
        (lambda r: r["action"]["properties"].update(n={1: 2}), "JSON"),
    ],
    ids=["task", "agent", "json"],
)
def test_what_is_refused_before_a_decision_leaves_no_record(change: Any, reason: str) -> None:
    lines: list[Any] = []
    monitor, _ = watch(journal=lines.append)
    request = pay()
    change(request)
    answer = monitor.decide(request)
    assert answer.decision.effect == "deny"
    assert reason in answer.decision.reasons[0]
    assert answer.call is None
    assert [each["event"] for each in lines] == ["task"]


@pytest.mark.parametrize("request_", [None, [], {}, {"subject": 7}, "x"])
def test_what_is_no_request_is_denied(request_: Any) -> None:
    monitor, _ = watch()
    assert monitor.decide(request_).decision.effect == "deny"
    assert monitor.facts(request_) == request_


def test_what_cannot_be_is_an_error_and_is_not_recorded() -> None:
    lines: list[Any] = []
    monitor, _ = watch(journal=lines.append)
    for wrong in (
        lambda: monitor.start({"id": "t1"}, agent=BOTS[0]),
        lambda: monitor.start({"id": ""}, agent=BOTS[0]),
        lambda: monitor.start({"id": "t3"}, agent=BOTS[0], parent="t3"),
        lambda: monitor.start({"id": "t3"}, agent=BOTS[0], user={"id": 7}),
        lambda: monitor.start({"id": "t3", "n": float("inf")}, agent=BOTS[0]),
        lambda: monitor.said("t1", 7),  # type: ignore[arg-type]
        lambda: monitor.done("c-9"),
        lambda: monitor.refused("c-9", by="user:ann"),
    ):
        with pytest.raises(MonitorError):
            wrong()
    assert len(lines) == 1


def test_nothing_passes_where_the_record_cannot_be_written() -> None:
    def fails(line: Any) -> None:
        if line["event"] == "call":
            raise OSError("the disk is full")

    monitor, _ = watch(journal=fails)
    with pytest.raises(OSError, match="full"):
        monitor.decide(pay())


@pytest.mark.parametrize("name", [each.name for each in fields(Limits)])
def test_a_bound_is_a_number_above_zero(name: str) -> None:
    for wrong in (0, -1, True, 1.5):
        with pytest.raises(ValueError, match=name):
            Limits(**{name: wrong})  # type: ignore[arg-type]


def test_a_key_that_is_long_is_told_apart_like_any_other() -> None:
    """Were it any, whoever writes one would make the meter unknown for everybody."""
    clock = Clock()
    monitor = Monitor(Whole(policy_of_histories()), record=(), clock=clock)
    long, other = "x" * 5_000, f"{'x' * 4_999}y"
    for order in (long, long, "o-1"):
        clock.time += SECOND
        monitor.decide(call("see", order=order))
    for order, before in ((long, 2), (other, 0), ("o-1", 1), ("o-2", 0)):
        assert meters(monitor, call("see", order=order))["p.orders"]["before"] == before
