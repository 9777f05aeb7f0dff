"""`in`, `contains`, `contains all`, `contains any` and `subset of`: lists, sets and their elements."""

from __future__ import annotations

from typing import Literal, cast

from ...ir import nodes as ir
from ...ir.type_words import in_words
from ...report.diagnostics import report
from ...syntax import tree as syntax
from ..literals import forms, literals
from ..references.attributes import Environment
from .operands import Typed, is_read, read_attribute, read_constant, read_term, reads, type_of

LIST_TESTS = ("contains all", "contains any", "subset of")


def lower_member(env: Environment, node: syntax.Comparison) -> ir.Condition | None:
    """`X in Y`, whichever side reads the request."""
    if not is_read(env, node.left):
        if isinstance(node.right, syntax.Name) and reads(env, node.right.text):
            flipped = syntax.Comparison(node.span, None, node.right, "contains", node.left)
            return lower_contains(env, flipped, written=node.op)
        report(env.diagnostics, "AGP1204", node.span, "this compares two constants")
        return None
    term = read_term(env, node.left, "")
    return None if term is None else lower_member_of(env, term, node)


def lower_member_of(env: Environment, term: Typed, node: syntax.Comparison) -> ir.Condition | None:
    """Whether a term, which the left operand reads, is in what the right operand lists."""
    type_ = type_of(term)
    if _may_be_nothing(env, term, node.op, node.left):
        return None
    if isinstance(type_, ir.ListType | ir.RecordType) or type_ == ir.JSON:
        report(
            env.diagnostics,
            "AGP1202",
            node.left.span,
            f"a `{in_words(type_)}` is not an element",
            "use `every` or `some`, or `subset of`" if isinstance(type_, ir.ListType) else None,
        )
        return None
    of = _collection(env, node.right, type_)
    return None if of is None else ir.In(term, of, node.span)


def _may_be_nothing(env: Environment, term: Typed, op: str, operand: syntax.Operand) -> bool:
    """Whether a term may have no value, of which nothing is an element; which is reported."""
    if not isinstance(term, ir.Attribute) or not isinstance(term.type, ir.OrNothing):
        return False
    message = f"`{op}` asks of a value, and there may be none here"
    help = "compare it with `<`, `<=`, `>`, `>=`, `==` or `!=`"
    report(env.diagnostics, "AGP1202", operand.span, message, help)
    return True


def lower_contains(
    env: Environment, node: syntax.Comparison, written: str = ""
) -> ir.Condition | None:
    """`LIST contains X`; `written` is the operator that stands there, if it is another."""
    found = _read_list(env, node, written)
    if found is None:
        return None
    attribute, of = found
    item: ir.Term | None
    if is_read(env, node.right):
        item = read_term(env, node.right, "")
        if item is not None and _may_be_nothing(env, item, written or node.op, node.right):
            return None
        if item is not None and ir.comparable_type(type_of(item)) != ir.comparable_type(of):
            report(
                env.diagnostics,
                "AGP1201",
                node.right.span,
                f"a `{in_words(attribute.type)}` has no `{in_words(type_of(item))}` in it",
                "use `contains all` or `contains any` for a list"
                if isinstance(type_of(item), ir.ListType)
                else None,
            )
            return None
    elif isinstance(node.right, syntax.ListLiteral):
        report(
            env.diagnostics,
            "AGP1203",
            node.right.span,
            "`contains` asks for one element",
            "write `contains all […]` or `contains any […]`",
        )
        return None
    else:
        item = read_constant(env, node.right, of)
    return None if item is None else ir.In(item, attribute, node.span)


def lower_list_test(env: Environment, node: syntax.Comparison) -> ir.Condition | None:
    """`LIST subset of`, `contains all` or `contains any` of a collection."""
    found = _read_list(env, node)
    if found is None:
        return None
    attribute, element = found
    of = _collection(env, node.right, element)
    if of is None:
        return None
    op = cast('Literal["subset of", "contains all", "contains any"]', node.op)
    return ir.ListTest(op, attribute, of, node.span)


def _read_list(
    env: Environment, node: syntax.Comparison, written: str = ""
) -> tuple[ir.Attribute, ir.Type] | None:
    """The left side of an operator that looks at a list, and the type of its elements."""
    if not isinstance(node.left, syntax.Name):
        report(env.diagnostics, "AGP1202", node.left.span, f"`{node.op}` asks something of a list")
        return None
    attribute = read_attribute(env, node.left, f"`{node.op}` asks something of a list")
    if attribute is None:
        return None
    of = ir.value_type(attribute.type.of) if isinstance(attribute.type, ir.ListType) else None
    if of is None or isinstance(of, ir.ListType | ir.RecordType) or of == ir.JSON:
        report(
            env.diagnostics,
            "AGP1202",
            node.left.span,
            f"`{written or node.op}` needs a list of values that compare, "
            f"and this is `{in_words(attribute.type)}`",
            _instead_of_list(node, attribute) if of is None else "only `has` looks at it",
        )
        return None
    return attribute, of


def _instead_of_list(node: syntax.Comparison, attribute: ir.Attribute) -> str:
    """What to write where a list was needed and is none."""
    assert isinstance(node.left, syntax.Name)
    if attribute.type == ir.STRING and isinstance(node.right, syntax.Text):
        part = node.right.value if len(node.right.value) <= 40 else "PART"
        return f'for a part of a text, write `{node.left.text} like "*{part}*"`'
    return f"for a single value, write `{node.left.text} == …` or `{node.left.text} in […]`"


def _collection(env: Environment, node: syntax.Operand, type_: ir.Type) -> ir.Collection | None:
    """The right side of a membership: a list of constants, a set, or a list attribute."""
    names, package = env.names, env.package
    if isinstance(node, syntax.ListLiteral):
        values = [literals.value_of(item, type_, package, names) for item in node.items]
        found = tuple(each for each in values if each is not None)
        return ir.Constants(type_, found) if len(found) == len(values) else None
    if isinstance(node, syntax.Name) and reads(env, node.text):
        attribute = read_attribute(env, node, "")
        if attribute is None:
            return None
        if ir.comparable_type(attribute.type) != ir.comparable_type(ir.ListType(type_)):
            report(
                env.diagnostics,
                "AGP1201",
                node.span,
                f"this is `{in_words(attribute.type)}`, and `[{in_words(type_)}]` is needed",
                "write `==` for a single value" if attribute.type == type_ else None,
            )
            return None
        return attribute
    if isinstance(node, syntax.Name):
        return named_set(env, node, type_, ranges=False)
    help = "write `[…]`, or the name of a set"
    if type_ == ir.IP and isinstance(node, syntax.Text):
        help = f'write `within "{node.value}"`'
    report(env.diagnostics, "AGP1203", node.span, "this is not a list", help)
    return None


def named_set(
    env: Environment, node: syntax.Name, type_: ir.Type, *, ranges: bool
) -> ir.Constants | None:
    """The values of a declared set, if they are of the type that is needed."""
    declared = env.names.resolve("set", env.package, node)
    if declared is None:
        return None
    found = env.sets.get(declared.name)
    if found is None:  # what is wrong with the set has been reported
        return None
    if found.type in (ir.STRING, ir.IP) and forms.has_form(type_):
        odd = next((each for each in found.values if not forms.is_formed(each, type_)), None)
        if odd is None:
            return ir.Constants(type_, found.values, found.name)
        message = f"`{node.text}` holds `{odd}`, which is not of type `{in_words(type_)}`"
        report(env.diagnostics, "AGP1201", node.span, message)
        return None
    # A set of whole numbers holds the same constants for `number` as for `int`.
    if found.type != type_ and not (found.type == ir.INT and type_ == ir.NUMBER):
        report(
            env.diagnostics,
            "AGP1201",
            node.span,
            f"`{node.text}` is a set of `{in_words(found.type)}`, "
            f"and `{in_words(type_)}` is needed",
            _no_range(found) if type_ == ir.IP else None,
        )
        return None
    if type_ == ir.IP and not ranges and any("/" in str(value) for value in found.values):
        report(
            env.diagnostics,
            "AGP1201",
            node.span,
            f"`{node.text}` holds ranges",
            "ask `within` of a range",
        )
        return None
    return ir.Constants(type_, found.values, found.name)


def _no_range(found: ir.ConstantSet) -> str | None:
    """Name the element for which a set of texts is not a set of addresses."""
    odd = [each for each in found.values if not literals.is_network(str(each))]
    if not odd or len(odd) == len(found.values):
        return None
    return f'`"{odd[0]}"` is neither an address nor a range whose host bits are zero'
