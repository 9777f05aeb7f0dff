"""SPIFFE IDs and patterns of them, as literals."""

from __future__ import annotations

import re

from ...ir.spiffe import spiffe_problem
from ...report.diagnostics import Diagnostics, at
from ...syntax import tree as syntax

_RESERVED = re.compile(r"^spiffe://[^/]*/spire(?:/|$)")


def spiffe_id(node: syntax.Text, diagnostics: Diagnostics, *, pattern: bool = False) -> str | None:
    """Check a SPIFFE ID, or a pattern of them (SPIFFE-ID, sections 2.1 to 2.3)."""
    problem = spiffe_problem(node.value, pattern=pattern)
    if problem is None:
        if _RESERVED.search(node.value):
            diagnostics.append(
                at(
                    "AGP1311",
                    node.span,
                    "paths under `/spire/` are kept for SPIRE's own servers and agents",
                    help="name the workload by the path that its registration entry has",
                )
            )
        return node.value
    diagnostics.append(
        at(
            "AGP1301",
            node.span,
            f"`{node.value}` is not a SPIFFE {'pattern' if pattern else 'ID'}: {problem}",
            help="write `spiffe://trust.domain/path`, as in "
            f'`"spiffe://acme.example/ns/finance/sa/{"*" if pattern else "invoice-bot"}"`',
        )
    )
    return None
