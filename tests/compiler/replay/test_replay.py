"""What is counted of a log is so, whoever counts: one process or several, the evaluator or the interpreter."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

import pytest
from generators.changes import changes
from generators.requests import requests
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.replay import replay, streams
from agpc.compiler.replay.absence import Absence
from agpc.compiler.replay.records import change
from agpc.compiler.replay.replay import Replay, Replayer, tallies
from agpc.compiler.replay.streams import Log, WholeLines
from agpc.compiler.replay.tally import MOST_SHOWN, Tally
from agpc.targets.python import evaluator

from .shop import RECORD, compiled, grant

BASE = compiled(grant("allow till.open as low when args.amount < 5"))
HEAD = compiled(grant("allow till.open as low when args.amount < 7"))
BOTH = Replay(HEAD, BASE, evaluator)


def record(amount: object) -> dict[str, Any]:
    return {**RECORD, "action": {"name": "open", "properties": {"amount": amount}}}


def log(*lines: Any) -> bytes:
    return b"".join(
        (each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in lines
    )


def told(asked: Replay, content: bytes) -> Tally:
    return Replayer(asked).chunk(WholeLines(1, content))


def test_changes_are_counted_by_what_makes_them_with_the_first_of_each() -> None:
    found = told(BOTH, log(record(1), record(6), record(9), record(5), record("6")))
    assert (found.records, found.same, found.changed) == (5, 3, 2)
    ((cause, group),) = found.changes.items()
    assert (cause.direction, cause.what, cause.agent) == ("more", ("permit",), "shop.bot")
    assert (cause.before, cause.after) == ("deny", "permit")
    assert (cause.base, cause.head) == ((), ("shop.g.low",))
    assert (group.count, group.line, group.request) == (2, 2, record(6))


def test_without_a_base_recorded_answers_count() -> None:
    alone = Replay(HEAD, None, evaluator)
    answered = {"request": record(6), "response": decide(BASE, record(6)).to_authzen()}
    found = told(alone, log(answered, record(6)))
    assert (found.records, found.changed, found.unknown) == (2, 1, 1)
    assert found.not_replayable == {"no answer was recorded, and there is no BASE to ask": (1, 2)}


def test_what_rests_on_what_is_not_there_is_counted_apart() -> None:
    head = compiled(grant('allow till.open as low when context.place == "x"'))
    found = told(Replay(head, BASE, evaluator), log(record(1), record(9)))
    assert (found.records, found.same, found.changed, found.unknown) == (2, 0, 0, 2)
    assert found.not_replayable == {
        "the answer rests on `context.place`, which the record lacks": (2, 1)
    }


HOSTILE = (
    b"{",
    b'{"subject": NaN}',
    b'{"subject": {}, "subject": {}}',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"request": ' + b"[" * 70 + b"]" * 70 + b"}",
    b"1" * 5000,
    b"null",
    b'{"response": 3}',
)


def test_lines_that_are_no_records_are_counted_with_their_numbers() -> None:
    found = told(BOTH, log(record(1), *HOSTILE, b"", b"  \r", record(1)))
    assert found.records == 2
    assert found.malformed.count == len(HOSTILE)
    assert [line for line, _ in found.malformed.shown] == list(range(2, len(HOSTILE) + 2))
    many = told(BOTH, b"{\n" * (MOST_SHOWN + 50))
    assert (many.malformed.count, len(many.malformed.shown)) == (MOST_SHOWN + 50, MOST_SHOWN)


ODD: tuple[Any, ...] = ("\ud800", 10**400, 1e308, -0.0, None, [], {"a": []}, True)


def test_what_only_looks_like_an_amount_is_decided_as_the_interpreter_does() -> None:
    for amount in ODD:
        found = told(BOTH, log(record(amount)))
        same = change(decide(BASE, record(amount)), decide(HEAD, record(amount))) is None
        assert (found.records, found.same, found.malformed.count) == (1, int(same), 0)


def test_an_answer_that_the_interpreter_does_not_confirm_is_no_change() -> None:
    def wrong(policy: ir.Policy) -> Any:
        return evaluator(compiled(grant("allow till.open as low")) if policy is HEAD else policy)

    found = told(Replay(HEAD, BASE, wrong), log(record(9)))
    assert (found.changed, found.doubtful.count) == (0, 1)
    assert found.doubtful.shown == [
        (1, "the interpreter answers otherwise than the evaluator of HEAD")
    ]


def test_several_processes_count_what_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    content = log(*(record(number % 11) for number in range(400)), b"{", record(6))
    monkeypatch.setattr(streams, "CHUNK", 4096)
    several, alone = Tally(), Tally()
    chunks = list(Log(io.BytesIO(content)))
    assert len(chunks) > replay.FEW
    for each in tallies(BOTH, chunks):
        several.take(each)
    for each in map(Replayer(BOTH).chunk, chunks):
        alone.take(each)
    assert several == alone
    assert several.records == 401
    assert several.malformed.shown[0][0] == 401


@given(st.data())
def test_counts_are_those_of_the_interpreter(data: st.DataObject) -> None:
    base, head = data.draw(changes())
    asked = [
        each
        for each in data.draw(st.lists(st.one_of(requests(base), requests(head)), max_size=6))
        if isinstance(each, dict) and "subject" in each
    ]
    found = told(Replay(head, base, evaluator), log(*asked))
    absence = Absence(head, base)
    expected: Counter[str] = Counter()
    for each in asked:
        if absence.rests_on(each):
            expected["unknown"] += 1
        elif change(decide(base, each), decide(head, each)) is None:
            expected["same"] += 1
        else:
            expected["changed"] += 1
    assert found.doubtful.count == found.malformed.count == 0
    assert (found.unknown, found.same, found.changed) == tuple(
        expected[each] for each in ("unknown", "same", "changed")
    )
