"""SPIFFE IDs and patterns of them, as literals."""

from __future__ import annotations

import re

from ...runtime.values import MAX_SPIFFE_ID, is_spiffe_segment
from ..report.diagnostics import Diagnostics, at
from ..syntax import tree as syntax

_TRUST_DOMAIN = re.compile(r"[a-z0-9._-]{1,255}")
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


def spiffe_problem(value: str, *, pattern: bool) -> str | None:
    """Say what is wrong with a SPIFFE ID or pattern, if anything is."""
    if not value.startswith("spiffe://"):
        return "it does not start with `spiffe://`"
    if len(value.encode("utf-8", "replace")) > MAX_SPIFFE_ID:
        return "it is longer than 2,048 bytes"
    domain, *segments = value.removeprefix("spiffe://").split("/")
    if not _TRUST_DOMAIN.fullmatch(domain):
        return "the trust domain has other characters than a-z, 0-9, `.`, `-` and `_`"
    if not segments:
        return "it has no path"
    for position, segment in enumerate(segments):
        if pattern and segment == "*":
            continue
        if pattern and segment == "**":
            if position == len(segments) - 1:
                continue
            return "`**` stands only at the end"
        if pattern and "*" in segment:
            return "a `*` stands for one whole segment"
        if not is_spiffe_segment(segment):
            return "a path segment is empty, `.`, `..`, or has other characters than a-z, A-Z, 0-9, `.`, `-` and `_`"
    return None
