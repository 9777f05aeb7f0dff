"""What readers of JSON make of a request: each gives the request that is decided where another one is given."""

from __future__ import annotations

import json
import math
from typing import Any

from .rego import carried


def as_given(request: Any) -> Any:
    """The request itself."""
    return request


def as_json(request: Any) -> Any:
    """What a strict reader of its JSON text reads."""
    return json.loads(carried(request))


def as_parsed_json(request: Any) -> Any:
    """What JSON.parse reads, which may round integers: no double equals those here."""

    def exact(digits: str) -> int | float:
        value = float(digits)
        is_rounded = math.isfinite(value) and value.is_integer() and abs(value) >= 2**53
        return 10**400 if is_rounded else value

    return json.loads(carried(request), parse_int=exact, parse_float=exact)
