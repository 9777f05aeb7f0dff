"""`has only args.a, args.b`: that the names of the arguments are among these."""

from __future__ import annotations

from ...ir import nodes as ir
from ...report.diagnostics import report
from ...syntax import tree as syntax
from ..references.attributes import Environment
from .operands import read_attribute

NAMES = ir.Attribute("args", (ir.EACH,), ir.ListType(ir.STRING))


def lower_has_only(
    env: Environment, names: tuple[syntax.Name, ...], node: syntax.HasOnly
) -> ir.Condition | None:
    """Give the condition that a call has no other arguments than these."""
    found: list[str] = []
    for name in names:
        attribute = read_attribute(env, name, "`has only` lists arguments")
        if attribute is None:
            return None
        if attribute.root != "args" or len(attribute.path) != 1:
            report(
                env.diagnostics,
                "AGP1606",
                name.span,
                f"`has only` lists the arguments of a call, and `{name.text}` is none",
                "name them as a whole, as in `has only args.to, args.subject`; records in them are closed anyway",
            )
            return None
        if attribute.path[0] not in found:
            found.append(attribute.path[0])
    return ir.ListTest("subset of", NAMES, ir.Constants(ir.STRING, tuple(found)), node.span)
