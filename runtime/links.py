"""The links in a text: whatever a reader or a program may take for one. It errs on the side of taking more."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import cache

from .characters import class_of, is_of
from .hidden import HIDDEN

_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_MARKS = re.compile(r"[:/\\@.\u3002\uff0e\uff61]")  # no link is without one of them
# Read from where the run begins alone, so that a long one is looked at once.
_SCHEME = re.compile(r"(?<![A-Za-z0-9+.-])[A-Za-z0-9+.-]++:(?=\S)")
_LETTER = re.compile("[A-Za-z]")
_SIGNS = re.compile(r"(?://|\\\\|@)\S")
_UNSEEN = re.compile(rf"[{HIDDEN}\r]")


def has_unseen(text: str) -> bool:
    """Whether a character cannot be seen, so that nobody can say what the links are."""
    return any(not is_of("white_space", each) for each in _UNSEEN.findall(text))


def links_in(text: str) -> Iterator[str]:
    """The links in a text, without the punctuation around them."""
    if _MARKS.search(text) is None:
        return
    for each in _separators().split(text):
        if _MARKS.search(each) is not None:
            token = _stripped(each)
            if token and is_link(token):
                yield token


@cache
def _separators() -> re.Pattern[str]:
    """What tokens stand between: white space, brackets and quotes."""
    return re.compile(f'[<>"{class_of("white_space", "opening", "closing")}]+')


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
    return _is_domain(token) or _is_address(token)


def _is_address(token: str) -> bool:
    host = token.rpartition(":")[0] if token.count(":") == 1 else token
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_domain(token: str) -> bool:
    """Whether labels are joined by dots, of which the last has a letter, and two characters or more."""
    host = re.split(r"[/?#:]", token, maxsplit=1)[0]
    labels = _DOTS.split(host)
    if len(labels) < 2 or not all(labels):
        return False
    if not all(is_of("letters_and_digits", each) or each in "-_" for each in "".join(labels)):
        return False
    last = labels[-1]
    return len(last) >= 2 and any(each.isalpha() for each in last)
