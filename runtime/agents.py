"""Which agents and families a SPIFFE ID belongs to, without trying each pattern in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .values import MAX_SPIFFE_ID, is_spiffe_segment

EXCEPT = " except "  # behind a pattern, before the IDs and patterns that a family leaves out
REMEMBERED = 4_096  # identities of families; a full memory is emptied, so that nobody can grow it

Names = tuple[str, ...]
"""Declared names of agents and families, sorted."""

_Pattern = tuple[str, str]
"""The name that has a pattern, and the pattern: what one leaves out another of the name may let in."""


class _Node:
    """The patterns that share the segments up to here."""

    __slots__ = ("any_segment", "below", "here", "literal")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.any_segment: _Node | None = None
        self.here: set[_Pattern] = set()  # those that end here
        self.below: set[_Pattern] = set()  # those with a last `**` after here


class Agents:
    """The declared agents and families, found by SPIFFE ID."""

    __slots__ = ("_by_id", "_by_pattern", "_left_out", "_root")

    def __init__(self, declared: Mapping[str, tuple[Iterable[str], Iterable[str]]]) -> None:
        """Take the SPIFFE IDs and the patterns of each agent and family, by its name."""
        self._root, self._left_out = _Node(), _Node()
        members: dict[str, set[str]] = {}
        for name, (ids, patterns) in declared.items():
            for pattern in patterns:
                whole, _, left_out = pattern.partition(EXCEPT)
                self._add(self._root, whole, (name, pattern))
                for each in left_out.split(", ") if left_out else ():
                    self._add(self._left_out, each, (name, pattern))
            for agent in ids:
                members.setdefault(agent, set()).add(name)
        self._by_pattern: dict[str, Names] = {}
        self._by_id: dict[str, Names] = {
            agent: tuple(sorted(names | self._fitting(agent))) for agent, names in members.items()
        }

    def names_of(self, agent: str) -> Names:
        """Give the names of the agents and families that an identity belongs to."""
        found = self._by_id.get(agent)
        if found is None:
            found = self._by_pattern.get(agent)
            if found is None:
                found = tuple(sorted(self._fitting(agent)))
                if found:  # what matches nothing would only push out what does
                    if len(self._by_pattern) >= REMEMBERED:
                        self._by_pattern.clear()
                    self._by_pattern[agent] = found
        return found

    def _fitting(self, agent: str) -> set[str]:
        """Give the names whose patterns an identity fits, and do not leave it out."""
        found = self._match(self._root, agent)
        if found:
            found -= self._match(self._left_out, agent)
        return {name for name, _ in found}

    def _add(self, root: _Node, pattern: str, of: _Pattern) -> None:
        """Put a pattern in: `*` is one segment, a last `**` one or more."""
        segments = pattern.split("/")
        below = segments[-1] == "**"
        node = root
        for segment in segments[:-1] if below else segments:
            if segment == "*":
                if node.any_segment is None:
                    node.any_segment = _Node()
                node = node.any_segment
            else:
                node = node.literal.setdefault(segment, _Node())
        (node.below if below else node.here).add(of)

    def _match(self, root: _Node, agent: str) -> set[_Pattern]:
        """Give the patterns that an identity fits, or that leave it out."""
        found: set[_Pattern] = set()
        if len(agent) > MAX_SPIFFE_ID:
            return found
        segments = agent.split("/")
        clean_from = len(segments)  # from here to the end a wildcard may stand for every segment
        while clean_from and is_spiffe_segment(segments[clean_from - 1]):
            clean_from -= 1
        nodes = [root]
        for at, segment in enumerate(segments):
            after: list[_Node] = []
            for node in nodes:
                if node.below and clean_from <= at:
                    found |= node.below
                literal = node.literal.get(segment)
                if literal is not None:
                    after.append(literal)
                if node.any_segment is not None and is_spiffe_segment(segment):
                    after.append(node.any_segment)
            if not after:
                return found
            nodes = after
        for node in nodes:
            found |= node.here
        return found
