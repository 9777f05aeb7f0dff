"""Recorded requests asked again: each chunk of a log by itself, in several processes where the log is long."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from multiprocessing import current_process
from os import cpu_count
from typing import Any, TypeAlias

from ...runtime.decision import Decision
from ...runtime.evaluator import Evaluator
from ...runtime.strict_json import NotJSON, read_request
from ..ir import nodes as ir
from ..ir.spiffe import is_member
from ..meaning import interpreter
from ..processes import begun, in_order
from ..structs import Struct
from .absence import Absence
from .histories import History, is_history
from .records import AnswerChange, NotARecord, RecordedAnswer, RecordedRequest, change, records
from .streams import LONGEST, WholeLines
from .tally import LONGEST_EXAMPLE, AnswerCause, AnswerGroup, Tally

Make: TypeAlias = Callable[[ir.Policy], Evaluator]
"""Makes what decides fast under a policy; a function that another process finds by its name."""

FEW = 2  # chunks, which are read sooner than a second process starts
_BOM = b"\xef\xbb\xbf"
UNDECLARED = "an agent that neither policy declares"
NO_ANSWER = "no answer was recorded, and there is no BASE to ask"


class Replay(Struct):
    """What is replayed: under which policy, and beside which, or beside what was recorded."""

    head: ir.Policy
    base: ir.Policy | None
    make: Make


class Replayer:
    """Replays chunks of a log."""

    def __init__(self, replay: Replay) -> None:
        """Make ready to decide."""
        self.replay = replay
        self.head = replay.make(replay.head).decide
        self.base = None if replay.base is None else replay.make(replay.base).decide
        self.absence = Absence(replay.head, replay.base)
        self._forbids: set[str] = set()
        self.history: History | None = None
        """What the log has said so far, where it is a record of what happened."""
        self._agents: dict[str, str] = {}
        for policy in (replay.base, replay.head):  # the name that HEAD has comes last, and stays
            if policy is not None:
                self._agents.update((each.id, each.name) for each in policy.agents)
                self._forbids.update(each.id for each in policy.forbids)

    def chunk(self, chunk: WholeLines) -> Tally:
        """Replay the records of some lines."""
        tally = Tally()
        if chunk.too_long:
            tally.malformed.add(chunk.line, f"it has more than {LONGEST // 1024**2} MiB")
            return tally
        content = chunk.content
        if chunk.line == 1:
            content = content.removeprefix(_BOM)
        for number, text in enumerate(content.split(b"\n"), chunk.line):
            line = text.strip(b" \t\r")
            if not line:
                continue
            try:
                if len(line) > LONGEST:
                    raise NotARecord(f"it has more than {LONGEST // 1024**2} MiB")
                document = read_request(line)
                found = list(
                    records(document)
                    if self.history is None
                    else self.history.records(number, document)
                )
            except (NotJSON, NotARecord) as error:
                tally.malformed.add(number, str(error))
                continue
            for record in found:
                self._record(record, number, tally)
        return tally

    def _record(self, record: RecordedRequest, line: int, tally: Tally) -> None:
        tally.records += 1
        request = record.request
        before: RecordedAnswer | Decision | None = record.answer
        if self.base is not None:
            before = self.base(request)
        elif before is None:
            tally.lacks(NO_ANSWER, line)
            return
        assert before is not None
        lacking = self.absence.rests_on(request)
        if lacking:
            names = ", ".join(f"`{each}`" for each in lacking)
            known = "" if self.base is not None else "; BASE would tell whether it was read before"
            tally.lacks(f"the answer rests on {names}, which the record lacks{known}", line)
            return
        after = self.head(request)
        found = change(before, after, self._forbids)
        if found is None:
            tally.same += 1
            return
        cause = self._cause(request, before, after, found)
        if cause in tally.changes:
            tally.changes[cause].count += 1
            return
        doubt = self._doubt(request, before, after)
        if doubt is not None:
            tally.doubtful.add(line, doubt)
            return
        tally.change(cause, AnswerGroup(1, line, _as_example(request)))

    def _cause(
        self,
        request: dict[str, Any],
        before: RecordedAnswer | Decision,
        after: Decision,
        found: AnswerChange,
    ) -> AnswerCause:
        word = before.word if isinstance(before, RecordedAnswer) else before.effect
        agent = self._agent(request)
        return AnswerCause(
            found.direction, found.what, agent, word, after.effect, before.rules, after.rules
        )

    def _agent(self, request: dict[str, Any]) -> str:
        """Whose call it is, by the name that HEAD has for it, else BASE; a family for who has no name."""
        subject = request.get("subject")
        id = subject.get("id") if type(subject) is dict else None
        if type(id) is not str:
            return UNDECLARED
        name = self._agents.get(id)
        if name is not None:
            return name
        for policy in (self.replay.head, self.replay.base):
            for family in () if policy is None else policy.families:
                if is_member(id, family):
                    return family.name
        return UNDECLARED

    def _doubt(
        self, request: dict[str, Any], before: RecordedAnswer | Decision, after: Decision
    ) -> str | None:
        """Ask the reference interpreter about an example; say what is wrong if it says otherwise."""
        if interpreter.decide(self.replay.head, request) != after:
            return "the interpreter answers otherwise than the evaluator of HEAD"
        if self.replay.base is not None and interpreter.decide(self.replay.base, request) != before:
            return "the interpreter answers otherwise than the evaluator of BASE"
        return None


def _as_example(request: dict[str, Any]) -> dict[str, Any] | None:
    return request if len(json.dumps(request)) <= LONGEST_EXAMPLE else None


# --- All of a log ---------------------------------------------------------------------------------


def tallies(replay: Replay, log: Iterable[WholeLines]) -> Iterator[Tally]:
    """Replay each chunk of a log, in its order. Raises `Lost`."""
    coming = iter(log)
    first = list(islice(coming, FEW + 1))
    chunks = chain(first, coming)
    if first and is_history(first[0]):
        yield from _in_order(replay, chunks)
        return
    processes = cpu_count() or 1
    if len(first) <= FEW or processes == 1 or current_process().daemon:
        replayer = Replayer(replay)
        yield from map(replayer.chunk, chunks)
        return
    yield from in_order(_one, chunks, processes, _begin, (replay,))


def _in_order(replay: Replay, chunks: Iterable[WholeLines]) -> Iterator[Tally]:
    """Replay a record of what happened, of which each call rests on the lines before it."""
    replayer = Replayer(replay)
    replayer.history = History(*(each for each in (replay.head, replay.base) if each is not None))
    yield from map(replayer.chunk, chunks)


_replayers: list[Replayer] = []
"""In a process of the pool: the one replayer that it has."""


def _begin(replay: Replay) -> None:
    begun()
    _replayers.append(Replayer(replay))


def _one(chunk: WholeLines) -> Tally:
    return _replayers[0].chunk(chunk)
