"""The links in a text: whatever a reader or a program may take for one. It errs on the side of taking more."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from ...text.strings import is_hidden
from .characters import is_of

_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")
_SIGNS = re.compile(r"(?://|\\\\|@)\S")


def has_unseen(text: str) -> bool:
    """Whether a character cannot be seen, so that nobody can say what the links are."""
    return any(is_hidden(each) for each in text if not is_of("white_space", each))


def links_in(text: str) -> Iterator[str]:
    """The links in a text, without the punctuation around them."""
    for token in _tokens(text):
        if is_link(token):
            yield token


def _tokens(text: str) -> Iterator[str]:
    """What stands between white space, brackets and quotes."""
    start = 0
    for at, each in enumerate([*text, " "]):
        if each in '<>"' or any(
            is_of(kind, each) for kind in ("white_space", "opening", "closing")
        ):
            token = _stripped(text[start:at])
            if token:
                yield token
            start = at + 1


def _stripped(token: str) -> str:
    """A token without the punctuation that trails it, and what leads it of quotes."""
    end = len(token)
    while end and is_of("punctuation", token[end - 1]):
        end -= 1
    return token[:end].lstrip("'*")


def is_link(token: str) -> bool:
    """Whether a token is a link."""
    if _SCHEME.search(token) or _SIGNS.search(token):
        return True
    return _is_address(token) or _is_domain(token)


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
