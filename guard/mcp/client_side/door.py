"""Clients over Streamable HTTP: who they are, which task they name, and what they send, before the SDK reads any of it."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from typing import Any

import anyio
import mcp_types as types
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.inbound import NAME_BEARING_METHODS, decode_header_value
from mcp.shared.message import SessionMessage
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from ....service.core.operations.problem import Problem
from ...http.serving import Receive, Scope, Send, server_of, url_of, whole_body
from ..messages import MOST_FROM_CLIENTS, Unreadable, error, read_message, written
from ..notes import Notes
from ..records import SCOPE
from ..serving import Front
from ..tasks import From
from .entering import Entrance, Known

PATH = "/mcp"
NOT_AS_SPECIFIED = (
    "a message that is not as the specification has it, or whose headers say something else"
)
MOST_SESSIONS = 1_000
CHALLENGES = 'Bearer, DPoP algs="ES256 Ed25519"'


def hosts_of(host: str, port: int) -> tuple[str, ...]:
    """Give what clients call this host, so that no page of a browser gets here by a name of its own."""
    names = {host, "127.0.0.1", "localhost", "::1"}
    return tuple(sorted(f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for each in names))


class Door:
    """The application that stands before the SDK's."""

    def __init__(self, front: Front, hosts: tuple[str, ...], known: Known | None) -> None:
        """Let in who is known, or everybody if nobody has to be."""
        self._front = front
        self._entrance = Entrance(front.enforcement, known, hosts)
        security = TransportSecuritySettings(
            allowed_hosts=list(hosts), allowed_origins=[f"http://{each}" for each in hosts]
        )
        self.sessions = StreamableHTTPSessionManager(
            front,
            security_settings=security,
            max_request_body_size=MOST_FROM_CLIENTS,
            max_sessions=MOST_SESSIONS,
        )
        self._app: Any = StreamableHTTPASGIApp(self.sessions)
        self._owners: dict[str, From] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        source = await self._source(scope, headers)
        if isinstance(source, _Answer):
            await source.send(send)
            return
        session = _one(headers, b"mcp-session-id")
        if session is not None and self._owners.get(session) != source:
            # As if there were no such session: who it belongs to is nobody else's business.
            await _Answer(404, error(None, types.INVALID_REQUEST, "Session not found")).send(send)
            return
        scope = {**scope, SCOPE: source, "path": PATH, "raw_path": PATH.encode()}
        whole: bytes | None = None
        if scope["method"] == "POST":
            body = await whole_body(receive, MOST_FROM_CLIENTS)
            message = await self._read(headers, body)
            if isinstance(message, _Answer):
                await message.send(send)
                return
            whole = written(message)
            length = (b"content-length", str(len(whole)).encode())
            scope["headers"] = [*(each for each in headers if each[0] not in _LENGTHS), length]
            receive = _again(whole, receive)
        await self._app(scope, receive, self._watched(send, source, whole))

    async def _source(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> From | _Answer:
        """Say who calls, and in which task."""
        path: str = scope["path"]
        rest = path.removeprefix(PATH)
        task = rest.removeprefix("/") or None
        if rest == path or (task is not None and (not rest.startswith("/") or "/" in task)):
            return _Answer(404, error(None, types.INVALID_REQUEST, "there is nothing here"))
        try:
            return await self._entrance.source(scope["method"], path, headers, task)
        except Problem as problem:
            why = error(None, types.INVALID_REQUEST, problem.message)
            return _Answer(problem.status, why, (("www-authenticate", CHALLENGES),))

    async def _read(
        self, headers: list[tuple[bytes, bytes]], body: bytes | None
    ) -> types.JSONRPCMessage | _Answer:
        """Give a message. Refused is what cannot be read, is not known, or says one thing in its headers and another in its body."""
        if body is None:
            why = f"a message has at most {MOST_FROM_CLIENTS} bytes"
            return _Answer(413, error(None, types.INVALID_REQUEST, why))
        message = read_message(body)
        if isinstance(message, Unreadable):
            why = f"a message that cannot be read: {message.why}"
            await self._front.records.refused(None, why, body)
            return _Answer(400, message.answer())
        if not isinstance(message, types.JSONRPCRequest):
            return message
        differs = disagreement(headers, message) or await self._beside(headers, message)
        if differs is not None:
            await self._front.records.refused(None, differs, body)
            return _Answer(400, error(message.id, types.HEADER_MISMATCH, differs))
        answer = await self._front.answer(SessionMessage(message))
        return message if answer is None else _Answer(404, answer.message)

    async def _beside(
        self, headers: list[tuple[bytes, bytes]], request: types.JSONRPCRequest
    ) -> str | None:
        """Say which header repeats an argument that the tool does not have it for; the SDK compares the others."""
        given = {
            name[len(_ARGUMENT) :].decode() for name, _ in headers if name.startswith(_ARGUMENT)
        }
        if not given and request.method != "tools/call":
            return None
        name = (request.params or {}).get("name")
        known: frozenset[str] = frozenset()
        if request.method == "tools/call" and isinstance(name, str):
            known = await self._front.headers_of(name)  # also so that the SDK knows what to compare
        is_modern = _one(headers, b"mcp-protocol-version") in MODERN_PROTOCOL_VERSIONS
        if given <= known and (is_modern or not given):
            return None
        return "a header Mcp-Param-… repeats what is no argument to be repeated"

    def _watched(self, send: Send, source: From, message: bytes | None) -> Send:
        """Note whose a session is that begins with an answer, and record what the SDK refuses."""

        async def watched(answer: MutableMapping[str, Any]) -> None:
            if answer["type"] == "http.response.start":
                if answer["status"] >= 400 and message is not None:
                    await self._front.records.refused(None, NOT_AS_SPECIFIED, message)
                session = _one([(k.lower(), v) for k, v in answer["headers"]], b"mcp-session-id")
                if session is not None and session not in self._owners:
                    while len(self._owners) >= 2 * MOST_SESSIONS:
                        del self._owners[next(iter(self._owners))]
                    self._owners[session] = source
            await send(answer)

        return watched


def disagreement(headers: list[tuple[bytes, bytes]], request: types.JSONRPCRequest) -> str | None:
    """Say where the headers that routers read are not what the body says, whichever specification the request is of."""
    for name in _ROUTING:
        if sum(each == name for each, _ in headers) > 1:
            return f"the header {name.decode()} stands there twice"
    method = _one(headers, b"mcp-method")
    if method is not None and method != request.method:
        return "the header Mcp-Method names another method than the body"
    named = _one(headers, b"mcp-name")
    if named is not None:
        key = NAME_BEARING_METHODS.get(request.method)
        if key is None or decode_header_value(named) != (request.params or {}).get(key):
            return "the header Mcp-Name names something else than the body"
    version = _one(headers, b"mcp-protocol-version")
    said = ((request.params or {}).get("_meta") or {}).get(types.PROTOCOL_VERSION_META_KEY)
    if said is not None and said != version:
        return "the header MCP-Protocol-Version names another version than the body"
    return None


_ROUTING = (
    b"host",
    b"origin",
    b"mcp-method",
    b"mcp-name",
    b"mcp-protocol-version",
    b"mcp-session-id",
    b"authorization",
)
_ARGUMENT = b"mcp-param-"
_LENGTHS = (b"content-length", b"transfer-encoding")


def _one(headers: list[tuple[bytes, bytes]], name: bytes) -> str | None:
    found = [value for each, value in headers if each == name]
    return found[0].decode("latin-1") if found else None


class _Answer:
    """An answer of the door's own."""

    def __init__(
        self, status: int, message: Any, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._status, self._message, self._headers = status, message, headers

    async def send(self, send: Send) -> None:
        body = json.dumps(
            self._message.model_dump(mode="json", by_alias=True, exclude_unset=True)
        ).encode()
        headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
        await send(
            {
                "type": "http.response.start",
                "status": self._status,
                "headers": [
                    (name.encode(), value.encode()) for name, value in (*headers, *self._headers)
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read before, and then what comes after it."""
    given = False

    async def again() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def serve(
    front: Front, listener: Any, hosts: tuple[str, ...], known: Known | None, notes: Notes
) -> None:
    """Serve clients until it is cancelled."""
    door = Door(front, hosts, known)
    server = server_of(door)
    notes.say(f"listening on {url_of(listener)}{PATH}")
    async with door.sessions.run(), anyio.create_task_group() as group:
        if known is not None:
            group.start_soon(known.keep)
        try:
            await server.serve([listener])
            group.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                server.should_exit = True
                await server.shutdown([listener])
            raise
