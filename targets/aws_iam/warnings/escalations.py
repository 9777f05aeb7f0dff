"""Ways in which an agent could widen its own rights with what it is allowed.

`reference/escalations.json` is a dated table of the combinations of actions that have been published.
An agent has one if its allows, all of them together, have each of its actions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib import resources

from ....compiler.ir import nodes as ir
from ....compiler.report.diagnostics import Diagnostic, Label
from ....compiler.structs import Struct
from ....runtime.glob import Wildcard
from ...partial import unique
from .. import reference
from ..language.patterns import (
    ANYTHING,
    Glob,
    arns_may_meet,
    literal,
)
from ..language.statement import Statement
from ..language.tidy import glob_covers
from ..rules.statements import CapabilityPart

_ON_ROLES = frozenset(
    {
        "iam:attachrolepolicy",
        "iam:deleterolepermissionsboundary",
        "iam:deleterolepolicy",
        "iam:detachrolepolicy",
        "iam:putrolepermissionsboundary",
        "iam:putrolepolicy",
        "iam:tagrole",
        "iam:updateassumerolepolicy",
        "sts:assumerole",
    }
)
"""Actions on a role, which have to be on the right one to be of use."""


class Combination(Struct):
    """Actions that together widen rights, what they have to be on, and who published it."""

    actions: tuple[str, ...]
    on: str
    source: str


class _Right(Struct):
    """A rule that allows an action, and where."""

    rule: ir.Rule
    resources: tuple[Glob, ...]


def escalations(
    agent: ir.Agent, role: str, parts: Sequence[CapabilityPart]
) -> Iterator[Diagnostic]:
    """Warn of each way that an agent has; of two, one of which is part of the other, of the lesser."""
    rights = _rights(parts)
    _, table = combinations()
    found = [
        each
        for each in table
        if all(name.lower() in rights for name in each.actions) and _applies(each, rights, role)
    ]
    sets = [{name.lower() for name in each.actions} for each in found]
    for position, each in enumerate(found):
        if any(
            other < sets[position] or (other == sets[position] and number < position)
            for number, other in enumerate(sets)
        ):
            continue
        yield _warning(agent, each, rights)


def _rights(parts: Iterable[CapabilityPart]) -> dict[str, list[_Right]]:
    """What is allowed by action, in lower case; without what is denied in every session."""
    parts = tuple(parts)
    denies = [
        statement
        for part in parts
        if part.rule.intents is ir.ANYONE
        for statement in part.statements
        if statement.effect == "Deny" and not statement.tests
    ]
    rights: dict[str, list[_Right]] = {}
    for part in parts:
        for statement in part.statements:
            if statement.effect == "Allow":
                for action in statement.actions:
                    left = _left(action, statement, denies)
                    if left:
                        rights.setdefault(action.lower(), []).append(_Right(part.rule, left))
    return rights


def _left(action: str, allow: Statement, denies: Iterable[Statement]) -> tuple[Glob, ...]:
    """The resources of an allow that no deny surely covers."""
    denied = [
        resource
        for each in denies
        if action.lower() in {name.lower() for name in each.actions}
        for resource in each.resources
    ]
    return tuple(
        each for each in allow.resources if not any(glob_covers(wide, each) for wide in denied)
    )


def _applies(combination: Combination, rights: dict[str, list[_Right]], role: str) -> bool:
    """Whether what is allowed is on what it has to be on."""
    if not combination.on:
        return True
    on = [
        [glob for right in rights[name.lower()] for glob in right.resources]
        for name in combination.actions
        if name.lower() in _ON_ROLES
    ]
    match combination.on:
        case "itself":
            return all(any(arns_may_meet(literal(role), each) for each in some) for some in on)
        case "any role":
            return any(_is_any_role(each) for some in on for each in some)
        case _:  # a role in common
            first, *others = on
            return all(
                any(arns_may_meet(one, other) for one in first for other in some) for some in others
            )


def _is_any_role(glob: Glob) -> bool:
    """Whether a pattern is of all roles, of an account or of all."""
    start = glob[0] if glob else ""
    return glob == ANYTHING or (
        isinstance(start, str) and start.endswith(":role/") and glob[1:] == (Wildcard.ANY,)
    )


def _warning(
    agent: ir.Agent, combination: Combination, rights: dict[str, list[_Right]]
) -> Diagnostic:
    """Say which actions of which rules it takes."""
    date, _ = combinations()
    rules = unique(rights[name.lower()][0].rule for name in combination.actions)
    names = " and ".join(f"`{name}`" for name in combination.actions)
    listed = ", ".join(f"`{each.id}`" for each in rules)
    first, *others = rules
    return Diagnostic(
        "AGP5015",
        f"`{agent.name}` could widen its own rights with {names}",
        (Label(first.span), *(Label(each.span, "and this rule") for each in others)),
        notes=(f"of {listed}; published as {combination.source}, as of {date}",),
        help="forbid one of the actions, or have a person do it; conditions are not looked at here",
    )


@lru_cache(maxsize=1)
def combinations() -> tuple[str, tuple[Combination, ...]]:
    """The table that comes with the product, and its date."""
    file = resources.files(reference) / "escalations.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    return data["date"], tuple(
        Combination(tuple(row["actions"]), row.get("on", ""), row["source"])
        for row in data["combinations"]
    )
