"""What the gateway is told about each request and each response. Whatever is not known here is refused."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...runtime.strict_json import NotJSON, read_request
from ..enforcing.denials import malformed, not_now, withheld
from ..enforcing.drift import DRIFTED, UNDECLARED
from ..enforcing.enforcement import Asked, Task, Unavailable, canonical
from ..enforcing.governed import Guard, NotDone, NotNow, Result, Withheld
from ..mcp.bound_resources import BoundResources
from ..mcp.results import contents, hinted, returned
from ..mcp.tasks import From, NoTask, Tasks
from ..middleware.tools import UNBOUND, Passed, Tools
from . import wire
from .open_calls import OpenCalls

CALL: Final = "agpc_call"
"""What the gateway keeps beside a request (`mcpGuardrails.agpc_call`), and says with its response."""
PASSES: Final = frozenset({"initialize", "ping", "server/discover", "logging/setLevel"})
"""What says nothing that a policy looks at."""
LISTS: Final = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}
NOT_READ = "it is no JSON that every reader reads alike"
UNKNOWN = "this method is not passed on"
_KEPT = "io.modelcontextprotocol/"
"""What `_meta` keeps: names of the specification's own, and where progress goes."""


@dataclass(frozen=True, slots=True)
class ProcessorSettings:
    """How a gateway's processor behaves."""

    task: str = "task"
    """In the gateway's metadata, the name of the task's id."""
    agent: str | None = None
    """In the gateway's metadata, the name of who calls, whose task it has to be; None if nobody says who calls."""
    call: str = "call"
    """In the gateway's metadata, the name under which it says again what it kept of a request."""
    backends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The resources of the policy that each server has; all have all if none is named."""
    allow: frozenset[Passed] = frozenset()
    answer_within: float = 300.0
    context: Mapping[str, Any] = field(default_factory=dict)
    """What the operator says of every call, beside what the policy finds out by itself."""


class Refusal(Exception):
    """The gateway is to answer with an error; the message says which."""

    def __init__(self, code: wire.Code, message: str) -> None:
        """Keep its kind."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Session:
    guard: Guard
    task: Task


class Processor:
    """Governs what goes through a gateway."""

    def __init__(self, guard: Guard, own: Task | None, settings: ProcessorSettings) -> None:
        """Take the guard, and the one task that everything is in if there is one."""
        self._guard, self._settings = guard, settings
        self._tasks = Tasks(guard.enforcement, own)
        self._calls = OpenCalls(settings.answer_within)
        self._free = f"free-{secrets.token_urlsafe(24)}"  # the name of what passes without a call
        self._servers: dict[str, Tools] = {}
        self._bound: dict[frozenset[str], BoundResources] = {}

    def undeclared(self) -> str | None:
        """Give a resource that is said to be a server's, and is none of the policy; None if there is none."""
        known = {each.type for each in self._guard.enforcement.vocabulary.tools.values()}
        named = (one for each in self._settings.backends.values() for one in each)
        return next((each for each in named if each not in known), None)

    async def close(self) -> None:
        """Wait for no response any more."""
        await self._calls.close()
        await self._guard.close()

    # --- Requests -------------------------------------------------------------------------------------

    async def request(self, asked: Any) -> Any:
        """Say what becomes of a request."""
        try:
            return await self._request(asked)
        except Refusal as error:
            return wire.refused(wire.RequestResult, error.code, str(error))
        except NotNow as error:
            return wire.refused(wire.RequestResult, "UNKNOWN", str(error))
        except NotDone as error:
            return wire.refused(wire.RequestResult, "PERMISSION_DENIED", str(error))
        except Unavailable as error:
            return wire.refused(wire.RequestResult, "UNKNOWN", not_now(str(error)))

    async def _request(self, asked: Any) -> Any:
        method = asked.method
        if method in PASSES or method in LISTS or method.startswith("notifications/"):
            return wire.passed(wire.RequestResult)  # a list is looked at when it is there
        task = await self._task(asked)
        if method == "tools/call":
            return await self._call(asked, task)
        if method == "resources/read":
            return await self._read(asked, task)
        if method == "prompts/get" and "prompts" in self._settings.allow:
            return wire.passed(wire.RequestResult)
        await self._guard.refused(task, "a method that is not passed on", method)
        raise Refusal("PERMISSION_DENIED", malformed(UNKNOWN))

    async def _call(self, asked: Any, task: Task) -> Any:
        params = await self._params(asked, task, {"name", "arguments", "_meta"})
        name, arguments = params.get("name"), params.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise await self._guard.refusal(task, "it names no tool, or no arguments", params)
        tools = await self._server(asked, task)
        if tools.is_drifted(name):
            raise await self._guard.refusal(task, DRIFTED, params)
        begun = await self._calls.begin(
            lambda perform: tools.call(task, name, arguments, perform), _about(asked)
        )
        return self._sent(begun, {"name": name, "arguments": begun[1]}, params)

    async def _read(self, asked: Any, task: Task) -> Any:
        params = await self._params(asked, task, {"uri", "_meta"})
        uri = params.get("uri")
        places = self._places(asked)
        place = places.find(uri) if isinstance(uri, str) else None
        await self._server(asked, task)
        if place is None:
            if "resources" in self._settings.allow and places.is_free(uri):
                return wire.passed(wire.RequestResult, {CALL: self._free})
            raise await self._guard.refusal(task, UNBOUND, params)
        tool = place.tool
        known = (place.id, place.properties, self._settings.context)
        call = Asked(task, tool.type, tool.action, {}, *known)
        begun = await self._calls.begin(
            lambda perform: self._guard.call(call, perform(tool)), _about(asked)
        )
        return self._sent(begun, {"uri": uri}, params)

    def _sent(
        self, begun: tuple[str, Any], decided: dict[str, Any], params: Mapping[str, Any]
    ) -> Any:
        """Have the gateway send what was decided, and keep the name of the call."""
        meta = params.get("_meta")
        if isinstance(meta, dict):
            kept = {k: v for k, v in meta.items() if k == "progressToken" or k.startswith(_KEPT)}
            decided |= {"_meta": kept} if kept else {}
        return wire.changed(wire.RequestResult, canonical(decided), {CALL: begun[0]})

    async def _params(self, asked: Any, task: Task, known: set[str]) -> dict[str, Any]:
        try:
            params = read_request(asked.mcp_request)
        except NotJSON:
            params = None
        if not isinstance(params, dict):
            await self._guard.refused(task, NOT_READ, _text(asked.mcp_request))
            raise Refusal("INVALID", malformed(NOT_READ))
        if {name for name, value in params.items() if value is not None} - known:
            raise await self._guard.refusal(
                task, "it asks for more than a call that is answered", params
            )
        return params

    # --- Responses ------------------------------------------------------------------------------------

    async def response(self, asked: Any) -> Any:
        """Say what becomes of a response."""
        try:
            return await self._response(asked)
        except Refusal as error:
            return wire.refused(wire.ResponseResult, error.code, str(error))
        except (NotDone, Withheld) as error:
            return wire.refused(wire.ResponseResult, "PERMISSION_DENIED", str(error))
        except Unavailable as error:
            return wire.refused(wire.ResponseResult, "UNKNOWN", str(error))

    async def _response(self, asked: Any) -> Any:
        method = asked.method
        if method in PASSES:
            return wire.passed(wire.ResponseResult)
        if method in LISTS:
            return await self._listed(asked, LISTS[method])
        place = method == "resources/read"
        if method == "tools/call" or place:
            name = wire.metadata_of(asked).get(self._settings.call)
            if place and name == self._free:
                return wire.passed(wire.ResponseResult)
            return await self._answered(asked, name)
        if method == "prompts/get" and "prompts" in self._settings.allow:
            return wire.passed(wire.ResponseResult)
        await self._guard.refused(None, "a response of a method that is not passed on", method)
        raise Refusal("PERMISSION_DENIED", withheld(UNKNOWN))

    async def _answered(self, asked: Any, name: Any) -> Any:
        call = self._calls.take(name, _about(asked))
        if call is None:
            await self._guard.refused(
                None, "a response of no call that is known", _text(asked.mcp_response)
            )
            raise Refusal("PERMISSION_DENIED", withheld("it is that of no call that is known"))
        answer = _object(asked.mcp_response)
        if answer is None or answer.get("resultType", "complete") != "complete":
            self._calls.lose(call)
            raise Refusal("PERMISSION_DENIED", withheld(NOT_READ if answer is None else UNKNOWN))
        is_read = asked.method == "resources/read"
        said = contents(answer) if is_read else returned(answer, call.tool)
        result = await self._calls.end(call, said)
        if result.given is answer and not result.hints:
            return wire.passed(wire.ResponseResult)
        return wire.changed(wire.ResponseResult, _with_hints(result, answer))

    async def _listed(self, asked: Any, what: str) -> Any:
        """Leave out of a list what may never be permitted."""
        answer = _object(asked.mcp_response)
        found = None if answer is None else answer.get(what)
        if answer is None or not isinstance(found, list):
            raise Refusal("INVALID", withheld(NOT_READ))
        task = await self._task(asked)
        possible = await self._guard.enforcement.possible(task)
        if what == "tools":
            kept = [each for each in found if self._shows(asked, each, possible)]
        elif what == "resources":
            kept = [each for each in found if self._may_read(asked, each, possible)]
        else:
            governed: Passed = "prompts" if what == "prompts" else "resources"
            kept = found if governed in self._settings.allow else []
        return wire.changed(wire.ResponseResult, {**answer, what: kept})

    def _shows(self, asked: Any, tool: Any, possible: frozenset[str]) -> bool:
        """Whether a tool is listed; where there are several servers, the gateway puts their names before those of tools."""
        if not isinstance(tool, dict):
            return False
        name, takes, gives = (tool.get(each) for each in ("name", "inputSchema", "outputSchema"))
        if not name or not isinstance(name, str) or not isinstance(takes, dict):
            return False
        shown = False
        for server in asked.service_names:
            tools = self._tools(server)
            prefix = f"{server}_" if len(asked.service_names) > 1 else ""
            if not name.startswith(prefix):  # it is a tool of another server
                continue
            own = name.removeprefix(prefix)
            declared = None if tools is None else tools.named(own)
            if tools is None or declared is None:
                continue
            text = tool.get("description")
            drifted = tools.has_drifted(
                own,
                text if isinstance(text, str) else None,
                takes,
                gives if isinstance(gives, dict) else None,
            )
            if not drifted and declared.capability in possible:
                shown = True
                if tools.is_altered(own):  # the client would hold the result to it
                    tool.pop("outputSchema", None)
        return shown

    def _may_read(self, asked: Any, resource: Any, possible: frozenset[str]) -> bool:
        uri = resource.get("uri") if isinstance(resource, dict) else None
        places = self._places(asked)
        place = places.find(uri) if isinstance(uri, str) else None
        if place is None:
            return "resources" in self._settings.allow and places.is_free(uri)
        return place.tool.capability in possible

    # --- What it is about -----------------------------------------------------------------------------

    async def _task(self, asked: Any) -> Task:
        """Give the task, which the gateway's own settings name: no argument does. Raises `Refusal`."""
        told, settings = wire.metadata_of(asked), self._settings
        named = told.get(settings.task)
        agent = None if settings.agent is None else told.get(settings.agent)
        if settings.agent is not None and not isinstance(agent, str):
            await self._guard.refused(None, "the gateway does not say who calls", asked.method)
            raise Refusal("PERMISSION_DENIED", malformed("it is not known who calls"))
        speaks_for = None if agent is None else agent.__eq__
        if named is not None and not isinstance(named, str):
            named = ""
        try:
            return await self._tasks.of(From(named, speaks_for=speaks_for), None)
        except NoTask as error:
            await self._guard.refused(None, str(error), asked.method)
            raise Refusal("PERMISSION_DENIED", malformed(str(error))) from None

    async def _server(self, asked: Any, task: Task) -> Tools:
        names = list(asked.service_names)
        tools = self._tools(names[0]) if len(names) == 1 else None
        if tools is None:
            raise await self._guard.refusal(task, UNDECLARED, names)
        return tools

    def _tools(self, server: str) -> Tools | None:
        backends = self._settings.backends
        if backends and server not in backends:
            return None
        key = server if backends else ""
        if key not in self._servers:
            resources = backends.get(server, ())
            session = _Session(self._guard, Task("", "", ""))
            self._servers[key] = Tools(
                session,
                task=lambda task: task,
                resources=resources,
                context=self._settings.context,
            )
        return self._servers[key]

    def _places(self, asked: Any) -> BoundResources:
        backends = self._settings.backends
        named: Sequence[str] = [
            one for each in asked.service_names for one in backends.get(each, ())
        ]
        if backends and not named:
            named = [""]  # a server of which nothing is said has no place
        key = frozenset(named)
        if key not in self._bound:
            self._bound[key] = BoundResources(lambda: self._guard.enforcement.vocabulary, key)
        return self._bound[key]


def _about(asked: Any) -> tuple[str, ...]:
    return (asked.method, *asked.service_names)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        found = read_request(content)
    except NotJSON:
        return None
    return found if isinstance(found, dict) else None


def _with_hints(result: Result, answer: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = dict(result.given)
    if "resultType" in answer:
        given["resultType"] = answer["resultType"]
    return hinted(given, result.hints) if isinstance(given.get("content"), list) else given
