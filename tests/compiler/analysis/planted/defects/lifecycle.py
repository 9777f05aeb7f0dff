"""Access that does not end as it should."""

from __future__ import annotations

from collections.abc import Callable

from ..draft import Draft


def without(clause: str) -> Callable[[Draft], None]:
    """Leave a clause out."""

    def plant(draft: Draft) -> None:
        clauses = draft.grants[draft.some()].clauses
        del clauses[clause]
        clauses["terms"] = "terms short"  # which have none of these

    return plant


def long_credential(draft: Draft) -> None:
    ttl = draft.random.choice(("13h", "30d", "721m"))
    draft.grants[draft.some()].clauses["credential"] = f"credential ttl {ttl}"


def ends(*days: str) -> Callable[[Draft], None]:
    """Let the access of somebody who hands nothing on end at another time."""

    def plant(draft: Draft) -> None:
        day = draft.random.choice(days)
        draft.grants[draft.alone()].clauses["valid"] = f"valid until {day}"

    return plant


DEFECTS = {
    "AGP4101": without("valid"),
    "AGP4102": without("credential"),
    "AGP4103": long_credential,
    "AGP4104": without("revoke"),
    "AGP4105": ends("2026-11-22", "2020-01-01"),
    "AGP4106": ends("2031-06-30", "2100-01-01"),
}
