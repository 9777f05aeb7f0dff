"""Type expressions to types, and types to words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ...ir import nodes as ir
from ...ir.roots import NEW_SCALARS, SCALARS
from ...report.diagnostics import at
from ...report.fixes import written as written_as
from ...syntax import tree as syntax
from ...text.field_names import is_word, segments
from ...text.suggestions import did_you_mean
from ..names.names import Names, twice

FOREIGN_TYPES = {
    "float": "write `number`",
    "double": "write `number`",
    "decimal": "write `number`",
    "long": "write `int`",
    "text": "write `string`",
    "uri": "write `url`",
    "hostname": "write `domain`",
    "host": "write `domain`; a `url` has `.host`",
    "datetime": "write `time`",
    "timestamp": "write `time`",
    "ipaddr": "write `ip`",
    "cidr": "write `ip`",
    "list": "a list is written `[string]`",
    "array": "a list is written `[string]`",
    "object": "a record is written `{ name: string }`; `json` is any value",
    "any": "`json` is any value",
}
"""What other languages call the types."""


def type_of(
    node: syntax.TypeExpression, package: str, names: Names, *, quoted: bool = False
) -> ir.Type | None:
    """Give the type that an expression names; None if it names none, which is reported."""
    match node:
        case syntax.ListOf(of=of):
            inner = type_of(of, package, names, quoted=quoted)
            return None if inner is None else ir.ListType(inner)
        case syntax.RecordOf(fields=fields):
            return ir.RecordType(fields_of(fields, package, names, quoted=quoted))
        case syntax.Name(text=text, span=span):
            # Who has declared a type called so before there was one of the language keeps it.
            if text in SCALARS and (
                text not in NEW_SCALARS or names.find("type", package, text) is None
            ):
                return ir.Scalar(cast("ir.ScalarName", text))
            found = names.find("type", package, text)
            if found is None and not names.is_of_missing_package(package, text):
                names.miss(
                    text,
                    names.out_of_reach(package, text, span)
                    or at(
                        "AGP1101",
                        span,
                        f"there is no type `{text}`",
                        help=FOREIGN_TYPES.get(text.lower())
                        or did_you_mean(text, (*SCALARS, *names.written("type", package))),
                    ),
                )
            if found is None:
                return None
            names.note(node, "type", found.name)
            if isinstance(found.node, syntax.LevelDeclaration):
                return ir.LevelType(found.name)
            return ir.EnumType(found.name)


def fields_of(
    nodes: Iterable[syntax.FieldDeclaration],
    package: str,
    names: Names,
    *,
    reserved: tuple[str, ...] = (),
    keep_order: bool = False,
    quoted: bool = False,
) -> tuple[ir.Field, ...]:
    """Give declared fields, sorted by name unless told otherwise; what is wrong is left out.

    `quoted` is whether names in quotes may stand here.
    """
    seen: dict[str, syntax.Name] = {}
    fields: list[ir.Field] = []
    for node in nodes:
        name = node.name
        if name.text in seen:
            names.diagnostics.append(twice(name, seen[name.text], "a field"))
            continue
        seen[name.text] = name
        text = segments(name.text)[0]
        if not quoted and not is_word(text):
            names.diagnostics.append(
                at(
                    "AGP1016",
                    name.span,
                    f"`{name.text}` can only be the name of a parameter, or of a field within one",
                    help="an argument has the name that its tool gives it; choose a name of "
                    "letters, digits and `_` here",
                )
            )
            names.lost.add(text)
            continue
        if name.text in reserved:
            names.diagnostics.append(
                at(
                    "AGP1105",
                    name.span,
                    f"a field cannot be called `{name.text}` here",
                    help="every request has a field of this name already: choose another",
                )
            )
            names.lost.add(name.text)
            continue
        if name.text in ("action", "actions") and _is_no_type(node.type, package, names):
            assert isinstance(node.type, syntax.Name)
            help = f"write `action {node.type.text[:60]}`"
            message = "an action stands by its word, without `:`"
            names.diagnostics.append(
                at(
                    "AGP1010",
                    name.span.to(node.type.span),
                    message,
                    help=help,
                    fixes=written_as(
                        name.span.to(node.type.span), f"action {node.type.text}", "likely"
                    ),
                )
            )
            names.lost.update((name.text, node.type.text))
            continue
        type_ = type_of(node.type, package, names, quoted=quoted)
        if type_ is None:
            names.lost.add(text)
        else:
            fields.append(ir.Field(text, type_, node.optional))
    return tuple(fields if keep_order else sorted(fields, key=lambda each: each.name))


def _is_no_type(node: syntax.TypeExpression, package: str, names: Names) -> bool:
    """Whether a type is a name that nobody declares, and that no other language has for a type."""
    if not isinstance(node, syntax.Name) or node.text.lower() in FOREIGN_TYPES:
        return False
    return node.text not in SCALARS and names.find("type", package, node.text) is None
