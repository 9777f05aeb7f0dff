"""Who hands work to whom, as an editor shows calls: agents that delegate, and tasks that agents may start.

An agent calls those that a `delegate` lets it hand tasks to, by its own name or by a family that it is in; and each
intent of which a grant lets it start tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from lsprotocol import types

from ...compiler.ir.spiffe import is_member
from ...compiler.ir.starts import START
from ...compiler.lowering.names import Names
from ...compiler.lowering.uses import Target
from ...compiler.report.source import Span
from ...compiler.syntax import tree as syntax
from ..snapshot import Snapshot

Link: TypeAlias = tuple[Target, Target, Span, Span]
"""Who hands on, to whom or what, and where the two stand."""


def prepare(
    snapshot: Snapshot, file: str, line: int, column: int
) -> list[types.CallHierarchyItem] | None:
    """The agent, family or intent at a place."""
    use = snapshot.compilation.uses.at(file, line, column)
    if use is None or use.target.kind not in ("agent", "intent"):
        return None
    item = _item(snapshot, use.target)
    return None if item is None else [item]


def incoming(
    snapshot: Snapshot, item: types.CallHierarchyItem
) -> list[types.CallHierarchyIncomingCall] | None:
    """Who hands tasks to an agent, or may start those of an intent; the places are those of who does."""
    target = _target(item)
    if target is None:
        return None
    same = _same(snapshot, target)
    found: dict[Target, list[Span]] = {}
    for giver, taker, place, _ in _links(snapshot):
        if taker in same:
            found.setdefault(giver, []).append(place)
    calls = []
    for giver, spans in found.items():
        one = _item(snapshot, giver)
        for uri, own in _by_document(snapshot, spans).items() if one is not None else ():
            # Ranges are in the caller's document: what stands elsewhere shows at its own name.
            assert one is not None
            ranges = own if uri == one.uri else [one.selection_range]
            calls.append(types.CallHierarchyIncomingCall(one, ranges))
    return _once(calls)


def outgoing(
    snapshot: Snapshot, item: types.CallHierarchyItem
) -> list[types.CallHierarchyOutgoingCall] | None:
    """To whom an agent hands tasks, and of which intents it may start some."""
    target = _target(item)
    if target is None:
        return None
    same = _same(snapshot, target)
    found: dict[Target, list[Span]] = {}
    for giver, taker, _, place in _links(snapshot):
        if giver in same:
            found.setdefault(taker, []).append(place)
    calls = []
    for taker, spans in found.items():
        one = _item(snapshot, taker)
        if one is not None:
            ranges = _by_document(snapshot, spans).get(item.uri, [item.selection_range])
            calls.append(types.CallHierarchyOutgoingCall(one, ranges))
    return calls


def _once(
    calls: Sequence[types.CallHierarchyIncomingCall],
) -> list[types.CallHierarchyIncomingCall]:
    """One call for each caller, with all its places."""
    found: dict[tuple[str, str], types.CallHierarchyIncomingCall] = {}
    for each in calls:
        key = (each.from_.uri, each.from_.name)
        before = found.setdefault(key, each)
        if before is not each:
            more = [one for one in each.from_ranges if one not in before.from_ranges]
            before.from_ranges = [*before.from_ranges, *more]
    return list(found.values())


def _links(snapshot: Snapshot) -> Iterator[Link]:
    names = snapshot.names
    for file in snapshot.compilation.files:
        if file.package is None:
            continue
        package = file.package.text
        for statement in file.statements:
            if isinstance(statement, syntax.DelegateDeclaration):
                giver = _named(names, "agent", package, statement.delegator)
                taker = _named(names, "agent", package, statement.delegate)
                if giver is not None and taker is not None:
                    yield giver, taker, statement.delegator.span, statement.delegate.span
            elif isinstance(statement, syntax.RuleDeclaration) and statement.kind == "grant":
                yield from _starts(snapshot, package, statement)


def _starts(snapshot: Snapshot, package: str, node: syntax.RuleDeclaration) -> Iterator[Link]:
    """The tasks that a grant lets agents start."""
    names = snapshot.names
    started = [
        (intent, each)
        for clause in node.clauses
        if isinstance(clause, syntax.AllowClause)
        for each in clause.capabilities
        if each.text.endswith(f".{START}")
        if (prefix := each.text.removesuffix(f".{START}"))
        and names.find("resource", package, prefix) is None
        and (intent := names.find("intent", package, prefix)) is not None
    ]
    if not started:
        return
    for clause in node.clauses:
        for agent in clause.names or () if isinstance(clause, syntax.ToClause) else ():
            giver = _named(names, "agent", package, agent)
            if giver is not None:
                for intent, place in started:
                    yield giver, Target("intent", intent.name), agent.span, place.span


def _named(names: Names, kind: str, package: str, name: syntax.Name) -> Target | None:
    found = names.find("agent", package, name.text) if kind == "agent" else None
    return None if found is None else Target("agent", found.name)


def _same(snapshot: Snapshot, target: Target) -> set[Target]:
    """Something, and the families that an agent is in."""
    known = snapshot.refer.vocabulary
    agent = known.agents.get(target.name) if target.kind == "agent" else None
    if agent is None:
        return {target}
    families = (each for each in known.families.values() if is_member(agent.id, each))
    return {target, *(Target("agent", each.name) for each in families)}


def _item(snapshot: Snapshot, target: Target) -> types.CallHierarchyItem | None:
    found = snapshot.compilation.uses.definition(target)
    if found is None:
        return None
    package, _, name = target.name.rpartition(".")
    node = (
        snapshot.names.packages[package]
        .declared["agent" if target.kind == "agent" else "intent"][name]
        .node
    )
    is_agent = target.kind == "agent"
    family = isinstance(node, syntax.AgentsDeclaration)
    return types.CallHierarchyItem(
        name=name,
        kind=types.SymbolKind.Class if is_agent else types.SymbolKind.Event,
        uri=snapshot.uri_of(found.span.file),
        range=snapshot.range_of(node.span),
        selection_range=snapshot.range_of(found.span),
        detail=f"{'family' if family else 'agent' if is_agent else 'intent'} of {package}",
        data={"kind": target.kind, "name": target.name},
    )


def _target(item: types.CallHierarchyItem) -> Target | None:
    """What an item that a client sends back is of; nothing where it is none of ours."""
    data = item.data
    if isinstance(data, dict):
        kind, name = data.get("kind"), data.get("name")
        if kind in ("agent", "intent") and isinstance(name, str):
            return Target(kind, name)
    return None


def _by_document(snapshot: Snapshot, spans: list[Span]) -> dict[str, list[types.Range]]:
    found: dict[str, list[types.Range]] = {}
    for each in spans:
        found.setdefault(snapshot.uri_of(each.file), []).append(snapshot.range_of(each))
    return found
