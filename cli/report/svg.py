"""The graph as a picture: SVG that needs nothing from outside, and that a keyboard and a screen reader can follow.

Each node is a stop of the keyboard; with it, or under the mouse, the accesses that go through it stay, and the
others fade. No text of a policy becomes anything but text.
"""

from __future__ import annotations

import math

from markupsafe import Markup

from ...compiler.structs import Struct
from ...compiler.text.counted import counted
from ...compiler.text.visible import visible, width
from ..output.html import templates_of
from .graph import COLUMNS, Graph

BOX, ROW, BETWEEN, TOP, EDGE = 232, 52, 150, 44, 8
HEIGHT = 40
LETTERS = 30  # of a label, before it is cut; the whole is in the title


class _Box(Struct):
    name: str
    x: int
    y: int
    label: str
    note: str
    said: str
    anchor: str


class _Line(Struct):
    names: str
    path: str
    how: str
    width: str
    said: str


def picture(graph: Graph, within: bool = False) -> Markup:
    """Draw it, by itself or `within` the page, where nodes lead to what the page says of them."""
    rows = max((len(column) for column in graph.columns), default=0)
    tall = TOP + max(rows, 1) * ROW + EDGE
    wide = 3 * BOX + 2 * BETWEEN + 2 * EDGE
    boxes = [_boxes(graph, column, tall) for column in range(3)]
    templates = templates_of(__package__)
    template = templates.get_template("graph.svg.j2")
    css = templates.get_template("graph.css").render()
    return Markup(
        template.render(
            within=within,
            css=Markup(css + styles(graph)),  # ours, with numbers of nodes in it
            wide=wide,
            tall=tall,
            heads=[(EDGE + column * (BOX + BETWEEN), name) for column, name in enumerate(COLUMNS)],
            boxes=[each for column in boxes for each in column],
            lines=_lines(graph, boxes),
            box=BOX,
            height=HEIGHT,
            counts=[sum(len(node.members) for node in column) for column in graph.columns],
            is_whole=graph.is_whole,
        )
    )


def styles(graph: Graph) -> str:
    """What fades where a node is looked at, for the style sheet of the page; made of numbers alone."""
    names = (f"n{column}-{at}" for column in range(3) for at in range(len(graph.columns[column])))
    return "".join(
        f".graph:has(.{name}:is(:hover,:focus-visible)) .line:not(.{name}){{opacity:.08}}\n"
        for name in names
    )


def _boxes(graph: Graph, column: int, tall: int) -> list[_Box]:
    nodes = graph.columns[column]
    step = (tall - TOP - EDGE) / max(len(nodes), 1)
    found = []
    for at, node in enumerate(nodes):
        y = round(TOP + step * at + (step - HEIGHT) / 2)
        edges = [each for each in graph.edges if (column, at) in each.through]
        accesses = sum(
            each.accesses
            for each in edges
            if _touches(each.column, column, each.start, each.end, at)
        )
        found.append(
            _Box(
                f"n{column}-{at}",
                EDGE + column * (BOX + BETWEEN),
                y,
                _cut(node.label, LETTERS),
                _cut(node.note, LETTERS + 6),
                f"{node.label} {node.note}: {counted(accesses, 'access', 'accesses')}",
                node.anchor,
            )
        )
    return found


def _touches(edge: int, column: int, start: int, end: int, at: int) -> bool:
    """Whether an edge is one at which the accesses of a node are counted, each once."""
    return (edge == 0 and ((column == 0 and start == at) or (column == 1 and end == at))) or (
        edge == 1 and column == 2 and end == at
    )


def _cut(text: str, letters: int) -> str:
    """As much of a text as a box has room for."""
    shown = visible(text)
    if width(shown) <= letters:
        return shown
    while width(shown) > letters - 1:
        shown = shown[:-1]
    return f"{shown}…"


def _lines(graph: Graph, boxes: list[list[_Box]]) -> list[_Line]:
    found = []
    most = max((each.accesses for each in graph.edges), default=1)
    for each in graph.edges:
        start, end = boxes[each.column][each.start], boxes[each.column + 1][each.end]
        x1, y1 = start.x + BOX, start.y + HEIGHT // 2
        x2, y2 = end.x, end.y + HEIGHT // 2
        middle = (x1 + x2) // 2
        found.append(
            _Line(
                " ".join(f"n{column}-{at}" for column, at in each.through),
                f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}",
                each.how.replace(" ", "-"),
                f"{1.4 + 2.6 * math.log(each.accesses) / math.log(max(most, 8)):.1f}",
                f"{start.label} to {end.label}: {each.how}",
            )
        )
    return found
