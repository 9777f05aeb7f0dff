"""What requests carry the name of, and what looks as if it were called something else now.

Such a change is a change on both sides: requests by the old name are answered otherwise, and so are those by the
new one. That one name went and another came for the same is a hint, which nothing else relies on.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

from ...ir import nodes as ir
from ...text.field_names import dotted

K = TypeVar("K", bound=Hashable)
Now: TypeAlias = Callable[[str], str]
"""What is said of something, with the names that its packages have now."""


def renames(base: ir.Policy, head: ir.Policy) -> Iterator[tuple[str, str, str]]:
    """What went, and what looks the same by another name: (what it is, old name, new name)."""
    packages = dict(_same(_packages(base), _packages(head)))
    for old, new in packages.items():
        yield "package", old, new

    def moved(name: str) -> str:
        package, _, local = name.rpartition(".")
        return f"{packages.get(package, package)}.{local}"

    def now(text: str) -> str:
        for old, new in packages.items():
            text = text.replace(f"'{old}.", f"'{new}.")
        return text

    intents = [
        {moved(i.name): now(repr((i.purpose, i.fields))) for i in base.intents},
        {i.name: repr((i.purpose, i.fields)) for i in head.intents},
    ]
    for old, new in _same(*intents):
        yield "intent", old, new
    resources = {
        moved(each.name): now(repr((each.kind, each.attributes, each.actions)))
        for each in base.resources
    }
    renamed = dict(
        _same(resources, {r.name: repr((r.kind, r.attributes, r.actions)) for r in head.resources})
    )
    for old, new in renamed.items():
        yield "resource", old, new
    after = {each.name: each for each in head.resources}
    for each in base.resources:
        name = moved(each.name)
        other = after.get(renamed.get(name, name))
        if other is not None:
            yield from _within(name, each, other, now)
    yield from _fields("context", base.context, head.context, now)
    yield from _fields("user", base.user or (), head.user or (), now)
    tasks = {each.name: each for each in head.intents}
    for intent in base.intents:
        if (same := tasks.get(moved(intent.name))) is not None:
            yield from _fields("task", intent.fields, same.fields, now)
    people = _attested(head)
    for name, attributes in _attested(base).items():
        if (had := people.get(moved(name))) is not None:
            yield from _fields("agent", attributes, had, now)
    members = {each.name: each.members for each in (*head.levels, *head.enums)}
    for type_ in (*base.levels, *base.enums):
        name = moved(type_.name)
        gone, came = _other(type_.members, members.get(name, ()))
        if len(gone) == len(came) == 1:
            yield "member", f"{name}.{gone[0]}", f"{name}.{came[0]}"


def _within(
    name: str, before: ir.Resource, after: ir.Resource, now: Now
) -> Iterator[tuple[str, str, str]]:
    """The actions and attributes of a resource, and the parameters of the actions that stayed."""
    actions = [
        {each.name: now(repr(each.parameters)) for each in before.actions},
        {each.name: repr(each.parameters) for each in after.actions},
    ]
    for old, new in _same(*actions):
        yield "action", f"{name}.{old}", f"{after.name}.{new}"
    yield from _fields("resource", before.attributes, after.attributes, now)
    stayed = {each.name: each for each in after.actions}
    for action in before.actions:
        if (same := stayed.get(action.name)) is not None:
            yield from _fields("args", action.parameters, same.parameters, now)


def _fields(
    root: str, before: Sequence[ir.Field], after: Sequence[ir.Field], now: Now
) -> Iterator[tuple[str, str, str]]:
    types = [
        {each.name: now(repr((each.type, each.optional))) for each in before},
        {each.name: repr((each.type, each.optional)) for each in after},
    ]
    for old, new in _same(*types):
        yield "attribute", dotted(root, (old,)), dotted(root, (new,))


def _attested(policy: ir.Policy) -> dict[str, tuple[ir.Field, ...]]:
    """The attributes of each agent and family."""
    found = {each.name: each.attributes for each in policy.agents}
    return {**found, **{each.name: each.attributes for each in policy.families}}


def _packages(policy: ir.Policy) -> dict[str, Hashable]:
    """What each package declares, by its local names."""
    declared = (
        policy.agents, policy.families, policy.intents, policy.resources, policy.levels,
        policy.enums, policy.sets,
    )  # fmt: skip
    found: dict[str, set[str]] = {each.name: set() for each in policy.packages}
    for kind in declared:
        for each in kind:
            package, _, local = each.name.rpartition(".")
            found.setdefault(package, set()).add(local)
    return {name: frozenset(local) for name, local in found.items() if local}


def _same(before: Mapping[K, Hashable], after: Mapping[K, Hashable]) -> Iterator[tuple[K, K]]:
    """What went and what came, where nothing else that went or came is the same."""
    gone, came = _other(list(before), list(after))
    for old in gone:
        meaning = before[old]
        if [each for each in gone if before[each] == meaning] == [old]:
            like = [each for each in came if after[each] == meaning]
            if len(like) == 1:
                yield old, like[0]


def _other(before: Sequence[K], after: Sequence[K]) -> tuple[list[K], list[K]]:
    """What one has alone, and what the other has alone."""
    return [e for e in before if e not in after], [e for e in after if e not in before]
