"""Constants of a policy as Rego terms, and the named sets (`data.agpc.vocabulary`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...compiler import ir
from ...compiler.interpreter import MALFORMED, constant
from ...runtime.values import NANOSECONDS, read_network
from . import text
from .attributes import members_table

_UNDEFINED = "values.text(null)"


@dataclass(frozen=True, slots=True)
class NamedSet:
    """One rule of `data.agpc.vocabulary`."""

    head: str
    term: str


@dataclass(slots=True)
class Vocabulary:
    """Writes constants, and collects the sets and ranges that rules use."""

    policy: ir.Policy
    sets: dict[str, str] = field(default_factory=dict)
    """The term of each set used, by its name."""
    networks: dict[str, list[str]] = field(default_factory=dict)
    """The first and the last address of each range used, as `values.address` writes them."""

    def constant(self, type_: ir.Type, value: ir.Value) -> str:
        """Write a literal as what the attribute that it is compared with is read as."""
        if constant(type_, value, self.policy) is MALFORMED:
            return _UNDEFINED  # unknown, as it is for the interpreter
        match type_, value:
            case ir.LevelType(name), str():
                return text.field(members_table(name), value)
            case ir.Scalar("time"), _:
                return f"values.instant({text.string(str(value))})"
            case ir.Scalar("ip"), _:
                return f"values.address({text.string(str(value))})"
            case ir.Scalar("duration"), _:
                return duration(int(value))
            case ir.Scalar("number"), int() | float():
                return text.number(float(value))
            case ir.Scalar("int"), int() | float():
                return text.number(int(value))
            case _:
                return text.value(value)

    def constants(self, of: ir.Constants) -> str:
        """Write a set of literals, by its name if it has one."""
        members = dict.fromkeys(self._member(of.type, value) for value in of.values)
        return self._set(of, members)

    def only_member(self, of: ir.Constants) -> str | None:
        """Write the member of a set that has just one, unless the set goes by its name."""
        members = {self._member(of.type, value) for value in of.values}
        named = of.name is not None and not self._is_ambiguous(of.name)
        return members.pop() if len(members) == 1 and not named else None

    def ranges(self, of: ir.Constants) -> str:
        """Write a set of address ranges, each as its first and last address."""
        members: dict[str, None] = {}
        for value in of.values:
            network = read_network(value)
            if network is not None:
                self.networks[str(value)] = [_address(network[0], end) for end in network[1:]]
                members[f"index.networks[{text.string(str(value))}]"] = None
        return self._set(of, members)

    def _member(self, type_: ir.Type, value: ir.Value) -> str:
        term = self.constant(type_, value)
        return text.value(value) if term == _UNDEFINED else term  # a text that nothing equals

    def named_sets(self) -> list[NamedSet]:
        """Give the sets as rules, in a stable order."""
        return [
            NamedSet(text.lookup("sets", name.split(".")), term)
            for name, term in sorted(self.sets.items())
        ]

    def _set(self, of: ir.Constants, members: Iterable[str]) -> str:
        members = list(members)
        flat = text.enclose(members, "{", "}", 0, 1 << 60) if members else "set()"
        if of.name is None or self._is_ambiguous(of.name):
            return flat
        term = text.enclose(members, "{", "}", 0) if members else flat
        if self.sets.setdefault(of.name, term) != term:
            return flat
        return text.lookup("vocabulary.sets", of.name.split("."))

    def _is_ambiguous(self, name: str) -> bool:
        """Whether the name is no path in Rego, or one that leads through or to another set."""
        return any(text.identifier(part) != part for part in name.split(".")) or any(
            each.name.startswith(f"{name}.") or name.startswith(f"{each.name}.")
            for each in self.policy.sets
        )


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


def _address(bits: int, number: int) -> str:
    return f"v4 {number:08x}" if bits == 32 else f"v6 {number:032x}"
