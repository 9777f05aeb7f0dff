"""How people are called: in one form, so that nobody is two people, and nobody is taken for another one.

An id is compared to the letter. So it has to be written in the one way (NFC, with nothing in it that nobody sees), and no two people have
ids that differ in nothing but capital letters or compatible forms of letters.
"""

from __future__ import annotations

import re
from unicodedata import is_normalized, normalize

from ....runtime.hidden import HIDDEN
from ....runtime.values import is_identity

LONGEST = 512
ROLE = "role:"
_WORKLOAD = "spiffe://"
_UNSEEN = re.compile(f"[{HIDDEN}\t\r\n]")


def why_no_name(value: object) -> str | None:
    """Say why this names no person; None where it may.

    >>> why_no_name("user:ann"), why_no_name("user:Ame\\u0301lie")
    (None, 'is not written in the normal form of Unicode, NFC')
    """
    if not is_identity(value) or type(value) is not str or len(value) > LONGEST:
        return "is no text, or a long one"
    if value.startswith(_WORKLOAD):
        return "is a SPIFFE ID, which people have not"
    if not is_normalized("NFC", value):
        return "is not written in the normal form of Unicode, NFC"
    if value != value.strip() or _UNSEEN.search(value) is not None:
        return "has characters that nobody sees"
    return None


def why_no_person(value: object) -> str | None:
    """Say why this is the id of no person; None where it may be. Policies name people and roles in one place.

    >>> why_no_person("user:ann"), why_no_person("role:lead")
    (None, 'is the name of a role')
    """
    if type(value) is str and value.startswith(ROLE):
        return "is the name of a role"
    return why_no_name(value)


def folded(name: str) -> str:
    """Give what two names have in common that people take for one: no difference of case, nor of compatible letters.

    >>> folded("user:ANN") == folded("user:\\uff41nn") == "user:ann"
    True
    """
    text = normalize("NFKC", normalize("NFKC", normalize("NFD", name)).casefold())
    return normalize("NFKC", text.casefold())


def may_be_same(one: object, other: object) -> bool:
    """Whether two names may be of one person, who then neither approves for themselves nor twice."""
    return type(one) is str and type(other) is str and folded(one) == folded(other)
