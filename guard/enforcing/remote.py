"""A service somewhere decides and records: asked over HTTP, again with the same key until it answers, or nothing runs."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from ...compiler.check.compiling.load import PolicyError, load_policy
from ...compiler.check.project.files import PolicyFilesError
from ...runtime.facts import ABSENT
from ...service.client.address import NotAnAddress, read_address
from ...service.client.client import Client, ServiceProblem
from ...service.client.client import Refused as RefusedByService
from .enforcement import (
    Answer,
    Asked,
    CannotCompile,
    CannotEnforce,
    Outcome,
    State,
    Task,
    Unavailable,
    Verdict,
    reason,
    refusal_of,
    start_request,
    started,
    task_of,
)
from .holders import Holder
from .vocabulary import Vocabulary

API_KEY = "AGPC_API_KEY"
MAX_KEY = 4096
AT_ONCE = 64
"""Requests to the service at once; more wait."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Remote:
    """Asks a service. What calls there are is read of the policies at hand; the service has the word on each."""

    def __init__(self, client: Client, vocabulary: Vocabulary) -> None:
        """Take whom to ask; of its key the service knows what this enforcement point may do."""
        self._client, self._vocabulary = client, vocabulary
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="agpc-service")

    @classmethod
    async def begin(
        cls,
        policies: Sequence[str | os.PathLike[str]],
        service: str,
        *,
        key_file: str | os.PathLike[str] | None = None,
    ) -> Remote:
        """Read policies, and the key: of a file, or of `AGPC_API_KEY`. Raises `CannotEnforce`; the service is not asked yet."""
        key = os.environ.get(API_KEY) if key_file is None else _key_in(Path(key_file))
        return await asyncio.to_thread(cls.of, policies, service, key or None)

    @classmethod
    def of(
        cls, policies: Sequence[str | os.PathLike[str]], service: str, key: str | None
    ) -> Remote:
        """Read policies. Raises `CannotEnforce`; the service is not asked yet."""
        try:
            client = Client(read_address(service), api_key=key)
            policy = load_policy(list(policies))
        except NotAnAddress as error:
            raise CannotEnforce(f"`{service}` is no address of a service: {error}") from None
        except (PolicyFilesError, PolicyError) as error:
            raise CannotCompile(str(error)) from None
        except ServiceProblem as error:
            raise CannotEnforce(str(error)) from None
        return cls(client, Vocabulary.of(policy))

    @property
    def vocabulary(self) -> Vocabulary:
        """What calls there are."""
        return self._vocabulary

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
        request = start_request(agent, intent, fields, user)
        request |= {} if said is None else {"said": said}
        return started(await self._ask(lambda: self._client.start(request, key)))

    async def task(self, id: str) -> Task:
        """Give a task. The service tells it to callers that may read."""
        return task_of((await self._ask(lambda: self._client.task(id))).get("task"))

    async def say(self, task: str, text: str, key: str) -> None:
        """Hand over what the person said."""
        await self._ask(lambda: self._client.say(task, text, key))

    async def report(self, task: str, context: Mapping[str, Any], key: str) -> None:
        """Report what `revoke when` reads."""
        await self._ask(lambda: self._client.report(task, context, key))

    async def move(self, task: str, state: State, key: str, why: str | None = None) -> None:
        """End a task, or say that it drifted."""
        await self._ask(lambda: self._client.move(task, state, why, key))

    async def decide(self, asked: Asked, key: str) -> Answer:
        """Decide a call and record it."""
        request = asked.request()
        return Answer.read(await self._ask(lambda: self._client.decide(request, key)))

    async def tell(
        self,
        call: str,
        outcome: Outcome,
        key: str,
        result: Any = ABSENT,
        digest: str | None = None,
    ) -> None:
        """Tell what became of a permitted call."""
        told: dict[str, Any] = {"outcome": outcome}
        told |= {} if result is ABSENT else {"result": result}
        told |= {} if digest is None else {"result_digest": digest}
        await self._ask(lambda: self._client.tell(call, told, key))

    async def refuse(self, task: str | None, why: str, what: Any, key: str) -> None:
        """Record that something was refused before there was a call."""
        await self._ask(lambda: self._client.refuse(task, reason(why), what, key))

    async def confirm(
        self, question: str, user: str, verdict: Verdict, key: str, message: str | None = None
    ) -> None:
        """Hand over what the user of the task says."""
        await self._ask(lambda: self._client.confirm(question, user, verdict, message, key))

    async def possible(self, task: Task) -> frozenset[str]:
        """Give the capabilities that may ever be permitted, or asked about, in a task."""
        found = (await self._ask(lambda: self._client.possible(task.id))).get("capabilities")
        if type(found) is not list or any(type(each) is not str for each in found):
            raise Unavailable("the answer of the service cannot be read")
        return frozenset(found)

    async def holder(self, token: str) -> Holder | None:
        """Say whose a task token is; None for one of which no lease holds now."""
        return Holder.read(await self._ask(lambda: self._client.introspect(token)))

    async def close(self) -> None:
        """Wait for what was asked before."""
        await asyncio.to_thread(self._threads.shutdown)

    async def _ask(self, ask: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except RefusedByService as refused:
            _log.warning("the service refuses: %s", refused)
            raise refusal_of(refused.status, refused.code, refused.said) from None
        except ServiceProblem as problem:  # which names the service, whom no model has to know
            _log.warning("the service cannot be asked: %s", problem)
            raise Unavailable("the service that decides does not answer now") from None
        except (TypeError, ValueError, RecursionError):
            raise Unavailable("what is asked cannot be sent to the service") from None


def _key_in(path: Path) -> str:
    """Read the key of a file. Raises `CannotEnforce`, which says nothing of it."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_KEY + 1)
        key = content.decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no ASCII"
        raise CannotEnforce(f"cannot read the key in `{path}`: {why}") from None
    if not key or len(content) > MAX_KEY:
        raise CannotEnforce(f"the file `{path}` holds no key: it is empty, or too large")
    return key
