"""What each name that is written has turned out to mean, noted where lowering finds out.

A note is three references and costs next to nothing; `uses` makes of it what an editor asks for.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from ...ir import nodes as ir
from ...structs import Struct, field
from ...syntax import tree as syntax

Noted: TypeAlias = Literal[
    "agent", "intent", "resource", "action", "type", "member", "set", "condition", "rule", "meter",
    "source", "group", "terms", "control", "path", "fields", "result",
]  # fmt: skip
"""What a name is looked up as; the last three are read through something that declares fields."""

Meant: TypeAlias = str | tuple[str, ...] | tuple[str, ir.Names]
"""A qualified name. Of a path, its root and who declares what is read there; of a field, what holds it."""

Mention: TypeAlias = tuple[syntax.Name | syntax.Text, Noted, Meant]

NOBODY: Final[tuple[str, ir.Names]] = ("", ())


class Chunk(Struct, frozen=False):
    """The mentions of one rule, which are kept with it: those in its own file, and what it reads elsewhere."""

    file: str
    own: list[Mention]
    elsewhere: list[Mention]

    @classmethod
    def of(cls, file: str, mentions: list[Mention]) -> Chunk:
        """Tell the mentions in a file from those in named conditions, meters and terms of others."""
        own = [each for each in mentions if each[0].span.file == file]
        if len(own) == len(mentions):
            return cls(file, own, [])
        return cls(file, own, [each for each in mentions if each[0].span.file != file])


class Mentions(Struct, frozen=False):
    """All of one lowering: what is noted each time anew, and the chunks of rules."""

    noted: list[Mention] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)

    def since(self, start: int, file: str) -> Chunk:
        """Take what was noted since then as the chunk of a rule in a file."""
        chunk = Chunk.of(file, self.noted[start:])
        del self.noted[start:]
        self.chunks.append(chunk)
        return chunk


def holder_of_arguments(resource: ir.Resource, action: str) -> str:
    """What declares the arguments of an action: of a start, the intent."""
    return (
        f"{resource.name}.task" if resource.kind == "intent" else f"{resource.name}.{action}.args"
    )
