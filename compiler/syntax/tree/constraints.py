"""What a policy states of itself: `separate`, `isolate`, `assert`."""

from __future__ import annotations

from ...records import dataclass
from .expressions import Expression, Name, Node
from .rules import Need


@dataclass(frozen=True, slots=True)
class SeparateDeclaration(Node):
    """`separate CAP, CAP [per task]`."""

    capabilities: tuple[Name, ...]
    per_task: bool


@dataclass(frozen=True, slots=True)
class IsolateDeclaration(Node):
    """`isolate A from B [except CAP, …]`."""

    left: Name
    right: Name
    excepted: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class DelegateDeclaration(Node):
    """`delegate A for I to B for J`."""

    delegator: Name
    intent: Name
    delegate: Name
    delegate_intent: Name


@dataclass(frozen=True, slots=True)
class WithinDeclaration(Node):
    """`assert A within B [for I within J]`."""

    inner: Name
    outer: Name
    inner_intent: Name | None
    outer_intent: Name | None


@dataclass(frozen=True, slots=True)
class AssertDeclaration(Node):
    """`assert no AGENTS can CAPS …` (possible False) or `assert AGENTS can CAPS …`.

    `agents` and `intents` are None for `agent`/`any agent` and for no or any intent.
    """

    possible: bool
    agents: tuple[Name, ...] | None
    capabilities: tuple[Name, ...]
    intents: tuple[Name, ...] | None
    when: Expression | None
    without: tuple[Need, ...]
