"""The links in a text: whatever a reader or a program may take for one. It errs on the side of taking more."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

from .characters import class_of, is_of
from .hidden import HIDDEN

_ALL_DOTS = (
    ".\u3002\uff0e\uff61\u2024\ufe52"  # those of IDNA, and those that a normal form makes of others
)
_DOTS = re.compile(f"[{_ALL_DOTS}]")
_MARK = rf":/\\@{_ALL_DOTS}"  # no link is without one of them
_MARKS = re.compile(f"[{_MARK}]")
# Read from where the run begins alone, so that a long one is looked at once.
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])[A-Za-z0-9+.-]++:(?=\S)")
_LETTER = re.compile("[A-Za-z]")
_FOUR_NUMBERS = re.compile(r"(?<![0-9])[0-9]{1,3}+(?:\.[0-9]{1,3}+){3}(?![0-9])")
_HEXADECIMAL = re.compile("[0-9A-Fa-f:.]+")
_SIGNS = re.compile(r"(?://|\\\\|@)\S")
_UNSEEN = re.compile(rf"[{HIDDEN}\r]")


def has_unseen(text: str) -> bool:
    """Whether a character cannot be seen, so that nobody can say what the links are."""
    return any(not is_of("white_space", each) for each in _UNSEEN.findall(text))


def links_in(text: str) -> Iterator[str]:
    """The links in a text, each once as it is written, without the punctuation around them."""
    if _MARKS.search(text) is None:
        return
    for each in dict.fromkeys(_marked().findall(text)):
        token = _stripped(each)
        if token and is_link(token):
            yield token


@cache
def _marked() -> re.Pattern[str]:
    """What stands between white space, brackets and quotes, and has a mark in it; read from where it begins alone."""
    ends = f'<>"{class_of("white_space", "opening", "closing")}'
    return re.compile(rf"(?<![^{ends}])[^{ends}{_MARK}]*+[{_MARK}][^{ends}]*+")


def _stripped(token: str) -> str:
    """A token without the punctuation that trails it, and what leads it of quotes."""
    end = len(token)
    while end and is_of("punctuation", token[end - 1]):
        end -= 1
    return token[:end].lstrip("'*")


def is_link(token: str) -> bool:
    """Whether a token is a link."""
    if _SIGNS.search(token) or any(map(_LETTER.search, _SCHEME.findall(token))):
        return True
    return any(map(_is_domain, _between_punctuation().split(token))) or _has_address(token)


@cache
def _between_punctuation() -> re.Pattern[str]:
    """What a name ends at: whoever makes a link of `acme.example,thanks` makes one of the name alone."""
    dots = re.escape(_ALL_DOTS)
    return re.compile(f"(?:(?![-_{dots}])[{class_of('punctuation')}])+")


def _has_address(token: str) -> bool:
    """Whether there is an IP address in a token."""
    if _FOUR_NUMBERS.search(token):
        return True
    return any(map(_is_v6, _HEXADECIMAL.findall(token)))


def _is_v6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text.strip("."))
    except ValueError:
        return False
    return True


def _is_domain(text: str) -> bool:
    """Whether labels are joined by dots, of which the last has a letter, and two characters or more.

    A label is anything that is no punctuation: scripts have marks that are no letters, and names have emoji.
    """
    labels = [*_DOTS.split(text), ""]
    return any(
        before and len(last) >= 2 and not after and any(map(str.isalpha, last))
        for before, last, after in zip(labels, labels[1:], labels[2:], strict=False)
    )
