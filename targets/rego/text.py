"""Rego and YAML text from values: every string that reaches a file goes through here."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...compiler.text.strings import is_seen

TABLES = "data.agpc.index"  # what the bundle carries as data
LINE = 120  # columns of a line, as Regal counts them
WIDTH = 110  # columns that a value may take before it is broken into lines

WRAPPED = 94  # columns of source text in a comment
MOST_WRAPPED = 30  # lines of it

_EXCUSE = "# regal ignore:"
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS = {
    *("as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null"),
    *("package", "some", "true", "with"),
}
_TAKEN = {"data", "input", "set", "_"}  # no names for what is defined; fields like any other


def string(text: str) -> str:
    r"""Write text as a Rego string literal, which is a JSON one.

    Printable characters stay themselves; controls, bidi marks and other invisible characters are
    escaped, so that what a reviewer sees is what there is.

    >>> string('say "é"\u202e')
    '"say \\"é\\"\\u202e"'
    """
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if is_seen(character):
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def wrapped(lines: Iterable[str]) -> tuple[str, ...]:
    """Wrap lines of source text for a comment; what goes on for long is cut, and says so.

    >>> wrapped(["to bot", "    when a", f"b {'x' * 95}"])
    ('to bot', '  when a', 'b xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '    xxx')
    """
    found: list[str] = []
    for line in lines:
        margin = "  " if line.startswith(" ") else ""
        found += textwrap.wrap(
            line.strip(),
            WRAPPED,
            initial_indent=margin,
            subsequent_indent=f"{margin}    ",
            break_on_hyphens=False,
        )
        if len(found) > MOST_WRAPPED:
            return (*found[:MOST_WRAPPED], "…")
    return tuple(found)


def yaml(text: str) -> str:
    r"""Write text as a YAML scalar in ASCII, folded into lines for a field of a comment.

    >>> yaml("finance.agp:3"), yaml("a\n😀")
    ('"finance.agp:3"', '"a\\n\\U0001f600"')
    """
    lines = [""]
    for unit in map(_escape_yaml, text):
        if len(lines[-1]) + len(unit) > 96:
            lines.append("")
            unit = f"\\{unit}" if unit == " " else unit  # or YAML would take it for indentation
        lines[-1] += unit
    return '"' + "\\\n#     ".join(lines) + '"'


def _escape_yaml(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if " " <= character <= "~":
        return character
    return f"\\U{ord(character):08x}"


def number(value: float) -> str:
    """Write a number so that it reads back as the same one.

    >>> number(500.0), number(0.1), number(1e300)
    ('500', '0.1', '1e+300')
    """
    if isinstance(value, int):
        return str(value)
    return repr(value).removesuffix(".0")


def value(data: Any, indent: int = 0, room: int = WIDTH) -> str:
    """Write JSON data as a Rego term, in one line if it fits into `room` columns.

    `indent` is the number of tabs before the line that the term stands in.
    """
    match data:
        case None:
            return "null"
        case bool():
            return "true" if data else "false"
        case int() | float():
            return number(data)
        case str():
            return string(data)
        case Mapping():
            items = [
                (f"{string(key)}: ", inner)
                for key, inner in sorted(data.items(), key=lambda item: str(item[0]))
            ]
            return _compound(items, "{", "}", indent, room)
        case list() | tuple():
            return _compound([("", inner) for inner in data], "[", "]", indent, room)
        case _:
            raise TypeError(f"{type(data).__name__} is not JSON data")


def _compound(items: list[tuple[str, Any]], start: str, end: str, indent: int, room: int) -> str:
    flat = start + ", ".join(key + value(inner, 0, 1 << 60) for key, inner in items) + end
    if len(flat) <= room or not items:
        return flat
    lines = [key + value(inner, indent + 1, WIDTH - 4 * indent - len(key)) for key, inner in items]
    return enclose(lines, start, end, indent, 0)


def record(data: Mapping[str, Any], most_lines: int) -> str:
    """Write an object with a line for each field, and more where there is room for them."""
    term = value(data, 0, 0)
    if term.count("\n") < most_lines:
        return term
    lines = (f"{string(key)}: {value(data[key], 1, 1 << 60)}" for key in sorted(data))
    return enclose(lines, "{", "}", 0, 0)


def enclose(terms: Iterable[str], start: str, end: str, indent: int, room: int = WIDTH) -> str:
    """Write terms between brackets: in one line if they fit into `room` columns, else one a line."""
    terms = list(terms)
    flat = start + ", ".join(terms) + end
    if not terms or (len(flat) <= room and "\n" not in flat):
        return flat
    tabs = "\t" * (indent + 1)
    return f"{start}\n" + "".join(f"{tabs}{term},\n" for term in terms) + "\t" * indent + end


def among(place: str, members: Iterable[Any]) -> str:
    """Write that a field is one of these values, so that OPA's rule index takes it.

    >>> among("input.action.name", ["post"]), among("input.action.name", ["pay", "post"])
    ('input.action.name == "post"', 'input.action.name in {"pay", "post"}')
    """
    terms = [value(each, 0, 1 << 60) for each in members]
    if len(terms) == 1:
        return f"{place} == {terms[0]}"
    return f"{place} in {enclose(terms, '{', '}', 0, 1 << 60) if terms else 'set()'}"


def field(holder: str, name: str) -> str:
    """Write a look-up of one field as `opa fmt` does: with a dot where Rego allows it.

    A field `_` goes by another name: OPA's formatter makes a dot of `["_"]`, which rego-cpp cannot
    read.

    >>> field("args", "amount"), field("args", "in"), field("args", "_")
    ('args.amount', 'args["in"]', 'args[values.underscore]')
    """
    if name == "_":
        return f"{holder}[values.underscore]"
    if _NAME.fullmatch(name) and name not in _KEYWORDS:
        return f"{holder}.{name}"
    return f"{holder}[{string(name)}]"


def identifier(name: str) -> str:
    """Turn a name into one that Rego takes everywhere.

    >>> identifier("amount"), identifier("in"), identifier("[p.rank]")
    ('amount', 'in_', '_p_rank_')
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"{plain}_" if plain in _KEYWORDS | _TAKEN or not _NAME.fullmatch(plain) else plain


def lookup(holder: str, path: Iterable[str]) -> str:
    """Write a look-up of a field in a field and so on."""
    for name in path:
        holder = field(holder, name)
    return holder


def names(code: str) -> set[str]:
    """Give the names that Rego code starts its references with, whatever its strings hold.

    >>> sorted(names('request.args.time == values.text("index.x")'))
    ['request', 'values']
    """
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|`[^`]*`', '""', code)
    return set(re.findall(r"(?<![\w.])[A-Za-z_]\w*", bare))


def regex(text: str) -> str:
    """Quote text for a regular expression that stands in a raw string.

    >>> print(regex("a.b/c`"))
    a\\.b/c\\x60
    """
    return "".join(map(_escape_for_regex, text))


def _escape_for_regex(character: str) -> str:
    if character in "\\.+*?()|[]{}^$":
        return f"\\{character}"
    if is_seen(character) and character != "`":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\x{{{code:x}}}"


def body(statements: Iterable[str]) -> str:
    """Lay out the statements of a rule's body, one a line, as `opa fmt` does."""
    lines: list[str] = []
    for statement in statements:
        excuses = list(_excuses(statement.split("\n", 1)[0]))
        if excuses:
            lines += [""] if lines else []
            lines.append(f"\t{_EXCUSE}{','.join(excuses)}")
        lines.append(f"\t{excused(statement)}")
    return "\n".join(lines)


def _excuses(line: str) -> Iterator[str]:
    """Name the rules of Regal's that a statement cannot keep."""
    if len(line) >= LINE:
        yield "line-length"
    if line.startswith(f"{TABLES}."):
        yield "unresolved-reference"  # since Regal does not look at data
    if "._" in line:
        yield "leaked-internal-reference"  # to it, but a field of the request


def excused(term: str) -> str:
    """Tell Regal of the lines after the first that hold a text too long to break."""
    first, *rest = term.split("\n")
    lines = [first]
    for line in rest:
        if len(line) > LINE:
            tabs = line[: len(line) - len(line.lstrip("\t"))]
            lines.append(f"{tabs}{_EXCUSE}line-length")
        lines.append(line)
    return "\n".join(lines)
