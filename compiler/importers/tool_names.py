"""Names of declarations, made of what servers call their tools, arguments and values."""

from __future__ import annotations

import re

from ..ir.roots import ROOTS, SCALARS
from ..structs import Struct, field
from ..text.field_names import can_be_quoted, is_word

MAX_IDENTIFIER = 128

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERALS = ("true", "false", "null")


class Enums(Struct, frozen=False):
    """The enums declared so far, shared by tools of one server that mean the same one.

    `prefix` begins their names where a package has several servers, which know nothing of each other.
    """

    prefix: str = ""
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name_for(self, members: tuple[str, ...], wishes: tuple[str, ...]) -> str | None:
        """Declare an enum under the first name that is free or says the same already."""
        for wish in wishes:
            name = self.prefix + snake_case(wish)
            is_free = is_identifier(name) and name not in (*SCALARS, *ROOTS, *_LITERALS)
            if is_free and self.members.setdefault(name, members) == members:
                return name
        return None


def is_identifier(text: str) -> bool:
    """Whether AGP can write this as the name of something declared."""
    return len(text) <= MAX_IDENTIFIER and _IDENTIFIER.fullmatch(text) is not None


def is_member(text: str) -> bool:
    """Whether this can be a member of an enum, and still be compared with."""
    if not is_word(text):
        return can_be_quoted(text)
    return is_identifier(text) and text not in (*ROOTS, *_LITERALS)


def snake_case(text: str) -> str:
    """Write a name as declarations are named.

    >>> snake_case("SharingPermission")
    'sharing_permission'
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:MAX_IDENTIFIER])
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()
