"""The matrix as a page that needs nothing from outside: a table, and behind each cell its rules."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ...compiler.ir.documentation import doc_of_agent, doc_of_rule
from ...compiler.telling.access import (
    after,
    alike,
    clauses,
    forbid_text,
    place,
    who,
)
from ...compiler.telling.matrix import free, how
from .html import hash_of, templates_of

if TYPE_CHECKING:
    from ...compiler.analysis.access import Answer, Way
    from ...compiler.ir import nodes as ir
    from ...compiler.report import Report
    from ...compiler.telling.matrix import Matrix


def page(found: Matrix) -> str:
    """Fill in the page; every text in it is escaped, and what cannot be seen is made visible."""
    from ...compiler.check.compiling.ir_json import deciding_text

    environment = templates_of(__package__)
    template = environment.get_template("matrix.html.j2")
    script = environment.get_template("matrix.js").render()
    return template.render(
        rows=list(rows_of(found)),
        capabilities=found.capabilities,
        script=Markup(script),  # ours, and the same for every policy
        hashed=hash_of(script),
        digest=hashlib.sha256(deciding_text(found.policy).encode()).hexdigest(),
        day=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )


def rows_of(found: Matrix) -> Sequence[dict[str, Any]]:
    """What the page says of each agent."""
    return [
        {
            "agent": row.title(found.policy),
            "id": row.agent,
            "doc": doc_of_agent(found.policy, row.agent),
            "chain": row.chain,
            "cells": [
                {
                    "capability": capability,
                    "doc": found.policy.doc("action", capability),
                    "how": how(cell),
                    "free": free(found.policy, cell),
                    "anchor": f"cell-{number}-{at}" if cell else None,
                    "answers": answers_of(cell, found.policy, found.report),
                }
                for at, (capability, cell) in enumerate(
                    zip(found.capabilities, row.cells, strict=True)
                )
            ],
        }
        for number, row in enumerate(found.rows)
    ]


def answers_of(cell: Sequence[Answer], policy: ir.Policy, report: Report) -> list[dict[str, Any]]:
    """The answers of a cell; intents with the same one together."""
    return [
        {
            "how": same[0].how,
            "intents": [each.intent for each in same],
            "after": after(policy, same[0].chain),
            "ways": [
                part
                for way in same[0].ways
                for part in (
                    _way(way, policy, report),
                    *(
                        _way(each, policy, report, who(policy, agent))
                        for (agent, _), each in zip(same[0].chain, way.above, strict=True)
                    ),
                )
            ],
            "doubts": [
                {**_rule(each.allow, report), "reason": each.reason} for each in same[0].doubts
            ],
        }
        for same in alike(cell)
    ]


def _way(way: Way, policy: ir.Policy, report: Report, whose: str = "") -> dict[str, Any]:
    return {
        "whose": whose,
        "doc": doc_of_rule(policy, way.allow),
        **_rule(way.allow, report),
        "clauses": list(clauses(way)),
        "forbids": [{**_rule(each, report), "text": forbid_text(each)} for each in way.forbids],
    }


def _rule(rule: ir.Rule, report: Report) -> dict[str, Any]:
    return {"rule": rule.id, "place": place(rule, report)}
