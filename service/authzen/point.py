"""The decision point: evaluations, batches and searches, asked of the core. Nothing here is recorded in the trail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from ...runtime.decision import Decision, Effect
from ..core import Caller, Evaluated, Operation, Problem, View, user_of
from ..core.operations.problem import unavailable
from ..core.waiting import Deciding
from ..decisions.lines import line
from ..decisions.log import DecisionLog
from ..policies.directory import Directory
from ..policies.generation import Generation
from .access import Access, approval_in
from .answers import EvaluationAnswer, Written, failed, written
from .mapped import TaskNamed, mapped
from .reading import EXECUTE_ALL, Kind, read_batch, read_evaluation, read_search
from .searching import MOST_TRIED, Entities, answer, place_of
from .seeking import Seeking

AT_ONCE = 64  # evaluations that are asked together
MOST_POLICIES = 3  # that one evaluation is begun under
NOT_FOR_THIS_CALLER = "this caller does not speak for that agent"


class Core(Deciding, Protocol):
    """What is asked of the core."""

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do something once. Raises `Problem`."""

    @property
    def generation(self) -> Generation:
        """The active policy."""

    async def evaluate(self, request: Any) -> Evaluated:
        """Decide, and record nothing. Raises `Problem`."""

    async def renew(self) -> None:
        """Know the policy that is active, though another process has made it so. Raises `Problem`."""

    def view(self) -> AbstractContextManager[View]:
        """Look at one state of the store."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, by which endpoint, and under which id of his own; the lines of the decision log that come of it, and the tasks that were looked up for it."""

    caller: Caller
    endpoint: str
    id: str = ""
    lines: list[bytes] = field(default_factory=list)
    tasks: dict[TaskNamed, str | None] = field(default_factory=dict)


class DecisionPoint:
    """Answers what AuthZEN asks. `key` authenticates the tokens of pages; a batch has at most `most` items."""

    def __init__(
        self,
        core: Core,
        *,
        key: bytes,
        most: int,
        log: DecisionLog | None = None,
        access: Access | None = None,
    ) -> None:
        """Keep who is asked, and where it is told; and what makes denials that people may be asked about."""
        self._core = core
        self._key = key
        self._most = most
        self._log = log
        self._access = access
        self.count: Callable[[Effect], None] = lambda effect: None
        """Told of each decision."""
        self._written = Written()
        self._arranged: tuple[Directory, Entities] | None = None

    async def evaluation(self, asking: Asker, data: object) -> bytes:
        """Answer one evaluation. Raises `BadRequest`, and what the core raises."""
        return await self._one(asking, read_evaluation(data))

    async def _one(self, asking: Asker, request: dict[str, Any]) -> bytes:
        found = await self._asked(asking, request)
        self._tell(asking)
        return self._written.of(found)[0]

    async def evaluations(self, asking: Asker, data: object) -> bytes:
        """Answer several, or one where there are none. Raises as `evaluation` does."""
        batch = read_batch(data, self._most)
        if batch is None:
            return await self.evaluation(asking, data)
        together = AT_ONCE if batch.semantic == EXECUTE_ALL else 1
        found: list[dict[str, Any]] = []
        for start in range(0, len(batch.items), together):
            found += await self._items(asking, batch.items[start : start + together])
            permitted = found[-1]["decision"]
            if (batch.semantic == "deny_on_first_deny" and not permitted) or (
                batch.semantic == "permit_on_first_permit" and permitted
            ):
                break
        self._tell(asking)
        return written({"evaluations": found})

    async def _items(
        self, asking: Asker, items: Sequence[dict[str, Any] | str]
    ) -> list[dict[str, Any]]:
        answers = iter(await self._all(asking, [each for each in items if type(each) is dict]))
        return [
            failed(each) if isinstance(each, str) else next(answers).to_authzen() for each in items
        ]

    async def search(self, asking: Asker, kind: Kind, data: object) -> bytes:
        """Answer a search: an entity is a result if its evaluation would be permitted. Raises as `evaluation` does."""
        search = read_search(kind, data)
        place = place_of(self._key, asking.caller.name, search)
        await self._core.renew()
        generation = self._core.generation
        entries = self._entities(generation).entries(generation, search)
        results: list[dict[str, str]] = []
        end, last = place.start, min(len(entries), place.start + MOST_TRIED)
        while end < last and len(results) < place.limit:
            some = entries[end : min(last, end + min(AT_ONCE, place.limit - len(results)))]
            answers = await self._all(asking, [each.request for each in some])
            results += [
                each.result for each, found in zip(some, answers, strict=True) if found.permits
            ]
            end += len(some)
        self._tell(asking)
        next_ = end if end < len(entries) else None
        return written(answer(self._key, asking.caller.name, search, place, results, next_))

    async def _all(
        self, asking: Asker, requests: Sequence[dict[str, Any]]
    ) -> list[EvaluationAnswer]:
        """Ask several, which then share a look at the store; and let others in between."""
        found = await asyncio.gather(*(self._asked(asking, each) for each in requests))
        await asyncio.sleep(0)
        return found

    async def own(self, asking: Asker, request: dict[str, Any]) -> dict[str, Any]:
        """Give a request as one of the active policy."""
        await self._core.renew()
        return await self._own(asking, self._core.generation, request)

    async def _own(
        self, asking: Asker, generation: Generation, request: dict[str, Any]
    ) -> dict[str, Any]:
        found = mapped(generation, request)
        if found.wanted is None:
            return found.request
        return await self._in_its_task(asking, found.request, found.wanted)

    async def _asked(self, asking: Asker, request: dict[str, Any]) -> EvaluationAnswer:
        approval = None
        if self._access is not None:
            request, approval = approval_in(request)
        for _ in range(MOST_POLICIES):
            generation = self._core.generation
            own = await self._own(asking, generation, request)
            answer = await self._decided(asking.caller, own)
            if self._core.generation is generation:  # else another policy decided than mapped it
                break
        else:
            raise unavailable("the policy changes too often: come back")
        if self._access is not None and answer.decision.effect == "challenge":
            seeking = Seeking(self._core, self._access, asking.caller, asking.endpoint)
            answer = await seeking.answer(answer, request, own, approval)
        self.count(answer.decision.effect)
        if self._log is not None:
            tail = self._written.of(answer)[1]
            now = time.time_ns()
            asking.lines.append(
                line(
                    *(asking.endpoint, asking.caller.name, asking.id, generation.digest),
                    *(request, tail, now),
                )
            )
        return answer

    async def _decided(self, caller: Caller, request: dict[str, Any]) -> EvaluationAnswer:
        """Ask the core. What it refuses of a request that AuthZEN takes is no error, and permits nothing."""
        subject = request["subject"]
        if subject["type"] != "agent":
            await self._core.renew()  # whose mapping may know the subject
            return EvaluationAnswer(self._core.generation.engine.decide(request), False)
        if not caller.speaks_for(subject["id"]):
            return EvaluationAnswer(_denied(NOT_FOR_THIS_CALLER), False)
        try:
            found = await self._core.evaluate(request)
        except Problem as problem:
            if problem.status != 400:
                raise
            return EvaluationAnswer(_denied(problem.message), False)
        return EvaluationAnswer(found.decision, found.counts)

    def _tell(self, asking: Asker) -> None:
        """Have the lines written before anybody is answered. Raises `Problem`."""
        if self._log is not None:
            self._log.write(asking.lines)

    async def _in_its_task(
        self, asking: Asker, request: dict[str, Any], wanted: TaskNamed
    ) -> dict[str, Any]:
        if wanted not in asking.tasks:
            asking.tasks[wanted] = await asyncio.to_thread(self._task_of, wanted)
        id = asking.tasks[wanted]
        if id is None:
            return request
        return {**request, "context": {**request["context"], "task": {"id": id}}}

    def _task_of(self, wanted: TaskNamed) -> str | None:
        """Give the id of the one task that fits."""
        with self._core.view() as view:
            if wanted.id is None:
                found = view.active_task(wanted.agent, wanted.intent or "", wanted.user)
                return None if found is None else found.id
            found = view.task(wanted.id)
        if found is None or found.agent != wanted.agent:
            return None
        return found.id if wanted.user in (None, user_of(found)) else None

    def _entities(self, generation: Generation) -> Entities:
        arranged = self._arranged
        if arranged is None or arranged[0] is not generation.directory:
            arranged = self._arranged = (generation.directory, Entities(generation.directory))
        return arranged[1]


@cache
def _denied(why: str) -> Decision:
    """Give a denial; the sentences are the core's, and few."""
    return Decision("deny", reasons=(why,))
