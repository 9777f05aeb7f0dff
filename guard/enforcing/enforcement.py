"""What decides and records for an enforcement point: a core of its own, or a service somewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias

from ...compiler.text.visible import visible
from ...runtime.decision import Effect
from ...runtime.facts import ABSENT
from ...runtime.strict_json import NotJSON, read_request
from .holders import Holder
from .vocabulary import Vocabulary

Outcome: TypeAlias = Literal["done", "failed", "withdrawn"]
State: TypeAlias = Literal["ended", "drifted"]
Verdict: TypeAlias = Literal["approve", "refuse"]


class Unavailable(Exception):
    """No decision can be had, or nothing can be recorded: nothing runs. One plain sentence, with nothing of the call in it."""


LONGEST_WHY = 512
"""Characters of why something is refused, of which the core and a service take no more."""


class Refused(Unavailable):
    """What was asked is refused as it is, and would be again: by its form, or since this caller may not ask for it."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the word that programs look at."""
        super().__init__(message)
        self.code = code


class NotJSONData(Refused):
    """A value is none of JSON, or none that every reader reads alike."""

    def __init__(self) -> None:
        """Say so, and nothing of the value."""
        super().__init__(
            "malformed", "what is asked is no JSON that every reader reads alike, or too deep"
        )


@dataclass(frozen=True, slots=True)
class Task:
    """A task that an agent works on, as the store has it."""

    id: str
    agent: str
    intent: str
    user: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    state: str = "active"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, exactly as it is decided and sent: `type` and `action` by their names in AGP, or those of `bind mcp`."""

    task: Task
    type: str
    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    resource_id: str | None = None
    """What the call is about; the name of the resource if nobody says."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of the resource, as far as this enforcement point knows them."""
    context: Mapping[str, Any] = field(default_factory=dict)
    subject: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of the agent."""

    def settled(self) -> Asked:
        """Give the same call made anew of canonical JSON, so that nobody changes it while it is decided. Raises `Refused`."""
        return replace(
            self,
            arguments=settled(self.arguments),
            properties=settled(self.properties),
            context=settled(self.context),
            subject=settled(self.subject),
        )

    def request(self) -> dict[str, Any]:
        """Give it as a request of AuthZEN."""
        subject = {"type": "agent", "id": self.task.agent}
        resource: dict[str, Any] = {"type": self.type, "id": self.resource_id or self.type}
        if self.subject:
            subject = {**subject, "properties": dict(self.subject)}  # type: ignore[dict-item]
        if self.properties:
            resource["properties"] = dict(self.properties)
        return {
            "subject": subject,
            "action": {"name": self.action, "properties": dict(self.arguments)},
            "resource": resource,
            "context": {**self.context, "task": {"id": self.task.id}},
        }


def settled(value: Any) -> Any:
    """Give a JSON value made anew, the way it is decided, recorded and sent. Raises `Refused`."""
    if type(value) is dict and not value:
        return {}
    try:
        return read_request(canonical(value))
    except (NotJSON, TypeError, ValueError, RecursionError):
        raise NotJSONData from None


def canonical(value: Any) -> bytes:
    """Write JSON in its one form: keys sorted, no white space, ASCII. Raises `TypeError` and `ValueError`."""
    return json.dumps(
        value if type(value) is dict else _plain(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    ).encode("ascii")


def _plain(value: Any) -> Any:
    """Take mappings that are no dictionaries."""
    return dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class Question:
    """What people are asked about a call, and where they answer."""

    id: str
    url: str
    expires_at: str
    requirements: tuple[Mapping[str, Any], ...] = ()
    """What is missing: `{"type": "confirmation" | "approval" | "step_up", …}` each."""

    @property
    def asks_user(self) -> bool:
        """Whether something is to be confirmed by the user of the task."""
        return any(each.get("type") == "confirmation" for each in self.requirements)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided of a call; `decision` is the context of AuthZEN's answer, and `call` None where no rule was asked."""

    call: str | None
    effect: Effect
    decision: Mapping[str, Any]
    question: Question | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Sentences for whoever asked."""
        found = self.decision.get("reasons")
        return tuple(each for each in found if type(each) is str) if type(found) is list else ()

    @property
    def obligations(self) -> tuple[Mapping[str, Any], ...]:
        """What has to be done with a permit."""
        return tuple(self.decision.get("obligations") or ())

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Answer:
        """Read the JSON of an answer. Raises `Unavailable` if it is none, which permits nothing."""
        context, call = answer.get("context"), answer.get("call")
        if type(context) is not dict or type(call) not in (str, type(None)):
            raise Unavailable("the answer cannot be read")
        effect, permitted = context.get("effect"), answer.get("decision")
        asked = answer.get("request")
        lists = (context.get("obligations"), context.get("requirements"), context.get("reasons"))
        if (
            effect not in ("permit", "challenge", "deny")
            or permitted is not (effect == "permit")
            or (effect == "permit" and call is None)
            or any(type(each) not in (list, type(None)) for each in lists)
        ):
            raise Unavailable("the answer cannot be read")
        question = None
        if effect == "challenge" and type(asked) is dict:
            id, url, expires_at = (asked.get(name) for name in ("id", "url", "expires_at"))
            if type(id) is not str or type(url) is not str or type(expires_at) is not str:
                raise Unavailable("the answer cannot be read")
            question = Question(id, url, expires_at, tuple(context.get("requirements") or ()))
        return cls(call, effect, context, question)


class CannotEnforce(Exception):
    """An enforcement point cannot begin; prints as everything that stands in the way."""


class CannotCompile(CannotEnforce):
    """Policies cannot be read, or do not compile: a report of several lines, made to be shown as it is."""


class NotStarted(Exception):
    """The policy does not let the task start, or not yet: the answer says why."""

    def __init__(self, answer: Answer, mistake: str | None = None) -> None:
        """Keep why; a `mistake` in what was asked says more than that no rule applies."""
        reasons = "; ".join(answer.reasons)
        super().__init__(mistake or reasons or f"the start of the task is a {answer.effect}")
        self.answer = answer


def reason(why: str) -> str:
    """Give why something is refused as every store takes it: without what cannot be seen, and not longer than it may be."""
    whole = visible(why)
    return whole if len(whole) <= LONGEST_WHY else f"{whole[: LONGEST_WHY - 1]}…"


def refusal_of(status: int, code: str, message: str) -> Unavailable:
    """Give what a problem is to an enforcement point: one that will not change, or one that may."""
    if status in (401, 403):
        return Unavailable("this enforcement point may not ask that")
    if status >= 500 or status in (408, 425, 429):
        return Unavailable(message)
    return Refused(code, message)


def start_request(
    agent: str, intent: str, fields: Mapping[str, Any], user: str | None
) -> dict[str, Any]:
    """Ask for the start of a task, as AuthZEN writes it."""
    return {
        "subject": {"type": "agent", "id": agent},
        "action": {"name": "start", "properties": dict(fields)},
        "resource": {"type": intent, "id": "new"},
        "context": {} if user is None else {"user": {"id": user}},
    }


def started(answer: Mapping[str, Any]) -> Task:
    """Give the task of an answer to a start. Raises `NotStarted`."""
    found = Answer.read(answer)
    if found.effect != "permit":
        raise NotStarted(found)
    return task_of(answer.get("task"))


def task_of(shown: Any) -> Task:
    """Read a task as callers see it. Raises `Unavailable` if it is none."""
    texts = [shown.get(each) for each in ("id", "agent", "intent", "state")] if shown else []
    if any(type(each) is not str for each in texts) or len(texts) < 4:
        raise Unavailable("the answer cannot be read")
    user = shown.get("user")
    id = user.get("id") if type(user) is dict else None
    fields = shown.get("fields")
    return Task(texts[0], texts[1], texts[2], id, fields if type(fields) is dict else {}, texts[3])


class Enforcement(Protocol):
    """Decides and records. What changes something carries a key, by which it happens once however often it is asked.

    Every method raises `Unavailable` where nothing can be decided or recorded, and `Refused` where that will not change.
    """

    @property
    def vocabulary(self) -> Vocabulary:
        """What calls there are."""

    async def start(
        self,
        agent: str,
        intent: str,
        fields: Mapping[str, Any],
        *,
        user: str | None = None,
        said: str | None = None,
        key: str,
    ) -> Task:
        """Start a task. Raises `NotStarted`."""

    async def task(self, id: str) -> Task:
        """Give a task."""

    async def say(self, task: str, text: str, key: str) -> None:
        """Hand over what the person said."""

    async def report(self, task: str, context: Mapping[str, Any], key: str) -> None:
        """Report what `revoke when` reads."""

    async def move(self, task: str, state: State, key: str, why: str | None = None) -> None:
        """End a task, or say that it drifted."""

    async def decide(self, asked: Asked, key: str) -> Answer:
        """Decide a call and record it. A challenge is decided again when its key comes back."""

    async def tell(
        self,
        call: str,
        outcome: Outcome,
        key: str,
        result: Any = ABSENT,
        digest: str | None = None,
    ) -> None:
        """Tell what became of a permitted call; `digest` is of a result whose values are not told."""

    async def refuse(self, task: str | None, why: str, what: Any, key: str) -> None:
        """Record that something was refused before there was a call, and the `reason` of it; of `what` a digest alone is kept."""

    async def confirm(
        self, question: str, user: str, verdict: Verdict, key: str, message: str | None = None
    ) -> None:
        """Hand over what the user of the task says to what they are to confirm."""

    async def possible(self, task: Task) -> frozenset[str]:
        """Give the capabilities that may ever be permitted, or asked about, in a task."""

    async def holder(self, token: str) -> Holder | None:
        """Say whose a task token is; None for one of which no lease holds now."""

    async def close(self) -> None:
        """Let go of what it holds."""
