"""The definitions of a policy, arranged by what a monitor asks of them: which facts a call needs, which it changes."""

from __future__ import annotations

from dataclasses import dataclass

from ..runtime.facts import Facts, Origin, Part, Source
from .values import same

SAID, WRITTEN, FIRST_ORIGIN = 0, 1, 2
"""Kinds of texts and values; from the last on stands one for each origin in what calls give back."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What the rules about one capability read: meters by number, and sources with names of arguments."""

    meters: tuple[int, ...]
    sources: tuple[tuple[Source, tuple[str, ...]], ...]
    parameters: tuple[Part, ...]


NOTHING_NEEDED = Needed((), (), ())


class Definitions:
    """The meters and sources that some rule reads."""

    def __init__(self, facts: Facts) -> None:
        """Arrange them once."""
        self._facts = facts
        self._needed: dict[str, Needed] = {}
        read = {key for each in facts.reads.values() for key in each.meters}
        self.meters = tuple(each for each in facts.meters if each.key in read)
        self._number_of = {each.key: number for number, each in enumerate(self.meters)}
        self.counted_by: dict[str, tuple[int, ...]] = {}
        for number, meter in enumerate(self.meters):
            for capability in meter.capabilities:
                self.counted_by[capability] = (*self.counted_by.get(capability, ()), number)

        sources = {key for each in facts.reads.values() for key, _ in each.sources}
        self._sources = {each.key: each for each in facts.sources if each.key in sources}
        self.kind_of: dict[Origin, int] = {}
        self.members_of: dict[Origin, frozenset[str | float | None]] = {}
        self.origins_in: dict[str, tuple[Origin, ...]] = {}
        for source in self._sources.values():
            for origin in source.origins:
                self._arrange(origin)
        self.has_sources = bool(self._sources)
        self.watches_writes = any(origin.kind == "result" for origin in self.kind_of)
        self.results = facts.results
        self.intents = facts.intents
        self.reading = frozenset(facts.reading)
        self.starting = frozenset(facts.starting)

    def _arrange(self, origin: Origin) -> None:
        if origin.kind == "set":
            self.members_of[origin] = frozenset(map(same, origin.values))
        if origin.kind in ("result", "quoted") and origin not in self.kind_of:
            self.kind_of[origin] = FIRST_ORIGIN + len(self.kind_of)
            others = self.origins_in.get(origin.capability, ())
            self.origins_in[origin.capability] = (*others, origin)

    def needed(self, capability: str) -> Needed:
        """Give what the rules about a declared capability read."""
        found = self._needed.get(capability)
        if found is None:
            found = self._needed[capability] = self._find(capability)
        return found

    def _find(self, capability: str) -> Needed:
        meters: set[int] = set()
        names: dict[str, set[str]] = {}
        for said in ("any", f"{capability.rpartition('.')[0]}.*", capability):
            read = self._facts.reads.get(said)
            if read is not None:
                meters.update(self._number_of[key] for key in read.meters)
                for key, asked in read.sources:
                    names.setdefault(key, set()).update(asked)
        if not meters and not names:
            return NOTHING_NEEDED
        sources = tuple((self._sources[key], tuple(sorted(names[key]))) for key in sorted(names))
        parameters = self._facts.parameters.get(capability, ()) if names else ()
        return Needed(tuple(sorted(meters)), sources, parameters)

    def asks_again(self, capability: str) -> bool:
        """Whether what a call gives back is judged by its arguments, too."""
        return any(each.condition is not None for each in self.origins_in.get(capability, ()))

    def writes(self, capability: str) -> bool:
        """Whether a call may change what its tool gives back later: unless it is known to read alone."""
        return capability not in self.reading

    def starts(self, capability: str) -> bool:
        """Whether a call starts a task, of which it matters what a person agreed to."""
        return capability in self.starting
