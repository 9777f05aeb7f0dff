"""The second front door: a policy that was loaded is what the compiler makes of its own source text.

It is printed as the language writes it and compiled as any source is, and the two are compared. So a
policy from outside is as well-formed as one from source text, by the same code, and what the compiler
would not have made is refused, whatever it is.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias

from ...ir import nodes as ir
from ...ir.printing.conditions import as_written
from ...ir.printing.listing import Listing
from ...ir.printing.policy import Unprintable, policy_listings
from ...ir.roots import ROOTS
from ...lowering.names.controls import STANDARDS, Catalogue
from ...report.diagnostics import Diagnostic, Diagnostics
from ...syntax import tree as syntax
from ...syntax.machine import MAX_DEPTH
from ...syntax.parse import parse
from .compile import lower
from .documentation import wrong_docs
from .memory import Memory

Problems: TypeAlias = Iterator[tuple[str, str]]
"""Parts of a document, and what is wrong there."""

_OF_THIS_MACHINE = ("AGP1503",)
"""Which platforms packages bring here is no matter of the policy: it was compiled where it was."""

_KEYS = ("id", "name", "target", "resource", "action")
"""What tells the things of a list apart."""

_MOST_SHOWN = 80  # characters


def problems(policy: ir.Policy, catalogue: Catalogue = STANDARDS) -> Problems:
    """Give what is wrong with a policy that was loaded: each part, as in its JSON form, and a message."""
    try:
        listings = policy_listings(policy)
    except Unprintable as error:
        yield error.part, str(error)
        return
    diagnostics: Diagnostics = []
    files = [_parsed(listing, diagnostics) for listing in listings]
    compiled, _ = lower(files, diagnostics, Memory(), catalogue)
    wrong = [
        each
        for each in diagnostics
        if each.severity == "error" and each.code not in _OF_THIS_MACHINE
    ]
    if wrong:
        by_name = {listing.name: listing for listing in listings}
        yield from dict.fromkeys(_told(each, by_name[each.labels[0].span.file]) for each in wrong)
        return
    yield from differences(policy, compiled, "")
    yield from wrong_docs(policy)


def _parsed(listing: Listing, diagnostics: Diagnostics) -> syntax.File:
    """Parse what was printed, of any length; with named conditions written out it may go deeper."""
    return parse(listing.source(), diagnostics, deepest=2 * MAX_DEPTH, longest=sys.maxsize)


def _told(diagnostic: Diagnostic, listing: Listing) -> tuple[str, str]:
    """What the compiler says of a line, as a problem of the part that it stands for."""
    span = diagnostic.labels[0].span
    line = listing.lines[min(span.line, len(listing.lines)) - 1]
    end = span.end_column if span.end_line == span.line else len(line) + 1
    text = line[span.column - 1 : min(end, span.column + _MOST_SHOWN) - 1]
    where = f", in `{text}`" if text and f"`{text}`" not in diagnostic.message else ""
    help = f" ({diagnostic.help})" if diagnostic.help else ""
    return listing.part_at(span), f"{diagnostic.message}{where}{help}"


# --- Comparison -----------------------------------------------------------------------------------


def differences(given: Any, compiled: Any, path: str) -> Problems:
    """Say where a policy differs from what the compiler made of it."""
    if type(given) is not type(compiled):
        given = as_written(given)
    if isinstance(given, ir.Attribute) and is_of_block(given) and compiled.optional:
        # A package may not see the declaration that makes a field optional.
        given = dataclasses.replace(given, optional=True)
    if type(given) is not type(compiled):
        yield path, _differs(given, compiled)
    elif isinstance(given, ir.Scalar):
        yield from differences(given.name, compiled.name, path)
    elif isinstance(given, tuple | list):
        yield from _differences_of_lists(given, compiled, path)
    elif isinstance(given, dict):
        for key in sorted(given.keys() ^ compiled.keys(), key=repr):
            verb = "gives" if key in compiled else "gives no"
            yield path, f"the compiler {verb} {_shown(key)} here"
        for key, value in given.items():
            if key in compiled:
                yield from differences(value, compiled[key], f"{path}.{key}")
    elif dataclasses.is_dataclass(given):
        for name in _compared(given.__class__):
            inner = f"{path}.{name}" if path else name
            yield from differences(getattr(given, name), getattr(compiled, name), inner)
    elif given != compiled:
        yield path, _differs(given, compiled)


def is_of_block(attribute: ir.Attribute) -> bool:
    """Whether each package declares, in blocks of its own, what it sees there."""
    row = ROOTS.get(attribute.root)
    return row is not None and row.declared_by == "block"


def _differences_of_lists(given: Sequence[Any], compiled: Sequence[Any], path: str) -> Problems:
    if (
        path == "tests"
    ):  # two of one name stand in the order of their requests, as those are written
        given, compiled = sorted(given, key=_by_request), sorted(compiled, key=_by_request)
    if all(isinstance(each, str | int | float) for each in (*given, *compiled)):
        if repr(given) != repr(compiled):  # for which 1 is neither true nor 1.0
            yield path, _differs(given, compiled)
        return
    names, made = [_key(each) for each in given], [_key(each) for each in compiled]
    if names == made:
        for number, (one, other) in enumerate(zip(given, compiled, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
        return
    seen: set[str] = set()
    known = set(made)
    for number, name in enumerate(names):
        if name and name in seen:
            yield f"{path}[{number}]", f"`{name}` stands twice"
            return
        if name not in known:
            yield f"{path}[{number}]", f"the compiler calls nothing here `{name}`"
            return
        seen.add(name)
    yield path, _differs(names if any(names) else given, made if any(made) else compiled)


def _by_request(test: ir.Test) -> tuple[str, str]:
    return test.name, json.dumps(test.request, sort_keys=True)


def _key(value: object) -> str:
    """What tells a thing from others in its list, if it has such a name."""
    found = (getattr(value, key, None) for key in _KEYS)
    return next((each for each in found if isinstance(each, str)), "")


@cache
def _compared(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass that mean something: all but places."""
    return tuple(each.name for each in dataclasses.fields(kind) if each.compare)


def _differs(given: object, compiled: object) -> str:
    return f"this is {_shown(given)}, and the compiler makes {_shown(compiled)} of it"


def _shown(value: object) -> str:
    """A value as in the JSON form, or what kind of thing it is, in a few words."""
    if value is None:
        return "nothing"
    if dataclasses.is_dataclass(value):
        return f"`{type(value).__name__}`"
    text = json.dumps(value, default=lambda each: type(each).__name__)
    return f"`{text if len(text) <= _MOST_SHOWN else f'{text[:_MOST_SHOWN]}…'}`"
