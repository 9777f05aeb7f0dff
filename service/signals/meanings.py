"""Which events there are (CAEP, RISC, SSF), and what each of them ends here if the settings say nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.operations.of_leases import Effect

_CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC = "https://schemas.openid.net/secevent/risc/event-type/"
_SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
_ALL: tuple[Effect, ...] = ("leases", "sessions", "person")
_NOW: tuple[Effect, ...] = ("leases", "sessions")
_NOTHING: tuple[Effect, ...] = ()

DEFAULTS: Mapping[str, tuple[Effect, ...]] = {
    f"{_CAEP}session-revoked": _NOW,
    f"{_CAEP}credential-change": _NOW,
    f"{_CAEP}token-claims-change": _NOW,
    f"{_CAEP}assurance-level-change": _NOW,
    f"{_CAEP}device-compliance-change": _NOW,
    f"{_CAEP}risk-level-change": _NOW,
    f"{_CAEP}session-established": _NOTHING,
    f"{_CAEP}session-presented": _NOTHING,
    f"{_RISC}account-disabled": _ALL,
    f"{_RISC}account-purged": _ALL,
    f"{_RISC}identifier-recycled": _ALL,
    f"{_RISC}identifier-changed": _NOW,
    f"{_RISC}account-credential-change-required": _NOW,
    f"{_RISC}credential-compromise": _NOW,
    f"{_RISC}sessions-revoked": _NOW,
    f"{_RISC}account-enabled": _NOTHING,
    f"{_RISC}opt-in": _NOTHING,
    f"{_RISC}opt-out-initiated": _NOTHING,
    f"{_RISC}opt-out-cancelled": _NOTHING,
    f"{_RISC}opt-out-effective": _NOTHING,
    f"{_RISC}recovery-activated": _NOTHING,
    f"{_RISC}recovery-information-changed": _NOTHING,
    f"{_SSF}verification": _NOTHING,
    f"{_SSF}stream-updated": _NOTHING,
}
"""INVARIANT: an event that may say that somebody is to be trusted less ends leases and sessions; others are recorded."""

_GOOD: Mapping[str, tuple[str, Sequence[str]]] = {
    f"{_CAEP}device-compliance-change": ("current_status", ("compliant",)),
    f"{_CAEP}assurance-level-change": ("change_direction", ("increase",)),
    f"{_CAEP}risk-level-change": ("current_level", ("LOW",)),
}
"""Of events that bring good news as well as bad, what says so: a member, and its values. What says neither is bad news."""

NAMES: Mapping[str, str] = {uri.rpartition("/")[2]: uri for uri in DEFAULTS}
"""What settings call them: the last part of the URI."""


def effects_of(
    event: str, told: Mapping[str, Any], chosen: Mapping[str, tuple[Effect, ...]]
) -> tuple[bool, tuple[Effect, ...]]:
    """Say whether an event is understood, and what it ends; `chosen` are settings, by URI."""
    effects = chosen.get(event, DEFAULTS.get(event))
    if effects is None:
        return False, ()
    name, values = _GOOD.get(event, ("", ()))
    return True, () if told.get(name) in values else effects
