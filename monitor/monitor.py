"""The monitor of one process: it decides calls with the facts that follow from all that it was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ..runtime.decision import Decision
from ..runtime.facts import ABSENT, MALFORMED, Facts, is_request
from ..runtime.record_lines import Line
from ..runtime.time_text import format_time
from ..runtime.values import NANOSECONDS, is_identity, is_text
from .calls import Outcome, Recorded
from .known import with_facts
from .limits import Limits
from .record import Judge, is_of_another, replay
from .shares import task_of
from .starts import rests_on_people, shows_evidence
from .store import Store
from .values import is_plain

SLACK = NANOSECONDS
"""How far a clock may step back without a fact that becomes unknown: it is waited for."""


class Policy(Protocol):
    """A policy that decides, and tells its meters and sources: `agpc.load(…)`, or the `engine` of a package."""

    @property
    def facts(self) -> Facts:
        """Its meters and sources."""

    def decide(self, request: object) -> Decision:
        """Decide a request that has its facts."""

    def capability(self, resource: str, name: str) -> str | None:
        """Give the declared capability that a request is about."""


class MonitorError(ValueError):
    """A monitor was told what cannot be; nothing of it was recorded."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided of a call.

    `call` names it in what is told of it later; None if it was refused before there was anything to decide.
    `request` is what was decided, with its time and its facts: whoever sends the call on sends that.
    """

    decision: Decision
    request: Any
    call: str | None


class Monitor:
    """Knows what was done before, where values come from, and decides with it. For threads of one process.

    A call is decided and recorded in one step, so that two calls never share one place under a limit.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        record: Iterable[Line] | None = None,
        limits: Limits | None = None,
        clock: Callable[[], int] = time.time_ns,
        journal: Callable[[dict[str, Any]], object] | None = None,
    ) -> None:
        """Begin to watch.

        What was before is unknown, so that a meter `within 30d` is, too, for as long; unless there is a `record`,
        lines in the order of time: then it is what was before, and of none nothing was. Raises `BrokenRecord`.
        `clock` gives nanoseconds since 1970. `journal` is given each line of the record before anybody else
        learns of it; what it raises is raised, and nothing passes.
        """
        self._policy = policy
        self._clock = clock
        self._journal = journal
        self._lock = threading.RLock()
        self._latest = clock()
        since = self._latest if record is None else None
        self._store = Store(policy.facts, limits or Limits(), since)
        last = replay(record or (), self._store, Judge(policy.capability, self._was_agreed))
        self._latest = self._latest if last is None else max(last, self._latest)
        self._numbers = 0
        self._prefix = f"{self._latest:x}-{threading.get_native_id():x}"

    # --- Tasks ------------------------------------------------------------------------------------

    def start(
        self,
        task: dict[str, Any],
        *,
        agent: str,
        user: dict[str, Any] | None = None,
        parent: str | None = None,
    ) -> None:
        """Tell that a task was started: its `id`, `intent` and fields, for an agent; inside another, its `parent`.

        A task is started before it is used, and once.
        """
        if type(task) is not dict or not is_identity(task.get("id")) or not is_plain(task):
            raise MonitorError("a task is an object with an `id`")
        if not is_text(agent):
            raise MonitorError("the agent of a task is its SPIFFE ID")
        if user is not None and (type(user) is not dict or not is_identity(user.get("id"))):
            raise MonitorError("a user is an object with an `id`")
        if parent is not None and not is_identity(parent):
            raise MonitorError("the parent of a task is the `id` of another")
        with self._lock:
            if self._store.is_used(task["id"]) or parent == task["id"]:
                raise MonitorError(f"task {task['id']!r} is known already")
            _, at = self._times()
            person = {} if user is None else {"user": user}
            inside = {} if parent is None else {"parent": parent}
            self._write(at, event="task", agent=agent, task=task, **inside, **person)
            self._store.started(at, task, agent, None if user is None else user["id"], parent)

    def said(self, task: str, text: str) -> None:
        """Tell what the person said in a task. What a host pastes into it counts as said."""
        if not is_identity(task) or not is_text(text):
            raise MonitorError("what was said is a text, in a task that has an `id`")
        with self._lock:
            _, at = self._times()
            self._write(at, event="said", task=task, text=text)
            self._store.said(at, task, text)

    # --- Calls ------------------------------------------------------------------------------------

    def decide(self, request: Any) -> Answer:
        """Decide a call with its facts, and record it. Its time is the monitor's, and so are its facts.

        A permitted call counts from now on; if it is not sent after all, say that it was `withdrawn`.
        """
        with self._lock:
            refusal = self._refusal(request)
            if refusal is not None:
                return Answer(refusal, request, None)
            now, at = self._times()
            capability, request, own = self._with_facts(request, now)
            decision = self._policy.decide(request)
            self._numbers += 1
            id = f"{self._prefix}-{self._numbers}"
            self._write(at, event="call", id=id, effect=decision.effect, request=request)
            agreed = rests_on_people(decision)
            self._store.called(at, id, decision.effect, capability, request, own, agreed)
            return Answer(decision, request, id)

    def facts(self, request: Any) -> Any:
        """Give a request as `decide` would decide it now, with its facts, and record nothing."""
        with self._lock:
            now, _ = self._times()
            return (
                request if self._refusal(request) is not None else self._with_facts(request, now)[1]
            )

    def done(self, call: str, result: Any = ABSENT) -> None:
        """Tell that a call was done, and what it gave back."""
        self._became(call, "done", result)

    def failed(self, call: str, result: Any = ABSENT) -> None:
        """Tell that a call failed, and what it gave back all the same."""
        self._became(call, "failed", result)

    def withdrawn(self, call: str) -> None:
        """Tell that a call was never sent: nobody but whoever enforces can know that."""
        self._became(call, "withdrawn", ABSENT)

    def approved(self, call: str, by: str) -> None:
        """Tell that a person approved a call."""
        self._verdict(call, by, "approve")

    def refused(self, call: str, by: str) -> None:
        """Tell that a person refused a call, which is a denied one from now on."""
        self._verdict(call, by, "refuse")

    # ----------------------------------------------------------------------------------------------

    def _refusal(self, request: Any) -> Decision | None:
        """Why a request is refused before it is decided, and leaves no record."""
        if not is_request(request):
            return self._policy.decide(None)
        if not is_plain(request):
            return Decision("deny", reasons=("the request is no JSON of 63 levels at most",))
        if task_of(request) is MALFORMED:
            return Decision("deny", reasons=("the task of the call has no `id` that is one",))
        if is_of_another(self._store, request):
            return Decision("deny", reasons=("the task is another agent's or user's",))
        return None

    def _with_facts(self, request: dict[str, Any], now: int) -> tuple[str | None, Any, Any]:
        """The capability of a request, the request with its time and facts, and what it adds to meters."""
        capability = self._policy.capability(request["resource"]["type"], request["action"]["name"])
        return capability, *with_facts(self._store, capability, request, now)

    def _was_agreed(self, request: dict[str, Any], time: int) -> bool:
        """Whether a permit of a record rested on what people gave, with the facts of the lines before it."""
        if not shows_evidence(request):
            return False
        return rests_on_people(self._policy.decide(self._with_facts(request, time)[1]))

    def _became(self, call: str, outcome: Outcome, result: Any) -> None:
        if result is not ABSENT and not is_plain(result):
            result = MALFORMED
        with self._lock:
            found = self._call(call)
            if found.effect != "permit":
                raise MonitorError(f"call {call!r} was not permitted: nothing becomes of it")
            if found.outcome is not None:
                raise MonitorError(f"what became of call {call!r} was told before")
            _, at = self._times()
            told: dict[str, Any] = {}
            if result is MALFORMED:
                told = {"unreadable": True}
            elif result is not ABSENT:
                told = {"result": result}
            self._write(at, event="outcome", call=call, outcome=outcome, **told)
            self._store.became(at, found, outcome, result)

    def _verdict(self, call: str, by: str, verdict: str) -> None:
        if not is_identity(by):
            raise MonitorError("a verdict is by somebody")
        with self._lock:
            found = self._call(call)
            _, at = self._times()
            self._write(at, event="verdict", call=call, by=by, verdict=verdict)
            if verdict == "refuse":
                self._store.refused(at, found)

    def _call(self, call: str) -> Recorded:
        found = self._store.call(call)
        if found is None:
            raise MonitorError(
                f"call {call!r} was not decided here, or so long ago that it is forgotten"
            )
        return found

    def _write(self, at: int, **line: Any) -> None:
        if self._journal is not None:
            self._journal({"time": format_time(at), **line})

    def _times(self) -> tuple[int, int]:
        """What time it is, and what time the record says of what happens now: no two things happen at once.

        The two differ where the clock went back. The record stays in order, and its end is later than now: until the
        clock has come there again, what is counted there is unknown.
        """
        now = self._clock()
        at = max(now, self._latest + 1)
        self._latest = at
        return (at if at - now <= SLACK else now), at
