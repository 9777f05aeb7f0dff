"""SPIFFE IDs, read by the letter: what is nearly one is none."""

from __future__ import annotations

import re

from ...runtime.values import MAX_SPIFFE_ID, is_spiffe_segment

_DOMAIN = re.compile(r"[a-z0-9._-]{1,255}")
_SCHEME = "spiffe://"


def is_trust_domain(text: str) -> bool:
    """Whether text is the name of a trust domain."""
    return _DOMAIN.fullmatch(text) is not None


def trust_domain_of(id: object) -> str | None:
    """Give the trust domain of a workload's SPIFFE ID; None of what is none.

    >>> trust_domain_of("spiffe://acme.example/ns/a/sa/b")
    'acme.example'
    >>> [trust_domain_of(each) for each in ("spiffe://acme.example", "spiffe://Acme.example/a", "spiffe://acme.example/a/../b")]
    [None, None, None]
    """
    if type(id) is not str or len(id) > MAX_SPIFFE_ID or not id.startswith(_SCHEME):
        return None
    domain, *segments = id[len(_SCHEME) :].split("/")
    if not segments or not is_trust_domain(domain) or not all(map(is_spiffe_segment, segments)):
        return None
    return domain
