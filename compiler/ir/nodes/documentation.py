"""What comments of a policy say of its parts: beside what decides, and never a part of it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ...structs import Struct

DocumentedKind: TypeAlias = Literal[
    "package", "agent", "intent", "resource", "action", "parameter", "field", "type", "member", "set", "condition",
    "rule", "meter", "source", "group", "terms", "constraint", "test", "binding",
]  # fmt: skip


class Doc(Struct):
    """The text about something, which its kind and its qualified name tell.

    An allow has its identity, a parameter stands behind `args` of its action, a statement like `separate` is named by
    itself with all names in full, and a test by its own. Lines end with `\\n`.
    """

    kind: DocumentedKind
    name: str
    text: str
