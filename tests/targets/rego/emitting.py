"""Policies made for OPA, hostile ones among them."""

from __future__ import annotations

from dataclasses import replace

from engines.hand_policies import FORBID

from agpc.compiler.ir import nodes as ir
from agpc.targets.emission import Emission, Options
from agpc.targets.rego import TARGET

from .policies import ALLOW, POLICY


def emit(policy: ir.Policy) -> Emission:
    return TARGET.emit(policy, Options())


HOSTILE_POLICY = replace(
    POLICY,
    allows=(
        replace(
            ALLOW,
            condition=ir.In(
                ir.Attribute("args", ("x",), ir.STRING), ir.Constants(ir.STRING, ("a", "b"))
            ),
        ),
    ),
    forbids=(replace(FORBID, condition=ir.Has(ir.Attribute("args", ("y",), ir.STRING))),),
)
FIELD_NAMES = ["as", "contains", "data", "default", "else", "every", "false", "if", "import", "in"]


def field_policy() -> ir.Policy:
    """A policy that reads fields, of objects and of records, and a member of each of the names."""
    level = ir.LevelType("p.level")
    record = ir.RecordType(tuple(ir.Field(each, ir.INT, optional=True) for each in FIELD_NAMES))
    conditions: list[ir.Condition] = [ir.Has(ir.Attribute("args", ("all",), record))]
    for name in FIELD_NAMES:
        here, inner = (
            ir.Attribute("args", path, ir.INT, optional=True) for path in ((name,), ("all", name))
        )
        conditions += [
            ir.Compare("==", here, ir.Constant(ir.INT, 1)),
            ir.Has(inner),
            ir.Not(ir.Has(here)),
            ir.Compare("==", ir.Attribute("args", ("l",), level), ir.Constant(level, name)),
        ]
    return replace(
        POLICY,
        levels=(ir.Enumeration("p.level", tuple(FIELD_NAMES)),),
        allows=tuple(
            replace(ALLOW, id=f"p.g.{number:03}", condition=each)
            for number, each in enumerate(conditions)
        ),
    )
