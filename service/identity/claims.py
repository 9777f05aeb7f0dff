"""What tokens of all kinds say: for whom they are, and when they are good."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from ..tokens.compact import Refused


def check_times(claims: Mapping[str, Any], now: float, leeway: float, longest: float) -> None:
    """Check that a token is good now, `leeway` seconds more or less, and not for longer than `longest`. Raises `Refused`."""
    ends = seconds(claims, "exp")
    if ends is None:
        raise Refused("it does not say when it ends")
    if ends <= now - leeway:
        raise Refused("it has expired")
    if ends > now + longest + leeway:
        raise Refused("it is good for longer than tokens may be here")
    for name in ("nbf", "iat"):
        begins = seconds(claims, name)
        if begins is not None and begins > now + leeway:
            raise Refused("it is not good yet")


def check_audience(claims: Mapping[str, Any], ours: Collection[str]) -> list[str]:
    """Check that a token is for us, and give all whom it is for. Raises `Refused`."""
    found = claims.get("aud")
    audience = [found] if type(found) is str else found
    if type(audience) is not list or not all(type(each) is str for each in audience):
        raise Refused("it does not say for whom it is")
    if not any(each in ours for each in audience):
        raise Refused("it is for somebody else")
    return audience


def seconds(claims: Mapping[str, Any], name: str) -> float | None:
    """Give a time, in seconds since 1970; None if there is none. Raises `Refused` of what is no time."""
    if name not in claims:
        return None
    found = claims[name]
    if type(found) not in (int, float) or not math.isfinite(found) or not 0 <= found < 2**40:
        raise Refused("a time in it is none")
    return float(found)
