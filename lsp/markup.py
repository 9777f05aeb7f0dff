"""What is said to a reader, before it is Markdown or plain text: so nothing of a policy is read as Markdown.

A line is a row of pieces. A `str` is prose, a `Code` is shown as code, and either may come from a policy: in Markdown
every sign of it is a letter. `render` is the only place that writes Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from lsprotocol import types

from ..compiler.structs import Struct
from ..compiler.telling.markdown import code, fenced
from ..compiler.text.visible import visible, visible_lines

MOST_LINES = 40
"""Of a listing; who wants to see more goes there."""


class Code(Struct):
    """Something as the language writes it, within a line."""

    text: str


class Strong(Struct):
    """A word or two that a reader looks for."""

    text: str


Piece: TypeAlias = "str | Code | Strong"
Line: TypeAlias = "tuple[Piece, ...]"


class Paragraph(Struct):
    """One line of prose."""

    line: Line


class Items(Struct):
    """A list; each item may have others below it."""

    items: tuple[Item, ...]


class Item(Struct):
    """An item of a list."""

    line: Line
    below: tuple[Item, ...] = ()


class Listing(Struct):
    """Lines of a policy, or of another language."""

    text: str
    language: str = "agp"


class Text(Struct):
    """Text of an author, paragraphs and lines as they are; nothing in it is Markdown."""

    text: str


class Heading(Struct):
    """What the blocks after it are about."""

    line: Line


class Page(Struct):
    """Markdown of our own, which holds nothing of a policy: a page of the documentation."""

    markdown: str


Block: TypeAlias = "Paragraph | Items | Listing | Text | Heading | Page"


def said(*pieces: Piece) -> Paragraph:
    """A paragraph of these pieces."""
    return Paragraph(pieces)


def item(*pieces: Piece, below: Iterable[Item] = ()) -> Item:
    """An item of these pieces."""
    return Item(pieces, tuple(below))


def listed(pieces: Iterable[Piece], between: str = ", ") -> Line:
    """Pieces with something between them."""
    found: list[Piece] = []
    for each in pieces:
        found += [between, each] if found else [each]
    return tuple(found)


def codes(texts: Iterable[str], most: int = 8) -> Line:
    """Names, the first few of many."""
    names = list(texts)
    shown = listed(Code(each) for each in names[:most])
    return (*shown, f" and {len(names) - most} more") if len(names) > most else shown


def render(blocks: Iterable[Block], kind: types.MarkupKind) -> types.MarkupContent:
    """Write what is said, as the client takes it."""
    write = _markdown if kind == types.MarkupKind.Markdown else _plain
    return types.MarkupContent(kind, "\n\n".join(filter(None, map(write, blocks))))


# --- Markdown -------------------------------------------------------------------------------------

_SIGNS = re.compile(
    r"[\\`*_{}\[\]<>&|~$@#^!]"  # what means something wherever it stands
    r"|[.:](?=\S)"  # addresses, of which some readers make links by themselves
    r"|(?<=\d)[.)](?=\s|$)"  # numbers of lists
    r"|\A[-+=]"  # lists, lines, headings
)


def escaped(text: str) -> str:
    r"""Text in which no sign is one of Markdown's; a line, and nothing unseen in it.

    >>> escaped("- *a* <b> 1. www.example.com")
    '\\- \\*a\\* \\<b\\> 1\\. www\\.example\\.com'
    """
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", visible(text).strip())


def _piece(piece: Piece) -> str:
    match piece:
        case Code(text):
            return code(text)
        case Strong(text):
            return f"**{escaped(text)}**"
        case str():
            before = " " if piece[:1] == " " else ""
            after = " " if piece[-1:] == " " and piece.strip() else ""
            return f"{before}{escaped(piece)}{after}"


def _line(line: Line) -> str:
    joined: list[Piece] = []
    for each in line:
        if isinstance(each, str) and joined and isinstance(joined[-1], str):
            joined[-1] += each  # so that no sign is made of two pieces
        else:
            joined.append(each)
    return "".join(map(_piece, joined)).strip()


def _items(items: Iterable[Item], depth: int = 0) -> str:
    lines: list[str] = []
    for each in items:
        lines.append(f"{'  ' * depth}- {_line(each.line)}")
        if each.below:
            lines.append(_items(each.below, depth + 1))
    return "\n".join(lines)


def _markdown(block: Block) -> str:
    match block:
        case Paragraph(line):
            return _line(line)
        case Heading(line):
            return f"#### {_line(line)}"
        case Items(items):
            return _items(items)
        case Listing(text, language):
            return fenced(cut(visible_lines(text)), language)
        case Text(text):
            paragraphs = re.split(r"\n[ \t]*\n", text.strip("\n"))
            return "\n\n".join(
                "  \n".join(filter(None, map(escaped, each.split("\n")))) for each in paragraphs
            ).strip()
        case Page(markdown):
            return markdown


# --- Plain text -----------------------------------------------------------------------------------


def _plain_line(line: Line) -> str:
    return visible("".join(each if isinstance(each, str) else each.text for each in line)).strip()


def _plain_items(items: Iterable[Item], depth: int = 0) -> str:
    lines: list[str] = []
    for each in items:
        lines.append(f"{'  ' * depth}- {_plain_line(each.line)}")
        if each.below:
            lines.append(_plain_items(each.below, depth + 1))
    return "\n".join(lines)


def _plain(block: Block) -> str:
    match block:
        case Paragraph(line) | Heading(line):
            return _plain_line(line)
        case Items(items):
            return _plain_items(items)
        case Listing(text, _):
            return cut(visible_lines(text))
        case Text(text):
            return visible_lines(text.strip("\n"))
        case Page(markdown):
            return markdown


def cut(text: str, most: int = MOST_LINES) -> str:
    """The first lines of a text."""
    lines = text.split("\n")
    return text if len(lines) <= most else "\n".join((*lines[: most - 1], "…"))
