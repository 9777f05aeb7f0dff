"""What is offered, before it is put in the words of the protocol."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ....compiler.structs import Struct

Sort: TypeAlias = Literal[
    "keyword", "operator", "snippet", "agent", "intent", "resource", "action", "attribute", "type", "member",
    "set", "condition", "rule", "meter", "source", "group", "terms", "package", "control", "value",
]  # fmt: skip


class Offer(Struct):
    """One thing that may stand at a place."""

    label: str
    sort: Sort
    detail: str = ""
    rank: int = 5
    """Those with a lower one come first."""

    insert: str | None = None
    """What is written, where it is not the label; with placeholders in a snippet."""

    use: str | None = None
    """The package whose `use` line has to be added."""

    documentation: str = ""

    @property
    def text(self) -> str:
        """What is written."""
        return self.label if self.insert is None else self.insert
