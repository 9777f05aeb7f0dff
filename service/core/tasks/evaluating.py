"""Pure evaluations: a call is decided as it would be now, and nothing is recorded or reserved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ....runtime.decision import Decision
from ...policies.recording import counts, rests_on_single_use
from ...store import Reading, Store, StoreError, Task
from ...store.turn import is_behind
from ...store.watch import Watch
from ..deciding.asked import Tasks, as_asked, task_id_of
from ..deciding.deciding import NOT_ITS_OWN, checked, is_id, judged, task_of
from ..operations.problem import Problem, unavailable
from ..people.sessions import needs_step_up, with_step_up
from ..turns.state import Active

OTHER_POLICY = "other_policy"
AT_ONCE = 256  # that look at one state of the store


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a call would get now, and its request as it was decided.

    One that `counts` is decided for good only where it is recorded: who goes on here with a permit goes round a limit.
    """

    decision: Decision
    request: dict[str, Any]
    capability: str | None
    counts: bool


class Evaluations:
    """Decides for coroutines of one loop: at once where it has all at hand, else many with one look at the store."""

    def __init__(self, store: Store) -> None:
        """Look at a store."""
        self._store = store
        self._watch: Watch | None = None
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[Evaluated | Problem]]] = []
        self._running: set[asyncio.Task[None]] = set()

    def at_once(self, active: Active, request: Any) -> Evaluated | None:
        """Decide now, where that takes no more than what is at hand; None if it has to wait for the store.

        Raises `Problem`.
        """
        try:
            watch = self._watch = self._watch or self._store.watch()
            if watch is None:
                return None
            generation, latest = watch.look()
            now = watch.now()
            if generation != active.generation.digest or is_behind(now, latest):
                return None
            return _evaluated(active, watch, checked(request), max(now, latest), facts_of=None)
        except StoreError:
            self._watch = None
            raise unavailable("the store cannot be used now") from None

    def close(self) -> None:
        """Let the store go."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    async def later(self, active: Active, request: Any) -> Evaluated:
        """Decide with the next look at the store. Raises `Problem`."""
        checked(request)
        future: asyncio.Future[Evaluated | Problem] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if len(self._running) < 2:
            task = asyncio.create_task(self._look(active))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        found = await future
        if isinstance(found, Problem):
            raise found
        return found

    async def _look(self, active: Active) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                answers = await asyncio.to_thread(self._read, active, [each for each, _ in some])
            except Problem as problem:
                answers = [problem] * len(some)
            except Exception:  # noqa: BLE001 -- whatever it is, nobody waits for ever
                answers = [Problem(500, "internal", "the evaluation failed")] * len(some)
            for (_, future), answer in zip(some, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    def _read(
        self, active: Active, requests: Sequence[dict[str, Any]]
    ) -> list[Evaluated | Problem]:
        try:
            with self._store.reading() as reading:
                if reading.head.generation != active.generation.digest:
                    raise Problem(503, OTHER_POLICY, "another policy is active: it is being loaded")
                now = reading.now()
                if is_behind(now, reading.head.time):
                    raise unavailable("the clock is behind the latest event of the store")
                ids = [task_id_of(each) for each in requests]
                reading.fetch(Task, [each for each in ids if is_id(each)])
                found: list[Evaluated | Problem] = []
                for each in requests:
                    try:
                        one = _evaluated(
                            active, reading, each, max(now, reading.head.time), facts_of=reading
                        )
                        assert one is not None
                        found.append(one)
                    except Problem as problem:
                        found.append(problem)
                return found
        except StoreError:
            raise unavailable("the store cannot be used now") from None


def _evaluated(
    active: Active, tasks: Tasks, request: dict[str, Any], now: int, *, facts_of: Reading | None
) -> Evaluated | None:
    """Decide; None if facts are needed, and there is nothing that they could be read from."""
    capability = active.engine.capability(request["resource"]["type"], request["action"]["name"])
    if facts_of is None and capability is not None:
        needed = active.generation.definitions.needed(capability)
        if needed.meters or needed.sources:
            return None
    id, task = task_of(tasks, request)
    if task is not None and task.agent != request["subject"]["id"]:
        denied = Decision("deny", reasons=(NOT_ITS_OWN,))
        return Evaluated(denied, request, capability, False)
    asked = as_asked(active.generation.attributes, tasks, request, task, known_id=id)
    found = judged(active, facts_of, asked, task, now)
    if facts_of is not None:
        found = with_step_up(active, facts_of, found, now)
    elif needs_step_up(found.decision):
        return None
    is_counted = (
        capability is not None and counts(active.generation, capability)
    ) or rests_on_single_use(found.decision)
    return Evaluated(found.decision, found.request, capability, is_counted)
