"""The report as one HTML page that needs nothing from outside and runs no script."""

from __future__ import annotations

from collections import defaultdict

from markupsafe import Markup

from ...compiler.telling.difference_causes import VERDICTS
from ..output.html import hash_of, templates_of
from .facts import Audit
from .graph import graph_of
from .svg import picture, styles

OPEN = 150
"""Up to so many accesses, rules or findings a list is open from the start; a longer one is opened by its reader."""


def page(audit: Audit) -> str:
    """Fill in the page; every text in it is escaped, and what cannot be seen is made visible."""
    templates = templates_of(__package__)
    graph = graph_of(audit)
    css = templates.get_template("report.css").render()
    css += templates.get_template("graph.css").render() + styles(graph)
    users: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    tasks: dict[str, dict[int, str]] = defaultdict(dict)
    for at, agent in enumerate(audit.agents):
        for access in agent.access:
            users[access.capability].append((at, agent.name, access.how))
            for intent in access.intents:
                tasks[intent][at] = agent.name
    return templates.get_template("report.html.j2").render(
        audit=audit,
        css=Markup(f"\n{css}"),  # ours, with numbers of nodes in it
        digest=hash_of(f"\n{css}"),
        graph=picture(graph, within=True) if any(graph.columns) else None,
        is_whole=graph.is_whole,
        number={each.id: at for at, each in enumerate(audit.rules)},
        rules={each.id: each for each in audit.rules},
        users=users,
        tasks=tasks,
        verdicts=VERDICTS,
        opened=OPEN,
    )
