"""Workloads as callers: which SPIFFE ID may do what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...runtime.agents import Agents
from ..config.identity import Workload
from ..core.operations.callers import Caller


@dataclass(frozen=True, slots=True)
class Workloads:
    """The workloads that may call, in the order of the settings: the first one that fits counts."""

    entries: tuple[tuple[Agents, Workload], ...]

    @classmethod
    def of(cls, entries: Sequence[Workload]) -> Workloads:
        """Take those of the settings."""
        return cls(tuple((_agents(each.spiffe), each) for each in entries))

    def caller(self, id: str) -> Caller | None:
        """Give the caller that a workload is, which is called by its SPIFFE ID; None if it may not call."""
        for agents, entry in self.entries:
            if agents.names_of(id):
                return Caller(
                    id, frozenset(entry.roles), entry.agents, identity=id, itself=entry.itself
                )
        return None


def _agents(pattern: str) -> Agents:
    ids, patterns = ([], [pattern]) if "*" in pattern else ([pattern], [])
    return Agents({"": (ids, patterns)})
