"""Who hands work to whom, as an editor shows calls: agents that delegate, and tasks that agents may start.

An agent calls those that a `delegate` lets it hand tasks to, by its own name or by a family that it is in; and each
intent of which a grant lets it start tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from lsprotocol import types

from ...compiler.ir.spiffe import is_member
from ...compiler.ir.starts import START
from ...compiler.lowering.names.names import Names
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
    """Who hands tasks to an agent, or may start those of an intent; the places are in the document of who does."""
    target = _target(item)
    if target is None:
        return None
    same = _same(snapshot, target)
    found: dict[Target, list[Span]] = {}
    for giver, taker, place, _ in _links(snapshot):
        if taker in same:
            found.setdefault(giver, []).append(place)
    return [
        types.CallHierarchyIncomingCall(one, _ranges(snapshot, spans, one))
        for giver, spans in found.items()
        if (one := _item(snapshot, giver)) is not None
    ]


def outgoing(
    snapshot: Snapshot, item: types.CallHierarchyItem
) -> list[types.CallHierarchyOutgoingCall] | None:
    """To whom an agent hands tasks, and of which intents it may start some; the places are in its own document."""
    target = _target(item)
    if target is None:
        return None
    same = _same(snapshot, target)
    caller = _item(snapshot, target) or item  # what the client has may be of before an edit
    found: dict[Target, list[Span]] = {}
    for giver, taker, _, place in _links(snapshot):
        if giver in same:
            found.setdefault(taker, []).append(place)
    return [
        types.CallHierarchyOutgoingCall(one, _ranges(snapshot, spans, caller))
        for taker, spans in found.items()
        if (one := _item(snapshot, taker)) is not None
    ]


def _ranges(
    snapshot: Snapshot, spans: list[Span], caller: types.CallHierarchyItem
) -> list[types.Range]:
    """Where a caller calls. The protocol has room for its own document alone: what stands elsewhere shows at its name."""
    own = [snapshot.range_of(e) for e in spans if snapshot.uri_of(e.file) == caller.uri]
    return own or [caller.selection_range]


def _links(snapshot: Snapshot) -> Iterator[Link]:
    names = snapshot.names
    for file in snapshot.compilation.files:
        if file.package is None:
            continue
        package = file.package.text
        for statement in file.statements:
            if isinstance(statement, syntax.DelegateDeclaration):
                giver = _agent(names, package, statement.delegator)
                taker = _agent(names, package, statement.delegate)
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
            giver = _agent(names, package, agent)
            if giver is not None:
                for intent, place in started:
                    yield giver, Target("intent", intent.name), agent.span, place.span


def _agent(names: Names, package: str, name: syntax.Name) -> Target | None:
    found = names.find("agent", package, name.text)
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
    is_agent = target.kind == "agent"
    node = snapshot.names.packages[package].declared["agent" if is_agent else "intent"][name].node
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
