"""What a route is: whom it asks for, what it takes and gives, and who does the work.

The router, the check of roles, the OpenAPI document and the table in the documentation are all made of these rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from ...core.operations.callers import Caller, Role
from .shapes import Schema, Shape

Reads = Literal["nothing", "json", "bytes"]
"""What the body of a request is: not looked at, JSON of a shape, or bytes that the route reads by itself."""


@dataclass(slots=True)
class Exchange:
    """One request, past the gate: who asks, and what it said."""

    request: Request
    caller: Caller
    body: Any = None
    """Of a route that reads JSON, the value, which has the shape that the route says."""
    content: bytes = b""
    """Of a route that reads bytes, the bytes."""
    told: dict[str, Any] = field(default_factory=dict)
    """What the line of the log and the span say of it beside the rest: words of ours, and no input."""

    @property
    def id(self) -> str:
        """The id in the path."""
        return str(self.request.path_params["id"])


Work = Callable[[Exchange], Awaitable[dict[str, Any] | Response]]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query."""

    name: str
    about: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the table of routes."""

    method: str
    path: str
    needs: frozenset[Role] | None
    """Any one of these roles; None where the route is open to everybody, with or without a key."""
    work: Work
    about: str
    """What it does, in a line."""
    takes: Shape | None = None
    """The shape of the body; of a route that reads bytes, for documentation alone."""
    reads: Reads = "nothing"
    gives: Schema | None = None
    """The answer, as JSON Schema; None if it is no JSON."""
    media: str = "application/json"
    answers: int = 200
    """The status of what it answers."""
    query: tuple[Query, ...] = ()
    refuses: tuple[int, ...] = ()
    """What it may answer beside what every route may."""
    for_people: bool = False
    """Whether a browser may send the key as the password of HTTP Basic authentication."""
    for_agents: bool = True
    """Whether an agent that acts for itself may ask here: what nobody records it could try until it knows the policy."""
    hidden: bool = False
    """Whether the OpenAPI document leaves it out: a page is no part of the API."""
    form: bool = False
    """Whether it reads a form and refuses as OAuth does; else bytes are as AuthZEN has them."""
    event: bool = False
    """Whether it reads a security event token, and answers as RFC 8935 does."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers that the OpenAPI document tells of, by name."""


def roles(*names: Role) -> frozenset[Role]:
    """Give roles of which any one will do.

    >>> sorted(roles("start", "admin"))
    ['admin', 'start']
    """
    return frozenset(names)
