"""Paths of artifacts that are named after agents and intents, on every file system in use."""

from __future__ import annotations

import hashlib
import re

from ..compiler.structs import Struct, field

_LONGEST = 200  # characters of a segment: a number, and what the file ends in, come after it
_DIGEST = 16


def segment(name: str) -> str:
    """A name as part of a path: letters, digits, `_`, `-` and inner dots; the rest as `%XX`.

    Of a long one, the beginning and a digest.

    >>> segment("shop.bot"), segment("../é")
    ('shop.bot', '%2E.%2F%C3%A9')
    """
    encoded = re.sub(
        r"[^A-Za-z0-9_.-]",
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()),
        name,
    )
    encoded = "%2E" + encoded[1:] if encoded.startswith(".") else encoded or "%"
    if len(encoded) <= _LONGEST:
        return encoded
    digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:_DIGEST]
    return f"{encoded[: _LONGEST - _DIGEST - 1]}~{digest}"


class Paths(Struct, frozen=False):
    """Hands out paths of which no two differ in case alone."""

    taken: set[str] = field(default_factory=set)

    def take(self, stem: str, suffix: str) -> str:
        """The path of a stem and a suffix, with a number between them if it has been taken."""
        path, number = stem + suffix, 1
        while path.lower() in self.taken:
            number += 1
            path = f"{stem}~{number}{suffix}"
        self.taken.add(path.lower())
        return path
