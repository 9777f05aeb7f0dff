"""What comments say of the parts of a policy, under the names that those have in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from ...ir import nodes as ir
from ...report.source import Span
from ...syntax import tree as syntax
from .names import Names


def documented(files: Iterable[syntax.File], names: Names, policy: ir.Policy) -> tuple[ir.Doc, ...]:
    """Give what is said of each thing, sorted; what several places say is one text, with empty lines between."""
    said: dict[tuple[str, str], list[str]] = {}
    by_place: Mapping[Span, ir.Allow | ir.Constraint] | None = None
    for file in files:
        for each in file.documentation:
            if each.about is None or file.package is None:
                continue
            if each.about.kind in ("allow", "constraint") and by_place is None:
                by_place = {each.span: each for each in (*policy.allows, *policy.constraints)}
            name = _name_of(each.about, file.package.text, names, by_place or {})
            if name is not None:
                kind = "rule" if each.about.kind == "allow" else each.about.kind
                said.setdefault((kind, name), []).append(each.text)
    return tuple(
        ir.Doc(cast("ir.DocumentedKind", kind), name, "\n\n".join(dict.fromkeys(texts)))
        for (kind, name), texts in sorted(said.items())
    )


def _name_of(
    about: syntax.Documented,
    package: str,
    names: Names,
    by_place: Mapping[Span, ir.Allow | ir.Constraint],
) -> str | None:
    """What something is called in the whole set; None if it is mistaken, which has been told."""
    if about.kind in ("allow", "constraint"):
        found_there = by_place.get(about.span)
        if found_there is None:
            return None
        from ...ir.printing.rules import constraint_name  # which few policies need

        return found_there.id if isinstance(found_there, ir.Allow) else constraint_name(found_there)
    if about.extended is None:
        return about.name
    found = names.find("resource", package, about.extended.text)
    return None if found is None else f"{found.name}{about.name}"
