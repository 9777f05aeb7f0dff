"""What a meter gives: an aggregate over the recorded calls that match the call at hand."""

from __future__ import annotations

from typing import Any

from ....runtime.time_text import format_time
from ....runtime.values import MAX_INT, NANOSECONDS, is_identity
from ...ir import nodes as ir
from ...ir.walk import attributes
from ...structs import Struct
from ..conditions import truth
from ..request import ABSENT, MALFORMED, Absent, Call, Malformed, as_object
from .record import Problem, Record, Recorded

USER = ir.Attribute("user", ("id",), ir.STRING)
MOST_WHOLE, MOST_FRACTION = 15, 9  # digits of an amount that is summed
PARTS: int = 10**MOST_FRACTION


class Unknown(Exception):
    """Something that would have to be known is not; the message says what."""


class Counted(Struct):
    """A call that counts: its value as conditions compare it, and as JSON writes it."""

    value: Any
    written: Any
    time: int
    line: int = 0


def meter_value(
    policy: ir.Policy, record: Record, meter: ir.Meter, call: Call, now: int
) -> dict[str, Any]:
    """Give what a request says of a meter; what is unknown is left out."""
    try:
        before = counted(policy, record, meter, call, now)
        found = {"before": aggregated(meter, before)}
    except Unknown:
        return {}
    if meter.has_with:
        try:
            own = of_call(policy, record, meter, call, call, now)
            found["with"] = aggregated(meter, before if own is None else [*before, own])
        except Unknown:
            pass
    return found


def counted(
    policy: ir.Policy, record: Record, meter: ir.Meter, call: Call, now: int
) -> list[Counted]:
    """The recorded calls that count, in the order of the record. Raises `Unknown`."""
    wanted = keys_of(record, meter, call, as_record=False)
    if any(isinstance(each, Absent | Malformed) for each in wanted):
        raise Unknown("the call lacks what the meter is kept by")
    for problem in record.problems:
        if matters(record, problem, meter, call, now):
            raise Unknown(f"line {problem.line} of the record is broken: {problem.message}")
    found = []
    for each in record.calls:
        if each.time > now or (meter.within is not None and not _in_window(meter, each, now)):
            continue
        have = keys_of(record, meter, each.call, as_record=True)
        if not _may_share(have, wanted):
            continue
        if each.is_in_doubt(now):
            raise Unknown(f"the call of line {each.line} stands twice in the record")
        if each.call.capability not in meter.capabilities or not _became(meter, each, now):
            continue
        if MALFORMED in have:
            raise Unknown(f"line {each.line} of the record has a malformed key")
        own = of_call(policy, record, meter, each.call, call, now, each)
        if own is not None:
            found.append(own)
    return found


def matters(record: Record, problem: Problem, meter: ir.Meter, call: Call, now: int) -> bool:
    """Whether a broken line could be of a call that counts."""
    if problem.time is not None and problem.time > now:
        return False
    ends = None if meter.within is None else now - meter.within * NANOSECONDS
    if problem.time is not None and ends is not None and problem.time <= ends:
        return False
    return (
        problem.task is None
        or "task" not in meter.scopes
        or record.run(problem.task) == record.run(str(call.task_id))
    )


def _in_window(meter: ir.Meter, recorded: Recorded, now: int) -> bool:
    assert meter.within is not None
    return recorded.time > now - meter.within * NANOSECONDS


def keys_of(record: Record, meter: ir.Meter, call: Call, *, as_record: bool) -> list[Any]:
    """The values that a meter is kept by: as a record has them, or as the call at hand has."""
    found: list[Any] = []
    for scope in meter.scopes:
        match scope:
            case "agent":
                found.append(_agents_of(call) if as_record else call.agent)
            case "resource":
                found.append((call.resource_type, call.resource_id))
            case "user":
                found.append(call.read_attribute(USER))
            case "task":
                known = is_identity(call.task_id)
                bad = ABSENT if call.task_id is None else MALFORMED
                found.append(record.run(str(call.task_id)) if known else bad)
    for key in meter.keys:
        found.append(call.read_attribute(key.recorded if as_record else key.called))
    return found


def _may_share(have: list[Any], wanted: list[Any]) -> bool:
    """Whether a record may share the keys of the call at hand; one that lacks a key does not."""
    return not any(
        one is ABSENT or (one is not MALFORMED and not _is_same(one, other))
        for one, other in zip(have, wanted, strict=True)
    )


def _agents_of(call: Call) -> frozenset[str]:
    """The agent of a recorded call, and those that it acted for, as far as they can be read."""
    chain = call.evidence.get("delegation")
    links = [as_object(each).get("agent") for each in chain] if type(chain) is list else []
    return frozenset((call.agent, *(each for each in links if type(each) is str)))


def _is_same(recorded: Any, wanted: Any) -> bool:
    """Whether a key of a record is that of the call at hand; a record may be of several agents."""
    return wanted in recorded if isinstance(recorded, frozenset) else bool(recorded == wanted)


def _became(meter: ir.Meter, recorded: Recorded, now: int) -> bool:
    """Whether what became of a call is what the meter counts."""
    match meter.counted:
        case "permitted":
            return recorded.was_permitted(now)
        case "done":
            return recorded.effect == "permit" and recorded.outcome(now) == "done"
        case "denied":
            return recorded.was_denied(now)
        case "asked":
            return recorded.effect == "challenge"


def of_call(
    policy: ir.Policy,
    record: Record,
    meter: ir.Meter,
    call: Call,
    at_hand: Call,
    now: int,
    recorded: Recorded | None = None,
) -> Counted | None:
    """What a call adds; None if it does not count. Raises `Unknown`."""
    where = f"line {recorded.line} of the record" if recorded else "this call"
    line = recorded.line if recorded else 0
    time = recorded.time if recorded else now
    if recorded is None:
        wanted = keys_of(record, meter, at_hand, as_record=False)
        if call.capability not in meter.capabilities:
            return None
        have = keys_of(record, meter, call, as_record=True)
        if not _may_share(have, wanted):
            return None
        if MALFORMED in have:
            raise Unknown("this call has a malformed key")
    if meter.condition is not None:
        met = truth(meter.condition, call)
        if met is False:
            return None
        if met is None:
            if _lacks_nothing_needed(meter.condition, call):
                return None
            raise Unknown(f"`when` is unknown of {where}")
    if meter.attribute is None:
        return Counted(time, format_time(time), time, line)
    value = call.read_attribute(meter.attribute)
    if isinstance(value, Absent | Malformed):
        raise Unknown(f"{where} lacks what is aggregated")
    return Counted(value, _written(call, meter.attribute), time, line)


def _lacks_nothing_needed(condition: ir.Condition, call: Call) -> bool:
    """Whether a condition is unknown for the lack of what may be left out, and of nothing else."""
    for attribute, _ in attributes(condition):
        value = call.read_attribute(attribute)
        if value is MALFORMED or (value is ABSENT and not attribute.optional):
            return False
    return True


def _written(call: Call, attribute: ir.Attribute) -> Any:
    """An attribute as it stands in the request."""
    from ...ir.roots import location

    value: Any = call.request
    for step in location(attribute):
        value = value[step]
    return value


# --- Aggregates -----------------------------------------------------------------------------------


def aggregated(meter: ir.Meter, found: list[Counted]) -> Any:
    """Put together what counts, as JSON. Raises `Unknown`."""
    match meter.aggregate:
        case "count":
            return len(found)
        case "distinct":
            values = [
                each.value if isinstance(each.value, list) else [each.value] for each in found
            ]
            return len({value for listed in values for value in listed})
        case "sum size":
            return sum(len(each.value) for each in found)
        case "sum":
            return _sum(meter, found)
        case "max" | "last":
            best = max(found, key=lambda each: each.value, default=None)
            if best is None:
                return {"none": True}
            is_time = meter.aggregate == "last" or (meter.attribute is not None and meter.attribute.type == ir.TIME)  # fmt: skip
            return format_time(best.value) if is_time else best.written


def _sum(meter: ir.Meter, found: list[Counted]) -> int | float:
    """The nearest double of the exact sum of the shortest decimal texts."""
    total = sum(_smallest_parts(each.value) for each in found)
    if meter.type == ir.INT:
        if total > MAX_INT * PARTS:
            raise Unknown("the sum is too large")
        return total // PARTS
    result = total / PARTS  # of whole numbers this is the nearest double
    return int(result) if result.is_integer() and result <= MAX_INT else result


def _smallest_parts(amount: float) -> int:
    """An amount in billionths, of which it has to be a whole number."""
    if amount < 0:
        raise Unknown("an amount is negative")
    text = repr(amount)
    if "e-" in text and float(text := f"{amount:.{MOST_FRACTION}f}") != amount:
        raise Unknown("an amount has too many digits")
    whole, _, fraction = text.partition(".")
    if "e" in text or len(whole) > MOST_WHOLE or len(fraction) > MOST_FRACTION:
        raise Unknown("an amount has too many digits")
    return int(whole + fraction.ljust(MOST_FRACTION, "0"))
