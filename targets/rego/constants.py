"""Constants of a policy as Rego terms, and the named sets (`data.agpc.vocabulary`)."""

from __future__ import annotations

from collections.abc import Iterable

from ...compiler.ir import nodes as ir
from ...compiler.ir.definite import HOLDS, Sign
from ...compiler.meaning.request import MALFORMED, constant
from ...compiler.structs import Struct, field
from ...runtime.values import NANOSECONDS, read_network
from . import text
from .attributes import members_table

_UNDEFINED = "values.text(null)"


class NamedTerm(Struct):
    """A rule that is a constant of `data.agpc.vocabulary`."""

    head: str
    term: str


class Constants(Struct, frozen=False):
    """Writes constants, and collects the sets and ranges that rules use."""

    policy: ir.Policy
    sets: dict[str, str] = field(default_factory=dict)
    """The term of each set used, by its name."""

    def constant(self, type_: ir.Type, value: ir.Value) -> str:
        """Write a literal as what the attribute that it is compared with is read as."""
        if self._is_malformed(type_, value):
            return _UNDEFINED
        match type_, value:
            case ir.LevelType(name), str():
                return text.field(members_table(name), value)
            case ir.Scalar("time"), _:
                return instant(str(value))
            case ir.Scalar("ip"), _:
                return f"values.address({text.string(str(value))})"
            case ir.Scalar("date" | "email" | "url"), _:
                return text.value(constant(type_, value, self.policy))
            case ir.Scalar("duration"), _:
                return duration(int(value))
            case ir.Scalar("number"), int() | float():
                return text.number(float(value))
            case ir.Scalar("int"), int() | float():
                return text.number(int(value))
            case _:
                return text.value(value)

    def that_compare(self, sign: Sign, other: ir.Constant) -> list[ir.Value] | None:
        """List the values of a type, as JSON has them, that compare so with a constant.

        None where they cannot be listed: only a value that is well-formed is in such a list.
        """
        if self._is_malformed(other.type, other.value):
            return None
        known = self._all(other.type)
        if known is None:
            return [other.value] if sign == "==" and other.type == ir.STRING else None
        at = known.index(other.value)
        return [each for rank, each in enumerate(known) if HOLDS[sign](rank, at)]

    def membership(self, place: str, of: ir.Constants, wanted: bool) -> str | None:
        """Write that a field of the input is, or is not, among literals; None as above."""
        known = self._all(of.type)
        if any(self._is_malformed(of.type, each) for each in of.values):
            return None
        if not wanted:
            others = None if known is None else [each for each in known if each not in of.values]
            return None if others is None else text.among(place, others)
        if known is None and of.type != ir.STRING:
            return None
        if self._name(of) is None:
            return text.among(place, dict.fromkeys(of.values))
        return f"{place} in {self._set(of, dict.fromkeys(map(text.value, of.values)))}"

    def _all(self, type_: ir.Type) -> tuple[ir.Value, ...] | None:
        """Give all values of a type in their order, if that is little."""
        match type_:
            case ir.LevelType(name) | ir.EnumType(name):
                return self.policy.members_of[name]
            case ir.Scalar("bool"):
                return (False, True)
            case _:
                return None

    def _is_malformed(self, type_: ir.Type, value: ir.Value) -> bool:
        """Whether comparisons with a literal are unknown, as they are for the interpreter."""
        return constant(type_, value, self.policy) is MALFORMED

    def constants(self, of: ir.Constants) -> str:
        """Write a set of literals, by its name if it has one."""
        members = dict.fromkeys(self._member(of.type, value) for value in of.values)
        return self._set(of, members)

    def only_member(self, of: ir.Constants) -> str | None:
        """Write the member of a set that has just one, unless the set goes by its name."""
        members = {self._member(of.type, value) for value in of.values}
        return members.pop() if len(members) == 1 and self._name(of) is None else None

    def ranges(self, of: ir.Constants) -> str:
        """Write ranges as an object: how the addresses of each start, and the range as it was written."""
        starts: dict[str, str] = {}
        for each in of.values:
            network = read_network(each)
            if network is not None:
                starts.setdefault(range_start(*network), text.string(str(each)))
        members = [f"{text.string(start)}: {written}" for start, written in starts.items()]
        return self._named(of, members, "{}")

    def _member(self, type_: ir.Type, value: ir.Value) -> str:
        term = self.constant(type_, value)
        return text.value(value) if term == _UNDEFINED else term  # a text that nothing equals

    def members(self) -> NamedTerm:
        """Give the members of levels, with their ranks, and of enums as a rule."""
        levels = {each.name for each in self.policy.levels}
        members = {
            name: {each: at if name in levels else each for at, each in enumerate(known)}
            for name, known in self.policy.members_of.items()
        }
        return NamedTerm("members", text.value(members))

    def named_sets(self) -> list[NamedTerm]:
        """Give the sets as rules, in a stable order."""
        return [
            NamedTerm(text.lookup("sets", name.split(".")), term)
            for name, term in sorted(self.sets.items())
        ]

    def _set(self, of: ir.Constants, members: Iterable[str]) -> str:
        return self._named(of, list(members), "set()")

    def _named(self, of: ir.Constants, members: list[str], empty: str) -> str:
        """Write members in braces, or the name under which the vocabulary has them."""
        flat = text.enclose(members, "{", "}", 0, 1 << 60) if members else empty
        name = self._name(of)
        if name is None:
            return flat
        term = text.enclose(members, "{", "}", 0) if members else empty
        if self.sets.setdefault(name, term) != term:
            return flat
        return text.lookup("vocabulary.sets", name.split("."))

    def _name(self, of: ir.Constants) -> str | None:
        """Give a set's name, unless it is not a path in Rego, or one that leads through or to another set."""
        name = of.name
        if name is None or any(text.identifier(part) != part for part in name.split(".")):
            return None
        if any(
            each.name.startswith(f"{name}.") or name.startswith(f"{each.name}.")
            for each in self.policy.sets
        ):
            return None
        return name


def instant(time: str) -> str:
    """Write a time, canonical RFC 3339 in UTC, in nanoseconds since 1970.

    >>> instant("2026-11-24T10:00:00Z")
    'time.parse_rfc3339_ns("2026-11-24T10:00:00+00:00")'
    """
    return f"time.parse_rfc3339_ns({text.string(time.replace('Z', '+00:00'))})"


def duration(seconds: int) -> str:
    """Write seconds as a duration in nanoseconds.

    >>> duration(5400), duration(0)
    ('time.parse_duration_ns("1h30m")', 'time.parse_duration_ns("0s")')
    """
    if seconds * NANOSECONDS >= 2**63:
        return str(seconds * NANOSECONDS)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count
    ]
    return f"time.parse_duration_ns({text.string(''.join(parts) or '0s')})"


def range_start(bits: int, first: int, last: int) -> str:
    """Write how the addresses of a range, and no others, start, as `values.address` writes them.

    >>> range_start(*read_network("10.0.0.0/9")), range_start(*read_network("2001::/16"))
    ('v4 000010100', 'v6 0010000000000001')
    """
    kept = bits - (last - first).bit_length()
    return f"{'v4' if bits == 32 else 'v6'} {first:0{bits}b}"[: len("v4 ") + kept]
