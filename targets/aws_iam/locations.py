"""Where a resource lives: an ARN in which `${attribute}` stands for the attribute's value.

Three readings of `${attribute}` keep an ARN from meaning two things, or more than was said:

- With text after it, it is one segment, without `/` and `:`.
- At the end, right after a letter or digit, it is an absolute path, which starts with `/`, so that
  `arn:aws:s3:::acme${path}` is not another bucket whose name goes on after `acme`.
- At the end, after anything else, it is any text, as IAM's `*` is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...runtime.glob import Wildcard
from .limits import can_hold
from .patterns import ANYTHING, Glob, join, literal, text_of

_PLACEHOLDER = re.compile(r"\$\{([^${}]*)\}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12}|aws)?:.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """An attribute in an ARN; `last` means that nothing follows it."""

    name: str
    is_path: bool
    last: bool

    @property
    def default(self) -> Glob:
        """All the values it can stand for, or more."""
        return ("/", Wildcard.ANY) if self.is_path else ANYTHING

    def fits(self, glob: Glob) -> bool:
        """Whether a pattern says no more than values that it can stand for."""
        text = text_of(glob)
        if not self.last and (text is None or not text or "/" in text or ":" in text):
            return False
        first = glob[0] if glob else ""
        return not self.is_path or (isinstance(first, str) and first.startswith("/"))


@dataclass(frozen=True, slots=True)
class Location:
    """A parsed location; `*` alone is the one that actions without a resource have."""

    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> dict[str, Placeholder]:
        """The attributes in it, by name."""
        return {part.name: part for part in self.parts if isinstance(part, Placeholder)}

    @property
    def service(self) -> str:
        """The service in its ARN; none for `*`."""
        fields = str(self.parts[0]).split(":")
        return fields[2] if len(fields) > 2 else ""

    def glob(self, values: Mapping[str, Glob]) -> Glob:
        """The pattern in which attributes have these values, and the others any."""
        if self.parts == ("*",):
            return ANYTHING
        return join(
            *(
                literal(part) if isinstance(part, str) else values.get(part.name, part.default)
                for part in self.parts
            )
        )


class BadLocation(Exception):
    """A location that AWS does not have, or that could be read in two ways."""


def read_location(text: str) -> Location:
    """Parse a location; BadLocation says in a phrase what is wrong with it."""
    if text == "*":
        return Location(("*",))
    if not can_hold(text):
        raise BadLocation("IAM holds only the characters from U+0020 to U+00FF")
    bare = _PLACEHOLDER.sub("", text)
    if "*" in bare or "?" in bare or "$" in bare:
        raise BadLocation("`*`, `?` and `$` are not literal here; write `${attribute}`")
    if _ARN.fullmatch(text) is None:
        raise BadLocation("an ARN has six fields, and attributes only in the last")
    location = Location(tuple(_parts(text)))
    if len(location.placeholders) != sum(isinstance(p, Placeholder) for p in location.parts):
        raise BadLocation("an attribute stands in it twice")
    for part, following in zip(location.parts, location.parts[1:], strict=False):
        if isinstance(part, Placeholder) and not (
            isinstance(following, str) and following[0] in "/:"
        ):
            raise BadLocation(f"after `${{{part.name}}}` there has to be `/`, `:` or the end")
    return location


def _parts(text: str) -> Iterator[str | Placeholder]:
    """Split a location into text and attributes."""
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        before = text[end : match.start()]
        if before:
            yield before
        end = match.end()
        last = end == len(text)
        yield Placeholder(match[1], last and before[-1:].isalnum(), last)
    if text[end:]:
        yield text[end:]
