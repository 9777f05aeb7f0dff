"""Bring declarations that were imported before up to what the server lists today.

Only what the server changed is written anew: attributes, comments, rules and types that somebody made
tighter by hand stay as they are. What changed is said, one line for each change, so that a
reviewer reads it and a pipeline can stop at it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from ..report.diagnostics import Diagnostics
from ..report.source import Source, Span
from ..structs import Struct
from ..syntax import tree as syntax
from ..syntax.parse import parse
from ..text.field_names import segments
from .tool_list import ToolListError, shown
from .tool_schema import COMPOSED
from .tool_source import (
    Action,
    Server,
    action_text,
    binding_text,
    bound_text,
    enum_text,
    servers_to_source,
    tool_text,
)
from .tool_types import refines, written_type


class Updated(Struct):
    """The text of the file, not formatted yet, and what changed in it."""

    text: str
    changes: tuple[str, ...]


def update(
    source: Source, servers: tuple[Server, ...], package: str, *, guessed: bool = False
) -> Updated:
    """Bring a file up to date. Raises `ToolListError` where it cannot be read.

    Where the server's name was guessed, from how the list's file is called, tools that the file binds under
    another name are not added a second time: it is more likely the same server.
    """
    fresh = parsed(Source("tools.agp", servers_to_source(servers, package)))
    update = _Update(source, parsed(source), fresh)
    if update.old.package is None or update.old.package.text != package:
        there = (
            "no package" if update.old.package is None else f"package `{update.old.package.text}`"
        )
        raise ToolListError(f"the file declares {there}, and not `{package}`: see `--package`")
    for server in servers:
        if guessed:
            update.refuse_copy(server)
        update.take(server)
    return Updated(update.text(), tuple(update.changes))


def parsed(source: Source) -> syntax.File:
    """Parse a file. Raises `ToolListError` where it is not AGP."""
    diagnostics: Diagnostics = []
    found = parse(source, diagnostics)
    wrong = next((each for each in diagnostics if each.severity == "error"), None)
    if wrong is not None:
        where = wrong.labels[0].span if wrong.labels else source.name
        raise ToolListError(
            f"what was added by hand cannot be kept, since the file is not AGP ({where}: "
            f"{wrong.message})"
        )
    return found


def compared(
    source: Source, old: syntax.File, fresh: syntax.File, action: Action
) -> tuple[str, ...]:
    """Say how one action of a file differs from what the server lists today."""
    update = _Update(source, old, fresh)
    known, today = (_action(each, action.name) for each in (old, fresh))
    update.compare(action, known, today)
    return tuple(update.changes)


@dataclasses.dataclass
class _Update:
    """The edits of one file, each a stretch of its text and what stands there afterwards."""

    source: Source
    old: syntax.File
    fresh: syntax.File
    changes: list[str] = dataclasses.field(default_factory=list)
    _edits: list[tuple[int, int, str]] = dataclasses.field(default_factory=list)
    _appended: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self._starts = [0]
        for line in self.source.text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def refuse_copy(self, server: Server) -> None:
        """Refuse a server that is new by its name, and known by most of its tools."""
        if _resource(self.old, server.name) is not None:
            return
        listed = {each.tool.name for each in server.actions}
        for each in self.old.statements:
            if isinstance(each, syntax.ResourceDeclaration):
                bound = dict(_bound(_binding(self.old, each.name.text)))
                if len(listed & bound.keys()) * 2 > len(listed):
                    raise ToolListError(
                        f"most of these tools are those of `{each.name.text}` in the file: bring it up to "
                        f"date with `--tool {each.name.text}`, or add them again with "
                        f"`--tool {server.name}`"
                    )

    def take(self, server: Server) -> None:
        """Compare one server's tools with what the file declares of them."""
        resource = _resource(self.old, server.name)
        self._take_enums(server)
        if resource is None:
            self._appended.append(tool_text(server))
            self._appended.append("bind mcp {\n" + binding_text(server) + "}\n")
            self.changes.append(f"added: tool `{server.name}` with {len(server.actions)} actions")
            return
        binding = _binding(self.old, server.name)
        bound = dict(_bound(binding))
        declared = {each.name.text: each for each in resource.actions}
        fresh = _resource(self.fresh, server.name)
        assert fresh is not None
        fresh_actions = {each.name.text: each for each in fresh.actions}
        added: list[Action] = []
        taken = set(bound.values())
        for action in server.actions:
            name = bound.get(action.tool.name)
            if name is None and action.name not in taken:
                name = action.name
            known = declared.get(name) if name is not None else None
            if known is None:
                added.append(action)
            else:
                self.compare(action, known, fresh_actions[action.name])
        self._add(server, resource, binding, added, declared)
        listed = {each.tool.name for each in server.actions}
        if server.complete:
            for tool, name in bound.items():
                if tool not in listed:
                    self._remove(tool, declared.get(name), binding)

    def text(self) -> str:
        """The text with the edits."""
        found, until = [], len(self.source.text)
        for start, end, text in sorted(self._edits, reverse=True):
            found += [self.source.text[end:until], text]
            until = start
        found.append(self.source.text[:until])
        return "\n".join(["".join(reversed(found)), *self._appended])

    # --- what may differ ---

    def _take_enums(self, server: Server) -> None:
        known = {
            each.name.text: each
            for each in self.old.statements
            if isinstance(each, syntax.EnumDeclaration)
        }
        for name, members in server.enums.items():
            if name not in known:
                self._appended.append(enum_text(name, members))
                continue
            before = tuple(segments(each.text)[0] for each in known[name].members)
            if set(before) != set(members):
                self._replace(known[name].span, enum_text(name, members).rstrip())
                self.changes.append(f"changed: enum `{name}`: {_difference(before, members)}")

    def compare(
        self, action: Action, known: syntax.ActionDeclaration, fresh: syntax.ActionDeclaration
    ) -> None:
        """Take in how one action differs from what the server lists today."""
        before = {each.name.text: each for each in known.parameters}
        today = {each.name.text: each for each in fresh.parameters}
        is_whole = action.tool.schema.keys().isdisjoint(COMPOSED)
        said: list[str] = []
        parameters: list[str] = []
        for name, now in today.items():
            was = before.get(name)
            kept = now.type
            if was is None:
                said.append(
                    f"argument `{name}` is new" + ("" if now.optional else ", and required")
                )
            else:
                if refines(was.type, now.type):
                    kept = was.type
                else:
                    was_type = self._written(was.type)
                    said.append(f"`{name}` was `{was_type}` and is `{written_type(now.type)}`")
                if was.optional != now.optional:
                    said.append(f"`{name}` is {'optional' if now.optional else 'required'} now")
            type_text = self._written(kept) if kept is not now.type else written_type(kept)
            parameters.append(f"{name}{'?' if now.optional else ''}: {type_text}")
        for name, was in before.items():
            if name not in today and is_whole:
                said.append(f"argument `{name}` is gone")
            elif name not in today:  # the schema does not list all, and somebody knew more
                parameters.append(self._written(was))
        result = known.result
        if fresh.result is not None and (result is None or not refines(result, fresh.result)):
            gave = f"`{self._written(result)}`" if result else "nothing declared"
            said.append(f"it gave back {gave} and gives `{written_type(fresh.result)}`")
            result = fresh.result
        if said:
            listed = f"({', '.join(parameters)})" if parameters else ""
            gives = ""
            if result is not None:
                kept_text = (
                    self._written(result) if result is known.result else written_type(result)
                )
                gives = f" -> {kept_text}"
            self._replace(known.span, f"{known.name.text}{listed}{gives}")
            self.changes.append(f"changed: {shown(action.tool.name)}: {'; '.join(said)}")

    def _add(
        self,
        server: Server,
        resource: syntax.ResourceDeclaration,
        binding: syntax.BindResource | None,
        added: list[Action],
        declared: dict[str, syntax.ActionDeclaration],
    ) -> None:
        if not added:
            return
        for action in added:
            if action.name in declared:
                raise ToolListError(
                    f"the tool {shown(action.tool.name)} would be the action `{action.name}`, which "
                    "the file binds to another tool: give that action another name"
                )
            self.changes.append(f"added: {shown(action.tool.name)}")
        self._insert(self._end(resource.span) - 1, "".join(map(action_text, added)))
        lines = "".join(f"        {bound_text(each)}\n" for each in added)
        end = self._end(binding.span) if binding is not None else 0
        if binding is not None and self.source.text[end - 1] == "}":
            at = len(self.source.text[: end - 1].rstrip(" \t"))
            starts_line = self.source.text[at - 1] == "\n"
            self._insert(at if starts_line else end - 1, lines if starts_line else "\n" + lines)
        elif binding is not None:
            self._insert(end, f" {{\n{lines}    }}\n")
        else:
            self._appended.append(
                f"bind mcp {{\n    resource {server.name} {{\n{lines}    }}\n}}\n"
            )

    def _remove(
        self,
        tool: str,
        action: syntax.ActionDeclaration | None,
        binding: syntax.BindResource | None,
    ) -> None:
        self.changes.append(f"removed: {shown(tool)}")
        items = binding.items if binding is not None else ()
        for item in items:
            if isinstance(item, syntax.BindAction) and tool in _names(item):
                if len(item.names) > 1:
                    return  # other tools stand for the same action
                place = self._with_comma(self._start(item.span), self._end(item.span))
                self._replace_offsets(*self._with_line(*place), "")
        if action is not None:
            self._replace_offsets(*self._whole_action(action), "")

    def _whole_action(self, action: syntax.ActionDeclaration) -> tuple[int, int]:
        """Where an action stands with its keyword and comments, or with one of the commas beside it."""
        text = self.source.text
        start, end = self._start(action.span), self._end(action.span)
        with_comma = self._with_comma(start, end)
        if with_comma != (start, end):
            return with_comma
        start = len(text[:start].rstrip()) - len("action")
        if action.kinds:
            start = self._start(action.kinds[0].span)
        lines = text[:start].split("\n")
        start -= len(lines.pop())
        while lines and lines[-1].lstrip().startswith("#"):
            start -= len(lines.pop()) + 1
        return start, end

    def _with_comma(self, start: int, end: int) -> tuple[int, int]:
        """Where the member of a list stands with the comma behind it, else with the one before it."""
        text = self.source.text
        behind = end + len(text[end:]) - len(text[end:].lstrip())
        if text[behind : behind + 1] == ",":
            return start, behind + 1
        before = len(text[:start].rstrip())
        return (before - 1, end) if text[before - 1] == "," else (start, end)

    def _with_line(self, start: int, end: int) -> tuple[int, int]:
        """Where a member stands with its line, if it has one for itself: an empty one would stay."""
        text = self.source.text
        first = len(text[:start].rstrip(" \t"))
        last = end + len(text[end:]) - len(text[end:].lstrip(" \t"))
        alone = text[first - 1] == "\n" and text[last : last + 1] == "\n"
        return (first, last + 1) if alone else (start, end)

    # --- places ---

    def _start(self, span: Span) -> int:
        return self._starts[span.line - 1] + span.column - 1

    def _end(self, span: Span) -> int:
        return self._starts[span.end_line - 1] + span.end_column - 1

    def _replace(self, span: Span, text: str) -> None:
        self._replace_offsets(self._start(span), self._end(span), text)

    def _insert(self, offset: int, text: str) -> None:
        self._replace_offsets(offset, offset, text)

    def _replace_offsets(self, start: int, end: int, text: str) -> None:
        self._edits.append((start, end, text))

    def _written(self, node: syntax.Node) -> str:
        return self.source.text[self._start(node.span) : self._end(node.span)]


def _action(file: syntax.File, name: str) -> syntax.ActionDeclaration:
    return next(
        action
        for each in file.statements
        if isinstance(each, syntax.ResourceDeclaration)
        for action in each.actions
        if action.name.text == name
    )


def _resource(file: syntax.File, name: str) -> syntax.ResourceDeclaration | None:
    return next(
        (
            each
            for each in file.statements
            if isinstance(each, syntax.ResourceDeclaration) and each.name.text == name
        ),
        None,
    )


def _binding(file: syntax.File, name: str) -> syntax.BindResource | None:
    package = file.package.text if file.package is not None else ""
    return next(
        (
            item
            for each in file.statements
            if isinstance(each, syntax.BindDeclaration) and each.target.text == "mcp"
            for item in each.items
            if isinstance(item, syntax.BindResource)
            and item.resource.text in (name, f"{package}.{name}")
        ),
        None,
    )


def _bound(binding: syntax.BindResource | None) -> Iterator[tuple[str, str]]:
    """The names of tools, each with the action that stands for it."""
    for item in binding.items if binding is not None else ():
        if isinstance(item, syntax.BindAction):
            for name in _names(item):
                yield name, item.action.text


def _names(item: syntax.BindAction) -> tuple[str, ...]:
    return tuple(each.value if isinstance(each, syntax.Text) else each.text for each in item.names)


def _difference(before: tuple[str, ...], today: tuple[str, ...]) -> str:
    new = [each for each in today if each not in before]
    gone = [each for each in before if each not in today]
    parts = [f"{', '.join(new)} new"] if new else []
    return "; ".join([*parts, *([f"{', '.join(gone)} gone"] if gone else [])])
