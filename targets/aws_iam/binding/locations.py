"""Where a resource lives: an ARN in which `${attribute}` stands for the attribute's value.

Three readings of `${attribute}` keep an ARN from meaning two things, or more than was said:

- With text after it, it is one segment, without `/` and `:`.
- At the end, right after a letter or digit, it is an absolute path, which starts with `/`, so that
  `arn:aws:s3:::acme${path}` is not another bucket whose name goes on after `acme`.
- At the end, after anything else, it is any text, as IAM's `*` is.

A `*` at the very end is any text that no attribute stands for. Before other text it is refused: there it
crosses `/`, so that it would be part of a name as well as what is between two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ....compiler.structs import Struct
from ....runtime.glob import Wildcard
from ..language.patterns import (
    ANYTHING,
    Glob,
    join,
    literal,
    text_of,
)
from ..limits import can_hold

_PLACEHOLDER = re.compile(r"\$\{([^${}]*)\}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:[0-9]{12}|aws)?:.+", re.DOTALL)


class Placeholder(Struct):
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


class Location(Struct):
    """A parsed location; `*` alone is the one that actions without a resource have.

    One that `is_open` goes on with any text.
    """

    parts: tuple[str | Placeholder, ...]
    is_open: bool = False

    @property
    def ends_in_name(self) -> bool:
        """Whether an attribute stands at its end."""
        return isinstance(self.parts[-1], Placeholder)

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
            ),
            ANYTHING if self.is_open else (),
        )


class BadLocation(Exception):
    """A location that AWS does not have, or that could be read in two ways; `help` is a way out."""

    def __init__(self, problem: str, help: str | None = None) -> None:
        """Keep a phrase that says what is wrong."""
        super().__init__(problem)
        self.help = help


def read_location(text: str) -> Location:
    """Parse a location; BadLocation says in a phrase what is wrong with it."""
    if text == "*":
        return Location(("*",))
    if not can_hold(text):
        raise BadLocation("IAM holds only the characters from U+0020 to U+00FF")
    whole, is_open = text, text.endswith("*")
    text = text.removesuffix("*")
    _check_wildcards(text, whole)
    if _ARN.fullmatch(whole) is None or _PLACEHOLDER.search(":".join(whole.split(":")[:5])):
        raise BadLocation("an ARN has six fields, and attributes and `*` only in the last")
    if is_open and text.endswith("}"):
        raise BadLocation(
            "an attribute and a `*` next to each other could be divided in many ways",
            help=f"leave the `*` out: `{text}` is any text at the end",
        )
    location = Location(tuple(_parts(text)), is_open)
    if len(location.placeholders) != sum(isinstance(p, Placeholder) for p in location.parts):
        raise BadLocation("an attribute stands in it twice")
    for part, following in zip(location.parts, location.parts[1:], strict=False):
        if isinstance(part, Placeholder) and not (
            isinstance(following, str) and following[0] in "/:"
        ):
            raise BadLocation(f"after `${{{part.name}}}` there has to be `/`, `:` or the end")
    return location


def _check_wildcards(text: str, whole: str) -> None:
    """Refuse what IAM reads as a wildcard or a variable, before the end of a location."""
    bare = _PLACEHOLDER.sub("", text)
    if "*" in bare:
        raise BadLocation(
            "a `*` is any text only at the very end; before other text it would cross `/` and `:`",
            help=_named(whole),
        )
    if "?" in bare or "$" in bare:
        raise BadLocation("`?` and `$` are not literal here; write `${attribute}`")


def _named(text: str) -> str:
    """What to write instead of a `*` that other text follows."""
    each = "bind each place by itself, to a capability of its own"
    if "*" in ":".join(text.split(":", 5)[:5]):
        return f"name the region and the account: {each}"
    named = re.sub(r"\*+(?=.)", "${name}", text, count=1)
    try:
        read_location(named)
    except BadLocation:
        return each
    return (
        f"write the attribute that stands there, as in `{named}`, and have rules give its values; "
        f"or {each}"
    )


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
