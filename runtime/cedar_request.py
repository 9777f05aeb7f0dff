"""AuthZEN requests as requests of Cedar, by the `request.json` of target `cedar`.

The translation decides as much as the policies do: one that is looser opens what the policy denies. So
programs call this one, and what is no text of one request in strict JSON is no request.
"""

from __future__ import annotations

import struct
from typing import Any

from .address_text import write_address
from .arguments import objects_at
from .hosts import read_domain, read_email, read_url
from .strict_json import NotJSON, read_request
from .values import (
    is_spiffe_segment,
    is_text,
    is_too_deep,
    read_address,
    read_date,
    read_duration,
    read_int,
    read_number,
    read_time,
)

ABSENT: Any = object()
MALFORMED: Any = object()
FORMS = {"date": read_date, "domain": read_domain, "email": read_email, "url": read_url}
"""Types of which Cedar is told only that a well-formed value is there."""
UNSEEN = ("json", "list", "record", *FORMS)
"""Types of elements that Cedar is not given."""


def translate_text(
    how: dict[str, Any], text: str | bytes
) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """Translate the JSON text of a request; None, a denial, for what is not strict JSON.

    A key that stands twice is refused: whoever else reads the text may take the other value.
    """
    try:
        return translate(how, read_request(text))
    except NotJSON:
        return None


def translate(
    how: dict[str, Any], request: object
) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """The Cedar request and its entities; None for a request that is denied without asking."""
    if type(request) is not dict or is_too_deep(request):
        return None
    if walk(request, ("context", "delegation")) not in (None, ABSENT, []):
        return None  # nobody there decides for each agent of a chain
    agent, kind = text_at(request, "subject", "id"), text_at(request, "resource", "type")
    id, name = text_at(request, "resource", "id"), text_at(request, "action", "name")
    if text_at(request, "subject", "type") != "agent" or None in (agent, kind, id, name):
        return None
    assert agent is not None and kind is not None and name is not None
    resource = how["resources"].get(kind)
    action = resource and resource["actions"].get(name)
    if not action or not are_declared(action, request["action"].get("properties")):
        return None

    malformed: list[str] = []
    context = record(request, how["context"], malformed)
    time = read(request, ("context", "time"), {"type": "time"})
    if time is MALFORMED:
        malformed.append("now")
    elif time is not ABSENT:
        context["now"] = time
    now = read_time(walk(request, ("context", "time")))
    task = record(request, how["task"], malformed)
    intent = walk(request, ("context", "task", "intent"))
    if type(intent) is str and intent in how["intents"]:
        task["intent"] = intent
    ages = {}
    for key, path in how["ages"].items():
        then = read_time(walk(request, path))
        if now is not None and then is not None and then <= now:
            ages[key] = seconds(now - then)
    principal = {"type": how["principal"]["type"], "id": agent}
    about = {"type": resource["type"], "id": id}
    families = [
        {"type": how["principal"]["family"], "id": name}
        for name, family in how["families"].items()
        if agent in family["ids"] or any(fits_whole(agent, each) for each in family["patterns"])
    ]
    entities: list[dict[str, Any]] = [
        {
            "uid": principal,
            "attrs": record(request, how["principal"]["attributes"], malformed),
            "parents": families,
        },
        {
            "uid": about,
            "attrs": record(request, resource["attributes"], malformed),
            "parents": [],
        },
    ]
    context |= {
        "ages": ages,
        "args": record(request, action["args"], malformed),
        "task": task,
        "user": record(request, how["user"], malformed),
        **{kind: record(request, facts, malformed) for kind, facts in how.get("facts", {}).items()},
        "malformed": malformed,
    }
    asked = {
        "principal": principal,
        "action": {"type": action["type"], "id": action["id"]},
        "resource": about,
        "context": context,
    }
    return asked, entities


def text_at(request: object, part: str, name: str) -> str | None:
    """A string that every request has to have."""
    holder = request.get(part) if type(request) is dict else None
    value = holder.get(name) if type(holder) is dict else None
    return value if is_text(value) else None


def are_declared(action: dict[str, Any], given: object) -> bool:
    """Whether nobody slipped an argument in, or a field into a record of the arguments."""
    if given is None:
        return True
    if type(given) is not dict:
        return False
    types = {each["from"][-1]: each for each in action["args"]}
    return all(
        has_declared_fields(types[name], value) if name in types else action["open"] is True
        for name, value in given.items()
    )


def has_declared_fields(type_: dict[str, Any], value: object) -> bool:
    """Whether records at a place, or in lists there, have no field but those declared."""
    while type_["type"] == "list":
        type_ = type_["of"]
    if type_["type"] != "record":
        return True
    fields = {each["name"]: each for each in type_["fields"]}
    return all(
        name in fields and has_declared_fields(fields[name], inner)
        for each in objects_at(value)
        for name, inner in each.items()
    )


def fits_whole(agent: str, pattern: str) -> bool:
    """Whether a SPIFFE ID matches a pattern, and nothing that stands behind its ` except `."""
    whole, _, left_out = pattern.partition(" except ")
    return fits(agent, whole) and not any(
        fits(agent, each) for each in (left_out.split(", ") if left_out else ())
    )


def fits(agent: str, pattern: str) -> bool:
    """Whether a SPIFFE ID matches a pattern: `*` is one segment, a last `**` one or more."""
    have, want = agent.split("/"), pattern.split("/")
    if len(agent) > 2048:
        return False
    if want[-1] == "**":
        if len(have) < len(want):
            return False
        want = want[:-1] + ["*"] * (len(have) - len(want) + 1)
    return len(have) == len(want) and all(
        is_spiffe_segment(h) if w == "*" else h == w for h, w in zip(have, want, strict=True)
    )


def record(request: Any, attributes: list[dict[str, Any]], malformed: list[str]) -> dict[str, Any]:
    """What can be read of some attributes; the keys of what is malformed are added to a list."""
    found: dict[str, Any] = {}
    for each in attributes:
        value = read(request, each["from"], each)
        put(found, each["name"], each["key"], each, walk(request, each["from"]), value, malformed)
    return found


def put(
    holder: dict[str, Any],
    name: str,
    key: str,
    type_: dict[str, Any],
    raw: Any,
    value: object,
    malformed: list[str],
) -> None:
    """Put one value where it belongs; of a record, all that can be read of it."""
    if value is MALFORMED:
        malformed.append(key)
    if type_["type"] != "record":
        if value is not MALFORMED and value is not ABSENT:
            holder[name] = value
        return
    inner: dict[str, Any] = {}
    for each in type_["fields"]:
        if raw is ABSENT or type(raw) is dict:
            below = ABSENT if raw is ABSENT or raw.get(each["name"]) is None else raw[each["name"]]
        else:
            below = MALFORMED
        read_ = below if below is ABSENT or below is MALFORMED else cedar_value(below, each)
        put(
            inner,
            each["as"],
            f"{key}.{each.get('key', each['name'])}",
            each,
            below,
            read_,
            malformed,
        )
    if type(raw) is dict:
        holder[name] = inner


def walk(request: Any, path: Any) -> Any:
    """What stands at a path: ABSENT behind a null or a gap, MALFORMED behind what is not an object."""
    value = request
    for step in path:
        if value is None:
            return ABSENT
        if type(value) is not dict:
            return MALFORMED
        value = value.get(step)
    return ABSENT if value is None else value


def read(request: Any, path: Any, type_: dict[str, Any]) -> Any:
    """The Cedar value at a path, ABSENT or MALFORMED."""
    value = walk(request, path)
    return value if value is ABSENT or value is MALFORMED else cedar_value(value, type_)


def cedar_value(value: Any, type_: dict[str, Any]) -> Any:
    """A JSON value as a Cedar value of a type, or MALFORMED."""
    match type_["type"]:
        case "string":
            return value if is_text(value) else MALFORMED
        case "bool":
            return value if type(value) is bool else MALFORMED
        case "enum":
            return value if type(value) is str and value in type_["members"] else MALFORMED
        case "level":
            members = type_["members"]
            is_member = type(value) is str and value in members
            return members.index(value) if is_member else MALFORMED
        case "json":
            return True
        case "int":
            return or_malformed(read_int(value))
        case "number":
            double = read_number(value)
            return MALFORMED if double is None else order(double)
        case "time":
            return seconds(read_time(value))
        case "duration":
            length = read_duration(value)
            return MALFORMED if length is None else length // 10**9
        case "ip":
            address = read_address(value)
            return MALFORMED if address is None else extension(address)
        case "date" | "domain" | "email" | "url":
            return MALFORMED if FORMS[type_["type"]](value) is None else True
        case "or nothing":
            return {} if is_nothing(value) else something(cedar_value(value, type_["of"]))
        case "list":
            return cedar_list(value, type_["of"])
        case "record":
            return cedar_record(value, type_["fields"])
        case _:  # a type that this translation does not know: nothing may be read of it
            return MALFORMED


def is_nothing(value: Any) -> bool:
    """Whether a meter says of its value that there is none."""
    return type(value) is dict and len(value) == 1 and value.get("none") is True


def something(value: Any) -> Any:
    """The value of a meter that has one."""
    return MALFORMED if value is MALFORMED else {"value": value}


def or_malformed(value: int | None) -> Any:
    """A whole number; None is malformed."""
    return MALFORMED if value is None else value


def order(double: float) -> dict[str, int]:
    """The bits of a double's size, with its sign: whole numbers in the order of the doubles."""
    (size,) = struct.unpack(">q", struct.pack(">d", abs(double)))
    high, low = divmod(-int(size) if double < 0 else int(size), 2**32)
    return {"high": high, "low": low}


def seconds(nanoseconds: int | None) -> Any:
    """A time or an age as a pair; None is malformed."""
    if nanoseconds is None:
        return MALFORMED
    whole, rest = divmod(nanoseconds, 10**9)
    return {"s": whole, "ns": rest}


def extension(address: tuple[int, int]) -> dict[str, Any]:
    """An address, as Cedar's JSON has one."""
    return {"__extn": {"fn": "ip", "arg": write_address(*address)}}


def cedar_list(value: Any, of: dict[str, Any]) -> Any:
    """A list of scalars as a set; of any other well-formed one, only that it is there."""
    if type(value) is not list:
        return MALFORMED
    elements = [MALFORMED if each is None else cedar_value(each, of) for each in value]
    if any(each is MALFORMED for each in elements):
        return MALFORMED
    return True if of["type"] in UNSEEN else elements


def cedar_record(value: Any, fields: list[dict[str, Any]]) -> Any:
    """Any value but MALFORMED for a record that is whole; `put` reads its fields."""
    if type(value) is not dict:
        return MALFORMED
    for each in fields:
        inner = value.get(each["name"])
        if inner is None:
            if not each["optional"]:
                return MALFORMED
        elif cedar_value(inner, each) is MALFORMED:
            return MALFORMED
    return value
