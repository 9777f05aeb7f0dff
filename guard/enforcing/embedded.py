"""A core of the guard's own: the same store, keys and trail as the service, beside which it may run."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...compiler.check.compiling.ir_json import loads
from ...runtime.facts import ABSENT
from ...service.config.models import Loaded
from ...service.config.secrets import SecretError
from ...service.core import (
    SYSTEM,
    Adopt,
    Caller,
    Confirm,
    Core,
    CoreSettings,
    Decide,
    Move,
    Problem,
    Refuse,
    Report,
    Say,
    Start,
    Tell,
    task_shown,
)
from ...service.policies.generation import (
    Generation,
    GenerationError,
    catalogue_of,
    load_generation,
)
from ...service.serving.keys import KeyProblem, keys_of
from ...service.store import Store, StoreError
from ...service.tokens import compact
from ...service.tokens.holding import held
from ...service.tokens.keys import TokenKeys
from ...service.tokens.tokens import Tokens
from .enforcement import (
    Answer,
    Asked,
    CannotCompile,
    CannotEnforce,
    Outcome,
    Refused,
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
from .keeping import Keeping
from .vocabulary import Vocabulary

_log = logging.getLogger(__name__)

NAME = "guard"
"""What the trail calls a guard with a core of its own."""
CALLER = Caller(NAME, ("start", "decide", "outcome", "confirm"), ("**", "spiffe://**"))


class Embedded:
    """Decides with a core in this process."""

    def __init__(
        self,
        core: Core,
        caller: Caller = CALLER,
        keeping: Keeping | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        """Take a core under a policy that is active, who looks after its store if nobody else does, and who reads tokens."""
        self._tokens = tokens
        self.core, self._caller, self._keeping = core, caller, keeping
        self._vocabulary: tuple[str, Vocabulary] | None = None

    @classmethod
    async def begin(cls, loaded: Loaded) -> Embedded:
        """Open the store of some settings, and make their policies the active ones. Raises `CannotEnforce`."""
        opened = await asyncio.to_thread(_open, loaded)
        core = Core(opened.store, opened.generation, opened.settings)
        adopt = Adopt(
            caller=SYSTEM, key=_key("adopt"), generation=opened.generation, note="the guard begins"
        )
        try:
            await core.do(adopt)
        except Problem as problem:
            await asyncio.to_thread(core.stop)
            raise CannotEnforce(f"the policies cannot be made active: {problem}") from None
        if opened.before not in (None, opened.generation.digest):
            _log.warning(
                "these policies take the place of others in this store, for all who use it: guards with policies of"
                " their own need stores of their own (--store)"
            )
        keeping = Keeping(core, loaded.settings.audit.publish_every)
        return cls(core, keeping=keeping, tokens=opened.tokens)

    @property
    def verifier_key(self) -> str | None:
        """What the trail is verified with, if it is signed."""
        signer = self.core.settings.signer
        return None if signer is None else signer.vkey

    @property
    def vocabulary(self) -> Vocabulary:
        """What calls there are under the policy that is active."""
        generation = self.core.generation
        if self._vocabulary is None or self._vocabulary[0] != generation.digest:
            if self._vocabulary is not None:
                _log.warning("another policy is active in the store, and decides from now on")
            policy = loads(generation.ir, "the active policy", catalogue_of(generation.ir))
            self._vocabulary = generation.digest, Vocabulary.of(policy)
        return self._vocabulary[1]

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
        answer = await self._do(Start(caller=self._caller, key=key, request=request, said=said))
        return started(answer)

    async def task(self, id: str) -> Task:
        """Give a task."""
        with _problems():
            return await asyncio.to_thread(self._task, id)

    def _task(self, id: str) -> Task:
        with self.core.view() as view:
            found = view.task(id)
            if found is None:
                raise Refused("not_found", "there is no such task")
            return task_of(task_shown(found))

    async def say(self, task: str, text: str, key: str) -> None:
        """Hand over what the person said."""
        await self._do(Say(caller=self._caller, key=key, task=task, text=text))

    async def report(self, task: str, context: Mapping[str, Any], key: str) -> None:
        """Report what `revoke when` reads."""
        await self._do(Report(caller=self._caller, key=key, task=task, context=dict(context)))

    async def move(self, task: str, state: State, key: str, why: str | None = None) -> None:
        """End a task, or say that it drifted."""
        await self._do(Move(caller=self._caller, key=key, task=task, state=state, why=why))

    async def decide(self, asked: Asked, key: str) -> Answer:
        """Decide a call and record it."""
        operation = Decide(caller=self._caller, key=key, request=asked.request())
        return Answer.read(await self._do(operation))

    async def tell(
        self,
        call: str,
        outcome: Outcome,
        key: str,
        result: Any = ABSENT,
        digest: str | None = None,
    ) -> None:
        """Tell what became of a permitted call."""
        await self._do(
            Tell(
                caller=self._caller,
                key=key,
                call=call,
                outcome=outcome,
                result=result,
                digest=digest,
            )
        )

    async def refuse(self, task: str | None, why: str, what: Any, key: str) -> None:
        """Record that something was refused before there was a call."""
        await self._do(Refuse(caller=self._caller, key=key, task=task, why=reason(why), what=what))

    async def confirm(
        self, question: str, user: str, verdict: Verdict, key: str, message: str | None = None
    ) -> None:
        """Hand over what the user of the task says."""
        await self._do(
            Confirm(
                caller=self._caller,
                key=key,
                request=question,
                user=user,
                verdict=verdict,
                message=message,
            )
        )

    async def possible(self, task: Task) -> frozenset[str]:
        """Give the capabilities that may ever be permitted, or asked about, in a task."""
        with _problems():
            found = await self.core.possible(self._caller, task.id)
        return frozenset(found["capabilities"])

    async def holder(self, token: str) -> Holder | None:
        """Say whose a task token is; None for one of which no lease holds now."""
        try:
            claims = None if self._tokens is None else self._tokens.read(token)
        except compact.Refused:
            return None
        with _problems():
            return None if claims is None else await asyncio.to_thread(self._holder, claims)

    def _holder(self, claims: dict[str, Any]) -> Holder | None:
        with self.core.view() as view:
            return Holder.read(held(claims, view) or {})

    async def close(self) -> None:
        """Do what was asked before, and let the store go."""
        if self._keeping is not None:
            await self._keeping.end()
        await asyncio.to_thread(self.core.stop)

    async def _do(self, operation: Any) -> dict[str, Any]:
        with _problems():
            return await self.core.do(operation)


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise refusal_of(problem.status, problem.code, problem.message) from None
    except StoreError:
        raise Unavailable("the store cannot be used now") from None


@dataclass(frozen=True, slots=True)
class _Opened:
    store: Store
    generation: Generation
    settings: CoreSettings
    tokens: Tokens
    before: str | None
    """The digest of the policy that was active, if one was."""


def _open(loaded: Loaded) -> _Opened:
    settings = loaded.settings
    try:
        generation = load_generation(
            [loaded.path(each) for each in settings.policies],
            mapping=settings.mapping and loaded.path(settings.mapping),
            directory=settings.directory and loaded.path(settings.directory),
        )
    except GenerationError as error:
        raise CannotCompile(str(error)) from None
    mask = os.umask(0o077)  # a file that is made now is for nobody else to read
    try:
        url = loaded.store_url()
        store = Store(url)
        with store.reading() as reading:
            is_new, before = reading.head.seq == 0, reading.head.generation
        keys = keys_of(loaded, url, is_new=is_new)
    except (StoreError, KeyProblem, SecretError, ValueError) as error:
        raise CannotEnforce(str(error)) from None
    finally:
        os.umask(mask)
    own = CoreSettings(
        secret=keys.store,
        signer=keys.signer,
        public_url=settings.public_url or f"http://{settings.listen}",
    )
    token_keys = TokenKeys(keys.store, settings.tokens.rotate, time.time)
    tokens = Tokens(token_keys, own.public_url, settings.tokens.audience)
    return _Opened(store, generation, own, tokens, before)


def _key(what: str) -> str:
    return f"{what}-{secrets.token_hex(16)}"
