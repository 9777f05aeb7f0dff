"""The server, as the guard is its client: whichever specification it speaks, each answer within bounds."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from typing import Any

import anyio
import httpx2
import mcp_types as types
from anyio.streams.memory import MemoryObjectSendStream
from mcp.client import Client
from mcp.client.session import ElicitationFnT, ListRootsFnT, SamplingFnT
from mcp.shared.dispatcher import ProgressFnT
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from ...enforcing.governed import Lost
from ..notes import Notes
from ..settings import ServerSettings

MOST_PAGES = 100
MOST_TOOLS = 2_000
WAITING_NOTICES = 256
"""Notifications of the server that wait to be passed on; a server that floods loses the newest."""
START_WITHIN = 60.0
"""Seconds for the server to say what it speaks: `npx` may have to fetch it first."""
COMPLETE = "complete"
_ANY: TypeAdapter[Any] = TypeAdapter(dict[str, Any])
Progress = ProgressFnT
Notice = types.ServerNotification


class Gone(Exception):
    """The server did not answer: it has died, hangs, or said what nobody can read. Whether it did anything nobody knows."""


class Faulty(Exception):
    """The server answered with an error."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        """Keep what it said."""
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


@contextmanager
def sending() -> Iterator[None]:
    """What a server is asked to do within: nobody knows what became of that if it does not answer, or nobody waits any more.

    A server that is told that a call is given up may have done it, or do it all the same.
    """
    try:
        yield
    except (Gone, anyio.get_cancelled_exc_class()) as error:
        raise Lost from error


class _Exactly(types.Request[Any, Any]):
    """A request that goes out as it stands: what was decided is what is sent, and no model leaves out any of it."""

    params: Any = None

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """Give it as JSON."""
        return {"method": self.method, "params": dict(self.params)}


class Upstream:
    """One connection to a server."""

    def __init__(self, client: Client, settings: ServerSettings, notices: Any) -> None:
        """Keep the connection; `notices` are what the server announces."""
        self._client = client
        self._settings = settings
        self.notices = notices
        """What the server announces, as a stream."""

    @property
    def server(self) -> types.Implementation | None:
        """Who it says that it is."""
        return self._client.server_info

    @property
    def capabilities(self) -> types.ServerCapabilities:
        """What it says that it can do."""
        return self._client.server_capabilities

    @property
    def instructions(self) -> str | None:
        """What it tells models about itself."""
        return self._client.session.instructions

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Send one request, and give the answer as it came. Raises `Gone` and `Faulty`."""
        request: types.Request[Any, Any] = _Exactly(method=method, params=dict(params))
        try:
            answer: dict[str, Any] = await self._client.session.send_request(
                request,
                _ANY,
                request_read_timeout_seconds=self._settings.answer_within,
                progress_callback=progress,
            )
            return answer
        except MCPError as error:
            raise _failure(error) from None
        except ValidationError:
            raise Gone("its answer is not what the specification says") from None
        except (OSError, RuntimeError, anyio.ClosedResourceError, anyio.BrokenResourceError):
            raise Gone("the connection is closed") from None

    async def complete(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for what has one answer: a server that wants to ask something first gets no further, nor does its question.

        Raises `Gone` and `Faulty`.
        """
        answer = await self.ask(method, params)
        if answer.get("resultType", COMPLETE) != COMPLETE:
            raise Faulty(types.INVALID_REQUEST, "the server asks something, which is not passed on")
        return answer

    async def tools(self) -> list[types.Tool]:
        """List its tools, all pages of them. Raises `Gone` and `Faulty`."""
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            try:
                params = types.PaginatedRequestParams(cursor=cursor)
                page = await self._client.session.list_tools(params=params)
            except MCPError as error:
                raise _failure(error) from None
            except ValidationError:
                raise Gone("its list of tools is not what the specification says") from None
            found += page.tools
            cursor = page.next_cursor
            if not cursor:
                return found
            if len(found) > MOST_TOOLS:
                break
        raise Gone(
            f"its list of tools does not end within {MOST_PAGES} pages or {MOST_TOOLS} tools"
        )


def _failure(error: MCPError) -> Gone | Faulty:
    """Tell a server that is gone from one that says that something failed; of the first nothing is said in its words."""
    if error.code == types.CONNECTION_CLOSED:
        return Gone("the connection is closed")
    if error.code == types.REQUEST_TIMEOUT:
        return Gone("no answer came in time")
    return Faulty(error.code, error.message, error.data)


def named(tool: types.Tool) -> dict[str, Any]:
    """Give a tool as JSON."""
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)


def definition(tool: types.Tool) -> str:
    """Give all that a server says of a tool, so that two sayings can be compared."""
    return json.dumps(named(tool), sort_keys=True)


@asynccontextmanager
async def connected(
    transport: AbstractAsyncContextManager[Any],
    settings: ServerSettings,
    notes: Notes,
    *,
    sampling: SamplingFnT | None = None,
    elicitation: ElicitationFnT | None = None,
    roots: ListRootsFnT | None = None,
) -> AsyncIterator[Upstream]:
    """Speak to a server, in the newest way that it knows. Raises `Gone` where it knows none, or does not answer."""
    send, receive = anyio.create_memory_object_stream[Notice](WAITING_NOTICES)
    client = Client(
        transport,
        read_timeout_seconds=START_WITHIN,
        mode="auto",
        cache=None,
        client_info=types.Implementation(name="agpc-guard", version=_version()),
        message_handler=_Notices(send, notes),
        sampling_callback=sampling,
        elicitation_callback=elicitation,
        list_roots_callback=roots,
    )
    async with AsyncExitStack() as stack:
        stack.callback(receive.close)
        stack.callback(send.close)
        try:
            await stack.enter_async_context(client)
        except BaseExceptionGroup as errors:
            raise _why(only_of(errors)) from None
        except (MCPError, RuntimeError, ValidationError) as error:
            raise _why(error) from None
        yield Upstream(client, settings, receive)


def only_of(errors: BaseException) -> BaseException:
    """Give the one error that others stand around."""
    while isinstance(errors, BaseExceptionGroup) and len(errors.exceptions) == 1:
        errors = errors.exceptions[0]
    return errors


def _why(error: BaseException) -> BaseException:
    """Give what a server that cannot be spoken to is; what is none of its doing as it came."""
    match error:
        case MCPError():
            failure = _failure(error)
            return failure if isinstance(failure, Gone) else Gone("it refuses to be spoken to")
        case RuntimeError() | ValidationError():
            return Gone("it speaks no specification that the guard does")
        case httpx2.HTTPError():
            return Gone("it cannot be reached")
        case _:
            return error


class _Notices:
    """Keeps what the server announces until somebody passes it on."""

    def __init__(self, send: MemoryObjectSendStream[Notice], notes: Notes) -> None:
        self._send, self._notes = send, notes

    async def __call__(self, message: types.ServerNotification | Exception) -> None:
        if isinstance(message, Exception):
            self._notes.say("the server said something that cannot be read, which is left out")
            return
        try:
            self._send.send_nowait(message)
        except anyio.WouldBlock:
            self._notes.say("the server announces more than can be passed on: the rest is left out")
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            pass


def _version() -> str:
    from .... import __version__

    return __version__
