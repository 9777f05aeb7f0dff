"""One request, taken apart so that the conditions of rules can read it."""

from __future__ import annotations

from typing import Any

from .values import is_too_deep, read_time

NO_FIELDS: dict[str, Any] = {}  # INVARIANT: never written to; stands for every object not there
_UNREAD: Any = object()


def fields_of(value: object) -> dict[str, Any]:
    """Give the value if it is a JSON object, else one without fields."""
    return value if type(value) is dict else NO_FIELDS


class Call:
    """A request whose five required strings are there.

    `agent`, `args`, `resource`, `task`, `user` and `context` hold the fields of each root, and are
    empty where the request carries none or something else; `now` is nanoseconds, None if unknown.
    """

    __slots__ = (
        "_now",
        "agent",
        "args",
        "capability",
        "context",
        "request",
        "resource",
        "task",
        "user",
    )

    def __init__(
        self,
        request: dict[str, Any],
        capability: str,
        context: dict[str, Any],
        task: dict[str, Any],
    ) -> None:
        """Take a request that has been looked at; `context` and `task` are its own or empty."""
        agent = request["subject"].get("properties")
        args = request["action"].get("properties")
        resource = request["resource"].get("properties")
        user = context.get("user")
        self.request = request
        self.capability = capability
        self.context = context
        self.task = task
        self.agent: dict[str, Any] = agent if type(agent) is dict else NO_FIELDS
        self.args: dict[str, Any] = args if type(args) is dict else NO_FIELDS
        self.resource: dict[str, Any] = resource if type(resource) is dict else NO_FIELDS
        self.user: dict[str, Any] = user if type(user) is dict else NO_FIELDS
        self._now = _UNREAD

    @property
    def now(self) -> int | None:
        """The time of the call; read when first asked for, since most rules do not ask."""
        if self._now is _UNREAD:
            self._now = read_time(self.context.get("time"))
        found: int | None = self._now
        return found

    @property
    def agent_id(self) -> str:
        """The SPIFFE ID of the agent."""
        found: str = self.request["subject"]["id"]
        return found

    @property
    def resource_id(self) -> str:
        """The identity of the resource."""
        found: str = self.request["resource"]["id"]
        return found

    def is_too_deep(self) -> bool:
        """Whether the request has more levels than it may.

        A permit waits for this, so that where the first levels hold no other key than those that are
        read, which their number tells, they are not walked through once more.
        """
        request, subject = self.request, self.request["subject"]
        if (
            len(request) == 3 + (self.context is not NO_FIELDS)
            and len(subject) == 2 + (self.agent is not NO_FIELDS)
            and len(request["action"]) == 1 + (self.args is not NO_FIELDS)
            and len(request["resource"]) == 2 + (self.resource is not NO_FIELDS)
        ):
            return is_too_deep(request, [self.agent, self.args, self.resource, self.context])
        return is_too_deep(request)
