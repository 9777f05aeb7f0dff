"""Whether a request lies in a cube, asked of the reference interpreter value by value."""

from __future__ import annotations

from typing import Any

from agpc.compiler.analysis.procedure.cubes.cube import Cube, CubeKey
from agpc.compiler.analysis.procedure.domains.values import Values, on_line
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.meaning.conditions import truth
from agpc.compiler.meaning.evidence import is_there
from agpc.compiler.meaning.request import ABSENT, MALFORMED, Call


def lies_in(call: Call, cube: Cube) -> bool:
    """Whether each attribute is as the cube has it, and each relation too."""
    return all(fits(call, key, values) for key, values in cube.values.items()) and all(
        relation_holds(what, call) is wanted for what, wanted in cube.relations
    )


def fits(call: Call, key: CubeKey, values: Values) -> bool:
    attribute = ir.Attribute(key.root, key.path, key.type, of=key.of)  # type: ignore[arg-type]
    if key.aged:
        value = call.term(ir.Age(attribute), ABSENT)
        return values.absent if value is ABSENT else in_body(values, value)
    value = call.read_attribute(attribute)
    if value is ABSENT:
        return values.absent
    if value is MALFORMED:
        return values.malformed
    return in_body(values, member_of(key.type, value, call.policy))


def in_body(values: Values, value: Any) -> bool:
    return values.body is not None and values.body.contains(value)


def member_of(type_: ir.Type, value: Any, policy: ir.Policy) -> Any:
    """A value of the interpreter as the sets have it."""
    match type_:
        case ir.EnumType(name):
            return policy.members_of[name].index(value)
        case ir.Scalar("ip"):
            return on_line(value)
        case ir.Scalar("json") | ir.RecordType():
            return 0
        case ir.ListType(of):
            return [member_of(of, each, policy) for each in value]
    return value


def relation_holds(what: Any, call: Call) -> bool | None:
    """The truth of a leaf, a window or a requirement."""
    if isinstance(what, ir.Window):
        return (
            interpreter.in_window(what, call.now) is True
        )  # where the time is unknown, it does not hold
    if isinstance(what, ir.Approval | ir.StepUp | ir.Confirmation):
        return is_there(what, call)
    return truth(what, call)
