"""SPIFFE patterns: which identities they stand for."""

from __future__ import annotations

from ...runtime.values import MAX_SPIFFE_ID, is_spiffe_segment
from . import nodes as ir


def spiffe_matches(pattern: str, agent: str) -> bool:
    """Whether a SPIFFE ID fits a pattern: `*` is one segment, a last `**` one or more.

    What a wildcard stands for has to be a path segment that a SPIFFE ID may have.
    """
    want, have = pattern.split("/"), agent.split("/")
    if want[-1] == "**":
        want = want[:-1] + ["*"] * max(1, len(have) - len(want) + 1)
    return (
        len(agent) <= MAX_SPIFFE_ID
        and len(want) == len(have)
        and all(
            is_spiffe_segment(segment) if wanted == "*" else segment == wanted
            for wanted, segment in zip(want, have, strict=True)
        )
    )


def is_member(id: str, family: ir.Family | None) -> bool:
    """Whether a SPIFFE ID belongs to a family."""
    return family is not None and (
        id in family.ids or any(spiffe_matches(pattern, id) for pattern in family.patterns)
    )
