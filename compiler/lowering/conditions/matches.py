"""`like`, `under` and `within`: texts that match a pattern, paths, and ranges of addresses."""

from __future__ import annotations

from ...ir import nodes as ir
from ...ir.type_words import in_words
from ...report.diagnostics import report
from ...syntax import tree as syntax
from ..literals import forms, literals, patterns
from ..references.attributes import Environment
from .memberships import named_set
from .operands import Typed, read_attribute, reads, type_of

_INSTEAD_OF_MATCH: dict[tuple[str, ir.Type], str] = {
    ("within", ir.TIME): "how long ago something is, is asked with `age(NAME) < 30m`",
    ("within", ir.STRING): "declare it as `ip`, or compare with `==` or `like`",
    ("under", ir.IP): "a range of addresses is asked with `within`",
    ("under", ir.EMAIL): 'ask it of the domain: `.domain under "acme.example"`',
    ("like", ir.EMAIL): "ask `.domain == …` or `.domain under …`",
    ("under", ir.URL): "ask `.host under …` or `.path under …`",
    ("like", ir.URL): "a part is asked by its name: `.host under …`, `.path under …`",
    ("like", ir.DOMAIN): '`under "acme.example"` is the domain and all below it',
    ("like", ir.HOST): '`under "acme.example"` is the domain and all below it',
    ("like", ir.IP): "a range of addresses is asked with `within`",
}


def lower_match(env: Environment, term: Typed, node: syntax.Comparison) -> ir.Condition | None:
    """Whether a term, which the left operand reads, is `like`, `under` or `within` the right operand."""
    if (
        node.op == "under"
        and not isinstance(term, ir.Age)
        and ir.comparable_type(term.type) == ir.DOMAIN
        and isinstance(node.right, syntax.Text | syntax.Name)
    ):
        domain = (
            forms.formed(node.right, ir.DOMAIN, env.diagnostics)
            if isinstance(node.right, syntax.Text)
            else _outer(env, node.right, ir.DOMAIN)
        )
        return None if domain is None else ir.Under(term, domain, node.span)
    needed = ir.IP if node.op == "within" else ir.STRING
    if type_of(term) != needed or isinstance(term, ir.Age):
        report(
            env.diagnostics,
            "AGP1202",
            node.left.span,
            f"`{node.op}` needs `{in_words(needed)}`, and this is `{in_words(type_of(term))}`",
            "use `every` or `some` to look at each element"
            if isinstance(type_of(term), ir.ListType)
            else _INSTEAD_OF_MATCH.get((node.op, type_of(term))),
        )
        return None
    diagnostics = env.diagnostics
    match node.op, node.right:
        case "like", syntax.Text():
            pattern = patterns.pattern(node.right, diagnostics)
            _warn_of_pattern(env, node.right)
            return None if pattern is None else ir.Like(term, pattern, node.span)
        case "under", syntax.Text():
            path = literals.path(node.right, diagnostics)
            return None if path is None else ir.Under(term, path, node.span)
        case "under", syntax.Name():
            outer = _outer(env, node.right, ir.STRING)
            return None if outer is None else ir.Under(term, outer, node.span)
        case "within", _:
            ranges = _ranges(env, node.right)
            return None if ranges is None else ir.Within(term, ranges, node.span)
        case _:
            pass
    message = f"`{node.op}` needs a string in quotes"
    if node.op == "under":
        message += ", or an attribute that holds one"
    report(env.diagnostics, "AGP1203", node.right.span, message)
    return None


def _outer(env: Environment, name: syntax.Name, type_: ir.Type) -> ir.Attribute | None:
    """The attribute on the right of `under`, which says what the left one has to lie in."""
    what = "a domain" if type_ == ir.DOMAIN else "a path"
    if not reads(env, name.text):
        message = (
            f"`under` needs {what} in quotes, or an attribute that holds one, and this is neither"
        )
        report(env.diagnostics, "AGP1203", name.span, message)
        return None
    attribute = read_attribute(env, name, f"`under` asks for {what}")
    if attribute is None or ir.value_type(attribute.type) == type_:
        return attribute
    found = ir.value_type(attribute.type)
    message = (
        f"`under` needs {what} on the right, a `{in_words(type_)}`, and this is `{in_words(found)}`"
    )
    help = (
        None
        if isinstance(found, ir.ListType)
        else "a host may be an address: what it has to lie in is declared as `domain`"
        if found == ir.HOST
        else f"declare it as `{in_words(type_)}`"
    )
    report(env.diagnostics, "AGP1202", name.span, message, help)
    return None


def _warn_of_pattern(env: Environment, node: syntax.Text) -> None:
    """Warn where a pattern is written as those of SQL or of regular expressions are."""
    foreign = patterns.foreign_pattern(node.value)
    if foreign is not None:
        report(
            env.diagnostics,
            "AGP2110",
            node.span,
            f"this looks like a pattern of {foreign}, and `like` takes its signs as they are",
            'patterns are globs: `*` is any text, `?` one character, as in `like "pay-*"`',
        )


def _ranges(env: Environment, node: syntax.Operand) -> ir.Constants | None:
    if isinstance(node, syntax.Name) and not reads(env, node.text):
        return named_set(env, node, ir.IP, ranges=True)
    items = node.items if isinstance(node, syntax.ListLiteral) else (node,)
    found: list[ir.Value] = []
    for item in items:
        if not isinstance(item, syntax.Text):
            report(
                env.diagnostics,
                "AGP1203",
                item.span,
                "this is not a range of addresses",
                'write `"10.0.0.0/8"`',
            )
            return None
        network = literals.network(item, env.diagnostics)
        if network is not None:
            found.append(network)
    return ir.Constants(ir.IP, tuple(found)) if len(found) == len(items) else None
