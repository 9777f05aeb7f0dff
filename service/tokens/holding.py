"""Whether what a token says is so now: its lease holds, and is the very one that it was made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...runtime.values import NANOSECONDS

if TYPE_CHECKING:
    from ..core import View
    from ..store import Lease


def held(claims: dict[str, Any], view: View) -> dict[str, Any] | None:
    """Give what an introspection says of a token of ours (RFC 7662); None if its lease does not hold."""
    row = view.lease(claims["lease"])
    if row is None or not _is_of(row, claims) or not view.is_good(row):
        return None
    kind = "DPoP" if "cnf" in claims else "Bearer"
    # a lease that was looked at again may end before its token says
    ends = min(claims["exp"], row.expires // NANOSECONDS)
    return {"active": True, "token_type": kind, **claims, "exp": ends}


def _is_of(row: Lease, claims: dict[str, Any]) -> bool:
    """Whether a token was made of a lease: where an older copy of the store was put back another one may have its number."""
    bound = claims.get("cnf")
    return (
        row.agent == claims["sub"]
        and row.task == claims["task"]
        and json.loads(row.capabilities) == claims["capabilities"]
        and row.issued // NANOSECONDS <= claims["iat"]
        and row.proved == (None if bound is None else bound["jkt"])
    )
