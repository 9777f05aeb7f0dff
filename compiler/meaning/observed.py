"""What a request holds of an attribute, in words: its value, or why there is none to compare."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any, TypeGuard, assert_never

from ...runtime.values import MAX_INT, NANOSECONDS
from ..ir import nodes as ir
from ..ir.roots import ROOTS, declared, location, reserved
from ..ir.times import local_time
from ..ir.type_words import in_words
from ..ir.walk import NOW
from ..text.field_names import dotted
from ..text.suggestions import did_you_mean
from .request import ABSENT, MALFORMED, Call, comparable

LONGEST = 120  # characters of a value that a message shows
MOST_KEYS, LONGEST_KEY = 200, 80  # of an object that are looked through for a misspelling
RESERVED = {"type", "id", "name"}.union(
    *({*row.place, *reserved(root)} for root, row in ROOTS.items())
)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

FORMS = {
    "time": "a time is written like `2026-01-31T08:00:00Z`",
    "duration": "a duration is written like `1h30m`",
    "ip": "an address is written like `10.0.0.1` or `2001:db8::1`",
    "date": "a date is written like `2026-01-31`",
    "domain": "a domain is written like `acme.example`, in lower case and without a dot at the end",
    "email": "an email address is written like `ann@acme.example`, without a name beside it",
    "url": "a URL is written like `https://acme.example/path?query`, in lower case up to the path",
    "host": "a host is a domain or an address",
}


def seen(attribute: ir.Attribute, call: Call) -> str:
    """What a request says of an attribute."""
    name = dotted(attribute.root, attribute.path)
    value = call.read_attribute(attribute)
    if value is ABSENT:
        return absent(name, attribute, call)
    if value is MALFORMED:
        return f"`{name}` is malformed: {why_malformed(attribute, call)}"
    return f"`{name}` is {shown(raw(attribute, call))}"


def raw(attribute: ir.Attribute, call: Call) -> Any:
    """The JSON value where a request carries an attribute."""
    return at_steps(location(attribute), call.request)


def absent(name: str, attribute: ir.Attribute, call: Call) -> str:
    """Say that an attribute is absent, and what the request has in its place."""
    place = location(attribute)
    found = instead(place, call.request, declared_names(call.policy))
    if found is not None:
        return f"`{name}` is absent{found}"
    if attribute == NOW:
        return "`now` is absent: the request has no `context.time`, which a test gives with `at`"
    if type(holder := at_steps(place[:-1], call.request)) is dict and place[-1] in holder:
        return f"`{name}` is absent: it is `null`"
    return f"`{name}` is absent"


def at_steps(steps: Sequence[str], request: Any) -> Any:
    """What a request holds at a place; None if that is nothing."""
    for step in steps:
        request = request.get(step) if type(request) is dict else None
    return request


def instead(location: Sequence[str], request: Any, declared: Collection[str] = ()) -> str | None:
    """Say what a request has in the place of a key that is not there, if it is near to it.

    What is declared itself is nobody's misspelling.
    """
    for number, step in enumerate(location):
        holder = at_steps(location[:number], request)
        if type(holder) is not dict:
            return None
        if holder.get(step) is not None:
            continue
        for key in islice(holder, MOST_KEYS):
            if _is_word(key) and key != step and key not in declared and key not in RESERVED:
                near = did_you_mean(key, (step,))
                if near is not None:
                    return f", and the request has `{'.'.join((*location[:number], key))}`: {near}"
        return None
    return None


def _is_word(key: object) -> TypeGuard[str]:
    return type(key) is str and len(key) <= LONGEST_KEY and _WORD.fullmatch(key) is not None


def declared_names(policy: ir.Policy) -> set[str]:
    """The names of all fields that a policy declares anywhere."""
    return {each.name for root in ROOTS for fields in declared(policy, root) for each in fields}


def nearest(text: str, known: Iterable[str]) -> str:
    """Suggest the name that somebody meant, whole or without its package; nothing if none is near."""
    known = list(known)
    if len(text) > LONGEST_KEY * 4:
        return ""
    whole = [each for each in known if each.endswith(f".{text}")]
    near = f"did you mean `{whole[0]}`?" if len(whole) == 1 else did_you_mean(text, known)
    return "" if near is None else f": {near}"


def why_malformed(attribute: ir.Attribute, call: Call) -> str:
    """Say what about the value of an attribute is not of its type."""
    value: Any = call.request
    path: list[str] = []
    for step in location(attribute):
        if type(value) is not dict:
            return f"`{'.'.join(path)}` is {shown(value)}, which is not an object"
        path.append(step)
        value = value.get(step)
    return flaw_of(value, attribute.type, call.policy)


def flaw_of(value: Any, type_: ir.Type, policy: ir.Policy) -> str:
    """Say why a JSON value is not of a type; the innermost part that is not."""
    of_it = f"{shown(value)} is not of type `{in_words(type_)}`"
    match type_:
        case ir.ListType(of) if type(value) is list:
            for number, each in enumerate(value):
                if each is None or comparable(each, of, policy) is MALFORMED:
                    return f"element {number} of the list: {flaw_of(each, of, policy)}"
        case ir.RecordType(fields) if type(value) is dict:
            for field in fields:
                inner = value.get(field.name)
                if inner is None and not field.optional:
                    return f"its `{field.name}` is missing"
                if inner is not None and comparable(inner, field.type, policy) is MALFORMED:
                    return f"its `{field.name}`: {flaw_of(inner, field.type, policy)}"
        case ir.LevelType(name) | ir.EnumType(name) if type(value) is str:
            near = did_you_mean(value[:LONGEST_KEY], policy.members_of[name])
            return f"{of_it}" + (f": {near}" if near else "")
        case ir.Scalar("string") if type(value) is str:
            return f"{of_it}: it holds characters that were broken on the way"
        case ir.Scalar("int" | "number" as name) if type(value) in (int, float):
            return f"{of_it}: {_number_flaw(value, name)}"
        case ir.Scalar("int" | "number") if type(value) is str:
            return f"{of_it}: it is a string"
        case ir.Scalar("bool") if value in ("true", "false"):
            return f"{of_it}: it is a string"
        case ir.PartOf(of):
            return flaw_of(value, of, policy)
        case ir.Scalar(name) if name in FORMS:
            return f"{of_it}: {FORMS[name]}"
        case ir.OrNothing(of):
            return flaw_of(value, of, policy)
        case ir.Scalar() | ir.LevelType() | ir.EnumType() | ir.ListType() | ir.RecordType():
            pass
        case _:
            assert_never(type_)
    return of_it


def _number_flaw(value: float, name: str) -> str:
    if type(value) is float and not math.isfinite(value):
        return "no double holds it"
    if name == "int" and type(value) is float and not value.is_integer():
        return "it has a fraction"
    if name == "int" and abs(value) > MAX_INT:
        return "it is beyond 2^53-1, and not every reader carries it exactly"
    return "no double equals it"


def path_flaw(value: object, outer: object) -> str | None:
    """Say why text is no path that could be compared with one that it may be under; None if it is one."""
    if type(value) is not str or type(outer) is not str:
        return None
    is_absolute = outer.startswith("/")
    if value.startswith("/") is not is_absolute:
        what = "absolute" if is_absolute else "relative"
        return f"it is not {what}, as {shown(outer)} is, so whether it is under that is not known"
    parts = value[is_absolute:].split("/")
    for part, what in (("..", "`..`"), (".", "`.`"), ("", "an empty segment")):
        if part in parts:
            return f"it has {what} in it, so where it leads is not known"
    return None


def age_flaw(time: object, call: Call) -> str | None:
    """Say why a time that is there has no age; None if it has one."""
    if type(time) is int and call.now is not None and time > call.now:
        return "its time has not come, so it has no age"
    return None


def shown(value: object) -> str:
    """A value as JSON in backticks: no controls, and no longer than a line."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return f"`{text if len(text) <= LONGEST else text[:LONGEST] + '…'}`"


def clock_in(zone: str, call: Call) -> str:
    """What the clock shows in a zone."""
    if call.now is None:
        return seen(NOW, call)
    return f"there it is {local_time(call.now // NANOSECONDS, zone):%a %Y-%m-%d %H:%M}"
