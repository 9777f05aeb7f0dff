r"""Names of parameters and of record fields: words, or any visible text in quotes.

In the tree a name is kept as the language writes it, `"page-size"`, and a path as `args."page-size".max`;
in the IR and in a request it is the text itself. Two spellings of one text are one name: what is kept
is the one canonical spelling, without quotes where it needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .strings import decoded, is_seen, quoted

MAX_QUOTED = 128  # characters of a name in quotes

_SEGMENT = r'(?s)([A-Za-z_][A-Za-z0-9_]*)|"((?:[^"\\]|\\.)*+)"'  # few policies have names in quotes
_PATTERN_ESCAPE = r"(?s)(?:[^\\]|\\[^*?])*+\\[*?]"


def is_word(name: str) -> bool:
    """Whether a name stands without quotes."""
    return name.isascii() and name.isidentifier()


def written(name: str) -> str:
    """Write a name, in quotes where it is no word.

    >>> print(written("amount"), written("page-size"))
    amount "page-size"
    """
    return name if is_word(name) else quoted(name)


def dotted(root: str, path: Iterable[str]) -> str:
    """Write a path.

    >>> print(dotted("args", ("headers", "a.b")))
    args.headers."a.b"

    What is read of a list has an empty step behind it, and a last one stands for the number of its elements.

    >>> print(dotted("args", ("files", "", "path")), "and", dotted("args", ("files", "")))
    args.files.path and size args.files
    """
    steps = tuple(path)
    text = ".".join((root, *(written(each) for each in steps if each)))
    return f"size {text}" if len(steps) > 1 and not steps[-1] else text


def segments(text: str) -> list[str]:
    """Give the names that a written path, or a written name, is made of.

    >>> segments('args."a.b".max')
    ['args', 'a.b', 'max']
    """
    if '"' not in text:
        return text.split(".")
    return [word or decoded(inner) for word, inner in re.findall(_SEGMENT, text)]


def canonical(text: str) -> str:
    """Write a path, or a name, in the one spelling that it has."""
    first, *rest = segments(text)
    return dotted(written(first), rest)


def problem(text: str) -> str | None:
    """Say why a written path has a part in quotes that is no name, if one is none."""
    for _, raw in re.findall(_SEGMENT, text):
        if re.match(_PATTERN_ESCAPE, raw):
            return "a name is no pattern: leave out the backslash before `*` and `?`"
        name = decoded(raw)
        if len(name) > MAX_QUOTED:
            return f"it has {len(name)} characters, and a name in quotes may have {MAX_QUOTED}"
        if unseen(name):
            return "it has a character that cannot be seen, such as a line break"
    return "it is empty" if '""' in text and "" in segments(text) else None


def unseen(name: str) -> bool:
    """Whether a name has a character that a reader could not see for what it is."""
    return any(each == "\ufffd" or not is_seen(each) for each in name)


def can_be_quoted(name: str) -> bool:
    """Whether a text can be the name of a parameter or of a field of a record."""
    return 0 < len(name) <= MAX_QUOTED and not unseen(name)
