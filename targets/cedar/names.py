"""Text and names in Cedar's syntax: strings, patterns, identifiers, entities."""

from __future__ import annotations

import re

from ...compiler.text.strings import is_seen
from ...runtime.glob import Wildcard

NAMESPACE = "AGP"
AGENT, FAMILY, ACTION = (f"{NAMESPACE}::{each}" for each in ("Agent", "Family", "Action"))
ANY = "any"
"""The family of all declared agents; a declared one has a dot in its name."""

MOVED = "u_"
"""What names get in front that mean something else to Cedar, and those that already have it."""

_KEYWORDS = frozenset(("true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"))
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def string(text: str) -> str:
    r"""Write a string literal; what is not a visible character is escaped.

    >>> print(string('say "\n"\u202e'))
    "say \"\u{a}\"\u{202e}"
    """
    return '"' + "".join(_escaped(each) for each in text) + '"'


def pattern(parts: tuple[str | Wildcard, ...]) -> str:
    r"""Write the pattern of `like` for a glob without `?`.

    >>> print(pattern(("50*", Wildcard.ANY)))
    "50\**"
    """
    written = (
        string(part)[1:-1].replace("*", "\\*") if isinstance(part, str) else "*" for part in parts
    )
    return '"' + "".join(written) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if is_seen(character) else f"\\u{{{ord(character):x}}}"


def comment(text: str) -> str:
    """Write a comment of one line, with a newline after it."""
    visible = (each if is_seen(each) else f"\\u{{{ord(each):x}}}" for each in text)
    return f"// {''.join(visible)}\n"


def attribute_name(name: str, taken: frozenset[str] = frozenset()) -> str:
    """Name an attribute as Cedar and its JSON form can carry it; no two names become one.

    >>> attribute_name("tenant"), attribute_name("__entity"), attribute_name("u_x")
    ('tenant', 'u___entity', 'u_u_x')
    """
    return MOVED + name if name.startswith(("_", MOVED)) or name in taken else name


def entity_type(resource: str) -> str:
    """Name the entity type of a kind of resource; no two names become one.

    All are in one namespace, since Amazon Verified Permissions takes no schema with more.

    >>> entity_type("acme.finance.ledger"), entity_type("a.b__c"), entity_type("a.b.c")
    ('AGP::acme__finance__ledger', 'AGP::u_a__b_u_uc', 'AGP::a__b__c')
    """
    segments = resource.split(".")
    if len(segments) > 1 and not resource.startswith(MOVED) and all(map(_is_even, segments)):
        return f"{NAMESPACE}::{'__'.join(segments)}"
    written = resource.replace("_", "_u").replace(".", "__")
    return f"{NAMESPACE}::{MOVED}{written}"


def _is_even(segment: str) -> bool:
    """Whether a segment can stand beside `__` and be told from it."""
    return "__" not in segment and segment.strip("_") == segment


def entity(type_: str, id: str) -> str:
    """Write an entity, by its type and id."""
    return f"{type_}::{string(id)}"


def read(of: str, name: str) -> str:
    """Write what reads an attribute of something.

    >>> read("context", "now"), read("resource", "in")
    ('context.now', 'resource["in"]')
    """
    return f"{of}.{name}" if _is_plain(name) else f"{of}[{string(name)}]"


def has(of: str, name: str) -> str:
    """Write what asks whether something has an attribute."""
    return f"{of} has {name if _is_plain(name) else string(name)}"


def _is_plain(name: str) -> bool:
    return _IDENTIFIER.fullmatch(name) is not None and name not in _KEYWORDS
