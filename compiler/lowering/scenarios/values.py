"""Values that a test gives to declared fields, as the JSON that a request carries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...ir import nodes as ir
from ...ir.type_words import in_words
from ...report.diagnostics import at, report
from ...syntax import tree as syntax
from ...text.field_names import segments, written
from ...text.suggestions import did_you_mean
from ..literals import literals, times
from ..names.names import Names


def read_pairs(
    pairs: Iterable[syntax.Pair],
    fields: Iterable[ir.Field],
    what: str,
    package: str,
    names: Names,
    holders: tuple[str, ...],
) -> dict[str, Any]:
    """Read values for declared fields, of which `null` is kept, and means absent.

    `holders` are what may declare them, as `uses` calls it.
    """
    types = {each.name: each.type for each in fields}
    found: dict[str, Any] = {}
    for pair in pairs:
        shown, (name,) = pair.name.text, segments(pair.name.text)
        if name in found:
            report(names.diagnostics, "AGP1102", pair.name.span, f"`{shown}` stands twice")
        if name not in types:
            names.miss(
                name,
                at(
                    "AGP1109",
                    pair.name.span,
                    f"{what} declares no `{shown}`",
                    help=did_you_mean(shown, map(written, types)),
                ),
            )
            continue
        names.note(pair.name, "fields", holders)
        inner = tuple(f"{each}.{shown}" for each in holders)
        found[name] = read_value(pair.value, types[name], package, names, inner)
    return found


def read_value(
    node: syntax.Literal_, type_: ir.Type, package: str, names: Names, holders: tuple[str, ...]
) -> Any:
    """Read a literal as the JSON that a request would carry."""
    match node, type_:
        case syntax.Null(), _:
            return None
        case syntax.ListLiteral(items=items), ir.ListType(of):
            return [read_value(item, of, package, names, holders) for item in items]
        case syntax.ListLiteral(items=items), ir.Scalar("json"):
            return [read_value(item, type_, package, names, ()) for item in items]
        case syntax.RecordLiteral(items=pairs), ir.RecordType(fields):
            return read_pairs(pairs, fields, f"`{in_words(type_)}`", package, names, holders)
        case syntax.RecordLiteral(items=pairs), ir.Scalar("json"):
            return {
                segments(pair.name.text)[0]: read_value(pair.value, type_, package, names, ())
                for pair in pairs
            }
        case _, ir.Scalar("json"):
            return literals.plain(node, names.diagnostics)
        case syntax.Duration(), ir.Scalar("duration"):
            times.seconds(node, names.diagnostics)
            return node.text
        case _:
            pass
    return literals.value_of(node, type_, package, names)
