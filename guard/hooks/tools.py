"""What each tool of a coding agent is in AGP: one table, and nothing beside it passes.

The package that declares these calls is `workstation`, unless the operator says another; `examples/coding-agent/tools.agp` is it.
A field of an input that the table does not know is refused: a new version of a client may mean anything by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..enforcing.vocabulary import Vocabulary
from .commands import words_of
from .events import Event
from .files import NoPath, located, searched, standing
from .patches import NoPatch, read_patch

PACKAGE = "workstation"


class Ungoverned(Exception):
    """A use of a tool that is none of the table; one plain sentence, for a model and for the record."""

    def __init__(self, why: str, unknown: Sequence[str] = ()) -> None:
        """Keep the names that the table does not know, as the client wrote them."""
        super().__init__(why)
        self.unknown = unknown


@dataclass(frozen=True, slots=True)
class WantedCall:
    """What a use of a tool asks for."""

    resource: str
    action: str
    arguments: Mapping[str, Any]
    properties: Mapping[str, Any] = field(default_factory=dict)


class _Input:
    """The input of one use, of which every field has to be taken."""

    def __init__(self, event: Event, root: str) -> None:
        self.event, self.root = event, root
        self._left = dict(event.input)

    def text(self, name: str) -> str:
        value = self._left.pop(name, None)
        if type(value) is not str:
            raise Ungoverned(f"`{name}` of its input is missing, or no text")
        return value

    def maybe(self, name: str, of: type) -> Any:
        value = self._left.pop(name, None)
        if value is not None and type(value) is not of:
            raise Ungoverned(f"`{name}` of its input is not what it should be")
        return value

    def leave(self, *names: str) -> None:
        """Pass over what changes nothing that a policy could care about."""
        for each in names:
            self._left.pop(each, None)

    def path(self, text: str) -> str:
        try:
            return located(text, self.event.cwd)
        except NoPath as error:
            raise Ungoverned(str(error)) from None

    def done(self) -> None:
        if self._left:
            raise Ungoverned(
                "its input has a field that these hooks do not know",
                list(self._left),
            )


def _shell(given: _Input) -> WantedCall:
    command = given.text("command")
    arguments: dict[str, Any] = {"command": command}
    properties: dict[str, Any] = {}
    # Codex runs each command in a folder of its own, and does not tell which.
    if given.event.client == "claude-code":
        arguments["folder"] = folder = given.path(given.event.cwd)
        properties = standing([folder], given.root)
    words = words_of(command)
    if words is not None:
        arguments |= {"program": words[0], "words": words[1:]}
    if given.maybe("run_in_background", bool):
        arguments["background"] = True
    if given.maybe("dangerouslyDisableSandbox", bool):
        arguments["unsandboxed"] = True
    given.leave("description", "timeout")
    return WantedCall("shell", "run", arguments, properties)


def _files(given: _Input, action: str, where: list[str], **arguments: Any) -> WantedCall:
    return WantedCall("files", action, arguments, standing(where, given.root))


def _read(given: _Input) -> WantedCall:
    path = given.path(given.text("file_path"))
    given.leave("offset", "limit", "pages")
    return _files(given, "read", [path], path=path)


def _image(given: _Input) -> WantedCall:
    path = given.path(given.text("path"))
    given.leave("detail")
    return _files(given, "read", [path], path=path)


def _search(given: _Input) -> WantedCall:
    pattern, path = given.text("pattern"), given.path(given.maybe("path", str) or given.event.cwd)
    names = [pattern] if given.event.tool == "Glob" else []
    names += [each for each in [given.maybe("glob", str)] if each is not None]
    try:
        for each in names:
            searched(each)
    except NoPath as error:
        raise Ungoverned(str(error)) from None
    given.leave("output_mode", "type", "head_limit", "offset", "multiline")
    given.leave("-A", "-B", "-C", "-i", "-n", "-o", "context")
    return _files(given, "search", [path], path=path, pattern=pattern)


def _list(given: _Input) -> WantedCall:
    path = given.path(given.text("path"))
    given.leave("ignore")
    return _files(given, "search", [path], path=path, pattern="*")


def _write(given: _Input) -> WantedCall:
    path = given.path(given.text("file_path"))
    return _files(given, "write", [path], paths=[path], texts=[given.text("content")])


def _edit(given: _Input) -> WantedCall:
    path, text = given.path(given.text("file_path")), given.text("new_string")
    given.text("old_string")
    given.maybe("replace_all", bool)
    return _files(given, "write", [path], paths=[path], texts=[text])


def _edits(given: _Input) -> WantedCall:
    path, edits = given.path(given.text("file_path")), given.maybe("edits", list) or []
    texts = []
    for each in edits:
        known = type(each) is dict and set(each) <= {"old_string", "new_string", "replace_all"}
        if not known or type(each.get("new_string")) is not str:
            raise Ungoverned("`edits` of its input is not what it should be")
        texts.append(each["new_string"])
    return _files(given, "write", [path], paths=[path], texts=texts)


def _notebook(given: _Input) -> WantedCall:
    path, text = given.path(given.text("notebook_path")), given.maybe("new_source", str) or ""
    given.leave("cell_id", "cell_type", "edit_mode")
    return _files(given, "write", [path], paths=[path], texts=[text])


def _patch(given: _Input) -> WantedCall:
    try:
        names, texts = read_patch(given.text("command"))
    except NoPatch as error:
        raise Ungoverned(str(error)) from None
    paths = list(dict.fromkeys(given.path(each) for each in names))
    return _files(given, "write", paths, paths=paths, texts=texts)


def _fetch(given: _Input) -> WantedCall:
    return WantedCall("web", "fetch", {"url": given.text("url"), "prompt": given.text("prompt")})


def _web_search(given: _Input) -> WantedCall:
    query = given.text("query")
    given.leave("allowed_domains", "blocked_domains")
    return WantedCall("web", "search", {"query": query})


def _agent(given: _Input) -> WantedCall:
    arguments = {"prompt": given.text("prompt")}
    kind = given.maybe("subagent_type", str)
    if kind is not None:
        arguments["kind"] = kind
    given.leave("description", "run_in_background")
    return WantedCall("agents", "start", arguments)


def _own(given: _Input) -> WantedCall:
    given.leave(*given.event.input)  # it stays in the client
    return WantedCall("client", "use", {"tool": given.event.tool})


_Reader = Callable[[_Input], WantedCall]
_CLAUDE_CODE: Mapping[str, _Reader] = {
    "Bash": _shell,
    "Read": _read,
    "Glob": _search,
    "Grep": _search,
    "LS": _list,
    "Write": _write,
    "Edit": _edit,
    "MultiEdit": _edits,
    "NotebookEdit": _notebook,
    "WebFetch": _fetch,
    "WebSearch": _web_search,
    "Task": _agent,
    "Agent": _agent,
    **dict.fromkeys(
        ("AskUserQuestion", "BashOutput", "EnterPlanMode", "ExitPlanMode", "TaskCreate", "TaskGet", "TaskList",
         "TaskUpdate", "TodoWrite", "ToolSearch"), _own,
    ),
}  # fmt: skip
_CODEX: Mapping[str, _Reader] = {"Bash": _shell, "apply_patch": _patch, "view_image": _image}
TABLE: Mapping[str, Mapping[str, _Reader]] = {"claude-code": _CLAUDE_CODE, "codex": _CODEX}
_MCP = "mcp__"


def wanted(
    event: Event, vocabulary: Vocabulary, root: str, package: str = PACKAGE
) -> tuple[str, WantedCall]:
    """Give the type of the resource, and what is asked for. Raises `Ungoverned`."""
    if event.tool.startswith(_MCP):
        return _of_server(event, vocabulary)
    reader = TABLE[event.client].get(event.tool)
    if reader is None:
        raise Ungoverned("it is a tool that these hooks do not know", [event.tool])
    given = _Input(event, root)
    found = reader(given)
    given.done()
    type_ = f"{package}.{found.resource}"
    if vocabulary.tool(type_, found.action) is None:
        raise Ungoverned(f"the policy declares no `{type_}.{found.action}`")
    return type_, found


def _of_server(event: Event, vocabulary: Vocabulary) -> tuple[str, WantedCall]:
    """Find a tool of an MCP server by the name that clients make of both; `bind mcp` says where a resource lives."""
    found = [
        tool
        for tool in vocabulary.tools.values()
        if tool.server is not None
        for name in tool.names or (tool.action,)
        if f"{_MCP}{_plain(tool.server)}__{_plain(name)}" == event.tool
    ]
    if len(found) != 1:
        raise Ungoverned(
            "the policy binds no tool of a server to that name, or more than one", [event.tool]
        )
    return found[0].type, WantedCall(found[0].type, found[0].action, event.input)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)
