"""Operands: which are read from the request and which are constants, and what is wrong with a name."""

from __future__ import annotations

from typing import TypeAlias

from ...ir import nodes as ir
from ...ir.roots import ROOTS
from ...ir.type_words import in_words
from ...report.diagnostics import report
from ...syntax import tree as syntax
from ..literals import literals
from ..references.attributes import WINDOW, Environment
from ..references.facts import meter_named, read_meter

Typed: TypeAlias = ir.Attribute | ir.Age | ir.Element


def is_path(text: str) -> bool:
    """Whether a name reads the request, by its first part."""
    return text.partition(".")[0] in ROOTS


def reads(env: Environment, text: str) -> bool:
    """Whether a name reads the request here: a path, a meter, or a field of a record at hand."""
    return (
        is_path(text)
        or (env.it is not None and text.partition(".")[0] == "it")
        or meter_named(env.names, env.package, text) is not None
    )


def is_read(env: Environment, node: syntax.Operand) -> bool:
    """Whether an operand is read from the request, and not a constant."""
    match node:
        case syntax.Name(text=text):
            return reads(env, text)
        case syntax.AgeOf() | syntax.SizeOf():
            return True
        case _:
            return False


def type_of(term: Typed) -> ir.Type:
    """The type of a term; of a value that may be nothing, that of the values, and of a part its own."""
    return ir.DURATION if isinstance(term, ir.Age) else ir.value_type(term.type)


def read_term(
    env: Environment, node: syntax.Operand, otherwise: str
) -> ir.Attribute | ir.Age | None:
    """The attribute or the age that an operand reads."""
    if isinstance(node, syntax.Name):
        return read_attribute(env, node, otherwise)
    if isinstance(node, syntax.AgeOf):
        attribute = read_attribute(env, node.of, "`age` is of a time")
        if attribute is None:
            return None
        if attribute.type != ir.TIME:
            report(
                env.diagnostics,
                "AGP1202",
                node.of.span,
                f"`age` is of a `time`, and this is `{in_words(attribute.type)}`",
            )
            return None
        return ir.Age(attribute)
    if isinstance(node, syntax.SizeOf):
        attribute = read_attribute(env, node.of, "`size` is of a list")
        if attribute is None:
            return None
        if not isinstance(attribute.type, ir.ListType):
            report(
                env.diagnostics,
                "AGP1202",
                node.of.span,
                f"`size` is of a list, and this is `{in_words(attribute.type)}`",
            )
            return None
        path = (*attribute.path, ir.EACH)
        return ir.Attribute(attribute.root, path, ir.INT, attribute.optional, attribute)
    report(env.diagnostics, "AGP1204", node.span, otherwise)
    return None


def read_attribute(env: Environment, name: syntax.Name, otherwise: str) -> ir.Attribute | None:
    """The attribute that a name reads; `otherwise` says why it must be one."""
    if is_path(name.text) or (env.it is not None and name.text.partition(".")[0] == "it"):
        return env.read(name)
    if meter_named(env.names, env.package, name.text) is not None:
        return read_meter(env, name)
    report_no_attribute(env, name, otherwise)
    return None


def read_constant(env: Environment, node: syntax.Operand, type_: ir.Type) -> ir.Constant | None:
    """The constant of a type that an operand writes."""
    assert not isinstance(node, (syntax.AgeOf, syntax.SizeOf))  # `is_read` has told them apart
    return literals.constant(node, type_, env.package, env.names)


def report_no_attribute(env: Environment, name: syntax.Name, why: str) -> None:
    """Report a name that reads nothing, with what may have been meant."""
    near = attributes_like(env, name)
    report(
        env.diagnostics,
        "AGP1101",
        name.span,
        f"`{name.text}` is not an attribute" + (f": {why}" if why else ""),
        f"did you mean {' or '.join(near)}?"
        if near
        else WINDOW
        if name.text.partition(".")[0].lower() in ("time", "date", "clock", "datetime")
        else f"attributes start with {', '.join(f'`{root}`' for root in ROOTS)}",
    )


def attributes_like(env: Environment, name: syntax.Name) -> list[str]:
    """The attributes that are called as a name is in other languages, such as `request.amount`."""
    last = name.text.rpartition(".")[2]
    return [f"`{root}.{last}`" for root, readable in env.roots.items() if last in readable.fields]


def find_stranger(env: Environment, *operands: syntax.Operand) -> syntax.Name | None:
    """The first operand that is a bare name which no level or enum in sight has as a member."""
    names, package = env.names, env.package
    found = [names.find("type", package, text) for text in names.written("type", package)]
    members = {m for each in found if each for m in literals.members_of(each.name, names)}
    bare = (each for each in operands if isinstance(each, syntax.Name))
    return next((each for each in bare if each.text.rpartition(".")[2] not in members), None)
