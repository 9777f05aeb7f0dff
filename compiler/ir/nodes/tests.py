"""What tests ask of a policy, and what they expect of the decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeVar

from ...report.source import Span
from ...structs import Struct, field
from .rules import Credential, Requirement
from .vocabulary import Owner

_T = TypeVar("_T")


class Duty(Struct):
    """An obligation that is expected; `properties` is None where any will do."""

    name: str
    properties: tuple[tuple[str, Any], ...] | None = None


class Terms(Struct):
    """What is expected of a decision beside its effect and its rules. Of what is None nothing is said.

    What is said is said whole: `obligations` are all that there are, and `asking` all the ways to turn the
    challenge into a permit, each with everything that it takes.
    """

    credential: Credential | Literal["none"] | None = None
    obligations: tuple[Duty, ...] | None = None
    asking: tuple[tuple[Requirement, ...], ...] | None = None
    reasons: tuple[str, ...] | None = None
    owner: Owner | Literal["none"] | None = None


def once(items: Iterable[_T]) -> tuple[_T, ...]:
    """What is expected, each once and in the one order that it has; by repr, for which 1 is not true."""
    listed = tuple(items)
    if not listed[1:]:
        return listed
    by_text = {repr(each): each for each in listed}
    return tuple(by_text[key] for key in sorted(by_text))


class Cell(Struct):
    """Where a test stands in the table that its block makes: one of several calls, or of several agents.

    The agent and the call are as written, with a number where a call is made more than once.
    """

    block: str
    agent: str
    call: str


class Test(Struct):
    """One request of a `test` block, and what is expected of it.

    `request` has the shape of an AuthZEN evaluation; `rules` are the identities expected to have
    decided, None when the test does not say. `terms` is None when it says nothing else. `cell`, which means
    nothing to the test, is None where its block has no other. `record` is what happened before, from which the
    facts of the request follow.
    """

    __test__ = False  # not for pytest to collect

    name: str
    request: dict[str, Any]
    effect: Literal["permit", "challenge", "deny"]
    rules: tuple[str, ...] | None
    span: Span = field(compare=False, repr=False)
    terms: Terms | None = None
    cell: Cell | None = field(default=None, compare=False, repr=False)
    record: tuple[dict[str, Any], ...] = ()
