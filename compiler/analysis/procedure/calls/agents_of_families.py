"""The agents that families tell apart: one for each way in which their patterns match.

Patterns meet, and what two match may be told apart from what either does. Where all of that is too much,
it is done for the patterns of one capability at a time, since a rule is held against those alone that name
a call of its own. Where even these are too many, agents of which two families disagree are left *unseen*:
then nothing is proved of a rule that names one of these families there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeAlias

from ....ir import nodes as ir
from ....ir.spiffe import parted
from ....structs import Struct
from ..verdict import Undetermined
from .agents_of_conditions import agents_in_conditions, unused

MAX_MEETINGS = 1_000_000  # of two patterns, looked at
MAX_SHAPES = 5_000  # ways in which patterns match

Shape: TypeAlias = tuple[str, ...]
Patterns: TypeAlias = frozenset[str]


class ToldApart(Struct):
    """An agent for each way in which families match, and where that is not all."""

    ids: tuple[str, ...]
    patterns: tuple[str, ...]
    agents: tuple[str, ...]
    unseen: dict[str, str]
    """Each capability at which some agents are not told apart, and the first for the same reason."""
    tangled: frozenset[str]
    """The patterns that such an agent may match."""


def told_apart(policies: Sequence[ir.Policy]) -> ToldApart:
    """Declared identities, then for each pattern and meeting of patterns an agent like no other.

    Raises `Undetermined` if the patterns alone are too many.
    """
    declared = [policy.identify() for policy in policies]
    ids = tuple(sorted({each for its, _ in declared for each in its}))
    patterns = tuple(sorted({each for _, its in declared for each in its}))
    parts = {each: parts_of(each) for each in patterns}
    left_out = {one for its in parts.values() for one in its if "*" not in one}
    longest = max((each.count("/") for each in (*chain(*parts.values()), *ids)), default=0) + 1
    shapes = {
        each: frozenset(chain(*(shapes_of(one.split("/"), longest) for one in parts[each])))
        for each in patterns
    }
    alone = frozenset[Shape]().union(*shapes.values())
    if len(alone) > MAX_SHAPES:
        raise Undetermined(f"the patterns of families match in more than {MAX_SHAPES:,} ways")
    unseen: dict[str, str] = {}
    try:
        known = closed(alone, MAX_SHAPES)
    except Undetermined:
        known, unseen = _by_capability(_named(policies), shapes, alone)
    tangled = _tangled(shapes) if unseen else frozenset[str]()
    fresh = unused("some-agent", (*ids, *patterns, *agents_in_conditions(policies)))
    agents = ("/".join(fresh if part == "*" else part for part in each) for each in sorted(known))
    return ToldApart(
        ids, patterns, tuple(dict.fromkeys((*ids, *agents, *sorted(left_out)))), unseen, tangled
    )


def parts_of(pattern: str) -> tuple[str, ...]:
    """What tells agents apart in a pattern of a family: itself, and what it leaves out."""
    whole, left_out = parted(pattern)
    return (whole, *left_out)


def closed(shapes: Iterable[Shape], most: int) -> frozenset[Shape]:
    """Shapes with all that they have in common. Raises `Undetermined` if these are too many."""
    known = set(shapes)
    by_length: dict[int, list[Shape]] = {}
    for shape in known:
        by_length.setdefault(len(shape), []).append(shape)
    pending = list(known)
    meetings = 0
    while pending:
        one = pending.pop()
        meetings += len(by_length[len(one)])
        if len(known) > most or meetings > MAX_MEETINGS:
            raise Undetermined("the patterns of families meet in too many ways")
        for other in by_length[len(one)]:
            both = meeting(one, other)
            if both is not None and both not in known:
                known.add(both)
                pending.append(both)
    return frozenset(known)


def _by_capability(
    named: dict[str, set[str]], shapes: dict[str, frozenset[Shape]], alone: frozenset[Shape]
) -> tuple[frozenset[Shape], dict[str, str]]:
    """What patterns have in common that some capability holds against each other; the rest of them."""
    known, unseen = alone, dict[str, str]()
    at: dict[Patterns, list[str]] = {}
    for capability, its in named.items():
        at.setdefault(frozenset(its), []).append(capability)
    left = MAX_MEETINGS
    for its_patterns, capabilities in sorted(at.items(), key=lambda each: (len(each[0]), each[1])):
        here = frozenset[Shape]().union(*(shapes[each] for each in its_patterns))
        left -= len(here) ** 2
        try:
            if left < 0:
                raise Undetermined("the patterns of families meet in too many ways")
            more = known | closed(here, MAX_SHAPES)
            if len(more) > MAX_SHAPES:
                raise Undetermined("the patterns of families meet in too many ways")
            known = more
        except Undetermined:
            unseen.update(dict.fromkeys(capabilities, capabilities[0]))
    return known, unseen


def _named(policies: Iterable[ir.Policy]) -> dict[str, set[str]]:
    """For each capability the patterns of all that rules and statements about it name.

    `any agent` tells nobody apart who is of some family; for that each pattern has an agent.
    """
    found: dict[str, set[str]] = {each: set() for one in policies for each in one.capabilities}
    for policy in policies:
        _add_named(policy, found)
    return found


def _add_named(policy: ir.Policy, found: dict[str, set[str]]) -> None:
    about: ir.Rule | ir.Assertion
    for about in (*policy.rules, *policy.assertions):
        patterns = () if isinstance(about.agents, ir.Unnamed) else policy.identify(about.agents)[1]
        for capability in policy.expand(about.capabilities) if patterns else ():
            found[capability].update(patterns)
    for isolation in policy.isolations:
        patterns = policy.identify((isolation.left, isolation.right))[1]
        for capability in set(policy.capabilities).difference(policy.expand(isolation.excepted)):
            found[capability].update(patterns)
    for containment in policy.containments:
        patterns = policy.identify((containment.inner, containment.outer))[1]
        for its in found.values():
            its.update(patterns)
    for separation in policy.separations:  # it is about one agent at all of them
        together = policy.expand(separation.capabilities)
        every: set[str] = set[str]().union(*(found[each] for each in together))
        for capability in together:
            found[capability] = every.copy()


def _tangled(shapes: dict[str, frozenset[Shape]]) -> frozenset[str]:
    """The patterns of which some agent may be that is unseen: those that overlap, and what meets these.

    Two that do not, or of which one holds the other, have an agent for all that they have in common.
    """
    every = [(shape, pattern) for pattern, its in shapes.items() for shape in its]
    if len(every) ** 2 > MAX_MEETINGS:
        return frozenset(shapes)
    overlapping: set[Shape] = set()
    found: set[str] = set()
    for one, _ in every:
        if any(meeting(one, other) not in (None, one, other) for other, _ in every):
            overlapping.add(one)
    for one, pattern in every:
        if any(meeting(one, other) is not None for other in overlapping):
            found.add(pattern)
    return frozenset(found)


def shapes_of(segments: list[str], longest: int) -> Iterator[Shape]:
    """A pattern with `**` as patterns with so many `*`."""
    if segments[-1] != "**":
        yield tuple(segments)
        return
    fixed = segments[:-1]
    for more in range(1, max(1, longest + 1 - len(fixed)) + 1):
        yield (*fixed, *["*"] * more)


def meeting(left: Shape, right: Shape) -> Shape | None:
    """The pattern of what two patterns match, if there is anything."""
    if len(left) != len(right):
        return None
    found = []
    for one, other in zip(left, right, strict=True):
        if one != other and "*" not in (one, other):
            return None
        found.append(other if one == "*" else one)
    return tuple(found)
