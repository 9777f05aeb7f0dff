"""SPIFFE IDs and patterns: what is one, and which identities a pattern stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...runtime.values import MAX_SPIFFE_ID, is_spiffe_segment
from . import nodes as ir

_TRUST_DOMAIN = re.compile(r"[a-z0-9._-]{1,255}")


EXCEPT = " except "


def parted(pattern: str) -> tuple[str, tuple[str, ...]]:
    """Part a pattern, as families have them: what it stands for, and the IDs and patterns that it leaves out.

    >>> parted("spiffe://a.example/** except spiffe://a.example/x, spiffe://a.example/y/*")
    ('spiffe://a.example/**', ('spiffe://a.example/x', 'spiffe://a.example/y/*'))
    """
    whole, _, left_out = pattern.partition(EXCEPT)
    return whole, tuple(left_out.split(", ")) if left_out else ()


def without(pattern: str, left_out: Iterable[str]) -> str:
    """A pattern that leaves out IDs and patterns, which is written with them."""
    listed = sorted(set(left_out))
    return f"{pattern}{EXCEPT}{', '.join(listed)}" if listed else pattern


def spiffe_matches(pattern: str, agent: str) -> bool:
    """Whether a SPIFFE ID fits a pattern: `*` is one segment, a last `**` one or more; and nothing it leaves out.

    What a wildcard stands for has to be a path segment that a SPIFFE ID may have.
    """
    whole, left_out = parted(pattern)
    return _fits(whole, agent) and not any(_fits(each, agent) for each in left_out)


def _fits(pattern: str, agent: str) -> bool:
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


def families_of(policy: ir.Policy, id: str) -> tuple[str, ...]:
    """The names of the families that a SPIFFE ID belongs to."""
    return tuple(each.name for each in policy.families if is_member(id, each))


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
