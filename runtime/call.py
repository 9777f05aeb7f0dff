"""One request, taken apart so that the conditions of rules can read it."""

from __future__ import annotations

from typing import Any

from .values import is_too_deep, may_hold_more, read_time

NO_FIELDS: dict[str, Any] = {}  # INVARIANT: never written to; stands for every object not there

UNREAD = -(2**64)  # the time of a call that nobody asked for, which is no time that could be read


def fields_of(value: object) -> dict[str, Any]:
    """Give the value if it is a JSON object, else one without fields."""
    return value if type(value) is dict else NO_FIELDS


class Call:
    """A request whose five required strings are there, as the evaluator takes it apart.

    `agent`, `args`, `resource`, `task` and `context` hold the fields of each root, and are empty
    where the request carries none or something else; `now` is nanoseconds, None if unknown. The
    evaluator sets them itself, `instant` to UNREAD, and `capability` where evidence is looked at:
    an `__init__` would take longer than the rest of a look-up.
    """

    __slots__ = (
        "agent",
        "args",
        "capability",
        "context",
        "instant",
        "request",
        "resource",
        "task",
    )

    agent: dict[str, Any]
    args: dict[str, Any]
    capability: str
    context: dict[str, Any]
    request: dict[str, Any]
    resource: dict[str, Any]
    task: dict[str, Any]
    instant: int | None

    @property
    def now(self) -> int | None:
        """The time of the call; read when first asked for, since most rules do not ask."""
        if self.instant is UNREAD:
            self.instant = read_time(self.context.get("time"))
        return self.instant

    @property
    def user(self) -> dict[str, Any]:
        """The fields of the user on whose behalf the agent acts."""
        return fields_of(self.context.get("user"))

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

    def is_too_deep(
        self, subject: dict[str, Any], action: dict[str, Any], called: dict[str, Any]
    ) -> bool:
        """Whether the request, which has these three, has more levels than it may.

        A permit waits for this. So where the first levels hold no other key than those that are read,
        which their number tells, only what stands below them is looked at.
        """
        request, context = self.request, self.context
        agent, args, resource = self.agent, self.args, self.resource
        if (
            len(request) != (3 if context is NO_FIELDS else 4)
            or len(subject) != (2 if agent is NO_FIELDS else 3)
            or len(action) != (1 if args is NO_FIELDS else 2)
            or len(called) != (2 if resource is NO_FIELDS else 3)
        ):
            return is_too_deep(request)
        if not (may_hold_more(agent) or may_hold_more(args) or may_hold_more(resource)):
            for value in context.values():
                if may_hold_more(value):
                    break
            else:
                return False  # as almost always
        holders = (agent, args, resource, *context.values())
        below = [each for each in holders if type(each) is dict or type(each) is list]
        return is_too_deep(request, [each for each in below if may_hold_more(each)])
