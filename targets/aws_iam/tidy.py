"""Fewer statements that say the same: no twins, none that another covers, joined where they can be.

Two statements are joined only where they differ in one thing: two that differ in actions and in
resources would together match the actions of one on the resources of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from ...runtime.glob import Wildcard
from .patterns import ANYTHING, Glob
from .products import Test, unique
from .statement import Statement

MOST_COMPARED = 600
"""Statements that are compared each with each; more of them fit in no policies of one role."""

_ANY_VALUE = frozenset({"StringEquals", "StringLike", "ArnEquals", "IpAddress"})
"""Operators, without `IfExists`, that hold if one of several values matches."""


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
    join: Callable[[Statement, Statement], Statement],
) -> list[Statement]:
    """Join the statements that have a key in common; those whose key is None stay as they are."""
    joined: dict[Hashable, Statement] = {}
    for position, each in enumerate(statements):
        slot = key(each)
        slot = (position,) if slot is None else (each.effect, each.about, each.principal, slot)
        before = joined.get(slot)
        if before is None:
            joined[slot] = each
        else:
            rules = unique((*before.rules, *each.rules))
            joined[slot] = replace(join(before, each), rules=rules)
    return list(joined.values())


def _but_actions(each: Statement) -> Hashable | None:
    """All but the actions."""
    if each.all_but == "actions":
        return None
    return (each.all_but, frozenset(each.resources), each.tests, each.is_guard)


def _join_actions(one: Statement, other: Statement) -> Statement:
    return replace(one, actions=unique(sorted({*one.actions, *other.actions})))


def _but_resources(each: Statement) -> Hashable | None:
    """All but the resources."""
    if each.all_but == "resources":
        return None
    return (each.all_but, each.actions, each.tests, each.is_guard)


def _join_resources(one: Statement, other: Statement) -> Statement:
    return replace(one, resources=_fewest((*one.resources, *other.resources)))


def _but_values(slot: tuple[str, str]) -> Callable[[Statement], Hashable | None]:
    """All but the values of one test."""

    def key(each: Statement) -> Hashable | None:
        rest = tuple(test for test in each.tests if (test.operator, test.key) != slot)
        if len(rest) == len(each.tests):
            return None
        return (each.all_but, each.actions, frozenset(each.resources), rest, each.is_guard)

    return key


def _join_values(slot: tuple[str, str]) -> Callable[[Statement, Statement], Statement]:
    """Join the values of one test."""

    def join(one: Statement, other: Statement) -> Statement:
        more = next(t.values for t in other.tests if (t.operator, t.key) == slot)
        tests = tuple(
            replace(t, values=unique((*t.values, *more))) if (t.operator, t.key) == slot else t
            for t in one.tests
        )
        return replace(one, tests=tests)

    return join


def _pruned(each: Statement) -> Statement:
    """Without resources that another of its resources covers."""
    return replace(each, resources=_fewest(each.resources))


def _fewest(globs: Iterable[Glob]) -> tuple[Glob, ...]:
    """The patterns that no other one covers, each once."""
    globs = unique(globs)
    wide = [each for each in globs if each[-1:] == (Wildcard.ANY,)]
    return tuple(
        each for each in globs if not any(w != each and glob_covers(w, each) for w in wide)
    )


def glob_covers(wide: Glob, narrow: Glob) -> bool:
    """Whether a pattern surely matches all that another one does, in every reading of `*`.

    Only a `*` at the very end counts: one before other text may stop at a colon.
    """
    if wide in (narrow, ANYTHING):
        return True
    if len(wide) != 2 or wide[1] is not Wildcard.ANY or not narrow:
        return False
    prefix, first = wide[0], narrow[0]
    return isinstance(prefix, str) and isinstance(first, str) and first.startswith(prefix)


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


def _implies(given: Test, wanted: Test) -> bool:
    """Whether one test surely holds wherever another of the same key does."""
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
