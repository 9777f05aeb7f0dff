"""Lists in a witness that are as a size, a path through them, or the names of the arguments ask.

What is made may not be all that was asked, where several of these are about one list: the witness is asked itself.
"""

from __future__ import annotations

from typing import Any

from ....ir import nodes as ir
from ....ir.roots import location
from ....meaning.request import ABSENT, MALFORMED
from .witness import sample, to_json

LONGEST = 1_000
"""Elements of a list in a witness; one that has to be longer is not made."""


def place_in_list(
    request: dict[str, Any], attribute: ir.Attribute, value: Any, policy: ir.Policy
) -> None:
    """Make the list that an attribute is read of such that it has a value."""
    if attribute.of is None:
        _place_names(request, value)
        return
    *containers, last = location(attribute)
    holder: Any = request
    for step in containers:
        if value is ABSENT and step not in holder:
            return
        holder = holder.setdefault(step, {})
        if type(holder) is not dict:
            return
    if value is ABSENT:
        holder.pop(last, None)
    elif value is MALFORMED:
        holder[last] = 0
    else:
        before = holder.get(last)
        elements = before if type(before) is list else []
        if attribute.beyond:
            holder[last] = _with_values(elements, attribute, value, policy)
        elif value <= LONGEST:
            holder[last] = _of_size(elements, attribute.of, int(value), policy)


def _place_names(request: dict[str, Any], value: Any) -> None:
    if value is MALFORMED:
        request["action"]["properties"] = 0
    elif value is not ABSENT and type(arguments := request["action"].get("properties")) is dict:
        for name in value:
            arguments.setdefault(name, None)  # null is an argument as well


def _of_size(elements: list[Any], of: ir.Attribute, size: int, policy: ir.Policy) -> list[Any]:
    """Give as many elements, or records that have something at the end of a path."""
    assert isinstance(of.type, ir.ListType)
    found = elements[:size]
    if of.of is None:
        more = elements[-1] if elements else sample(of.type.of, policy)
        return [*found, *[more] * (size - len(found))]
    if not found:
        return _with_values([], of, [None] * size, policy)
    return [*found, *[elements[-1]] * (size - len(found))]


def _with_values(
    elements: list[Any], attribute: ir.Attribute, values: list[Any], policy: ir.Policy
) -> list[Any]:
    """Give records of which each has a value; as many as there are, or as are needed."""
    assert attribute.of is not None
    assert isinstance(attribute.of.type, ir.ListType)
    assert isinstance(attribute.type, ir.ListType)
    some = sample(attribute.type.of, policy)
    written = [
        some if each is None else to_json(each, attribute.type.of, policy) for each in values
    ]
    if not written:
        return []
    of = attribute.of.type.of
    return [
        _with(
            elements[at] if at < len(elements) else None,
            of,
            attribute.beyond,
            written[min(at, len(written) - 1)],
            policy,
        )
        for at in range(max(len(elements), len(written)))
    ]


def _with(value: Any, type_: ir.Type, names: tuple[str, ...], leaf: Any, policy: ir.Policy) -> Any:
    if isinstance(type_, ir.ListType):
        return [_with(None, type_.of, names, leaf, policy)]
    if not names or not isinstance(type_, ir.RecordType):
        return leaf
    record = dict(value) if type(value) is dict else sample(type_, policy)
    inner = next(each.type for each in type_.fields if each.name == names[0])
    return {**record, names[0]: _with(record.get(names[0]), inner, names[1:], leaf, policy)}
