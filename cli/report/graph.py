"""The graph of agents, intents and capabilities: three columns, in which what is too much to see stands together.

Up to `MOST` nodes a column stand by themselves. More are put together: agents by family, then by package,
capabilities by resource, then by package, intents by package; if that is too much still, the smallest are one node.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ...compiler.analysis.access import ORDER, How
from ...compiler.structs import Struct
from .facts import Audit

MOST = 24
COLUMNS = ("agents", "intents", "capabilities")
SWEEPS = 6  # from column to column, to put what belongs together side by side

Key: TypeAlias = Callable[[str], tuple[str, str]]
"""Gives of a thing the node that it stands in: its label, and a second line."""


class Node(Struct):
    """A thing or several; `anchor` is where the page tells of it, `links` how many others it leads to."""

    label: str
    note: str
    members: tuple[str, ...]
    anchor: str


class Edge(Struct):
    """From a node of one column to one of the next, with the nodes of all accesses that go over it."""

    column: int
    start: int
    end: int
    how: str
    accesses: int
    through: tuple[tuple[int, int], ...]


class Graph(Struct):
    """The columns, the nodes of each from top to bottom, and the edges between them."""

    columns: tuple[tuple[Node, ...], ...]
    edges: tuple[Edge, ...]
    is_whole: bool
    """Whether everything stands by itself."""


def graph_of(audit: Audit) -> Graph:
    """The graph of all accesses."""
    triples = sorted(
        (agent.name, intent, access.capability, access.how)
        for agent in audit.agents
        for access in agent.access
        for intent in access.intents
    )
    families = {each.name: each.families for each in audit.agents}
    named: tuple[list[str], ...] = tuple(
        sorted({triple[column] for triple in triples}) for column in range(3)
    )
    levels: tuple[tuple[Key, ...], ...] = (
        (_itself, lambda name: _family(name, families[name]), _package_of("agents")),
        (_itself, _package_of("intents")),
        (_itself, _resource, _package_of("capabilities")),
    )
    place: list[dict[str, int]] = []
    columns: list[list[Node]] = []
    for column, names in enumerate(named):
        nodes = _nodes(names, levels[column], _anchors(audit, column), COLUMNS[column])
        columns.append(nodes)
        place.append({name: at for at, node in enumerate(nodes) for name in node.members})
    paths: dict[tuple[int, int, int], list[How]] = defaultdict(list)
    for agent, intent, capability, how in triples:
        at = (place[0][agent], place[1][intent], place[2][capability])
        paths[at].append(how)  # type: ignore[arg-type]
    return _ordered(columns, paths, all(len(each.members) == 1 for one in columns for each in one))


# --- Nodes ----------------------------------------------------------------------------------------


def _itself(name: str) -> tuple[str, str]:
    """What is last in a name, and its package; of one that stands for those of families, of each family."""
    shown, _, id = name.partition(" (")
    parts = [each.rpartition(".") for each in shown.split(" and ")]
    notes = [*dict.fromkeys(package for package, _, _ in parts if package)]
    return " and ".join(last for _, _, last in parts), ", ".join(
        [*notes, "any without a name"] if id else notes
    )


def _family(name: str, families: Sequence[str]) -> tuple[str, str]:
    if not families:
        return "of no family", _package(name)
    package, _, last = families[0].rpartition(".")
    return last, package


def _resource(name: str) -> tuple[str, str]:
    package, _, last = name.rpartition(".")[0].rpartition(".")
    return f"{last}.*", package


def _package(name: str) -> str:
    return name.partition(" (")[0].rpartition(".")[0]


def _package_of(what: str) -> Key:
    def key(name: str) -> tuple[str, str]:
        package = _package(name)
        return (package.rpartition(".")[0] or package) if what == "capabilities" else package, what

    return key


def _anchors(audit: Audit, column: int) -> dict[str, str]:
    """Where the page tells of each thing of a column."""
    if column == 0:
        return {each.name: f"agent-{at}" for at, each in enumerate(audit.agents)}
    listed = [each.name for each in audit.intents] if column == 1 else audit.capabilities
    return {name: f"{COLUMNS[column]}-{at}" for at, name in enumerate(listed)}


def _nodes(
    names: Sequence[str], levels: Sequence[Key], anchors: dict[str, str], what: str
) -> list[Node]:
    """The nodes of a column, by the first way to put them together that is few enough."""
    groups: dict[tuple[str, str], list[str]] = {}
    for level in levels:
        groups = defaultdict(list)
        for name in names:
            key = (name, "") if level is _itself else level(name)
            groups[key].append(name)
        if len(groups) <= MOST:
            break
    nodes: list[Node] = []
    rest: list[str] = []
    largest = sorted(groups, key=lambda key: (-len(groups[key]), key))
    for key in largest:
        members = groups[key]
        if len(groups) > MOST and len(nodes) == MOST - 1:
            rest += members
        elif len(members) == 1:
            label, note = _itself(members[0])
            nodes.append(Node(label, note, tuple(members), anchors[members[0]]))
        else:
            note = (
                f"{len(members)} {what}"
                if key[1] in COLUMNS
                else f"{key[1]}, {len(members)} {what}"
            )
            nodes.append(Node(key[0], note, tuple(members), what))
    if rest:
        nodes.append(Node("others", f"{len(rest)} {what}", tuple(rest), what))
    return sorted(nodes, key=lambda node: (node.label, node.note))


# --- Order ----------------------------------------------------------------------------------------


def _ordered(
    columns: list[list[Node]], paths: dict[tuple[int, int, int], list[How]], is_whole: bool
) -> Graph:
    """Put the nodes of each column where their neighbours are, so that few edges cross."""
    orders = [list(range(len(nodes))) for nodes in columns]
    for sweep in range(SWEEPS):
        for column in (0, 1, 2) if sweep % 2 == 0 else (2, 1, 0):
            rank = [
                {node: at / max(1, len(order) - 1) for at, node in enumerate(order)}
                for order in orders
            ]
            near: dict[int, list[float]] = defaultdict(list)
            for path in paths:
                for other in (column - 1, column + 1):
                    if 0 <= other <= 2:
                        near[path[column]].append(rank[other][path[other]])
            orders[column].sort(
                key=lambda node: (round(sum(near[node]) / len(near[node]), 9), node)
            )
    moved = [{node: at for at, node in enumerate(order)} for order in orders]
    over: dict[tuple[int, int, int], list[How]] = defaultdict(list)
    through: dict[tuple[int, int, int], set[tuple[int, int]]] = defaultdict(set)
    for path, hows in paths.items():
        at = tuple(moved[column][path[column]] for column in range(3))
        for column in (0, 1):
            edge = (column, at[column], at[column + 1])
            over[edge] += hows
            through[edge] |= {(each, at[each]) for each in range(3)}
    edges = tuple(
        Edge(*edge, min(over[edge], key=ORDER.index), len(over[edge]), tuple(sorted(through[edge])))
        for edge in sorted(over)
    )
    return Graph(
        tuple(tuple(columns[column][node] for node in orders[column]) for column in range(3)),
        edges,
        is_whole,
    )
