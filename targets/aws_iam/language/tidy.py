"""Fewer statements that say the same: no twins, none that another covers, joined where they can be.

Two statements are joined only where they differ in one thing: two that differ in actions and in
resources would together match the actions of one on the resources of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from ....runtime.glob import Wildcard
from ...partial import unique
from .patterns import ANYTHING, Glob
from .products import KeyTest
from .statement import Statement

MOST_COMPARED = 600
"""Statements that are compared each with each; more of them fit in no policies of one role."""

_ANY_VALUE = frozenset({"StringEquals", "StringLike", "ArnEquals", "IpAddress"})
"""Operators, without `IfExists`, that hold if one of several values matches."""

_ONE_IS_NOT_ANOTHER = {
    ("StringEquals", "StringNotEquals"),
    ("StringEqualsIfExists", "StringNotEquals"),
}
"""Pairs of operators: what is one of some values is none of others, and a missing key fails no
negated operator."""


def tidy(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Say the same with fewer statements, in the order of those that came first."""
    found = [_pruned(each) for each in statements]
    found = _join(found, _but_actions, _join_actions)
    found = _join(found, _but_resources, _join_resources)
    for slot in unique((test.operator, test.key) for each in found for test in each.tests):
        if slot[0].removesuffix("IfExists") in _ANY_VALUE:
            found = _join(found, _but_values(slot), _join_values(slot))
    return tuple(_without_covered(found) if len(found) <= MOST_COMPARED else found)


def _join(
    statements: Sequence[Statement],
    key: Callable[[Statement], Hashable | None],
    join: Callable[[Sequence[Statement]], Statement],
) -> list[Statement]:
    """Join the statements that have a key in common; those whose key is None stay as they are."""
    groups: dict[Hashable, list[Statement]] = {}
    for position, each in enumerate(statements):
        rest = key(each)
        slot = (position,) if rest is None else (each.effect, each.about, each.principal, rest)
        groups.setdefault(slot, []).append(each)
    return [
        replace(join(group), rules=unique(rule for each in group for rule in each.rules))
        if len(group) > 1
        else group[0]
        for group in groups.values()
    ]


def _but_actions(each: Statement) -> Hashable | None:
    """All but the actions."""
    if each.all_but == "actions":
        return None
    return (each.all_but, frozenset(each.resources), each.tests, each.is_guard)


def _join_actions(group: Sequence[Statement]) -> Statement:
    actions = {action for each in group for action in each.actions}
    return replace(group[0], actions=tuple(sorted(actions)))


def _but_resources(each: Statement) -> Hashable | None:
    """All but the resources."""
    if each.all_but == "resources":
        return None
    return (each.all_but, each.actions, each.tests, each.is_guard)


def _join_resources(group: Sequence[Statement]) -> Statement:
    resources = _fewest(glob for each in group for glob in each.resources)
    return replace(group[0], resources=resources)


def _but_values(slot: tuple[str, str]) -> Callable[[Statement], Hashable | None]:
    """All but the values of one test."""

    def key(each: Statement) -> Hashable | None:
        rest = tuple(test for test in each.tests if (test.operator, test.key) != slot)
        if len(rest) == len(each.tests):
            return None
        return (each.all_but, each.actions, frozenset(each.resources), rest, each.is_guard)

    return key


def _join_values(slot: tuple[str, str]) -> Callable[[Sequence[Statement]], Statement]:
    """Join the values of one test."""

    def join(group: Sequence[Statement]) -> Statement:
        tests = [test for each in group for test in each.tests]
        values = unique(v for t in tests if (t.operator, t.key) == slot for v in t.values)
        return replace(
            group[0],
            tests=tuple(
                replace(test, values=values) if (test.operator, test.key) == slot else test
                for test in group[0].tests
            ),
        )

    return join


def _pruned(each: Statement) -> Statement:
    """Without resources that another of its resources covers."""
    return replace(each, resources=_fewest(each.resources))


def _fewest(globs: Iterable[Glob]) -> tuple[Glob, ...]:
    """The patterns that no other one covers, each once; `glob_covers` says what that is."""
    globs = unique(globs)
    if ANYTHING in globs:
        return (ANYTHING,)
    starts = {text for each in globs if (text := _start(each)) is not None}
    sizes = sorted({len(each) for each in starts})

    def is_covered(each: Glob) -> bool:
        first = each[0] if each else ""
        mine = _start(each)
        return isinstance(first, str) and any(
            first[:size] in starts and first[:size] != mine for size in sizes if size <= len(first)
        )

    return tuple(each for each in globs if not is_covered(each))


def _start(glob: Glob) -> str | None:
    """The text that all matches of a pattern start with, if that is all that it asks for."""
    if len(glob) == 2 and isinstance(glob[0], str) and glob[1] is Wildcard.ANY:
        return glob[0]
    return None


def glob_covers(wide: Glob, narrow: Glob) -> bool:
    """Whether a pattern surely matches all that another one does, in every reading of `*`.

    Only a `*` at the very end counts: one before other text may stop at a colon.
    """
    if wide in (narrow, ANYTHING):
        return True
    start = _start(wide)
    first = narrow[0] if narrow else None
    return start is not None and isinstance(first, str) and first.startswith(start)


def _without_covered(statements: Sequence[Statement]) -> list[Statement]:
    """Drop what another statement covers; the one that covers names the rules of both."""
    kept: list[Statement] = []
    for each in statements:
        by = next((n for n, other in enumerate(kept) if covers(other, each)), None)
        if by is not None:
            kept[by] = replace(kept[by], rules=unique((*kept[by].rules, *each.rules)))
            continue
        below = [other for other in kept if covers(each, other)]
        if below:
            rules = unique((*each.rules, *(rule for other in below for rule in other.rules)))
            kept[kept.index(below[0])] = replace(each, rules=rules)
            kept = [other for other in kept if other not in below[1:]]
            continue
        kept.append(each)
    return kept


def covers(one: Statement, other: Statement) -> bool:
    """Whether a statement surely matches all that another of the same effect does."""
    if one.all_but or other.all_but or one.principal or other.principal:
        return False
    if one.effect != other.effect or one.is_guard != other.is_guard or one.about != other.about:
        return False
    return (
        set(other.actions) <= set(one.actions)
        and all(any(glob_covers(a, b) for a in one.resources) for b in other.resources)
        and all(any(_implies(mine, test) for mine in other.tests) for test in one.tests)
    )


def _implies(given: KeyTest, wanted: KeyTest) -> bool:
    """Whether one test surely holds wherever another of the same key does."""
    if given.key == wanted.key and (given.operator, wanted.operator) in _ONE_IS_NOT_ANOTHER:
        return set(given.values).isdisjoint(wanted.values)
    if given.key != wanted.key or given.operator not in (
        wanted.operator,
        wanted.operator.removesuffix("IfExists"),
    ):
        return False
    if "Not" in given.operator and given.operator.startswith("String"):
        return set(wanted.values) <= set(given.values)
    if wanted.operator.removesuffix("IfExists") in _ANY_VALUE:
        return set(given.values) <= set(wanted.values)
    return given.values == wanted.values
