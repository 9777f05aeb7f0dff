"""Which arguments a call may have: an allow is not about a call with one that nobody declared.

INVARIANT: what is not declared closes also if it is null. Whoever sends a call on may do something
with a name that is there, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any, TypeAlias

Fields: TypeAlias = "Mapping[str, Fields | None]"
"""Declared names; below each its own, where it is a record or a list of them, else None."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The parameters of one action; of one that is open any others may be there, too."""

    fields: Fields
    is_open: bool = False
    declare: Callable[[dict[str, Any]], bool] = field(init=False, repr=False, compare=False)
    """Whether every argument is declared, and every field of the records in them."""

    def __post_init__(self) -> None:
        """Look once whether there is a record among them; if not, their names are all there is to ask for."""
        is_flat = not self.is_open and all(inner is None for inner in self.fields.values())
        declare = frozenset(map(intern, self.fields)).issuperset if is_flat else self._declare_each
        object.__setattr__(self, "declare", declare)

    def _declare_each(self, given: dict[str, Any]) -> bool:
        fields = self.fields
        if not self.is_open and not given.keys() <= fields.keys():
            return False
        return all(
            inner is None or name not in given or _declare(inner, given[name])
            for name, inner in fields.items()
        )


NO_ARGUMENTS = Arguments({})


def _declare(fields: Fields, value: object) -> bool:
    """Whether all that the objects at a place hold, and those in lists there, is declared."""
    for each in objects_at(value):
        for name, inside in each.items():
            if name not in fields:
                return False
            inner = fields[name]
            if inner is not None and not _declare(inner, inside):
                return False
    return True


def objects_at(value: object) -> Iterator[dict[str, Any]]:
    """The objects that stand at a place, or in lists there; what stands in many places comes once."""
    pending, seen = [value], {id(value)}
    for each in pending:  # which grows as it is read
        if type(each) is dict:
            yield each
        elif type(each) is list:
            for inner in each:
                if (type(inner) is dict or type(inner) is list) and id(inner) not in seen:
                    seen.add(id(inner))
                    pending.append(inner)
