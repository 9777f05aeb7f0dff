"""The arguments that an action takes, and the same action of another policy does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ....ir import nodes as ir
from ....ir.arguments import Names, names_of

Steps: TypeAlias = tuple[str, ...]
"""The names of an argument, and of fields in the records that it holds."""


def taken_alone(action: ir.Action, other: ir.Action) -> tuple[Steps, ...]:
    """The arguments that an action takes and another does not; of an open one, some name that nobody declares."""
    if action.is_open == other.is_open and action.parameters == other.parameters:
        return ()
    return tuple(_beyond(names_of(action.parameters), action.is_open, other))


def _beyond(mine: Names, is_open: bool, other: ir.Action) -> Iterator[Steps]:
    theirs = names_of(other.parameters)
    if not other.is_open:
        yield from ((name,) for name in mine if name not in theirs)
        if is_open:
            yield (_unnamed(mine, theirs),)
    for name, within in theirs.items():
        if name in mine or is_open:
            yield from _beyond_within(mine.get(name), within, (name,))


def _beyond_within(mine: Names | None, theirs: Names | None, path: Steps) -> Iterator[Steps]:
    """The fields in records of an argument that an action takes and another does not."""
    if theirs is None:
        return
    if mine is None:  # no record: what is in it is no mistake
        yield (*path, _unnamed(theirs))
        return
    for name, within in mine.items():
        if name not in theirs:
            yield (*path, name)
        else:
            yield from _beyond_within(within, theirs[name], (*path, name))


def _unnamed(*declared: Names) -> str:
    """A name that nobody declares."""
    name = "other"
    while any(name in each for each in declared):
        name += "_"
    return name
