r"""Globs over whole strings: `*` any run of characters, `?` one, `\*` `\?` `\\` themselves.

Characters are code points, and case matters. Matching takes time in proportion to pattern times
text: a regular expression with many `.*` would not.
"""

from __future__ import annotations

from enum import Enum


class Wildcard(Enum):
    """What stands for something else in a glob."""

    ANY = "*"
    ONE = "?"


def parse_glob(pattern: str) -> tuple[str | Wildcard, ...]:
    r"""Split a glob into literal text and wildcards; adjacent `*` count as one.

    A backslash before anything but `*`, `?` and `\`, or at the end, is a ValueError.

    >>> parse_glob("a\\*b*")
    ('a*b', <Wildcard.ANY: '*'>)
    """
    parts: list[str | Wildcard] = []
    text: list[str] = []
    characters = iter(pattern)

    def flush() -> None:
        if text:
            parts.append("".join(text))
            text.clear()

    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            if escaped not in ("*", "?", "\\"):
                raise ValueError(f"a backslash before {escaped!r} means nothing in a pattern")
            text.append(escaped)
        elif character in "*?":
            flush()
            wildcard = Wildcard(character)
            if not (wildcard is Wildcard.ANY and parts and parts[-1] is Wildcard.ANY):
                parts.append(wildcard)
        else:
            text.append(character)
    flush()
    return tuple(parts)


def quote_glob(text: str) -> str:
    r"""Write text as the glob that matches it and nothing else.

    >>> quote_glob("50%*")
    '50%\\*'
    """
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def glob_match(parts: tuple[str | Wildcard, ...], text: str) -> bool:
    """Whether a parsed glob matches the whole of a text.

    >>> glob_match(parse_glob("a*c"), "abc"), glob_match(parse_glob("a?"), "a")
    (True, False)
    """
    here = there = 0  # positions in parts and in text
    star, star_text = -2, -1  # the last `*` passed, if any, and where its run ended when last tried
    while True:
        if here < len(parts):
            part = parts[here]
            if part is Wildcard.ANY:
                star, star_text = here, there
                here += 1
                if here == len(parts):
                    return True
                continue
            if isinstance(part, str):
                if star == here - 1 and here == len(parts) - 1:  # a last literal is a suffix
                    return text.endswith(part) and len(text) - len(part) >= there
                if star == here - 1:  # right after a `*`: go straight to the next occurrence
                    found = text.find(part, there)
                    if found < 0:
                        return False
                    star_text = found
                    here, there = here + 1, found + len(part)
                    continue
                if text.startswith(part, there):
                    here, there = here + 1, there + len(part)
                    continue
            elif there < len(text):
                here, there = here + 1, there + 1
                continue
        elif there == len(text):
            return True
        if star < 0 or star_text >= len(text):
            return False
        star_text += 1  # let the last `*` take one character more
        here, there = star + 1, star_text
