"""Whether what a token says is so now: its lease holds, and is the agent's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...runtime.values import NANOSECONDS

if TYPE_CHECKING:
    from ..core import View


def held(claims: dict[str, Any], view: View) -> dict[str, Any] | None:
    """Give what an introspection says of a token of ours (RFC 7662); None if its lease does not hold."""
    row = view.lease(claims["lease"])
    if row is None or row.agent != claims["sub"] or not view.is_good(row):
        return None
    kind = "DPoP" if "cnf" in claims else "Bearer"
    # a lease that was looked at again may end before its token says
    ends = min(claims["exp"], row.expires // NANOSECONDS)
    return {"active": True, "token_type": kind, **claims, "exp": ends}
