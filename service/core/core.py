"""The transactional core: it does operations in turns, and answers them once they last."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ...runtime.facts import is_request
from ..policies.generation import Generation as Policy
from ..policies.generation import from_stored
from ..store import Generation, Request, Seen, Store, StoreError, Task, Turn
from ..store.turn import is_behind
from .approvals import confirming, judging, notices, questions
from .deciding.asked import as_asked, task_id_of
from .deciding.deciding import Judged, is_id
from .deciding.showing import possible
from .leases import leases, signals
from .operations.callers import Caller, Role
from .operations.of_leases import Acknowledge, Heed, Issue, Lend, Renew, Review, Revoke
from .operations.of_people import (
    Attend,
    Confirm,
    Enrol,
    Judge,
    Know,
    Lapse,
    Notify,
    SignIn,
    SignInByPasskey,
    SignOut,
    TakeAway,
)
from .operations.operations import (
    AcceptClock,
    Adopt,
    Ask,
    Cancel,
    Decide,
    Move,
    Operation,
    Prune,
    Publish,
    Refuse,
    Report,
    Say,
    Start,
    Tell,
)
from .operations.problem import Problem, unavailable
from .people import attending, passkeys, sessions
from .tasks import access, calls, tasks
from .tasks.evaluating import OTHER_POLICY, Evaluated, Evaluations
from .turns.once import CallerKey, KeyedOperation, seen
from .turns.state import Active, CoreSettings
from .turns.step import Step
from .turns.trail import Trail, is_ours
from .turns.writer import Answer, Writer
from .upkeep import keeping, policies
from .view import View

_log = logging.getLogger(__name__)

_DONE: Mapping[type[Any], tuple[tuple[Role, ...], Callable[[Any], dict[str, Any]]]] = {
    Start: (("start", "decide"), tasks.start),
    Say: (("start",), tasks.say),
    Report: (("decide",), tasks.report),
    Move: (("start", "decide", "admin"), tasks.move),
    Decide: (("decide",), calls.decide),
    Ask: (("decide",), access.ask_for),
    Cancel: (("decide",), access.cancel),
    Tell: (("outcome", "admin"), calls.tell),
    Refuse: (("decide",), calls.refuse),
    Judge: (("approve",), judging.judge),
    Confirm: (("confirm",), confirming.confirm),
    Issue: (("decide", "lease"), leases.issue),
    Renew: (("decide", "lease"), leases.renew),
    Revoke: ((*leases.REVOKE, "approve"), leases.revoke),
    Heed: (("signal",), signals.heed),
    Lend: (("decide", "lease"), leases.lend),
    Review: (("admin",), leases.review),
    Acknowledge: (("read", "admin"), leases.acknowledge),
    Know: (("admin",), questions.know),
    Attend: (("admin",), attending.attend),
    SignIn: (("admin",), sessions.sign_in),
    SignOut: (("admin",), sessions.sign_out),
    Enrol: (("admin",), passkeys.enrol),
    TakeAway: (("admin",), passkeys.take_away),
    SignInByPasskey: (("admin",), passkeys.sign_in),
    Notify: (("admin",), notices.notify),
    Lapse: (("admin",), questions.lapse),
    AcceptClock: (("admin",), policies.accept_clock),
    Adopt: (("admin",), policies.adopt),
    Publish: (("admin",), keeping.publish),
    Prune: (("admin",), keeping.prune),
}
"""For each operation who may ask for it, and what does it."""


class _OtherPolicy(Exception):
    """Another process has made another policy active."""


class Core:
    """Does operations on a store. One to a process; for any thread, and for coroutines."""

    def __init__(self, store: Store, policy: Policy, settings: CoreSettings) -> None:
        """Begin to take turns, under a policy that becomes the active one with `Adopt`."""
        self.store = store
        self.settings = settings
        self._active = Active.of(policy, settings)
        self._evaluations = Evaluations(store)
        self._trouble: str | None = None
        self._writer = Writer(self._take, _deliver, batch=settings.batch, waiting=settings.waiting)

    @property
    def generation(self) -> Policy:
        """The policy by which this process decided last."""
        return self._active.generation

    @property
    def waiting(self) -> int:
        """How many operations wait for a turn."""
        return self._writer.waiting

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do an operation, and give its answer once it lasts. Raises `Problem`.

        It is done even if nobody waits for it any more.
        """
        may_ask, _ = _DONE[type(operation)]
        operation.caller.require(*may_ask)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if self._writer.submit(
            KeyedOperation(operation, CallerKey.of(operation, self.settings.secret)), future
        ):
            loop.call_soon(self._writer.wake)  # after all who are about to ask: they share a turn
        answer = await future
        if isinstance(answer, Problem):
            raise answer
        return answer

    def do_now(self, operation: Operation) -> dict[str, Any]:
        """Do an operation from a thread without a loop: as `do`."""

        async def wait() -> dict[str, Any]:
            return await self.do(operation)

        return asyncio.run(wait())

    def ready(self) -> list[str]:
        """Give why nothing can be decided now; nothing where it can."""
        try:
            with self.store.reading() as reading:
                found = []
                if reading.head.generation is None:
                    found.append("no policy is active")
                if not is_ours(reading.head, self.settings.secret):
                    found.append("the store was not written with its key")
                if is_behind(reading.now(), reading.head.time):
                    found.append("the clock is behind the latest event of the store")
        except StoreError:
            return ["the store cannot be used"]
        if self._trouble is not None:
            found.append(self._trouble)
        return found

    @contextmanager
    def view(self) -> Iterator[View]:
        """Look at one state of the store. Raises `StoreError`."""
        with self.store.reading() as reading:
            yield View(reading)

    def asked_now(self, view: View, question: Request, *, answered: bool = True) -> Judged | None:
        """Decide what an open question is about, as it would be now: with what people have said to it, or as if nobody had.

        None while another policy is being taken up.

        It takes what a thread may: the loop does not wait for it. Raises `Problem`, and `StoreError`.
        """
        if view.head.generation != self._active.generation.digest:
            self._load_active()
        active, now = self._active, view.now
        if view.head.generation != active.generation.digest or not questions.is_open(question, now):
            return None
        return questions.asked_now(active, view.reading, question, now, answered=answered)

    def statement(self, view: View, question: Request, **said: str | None) -> dict[str, Any]:
        """Give what somebody signs with a passkey who says this to an open question."""
        return judging.statement_of(view.reading, question, self.settings.secret, **said)

    def stop(self) -> None:
        """Do what was asked before, and let the store go."""
        self._writer.stop()
        self._evaluations.close()
        self.store.close()

    async def evaluate(self, request: Any) -> Evaluated:
        """Decide a call as it would be decided now, and record nothing. Raises `Problem`.

        Who asks may ask about this agent; the request is one of the policy, after any mapping.
        """
        for _ in range(2):
            active = self._active
            found = self._evaluations.at_once(active, request)
            if found is not None:
                return found
            try:
                return await self._evaluations.later(active, request)
            except Problem as problem:
                if problem.code != OTHER_POLICY:
                    raise
            await asyncio.to_thread(self._load_active)
        raise unavailable("the policy changes too often: come back")

    async def possible(self, caller: Caller, task: str) -> dict[str, Any]:
        """Give what may ever be permitted, or asked for, in a task of an agent of this caller; record nothing.

        Raises `Problem`.
        """
        caller.require("decide")
        return await asyncio.to_thread(self._possible, caller, task)

    def _possible(self, caller: Caller, task: str) -> dict[str, Any]:
        try:
            for _ in range(3):
                active = self._active
                with self.store.reading() as reading:
                    if reading.head.generation == active.generation.digest:
                        return possible(active, reading, caller, task)
                self._load_active()
        except StoreError:
            raise unavailable("the store cannot be used now") from None
        raise unavailable("the policy changes too often: come back")

    async def renew(self) -> None:
        """Know the policy that is active, though another process has made it so. Raises `Problem`."""
        try:
            await asyncio.to_thread(self._load_active)
        except StoreError:
            raise unavailable("the store cannot be used now") from None

    # --- Turns ------------------------------------------------------------------------------------

    def _take(self, asked: Sequence[KeyedOperation]) -> list[Answer]:
        """Do operations in one turn. Raises `Problem` if there is none."""
        try:
            for _ in range(3):
                try:
                    return self._turn(asked)
                except _OtherPolicy:
                    self._load_active()
        except StoreError as error:
            _log.warning("no turn", exc_info=error)
            self._trouble = "the last turn failed"
            raise unavailable("the store cannot be used now: come back with the same key") from None
        raise unavailable("the policy changes too often: come back with the same key")

    def _turn(self, asked: Sequence[KeyedOperation]) -> list[Answer]:
        began = time.monotonic()
        active, own = self._active, asked[0].operation
        if isinstance(own, Adopt) and own.generation.digest != active.generation.digest:
            active = Active.of(own.generation, self.settings)
        with self.store.turn(any_clock=isinstance(own, AcceptClock)) as turn:
            trail = Trail(turn, self.settings.secret)
            if not isinstance(own, Adopt):
                if turn.head.generation is None:
                    raise unavailable("no policy is active yet")
                if turn.head.generation != active.generation.digest:
                    raise _OtherPolicy
            self._prepare(turn, active, asked)
            answers = [self._step(each, turn, trail, active) for each in asked]
            trail.close()
        if not isinstance(answers[0], Problem) or not isinstance(own, Adopt):
            self._active = active
        self._trouble = None
        self.settings.observe(len(asked), time.monotonic() - began)
        return answers

    def _step(self, asked: KeyedOperation, turn: Turn, trail: Trail, active: Active) -> Answer:
        """Do one operation; what it refuses has changed nothing."""
        operation, key = asked.operation, asked.key
        _, done = _DONE[type(operation)]
        try:
            before = seen(turn, key, self.settings.secret)
            if before is not None and before.answer is not None:
                return before.told()
            return done(Step(operation, key, before, active, self.settings, turn, trail))
        except Problem as problem:
            return problem

    def _prepare(self, turn: Turn, active: Active, asked: Sequence[KeyedOperation]) -> None:
        """Read what they will look at, a table at a time."""
        if len(asked) == 1:
            return
        operations = [each.operation for each in asked]
        ids = []
        for each in operations:
            if isinstance(each, Decide | Start | Ask):
                found = task_id_of(each.request) if type(each.request) is dict else None
            else:
                found = getattr(each, "task", None)
            if type(found) is str:
                ids.append(found)
        turn.fetch(Seen, [each.key.id for each in asked])
        turn.fetch(Task, ids)
        if turn.is_far:  # else a row takes less than to find out beforehand that it will be read
            active.facts.prepare(turn, list(_about(turn, active, operations)))

    def _load_active(self) -> None:
        """Load the policy that another process has made active."""
        with self.store.reading() as reading:
            digest = reading.head.generation
            if digest == self._active.generation.digest:
                return
            row = None if digest is None else reading.get(Generation, digest)
        if row is None:
            raise unavailable("the active policy is not in the store")
        self._active = Active.of(
            from_stored(bytes(row.ir), bytes(row.mapping), bytes(row.directory)), self.settings
        )


def _about(
    turn: Turn, active: Active, operations: Sequence[Operation]
) -> Iterator[tuple[str, dict[str, Any], Task | None]]:
    """Give what the calls among them are about, as far as that can be seen before they are done."""
    for each in operations:
        if isinstance(each, Decide) and is_request(each.request):
            request = each.request
            id = task_id_of(request)
            task = turn.get(Task, id) if is_id(id) else None
            capability = active.engine.capability(
                request["resource"]["type"], request["action"]["name"]
            )
            if task is not None and capability is not None:
                attributes = active.generation.attributes
                yield capability, as_asked(attributes, turn, request, task), task


def _deliver(answers: list[tuple[object, Answer]]) -> None:
    """Hand answers to those who wait, each in its loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer]]] = {}
    for waiter, answer in answers:
        assert isinstance(waiter, asyncio.Future)
        by_loop.setdefault(waiter.get_loop(), []).append((waiter, answer))
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, some)
        except RuntimeError:  # the loop is closed: nobody waits
            continue


def _resolve(some: list[tuple[asyncio.Future[Answer], Answer]]) -> None:
    for future, answer in some:
        if not future.done():
            future.set_result(answer)
