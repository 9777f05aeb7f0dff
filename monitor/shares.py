"""What one call adds to one meter: a pure function of the definition and of the request."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from hashlib import sha256
from typing import Any, TypeAlias

from ..runtime.call import Call, fields_of
from ..runtime.conditions import read_text
from ..runtime.facts import ABSENT, MALFORMED, Condition, Meter, Nothing, Place
from ..runtime.values import is_identity

KeyValues: TypeAlias = tuple[Any, ...]
"""The values that a meter is kept by, with the run in the place of the task; MALFORMED fits any."""

UNIT = 10**9
"""Sums are whole numbers of these parts of one."""
MOST_WHOLE, MOST_FRACTION = 15, 9  # digits of an amount that is summed
MOST_VALUES = 10_000  # of a list that are told apart
LONGEST_KEY = 4_096  # characters; a longer one is kept by its digest

_EXACT = Context(prec=60)  # whatever the program around has made of its own
_USER = Place(("context", "user", "id"), read_text)


@dataclass(frozen=True, slots=True)
class Share:
    """What a call adds where it counts. One that is `broken` counts, and nobody knows what it adds."""

    value: Any = None
    written: Any = None
    broken: bool = False


BROKEN = Share(broken=True)
ONE = Share(1)


def scopes_of(request: dict[str, Any], run: Any, *, user: bool) -> dict[str, Any]:
    """Give what the scopes of meters are of a request whose run is called `run`; its user where one is by `user`."""
    resource = request["resource"]
    return {
        "task": _short(run),
        "agent": _short(request["subject"]["id"]),
        "resource": (resource["type"], _short(resource["id"])),
        "user": _short(_USER.of(request)) if user else ABSENT,
    }


def keys_of(
    meter: Meter, request: dict[str, Any], scopes: dict[str, Any], *, recorded: bool
) -> KeyValues:
    """Give what a meter is kept by, as a record has it or as the call at hand has."""
    found = [scopes[each] for each in meter.scopes]
    for key in meter.keys:
        found.append(_short((key.recorded if recorded else key.called).of(request)))
    return tuple(found)


def _short(value: Any) -> Any:
    """A part of the keys; what is too long to be kept is told apart by its digest, and is no text that somebody writes."""
    if type(value) is not str or len(value) <= LONGEST_KEY:
        return value
    return ("long", sha256(value.encode("utf-8", "surrogatepass")).hexdigest())


def keys_of_each(meter: Meter, keys: KeyValues, request: dict[str, Any]) -> list[KeyValues]:
    """Give the keys of a call that was made, for its agent and for each of those that it acted for."""
    if "agent" not in meter.scopes:
        return [keys]
    chain = fields_of(request.get("context")).get("delegation")
    links = [fields_of(each).get("agent") for each in chain] if type(chain) is list else []
    at = meter.scopes.index("agent")
    found = {keys: None}
    for agent in links:
        if type(agent) is str:
            found[(*keys[:at], _short(agent), *keys[at + 1 :])] = None
    return list(found)


def task_of(request: dict[str, Any]) -> Any:
    """Give the id of the task of a request, ABSENT or MALFORMED."""
    found = fields_of(fields_of(request.get("context")).get("task")).get("id")
    return found if is_identity(found) else ABSENT if found is None else MALFORMED


def share_of(meter: Meter, call: Call) -> Share | None:
    """Give what a call of a capability that a meter is about adds to it; None if it does not count."""
    condition = meter.condition
    if condition is not None and not condition.is_true(call):
        if condition.is_false(call) or _lacks_nothing_needed(condition, call):
            return None
        return BROKEN
    place = meter.attribute
    if place is None:
        return ONE
    value = place.of(call.request)
    if isinstance(value, Nothing):
        return BROKEN
    match meter.aggregate:
        case "sum":
            amount = amount_of(value)
            return BROKEN if amount is None else Share(amount)
        case "sum size":
            return Share(len(value))
        case "distinct":
            values = value if isinstance(value, list) else (value,)
            return BROKEN if len(values) > MOST_VALUES else Share(frozenset(values))
        case _:
            return Share(value, place.raw(call.request))


def amount_of(value: float) -> int | None:
    """Give a number in parts of `UNIT`, as its shortest decimal text says it; None if none is summed."""
    amount = Decimal(repr(value))
    digits, exponent = len(amount.as_tuple().digits), int(amount.as_tuple().exponent)
    if amount < 0 or digits + exponent > MOST_WHOLE:
        return None
    scaled = amount.scaleb(MOST_FRACTION, _EXACT)
    return int(scaled) if scaled == scaled.to_integral_value(context=_EXACT) else None


def _lacks_nothing_needed(condition: Condition, call: Call) -> bool:
    """Whether it is unknown for the lack of what may be left out, and of nothing else."""
    for place in condition.places:
        value = place.of(call.request)
        if value is MALFORMED or (value is ABSENT and not place.optional):
            return False
    return True
