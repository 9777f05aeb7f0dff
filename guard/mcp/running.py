"""A guard from its beginning to its end: its task, its server, and its client or clients."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
import mcp_types as types
from anyio.abc import TaskGroup

from ..enforcing.enforcement import Enforcement, NotStarted, Task, Unavailable
from ..enforcing.governed import Guard, new_key
from ..enforcing.governed import Settings as GuardSettings
from ..obligations.duties import undone
from .asking import Interrupted
from .bound_resources import BoundResources
from .calls import Calls
from .catalogue import Catalogue
from .client_side.standard_streams import standard_streams
from .messages import Unreadable
from .notes import Notes
from .records import RefusalRecorder
from .resources import Resources
from .server_questions import ServerQuestions
from .server_side.child import child
from .server_side.remote_server import remote_server
from .server_side.upstream import Gone, connected, only_of
from .serving import Front, ServingParts
from .settings import ServerSettings
from .tasks import Tasks

TALKATIVE = ("mcp", "client", "httpx2", "httpcore2")
"""Loggers of libraries that write down what a result or a call has in it where something goes wrong."""
LAST_ANSWERS = 0.5
"""Seconds for the answers to calls that the death of a server ended to go out."""


class CannotGuard(Exception):
    """A guard cannot begin; the message says why."""


@dataclass(frozen=True, slots=True)
class WantedTask:
    """What task the guard serves: one that is there, or one that it starts."""

    task: str | None = None
    agent: str | None = None
    intent: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    user: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What the guard stands between: a command or a URL, and standard input and output or an address."""

    wanted: WantedTask
    settings: ServerSettings
    guard: GuardSettings
    command: tuple[str, ...] = ()
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the server is told over HTTP, and the client is not."""
    streams: tuple[int, int] | None = None
    """Descriptors of the client's messages and of those for it."""
    listener: socket.socket | None = None
    hosts: tuple[str, ...] = ()
    """What clients may call this host; else no page of a browser reaches it by another name."""
    callers: Any = None
    """Who may call over HTTP; anybody who reaches it if None."""


async def run(enforcement: Enforcement, plan: Plan, notes: Notes | None = None) -> bool:
    """Guard until the client goes, the server dies, or a signal comes; give whether it ended in order.

    Raises `CannotGuard`.
    """
    notes = notes or Notes()
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    guard = Guard(enforcement, plan.guard)
    own, is_ours = await wanted_task(enforcement, plan.wanted)
    ended, died = anyio.Event(), anyio.Event()
    for each in undone(plan.guard.obligations, enforcement.vocabulary.duties):
        notes.say(each)
    try:
        async with AsyncExitStack() as stack:
            group = await stack.enter_async_context(anyio.create_task_group())
            group.start_soon(_until_told, group)
            front = await _front(stack, group, guard, own, plan, notes, ended)
            group.start_soon(_until_dead, ended, died, group, notes)
            group.start_soon(_announcing, front)
            if plan.listener is not None:
                from .client_side.door import serve

                await serve(front, plan.listener, plan.hosts, plan.callers, notes)
            else:
                await _on_streams(front, plan)
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        only = only_of(errors)
        if isinstance(only, CannotGuard):
            raise only from None
        raise
    finally:
        with anyio.CancelScope(shield=True):
            await guard.close()
            if is_ours and own is not None:
                with suppress(Unavailable):
                    await enforcement.move(own.id, "ended", new_key(), "the session has ended")
            await enforcement.close()
    return not died.is_set()


async def wanted_task(enforcement: Enforcement, wanted: WantedTask) -> tuple[Task | None, bool]:
    """Give the task, and whether it was started here. Raises `CannotGuard`."""
    try:
        if wanted.task is not None:
            return await enforcement.task(wanted.task), False
        if wanted.intent is None or wanted.agent is None:
            return None, False
        task = await enforcement.start(
            wanted.agent,
            wanted.intent,
            wanted.fields,
            user=wanted.user,
            said=wanted.said,
            key=new_key(),
        )
    except NotStarted as error:
        why = (
            wanted.agent
            and wanted.intent
            and enforcement.vocabulary.mistake_in_start(wanted.agent, wanted.intent, wanted.fields)
        )
        raise CannotGuard(f"the policy does not let the task start: {why or error}") from None
    except Unavailable as error:
        raise CannotGuard(f"there is no task to serve: {error}") from None
    return task, True


async def _front(
    stack: AsyncExitStack,
    group: TaskGroup,
    guard: Guard,
    own: Task | None,
    plan: Plan,
    notes: Notes,
    ended: anyio.Event,
) -> Front:
    settings = plan.settings
    mistake = guard.enforcement.vocabulary.mistake_in_resources(settings.resources)
    if mistake is not None:
        raise CannotGuard(mistake)
    questions = ServerQuestions(settings)
    passes = settings.passes
    transport = (
        remote_server(plan.url, plan.headers)
        if plan.url is not None
        else child(plan.command, ended, notes)
    )
    try:
        upstream = await stack.enter_async_context(
            connected(
                transport,
                settings,
                notes,
                sampling=(
                    (
                        lambda ctx, asked: questions.put(
                            ctx, types.CreateMessageRequest(params=asked)
                        )
                    )
                    if "sampling" in passes
                    else None
                ),
                elicitation=(
                    (lambda ctx, asked: questions.put(ctx, types.ElicitRequest(params=asked)))
                    if "elicitation" in passes
                    else None
                ),
                roots=(
                    (lambda ctx: questions.put(ctx, types.ListRootsRequest()))
                    if "roots" in passes
                    else None
                ),
            )
        )
    except Gone as error:
        raise CannotGuard(f"the server does not answer: {error}") from None
    except OSError as error:
        what = plan.command[0] if plan.command else str(plan.url)
        raise CannotGuard(f"`{what}` cannot be started: {error.strerror or error}") from None
    enforcement = guard.enforcement
    tasks, records = Tasks(enforcement, own), RefusalRecorder(enforcement, own, notes)
    catalogue = Catalogue(lambda: enforcement.vocabulary, settings.resources, upstream, notes)
    interrupted = Interrupted(group, settings)
    places = BoundResources(lambda: enforcement.vocabulary, settings.resources)
    calls = Calls(guard, tasks, catalogue, upstream, questions, interrupted, records, settings)
    resources = Resources(guard, tasks, places, upstream, records, settings)
    return Front(
        ServingParts(
            guard, tasks, catalogue, upstream, calls, resources, records, settings, places, notes
        )
    )


async def _on_streams(front: Front, plan: Plan) -> None:
    assert plan.streams is not None

    async def refuse(line: bytes, unreadable: Unreadable) -> None:
        await front.records.refused(None, f"a message that cannot be read: {unreadable.why}", line)

    async with standard_streams(*plan.streams, refuse, front.answer) as (read, write):
        await front.run(read, write, front.create_initialization_options())


async def _announcing(front: Front) -> None:
    async for notice in front.upstream.notices:
        await front.announce(notice)


async def _until_dead(
    ended: anyio.Event, died: anyio.Event, group: TaskGroup, notes: Notes
) -> None:
    """End when the server has ended by itself: what it is told at the end of the guard comes later than this waits."""
    await ended.wait()
    died.set()
    notes.say("the server has ended")
    await anyio.sleep(LAST_ANSWERS)
    group.cancel_scope.cancel()


async def _until_told(group: TaskGroup) -> None:
    """End in order at the first signal."""
    import threading

    if threading.current_thread() is not threading.main_thread():
        return
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            group.cancel_scope.cancel()
            return
