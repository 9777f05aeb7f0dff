"""The tools of a server, as far as the policy knows them: found by their names, and pinned to what it declares of them.

A tool that the policy does not declare is not shown and cannot be called. Neither is one that takes other arguments than
the policy says: whoever wrote the rules had another tool in mind. And one whose description changed is not called before
the client has seen what it says now.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import mcp_types as types

from ...compiler.importers.tool_list import shown
from ..enforcing.drift import DRIFTED, UNDECLARED, drift_of
from ..enforcing.vocabulary import Tool, Vocabulary
from .notes import Notes
from .server_side.upstream import Upstream, definition

NEW = "the server describes it differently now: list the tools again, and see whether it is still what is wanted"
MOST_TASKS = 10_000
UNSEEN = "the server has no such tool"


@dataclass(frozen=True, slots=True)
class Entry:
    """A tool of the server that stands for an action of the policy."""

    tool: Tool
    listed: types.Tool
    definition: str

    @property
    def name(self) -> str:
        """What the server calls it."""
        return self.listed.name


@dataclass(frozen=True, slots=True)
class Hidden:
    """A tool that cannot be called, and why."""

    name: str
    why: str
    more: str = ""
    """What the operator is told beside: it may have words of the server, which the client of a hidden tool must not get."""


class Catalogue:
    """What the server has today."""

    def __init__(
        self,
        vocabulary: Callable[[], Vocabulary],
        resources: Iterable[str],
        upstream: Upstream,
        notes: Notes,
    ) -> None:
        """Take what says what the policy declares now; of the `resources` alone, if some are named."""
        self._now, self._vocabulary = vocabulary, vocabulary()
        self._upstream, self._notes = upstream, notes
        self._resources = frozenset(resources)
        self._called = self._vocabulary.called(self._resources)
        self._entries: dict[str, Entry] = {}
        self._hidden: dict[str, Hidden] = {}
        self._shown: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._changes, self._known = 1, 0
        """How often the tools have changed, or may have, and as of which of these times they are known."""
        self._reading = anyio.Lock()

    def outdated(self) -> None:
        """Take in that the server says that its tools have changed."""
        self._changes += 1

    async def show(self, task: str) -> tuple[Entry, ...]:
        """Give the tools as they are now, which the client of a task sees. Raises `Gone` and `Faulty`."""
        self.outdated()
        await self.read()
        self._seen_in(task).update((each.name, each.definition) for each in self._entries.values())
        return tuple(self._entries.values())

    async def find(self, name: str, task: str) -> Entry | Hidden:
        """Give a tool that is to be called in a task. Raises `Gone` and `Faulty`."""
        await self.read()
        entry = self._entries.get(name)
        if entry is None:
            return self._hidden.get(name, Hidden(name, UNSEEN))
        if self._seen_in(task).setdefault(name, entry.definition) != entry.definition:
            return Hidden(name, NEW)
        return entry

    def _seen_in(self, task: str) -> dict[str, str]:
        """What the tools were when the client of a task last saw them, or called them without having looked."""
        found = self._shown.setdefault(task, {})
        self._shown.move_to_end(task)
        if len(self._shown) > MOST_TASKS:
            self._shown.popitem(last=False)
        return found

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """Give the schema of a tool's arguments, which says which headers have to agree with them."""
        entry = self._entries.get(name)
        return None if entry is None else entry.listed.input_schema

    def _is_of_today(self) -> bool:
        return self._known == self._changes and self._now() is self._vocabulary

    async def read(self) -> None:
        """See to it that what is known of the tools is of today. Raises `Gone` and `Faulty`."""
        if self._is_of_today():  # as nearly always: then there is nothing to take turns for
            return
        async with self._reading:
            if self._is_of_today():
                return
            self.outdated()  # until all of it was read, if another policy came
            changes = self._changes
            tools = await self._upstream.tools()
            self._vocabulary = self._now()
            self._called = self._vocabulary.called(self._resources)
            entries: dict[str, Entry] = {}
            hidden: dict[str, Hidden] = {}
            for each in tools:
                found = (
                    Hidden(each.name, "the server lists two tools by this name")
                    if each.name in entries or each.name in hidden
                    else self._entry(each)
                )
                if isinstance(found, Hidden):
                    entries.pop(each.name, None)
                    hidden[each.name] = found
                    if found.why != UNDECLARED:
                        self._notes.say(
                            f"the tool {shown(each.name)} is hidden: {found.why}{found.more}"
                        )
                else:
                    entries[each.name] = found
            unknown = [shown(each.name) for each in hidden.values() if each.why == UNDECLARED]
            if unknown:
                self._notes.say(f"hidden, since {UNDECLARED}: {', '.join(unknown)}")
            self._entries, self._hidden = entries, hidden
            self._known = changes  # and what changed meanwhile is read the next time

    def _entry(self, listed: types.Tool) -> Entry | Hidden:
        capabilities = self._called.get(listed.name, ())
        if not capabilities:
            return Hidden(listed.name, UNDECLARED)
        if len(capabilities) > 1:
            names = ", ".join(f"`{each}`" for each in capabilities)
            why = f"it could be any of {names}: say with `--tool` which resources the server has"
            return Hidden(listed.name, why)
        tool = self._vocabulary.tools[capabilities[0]]
        said = (listed.name, listed.description, listed.input_schema, listed.output_schema)
        changes = drift_of(tool, self._vocabulary, *said)
        if changes:
            more = f": {'; '.join(changes)} (`agpc import mcp --check`)"
            return Hidden(listed.name, DRIFTED, more)
        return Entry(tool, listed, definition(listed))
