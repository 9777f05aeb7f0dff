"""The picture: everything by itself while that can be read, and together where it cannot."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from agpc.cli.report.facts import Access, Agent, Intent
from agpc.cli.report.graph import MOST, Graph, graph_of
from agpc.cli.report.svg import picture


class Drawn:
    """As much of a report as a picture is drawn from."""

    def __init__(self, agents: list[Agent]) -> None:
        used = [each for agent in agents for each in agent.access]
        self.agents = tuple(agents)
        self.intents = tuple(
            Intent(each, "") for each in sorted({i for one in used for i in one.intents})
        )
        self.capabilities = tuple(sorted({each.capability for each in used}))


def graph(agents: int, actions: int, intents: int = 1, families: int = 5) -> Graph:
    drawn: Any = Drawn(
        [
            Agent(
                f"p.bot_{number:03}",
                f"spiffe://x/{number}",
                (f"p.team_{number % families}",),
                tuple(
                    Access(
                        f"p.tool_{action % 7}.do_{action:03}",
                        (f"p.why_{action % intents:02}",),
                        "permit",
                        (),
                        (),
                    )
                    for action in range(number % 3, actions, 3)
                ),
            )
            for number in range(agents)
        ]
    )
    return graph_of(drawn)


def accesses(found: Graph, column: int) -> int:
    return sum(each.accesses for each in found.edges if each.column == column)


def test_few_things_stand_by_themselves() -> None:
    found = graph(6, 9)
    assert [len(column) for column in found.columns] == [6, 1, 9]
    assert found.is_whole
    assert {each.anchor for each in found.columns[0]} == {f"agent-{at}" for at in range(6)}
    assert accesses(found, 0) == accesses(found, 1) == 6 * 3


@pytest.mark.parametrize(
    ("agents", "actions", "intents"), [(200, 100, 50), (1000, 90, 30), (25, 3, 1)]
)
def test_many_things_stand_together_and_nothing_is_lost(
    agents: int, actions: int, intents: int
) -> None:
    found = graph(agents, actions, intents)
    assert all(len(column) <= MOST for column in found.columns)
    assert not found.is_whole
    assert sum(len(each.members) for each in found.columns[0]) == agents
    assert sum(len(each.members) for each in found.columns[2]) == actions
    assert (
        accesses(found, 0)
        == accesses(found, 1)
        == sum(len(range(n % 3, actions, 3)) for n in range(agents))
    )


def test_agents_stand_together_by_family_and_capabilities_by_resource() -> None:
    found = graph(200, 100)
    assert [each.label for each in sorted(found.columns[0], key=lambda node: node.label)] == [
        f"team_{n}" for n in range(5)
    ]
    assert {each.label for each in found.columns[2]} == {f"tool_{n}.*" for n in range(7)}


@pytest.mark.parametrize(
    ("name", "label", "note"),
    [
        ("p.q.bot", "bot", "p.q"),
        ("p.f (spiffe://x/y.z)", "f", "p, any without a name"),
        ("p.f and q.g (spiffe://x/y)", "f and g", "p, q, any without a name"),
        ("several families (spiffe://x)", "several families", "any without a name"),
    ],
)
def test_a_node_has_what_is_last_in_its_name(name: str, label: str, note: str) -> None:
    access = Access("p.t.do", ("p.why",), "permit", (), ())
    drawn: Any = Drawn([Agent(name, "spiffe://x/y", (), (access,))])
    (node,) = graph_of(drawn).columns[0]
    assert (node.label, node.note) == (label, note)


def test_what_is_too_much_in_any_way_is_one_node() -> None:
    agents = [
        Agent(f"p{n:02}.bot", f"spiffe://x/{n}", (), (Access(f"q{n:02}.t.do", (f"r{n:02}.why",), "permit", (), ()),))
        for n in range(40)
    ]  # fmt: skip
    drawn: Any = Drawn(agents)
    found = graph_of(drawn)
    for column in found.columns:
        assert len(column) == MOST
        assert max(len(each.members) for each in column) == 40 - MOST + 1


def test_edges_go_from_column_to_column_and_few_cross() -> None:
    agents = [
        Agent(f"p.bot_{n}", f"spiffe://x/{n}", (), (Access(f"p.t.do_{9 - n}", (f"p.why_{n * 7 % 10}",), "permit", (), ()),))
        for n in range(10)
    ]  # fmt: skip
    drawn: Any = Drawn(agents)
    found = graph_of(drawn)
    assert all(each.start == each.end for each in found.edges)  # each path is a straight line


def test_every_node_is_a_stop_of_the_keyboard_with_a_name() -> None:
    for within in (True, False):
        drawing = ElementTree.fromstring(picture(graph(200, 100), within))
        name = "{http://www.w3.org/2000/svg}" if not within else ""
        nodes = [each for each in drawing.iter() if "node" in each.get("class", "").split()]
        assert len(nodes) == 5 + 1 + 7
        for each in nodes:
            assert each.get("aria-label") == each.findtext(f"{name}title")
            assert each.get("href" if within else "tabindex")
        assert drawing.find(f"{name}desc") is not None


def test_the_order_is_the_same_each_time() -> None:
    assert picture(graph(200, 100, 50)) == picture(graph(200, 100, 50))
