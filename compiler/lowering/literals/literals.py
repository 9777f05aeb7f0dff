"""Literals to typed constants: text, numbers, members, addresses, paths.

Every function reports what is wrong and then answers None.
"""

from __future__ import annotations

import re

from ....runtime.address_text import write_address, write_range
from ....runtime.values import (
    MAX_INT,
    is_text,
    path_segments,
    read_address,
    read_network,
    read_number,
    relative_segments,
)
from ...ir import nodes as ir
from ...ir.type_words import in_words
from ...report.diagnostics import Diagnostic, Diagnostics, at
from ...report.fixes import Edit, Fix
from ...report.fixes import written as to_write
from ...syntax import tree as syntax
from ...syntax.characters import MAX_DIGITS
from ...text.field_names import is_word, segments, written
from ...text.suggestions import did_you_mean
from ..names.names import Names
from . import forms, times

ESCAPE = r"(?s)\\(u\{([0-9A-Fa-f]+)\}|.)"


def constant(
    node: syntax.Literal_, type_: ir.Type, package: str, names: Names
) -> ir.Constant | None:
    """Read a literal as a value of a type that can be compared."""
    value = value_of(node, type_, package, names)
    return None if value is None else ir.Constant(type_, value)


def value_of(node: syntax.Literal_, type_: ir.Type, package: str, names: Names) -> ir.Value | None:
    """Read a literal as a constant of a type, in the form that `ir.Value` describes."""
    diagnostics = names.diagnostics
    match type_, node:
        case ir.Scalar("string"), syntax.Text():
            return text(node, diagnostics)
        case ir.Scalar("bool"), syntax.Bool(value=value):
            return value
        case ir.Scalar("int"), syntax.Number():
            return whole(node, diagnostics)
        case ir.Scalar("number"), syntax.Number():
            return number(node, diagnostics)
        case ir.Scalar("time"), syntax.Time():
            return times.instant(node, diagnostics)
        case ir.Scalar("date"), syntax.Date():
            return forms.date(node, diagnostics)
        case _, syntax.Text() if forms.has_form(type_):
            return forms.formed(node, type_, diagnostics)
        case ir.Scalar("duration"), syntax.Duration():
            return times.seconds(node, diagnostics)
        case ir.Scalar("ip"), syntax.Text():
            return address(node, diagnostics)
        case ir.LevelType(name) | ir.EnumType(name), syntax.Name():
            return member(node, name, package, names)
        case ir.EnumType(name), syntax.Text(value=value) if not is_word(value):
            if value in members_of(name, names):
                names.note(node, "member", f"{name}.{written(value)}")
                return value
        case _:
            pass
    names.diagnostics.append(wrong_type(node, type_, names))
    return None


def wrong_type(node: syntax.Literal_, type_: ir.Type, names: Names) -> Diagnostic:
    """Say that a literal is not of a type, and how one that is would be written."""
    help = HOW_TO_WRITE.get(getattr(type_, "name", ""))
    if isinstance(node, syntax.Null) or getattr(node, "text", "") in _NOTHING:
        help = "whether something is there is asked with `has`, or `not has`"
        shown = "null" if isinstance(node, syntax.Null) else getattr(node, "text", "")
        return at("AGP1203", node.span, f"nothing is equal to `{shown}`", help=help)
    fixes: tuple[Fix, ...] = ()
    if isinstance(type_, ir.LevelType | ir.EnumType):
        members = members_of(type_.name, names)
        help = f"it is one of {', '.join(f'`{written(each)}`' for each in members)}"
        if isinstance(node, syntax.Text) and node.value in members and is_word(node.value):
            help = f"members are written without quotes: `{node.value}`"
            fixes = to_write(node.span, node.value, "likely")
        elif isinstance(node, syntax.Name):
            help = did_you_mean(node.text, map(written, members)) or help
    elif isinstance(node, syntax.Name) and type_ == ir.STRING:
        help = FOREIGN_ROOTS.get(node.text.partition(".")[0]) if "." in node.text else None
        if any(names.find("agent", package, node.text) for package in names.packages):
            help = f"agents are named after `to`, as in `to {node.text}`"
        if help is None:
            help = f'a string stands in double quotes: `"{node.text}"`'
            fixes = to_write(node.span, f'"{node.text}"', "likely")
    elif isinstance(node, syntax.Text) and not isinstance(type_, ir.ListType):
        help = help and f"{help}, without quotes"
    message = f"this is not of type `{in_words(type_)}`"
    return at("AGP1203", node.span, message, help=help, fixes=fixes)


_NOTHING = frozenset(("None", "NULL", "Null", "nil", "undefined"))
"""What other languages call `null`."""

_ROOTS = (
    "what a request says is read from `agent`, `args`, `resource`, `task`, `context` and `user`"
)
FOREIGN_ROOTS = dict.fromkeys(
    ("principal", "subject", "input", "request", "action", "env", "identity"), _ROOTS
)
"""What other languages call what a request says."""

HOW_TO_WRITE = {
    "string": 'a string stands in double quotes: `"EUR"`',
    "bool": "write `true` or `false`",
    "int": "write a whole number, such as `10_000`",
    "number": "write a number, such as `0.8`",
    "time": "write a time in full, such as `2026-11-24T10:00:00Z`",
    "date": "write a date, such as `2026-11-24`",
    "domain": 'a domain stands in double quotes: `"acme.example"`',
    "email": 'an email address stands in double quotes: `"ann@acme.example"`',
    "url": 'a URL stands in double quotes: `"https://acme.example/"`',
    "host": 'a host stands in double quotes: `"acme.example"`',
    "duration": "write a duration, such as `15m` or `1h30m`",
    "ip": 'an address stands in double quotes: `"10.1.2.3"`',
}


_UNESCAPED = r"((?:\\\\)*|[^\\])\\([*?])"


def text(node: syntax.Text, diagnostics: Diagnostics) -> str | None:
    """Give the text of a string that is not a pattern."""
    for escape in re.finditer(ESCAPE, node.raw) if "\\" in node.raw else ():
        if escape[1] in "*?":
            diagnostics.append(
                at(
                    "AGP1006",
                    node.span,
                    f"`\\{escape[1]}` is an escape of patterns alone",
                    help="leave out the backslash, or double it",
                    fixes=tuple(
                        Fix(title, (Edit(node.span, f'"{re.sub(_UNESCAPED, new, node.raw)}"'),))
                        for title, new in (
                            ("leave out the backslash", r"\1\2"),
                            ("double the backslash", r"\1\\\\\2"),
                        )
                    ),
                )
            )
            return None
    if not is_text(node.value):
        diagnostics.append(
            at(
                "AGP1002",
                node.span,
                "U+FFFD and unpaired surrogates stand for text that was lost",
                help="no request that carries them is read, so this would match nothing",
            )
        )
        return None
    return node.value


def whole(node: syntax.Number, diagnostics: Diagnostics) -> int | None:
    """Read an `int`."""
    value = whole_of(node.text)
    if value is not None and abs(value) <= MAX_INT:
        return value
    diagnostics.append(
        at(
            "AGP1308",
            node.span,
            f"`{node.text}` is not an `int`",
            help="an `int` is whole and within ±(2^53−1)",
        )
    )
    return None


def number(node: syntax.Number, diagnostics: Diagnostics) -> int | float | None:
    """Read a `number`; whole ones become Python ints, so that equal constants are the same."""
    # As JSON readers do: digits alone are a whole number, anything else is the nearest double.
    # One that is too long has been reported, and is more than a double holds.
    double = read_number(int(node.text) if is_digits(node.text) else float(node.text))
    if double is None:
        diagnostics.append(
            at(
                "AGP1308",
                node.span,
                f"`{node.text}` is not a `number`",
                help="a `number` is a finite IEEE 754 double, as JSON carries it",
            )
        )
        return None
    return int(double) if double.is_integer() and abs(double) <= MAX_INT else double


def is_digits(text: str) -> bool:
    """Whether the text of a number has no fraction and no exponent, and is not too long."""
    return text.removeprefix("-").isdigit() and len(text) <= MAX_DIGITS


def is_whole(text: str) -> bool:
    """Whether the text of a number has no fraction, and no exponent beyond those of doubles."""
    return whole_of(text) is not None


def whole_of(text: str) -> int | None:
    """The number of such a text."""
    if is_digits(text):
        return int(text)
    from decimal import Decimal, InvalidOperation  # for `1e3` and `2.0`, which few write

    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent of more digits than decimals have
        return None
    is_one = -MAX_DIGITS < exact.adjusted() < MAX_DIGITS and exact == exact.to_integral_value()
    return int(exact) if is_one else None


def count(node: syntax.Number, least: int, diagnostics: Diagnostics) -> int | None:
    """Read how many times, from `least` to 1,000."""
    value = whole(node, diagnostics)
    if value is not None and not least <= value <= 1000:
        diagnostics.append(
            at("AGP1308", node.span, f"this has to be a number from {least} to 1000")
        )
        return None
    return value


def plain(node: syntax.Literal_, diagnostics: Diagnostics) -> ir.Value | None:
    """Read a literal that has no declared type as JSON carries it: the property of an obligation."""
    match node:
        case syntax.Text():
            return text(node, diagnostics)
        case syntax.Number():
            return number(node, diagnostics)
        case syntax.Bool(value=value):
            return value
        case syntax.Duration():
            return None if times.seconds(node, diagnostics) is None else node.text
        case syntax.Time():
            return times.instant(node, diagnostics)
        case syntax.Date():
            return None if times.day(node, diagnostics) is None else node.text
        case _:
            pass
    diagnostics.append(
        at("AGP1203", node.span, "a property is a string, number, bool, duration, date or time")
    )
    return None


def address(node: syntax.Text, diagnostics: Diagnostics) -> str | None:
    """Read one IP address as canonical text."""
    value = read_address(node.value)
    if value is None:
        help = 'write one address, as in `"10.1.2.3"`'
        if "/" in node.value and read_network(node.value) is not None:
            help = f'a range is asked with `within`: write `within "{node.value}"`'
        diagnostics.append(
            at("AGP1302", node.span, f"`{node.value}` is not an IP address", help=help)
        )
        return None
    return write_address(*value)


def network(node: syntax.Text, diagnostics: Diagnostics) -> str | None:
    """Read a range of addresses, or one address, as canonical text."""
    found = read_network(node.value)
    if found is None:
        diagnostics.append(
            at(
                "AGP1302",
                node.span,
                f"`{node.value}` is not a range of addresses",
                help='write a CIDR range whose host bits are zero, as in `"10.0.0.0/8"`',
                fixes=_with_zero_bits(node),
            )
        )
        return None
    if "/" not in node.value:
        return address(node, diagnostics)
    return write_range(*found)


def _with_zero_bits(node: syntax.Text) -> tuple[Fix, ...]:
    """The range that an address with a length lies in."""
    from ipaddress import ip_network  # which only a mistake needs

    try:
        meant = str(ip_network(node.value, strict=False))
    except ValueError:
        return ()
    return to_write(node.span, f'"{meant}"', "likely") if is_network(meant) else ()


def is_network(value: str) -> bool:
    """Whether text is a range of addresses, or one address."""
    return read_network(value) is not None


def path(node: syntax.Text, diagnostics: Diagnostics) -> str | None:
    """Read the path of `under`, which is absolute or relative."""
    value = text(node, diagnostics)
    if (
        value is not None
        and value != "/"
        and not path_segments(value)
        and not relative_segments(value)
    ):
        diagnostics.append(
            at(
                "AGP1307",
                node.span,
                f"`{value}` is not a path that others can be under",
                help="it does not end with `/`, and has no empty, `.` or `..` segment: `/docs` is "
                "absolute, `docs` relative",
            )
        )
        return None
    return value


def members_of(type_name: str, names: Names) -> tuple[str, ...]:
    """The members of a level or enum, the built-in one included."""
    if type_name == ir.TASK_STATE:
        return ir.TASK_STATES
    package, _, name = type_name.rpartition(".")
    node = names.packages[package].declared["type"][name].node
    assert isinstance(node, syntax.LevelDeclaration | syntax.EnumDeclaration)
    return tuple(segments(each.text)[0] for each in node.members)


def member(node: syntax.Name, type_name: str, package: str, names: Names) -> str | None:
    """Read a member, alone (`EUR`) or with its type (`currency.EUR`)."""
    prefix, _, last = node.text.rpartition(".")
    if prefix:
        holder = names.find("type", package, prefix)
        if holder is None or holder.name != type_name:
            names.diagnostics.append(
                at("AGP1203", node.span, f"`{node.text}` is not a member of `{type_name}`")
            )
            return None
    members = members_of(type_name, names)
    if last not in members:
        names.miss(
            last,
            at(
                "AGP1101",
                node.span,
                f"`{type_name}` has no member `{last}`",
                help=did_you_mean(last, members)
                or f"it has {', '.join(f'`{written(each)}`' for each in members)}",
            ),
        )
        return None
    names.note(node, "member", f"{type_name}.{last}")
    return last
