"""Where the bound capabilities are in Vault, and which of them it cannot tell from one another."""

from __future__ import annotations

from ...compiler.ir import nodes as ir
from ...compiler.structs import Struct, field
from ..partial import Unsayable
from .index import PathIndex
from .locations import paths_of
from .paths import Path


class CapabilityPlace(Struct):
    """A location with placeholders, and the names of Vault's capabilities there."""

    location: str
    names: tuple[str, ...]


class _Here(Struct, frozen=False):
    """The capabilities at one path, by the names that they have there."""

    by_name: dict[str, list[str]] = field(default_factory=dict)

    def add(self, capability: str, names: tuple[str, ...]) -> None:
        """Keep one; they are added in the order of the policy's capabilities."""
        for name in names:
            self.by_name.setdefault(name, []).append(capability)

    def first_but(self, capability: str, name: str) -> str | None:
        """The first other capability with a name."""
        return next((each for each in self.by_name.get(name, ()) if each != capability), None)


class CapabilityPlaces:
    """The places of a policy's capabilities, by capability."""

    def __init__(self, policy: ir.Policy, binding: ir.Binding) -> None:
        """Take the first place that a binding gives to each action."""
        bound: dict[str, CapabilityPlace] = {}
        for resource in binding.resources:
            for action in resource.actions:
                location = action.on or resource.location
                if location is not None:
                    capability = f"{resource.resource}.{action.action}"
                    bound.setdefault(capability, CapabilityPlace(location, action.names))
        self._bound = bound
        self._paths: dict[str, Path] = {}
        self._here: dict[Path, _Here] = {}
        for capability in policy.capabilities:
            if capability in bound:
                self._keep(capability, bound[capability])
        self._index = PathIndex(self._here)

    def of(self, capability: str) -> CapabilityPlace:
        """Where a capability is. Raises `Unsayable`."""
        place = self._bound.get(capability)
        if place is None:
            raise Unsayable(f"`{capability}`, which is not bound,")
        return place

    def alike(self, capability: str) -> str | None:
        """The first other capability that is, at some path, the same to Vault."""
        path = self._paths.get(capability)
        if path is None:
            return None
        found = (
            self._here[other].first_but(capability, name)
            for other in self._index.meeting(path)
            for name in self._bound[capability].names
        )
        return min((each for each in found if each is not None), default=None)

    def _keep(self, capability: str, place: CapabilityPlace) -> None:
        """Remember at which path a capability is, if Vault has such a path."""
        try:
            (path,) = paths_of(place.location, None)
        except Unsayable:
            return
        self._paths[capability] = path
        self._here.setdefault(path, _Here()).add(capability, place.names)
