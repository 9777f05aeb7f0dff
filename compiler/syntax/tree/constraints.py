"""What a policy states of itself: `separate`, `isolate`, `assert`."""

from __future__ import annotations

from ...structs import Struct
from .expressions import Expression, Name, Node
from .rules import Need


class SeparateDeclaration(Node, Struct):
    """`separate CAP, CAP [per task]`."""

    capabilities: tuple[Name, ...]
    per_task: bool


class IsolateDeclaration(Node, Struct):
    """`isolate A from B [except CAP, …]`."""

    left: Name
    right: Name
    excepted: tuple[Name, ...]


class DelegateDeclaration(Node, Struct):
    """`delegate A for I to B for J`."""

    delegator: Name
    intent: Name
    delegate: Name
    delegate_intent: Name


class WithinDeclaration(Node, Struct):
    """`assert A within B [for I within J]`."""

    inner: Name
    outer: Name
    inner_intent: Name | None
    outer_intent: Name | None


class AssertDeclaration(Node, Struct):
    """`assert no AGENTS can CAPS …` (possible False) or `assert AGENTS can CAPS …`.

    `agents` and `intents` are None for `agent`/`any agent` and for no or any intent.
    """

    possible: bool
    agents: tuple[Name, ...] | None
    capabilities: tuple[Name, ...]
    intents: tuple[Name, ...] | None
    when: Expression | None
    without: tuple[Need, ...]
