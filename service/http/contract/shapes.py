"""What bodies look like: one description, which checks what comes and tells others what to send (JSON Schema).

What is refused is named by its place alone. A value, and a name that somebody made up, may be a secret: it
comes neither into an answer nor into a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ....runtime.values import is_text

Schema = dict[str, Any]


class Misshapen(Exception):
    """A value is not what it should be: at which place in it, outside in, and what belongs there."""

    def __init__(self, said: str, *place: str) -> None:
        """Say what is wrong, and with which member."""
        super().__init__(said)
        self.said, self.place = said, place

    def told(self, whole: str) -> str:
        """Give a sentence; the value as a whole is called `whole`."""
        return f"`{'.'.join(self.place)}` {self.said}" if self.place else f"{whole} {self.said}"


@dataclass(frozen=True, slots=True)
class Text:
    """Whole Unicode text of a bounded length."""

    most: int
    least: int = 1
    printable: bool = False
    about: str = ""

    def check(self, value: object) -> None:
        """Raise `Misshapen` for what is not such a text."""
        if type(value) is not str:
            raise Misshapen("has to be a string")
        if not self.least <= len(value) <= self.most:
            raise Misshapen(f"has to have {self.least} to {self.most} characters")
        if not is_text(value) or "\0" in value:
            raise Misshapen("is broken text: it holds a NUL, U+FFFD or half a character")
        if self.printable and not (
            value.isascii() and value.isprintable() and value == value.strip()
        ):
            raise Misshapen("has to be printable ASCII characters, without white space at the ends")

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        found: Schema = {"type": "string", "minLength": self.least, "maxLength": self.most}
        if self.printable:
            found["pattern"] = "^[!-~]([ -~]*[!-~])?$"
        return found | ({"description": self.about} if self.about else {})


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words."""

    words: tuple[str, ...]
    about: str = ""

    def check(self, value: object) -> None:
        """Raise `Misshapen` for another word."""
        if type(value) is not str or value not in self.words:
            *others, last = (f"`{each}`" for each in self.words)
            listed = f"{', '.join(others)} or {last}" if others else last
            raise Misshapen(f"has to be {listed}")

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        found: Schema = {"type": "string", "enum": list(self.words)}
        return found | ({"description": self.about} if self.about else {})


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value; what is malformed for the policy is unknown to it, and no fault of form."""

    about: str = ""

    def check(self, value: object) -> None:
        """Take all."""

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        return {"description": self.about} if self.about else {}


@dataclass(frozen=True, slots=True)
class Free:
    """An object whose members others define: arguments, properties, context."""

    about: str = ""

    def check(self, value: object) -> None:
        """Raise `Misshapen` for what is no object."""
        if type(value) is not dict:
            raise Misshapen("has to be an object")

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        found: Schema = {"type": "object"}
        return found | ({"description": self.about} if self.about else {})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def check(self, value: object) -> None:
        """Raise `Misshapen` for another value."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise Misshapen(f"has to be a whole number from {self.least} to {self.most}")

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    about: str = ""

    def check(self, value: object) -> None:
        """Raise `Misshapen` for another value."""
        if type(value) is not bool:
            raise Misshapen("has to be true or false")

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        return {"type": "boolean", "description": self.about}


@dataclass(frozen=True, slots=True)
class Many:
    """A list of texts, none of them twice."""

    each: Text
    most: int
    least: int = 1
    about: str = ""

    def check(self, value: object) -> None:
        """Raise `Misshapen` for what is no such list."""
        if type(value) is not list:
            raise Misshapen("has to be a list")
        if not self.least <= len(value) <= self.most:
            raise Misshapen(f"has to have {self.least} to {self.most} elements")
        for one in value:
            self.each.check(one)
        if len(set(value)) != len(value):
            raise Misshapen("has an element twice")

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        found: Schema = {
            "type": "array",
            "items": self.each.schema(),
            "minItems": self.least,
            "maxItems": self.most,
            "uniqueItems": True,
        }
        return found | ({"description": self.about} if self.about else {})


@dataclass(frozen=True, slots=True)
class Object:
    """An object with the members that it has and no other."""

    needed: Mapping[str, Shape]
    allowed: Mapping[str, Shape] = field(default_factory=dict)
    about: str = ""
    members: Mapping[str, Shape] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Put together what it may have."""
        object.__setattr__(self, "members", {**self.needed, **self.allowed})

    def check(self, value: object) -> None:
        """Raise `Misshapen` for what is no object, lacks a member, or has one that it should not."""
        if type(value) is not dict:
            raise Misshapen("has to be an object")
        members = self.members
        if not members.keys() >= value.keys():
            raise Misshapen(_unknown(next(each for each in value if each not in members), members))
        for name, shape in members.items():
            if name in value:
                try:
                    shape.check(value[name])
                except Misshapen as error:
                    error.place = (name, *error.place)
                    raise
            elif name in self.needed:
                raise Misshapen("is missing", name)

    def schema(self) -> Schema:
        """Give it as JSON Schema."""
        found: Schema = {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in self.members.items()},
            "required": list(self.needed),
            "additionalProperties": False,
        }
        return found | ({"description": self.about} if self.about else {})


def _unknown(name: str, members: Mapping[str, Shape]) -> str:
    near = get_close_matches(name[:64], members, n=1)
    return "has a member that it does not have: " + (
        f"did you mean `{near[0]}`?" if near else f"it has `{'`, `'.join(members)}`"
    )


Shape = Text | Word | Whole | Flag | Anything | Free | Many | Object
BODY = "the body"
