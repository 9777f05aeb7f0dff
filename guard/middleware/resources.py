"""The resources of a server of the Model Context Protocol, governed whatever framework the server is made with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

from ..enforcing.enforcement import Asked, Unavailable
from ..enforcing.governed import NotDone, Result
from ..enforcing.results import Returned
from ..mcp.bound_resources import BoundResources, may_complete
from .tools import UNBOUND, Passed, Tools


class Resources:
    """What may be read of a server."""

    def __init__(self, tools: Tools, named: Collection[str], allow: Collection[Passed]) -> None:
        """Take what governs, the resources of the policy that this server has, and what passes ungoverned."""
        self._tools = tools
        self._places = BoundResources(lambda: tools.guard.enforcement.vocabulary, tuple(named))
        self._allow = frozenset(allow)

    async def listed(self, context: Any, uris: Iterable[str]) -> frozenset[str]:
        """Give those of these URIs that may ever be read; none where that cannot be known."""
        try:
            task = await self._tools.task(context)
            possible = await self._tools.guard.enforcement.possible(task)
        except (Unavailable, NotDone):
            return frozenset()
        kept = []
        for uri in uris:
            place = self._places.find(uri)
            if self._passes(uri) if place is None else place.tool.capability in possible:
                kept.append(uri)
        return frozenset(kept)

    async def read(
        self, context: Any, uri: str, reading: Callable[[], Awaitable[Returned]]
    ) -> Result | None:
        """Read what the policy binds, as a call; None where it is nothing to govern. Raises as `Guard.call`."""
        place = self._places.find(uri)
        if place is None and self._passes(uri):
            return None
        task = await self._tools.task(context)
        if place is None:
            raise await self._tools.guard.refusal(task, UNBOUND, {"uri": uri})
        tool = place.tool
        known = (place.id, place.properties, self._tools.context)

        async def perform(_: Mapping[str, Any]) -> Returned:
            return await reading()

        return await self._tools.guard.call(
            Asked(task, tool.type, tool.action, {}, *known), perform
        )

    def may_complete(self, ref: Any) -> bool:
        """Whether it may be told what a prompt or a resource is completed with."""
        return may_complete(ref, self._allow, self._places)

    def _passes(self, uri: str) -> bool:
        return "resources" in self._allow and self._places.is_free(uri)
