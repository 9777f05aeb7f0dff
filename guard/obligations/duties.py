"""The duties of one permit, and who does them: the guard itself, or plug-ins of the `agpc.obligations` entry-point group.

INVARIANT: a call is made only if every duty of its permit can be done. What comes before the call was done then, and what
comes after it is done before anybody gets the result, or nobody gets it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeAlias

from ...compiler.text.visible import visible
from ..enforcing.enforcement import Asked, canonical
from ..enforcing.vocabulary import Tool

GROUP = "agpc.obligations"
LONGEST = 30.0
"""Seconds that one duty may take."""

_log = logging.getLogger(__name__)


class CannotDo(Exception):
    """A duty cannot be done. One sentence, which a model may see: it has nothing of the call or its result."""


class ObligationError(Exception):
    """A plug-in of the settings cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What has to be done with one call that is permitted."""

    rule: str
    name: str
    properties: Mapping[str, Any]
    """As the policy writes them: strings, numbers, bools; durations, dates and times as text."""
    call: str
    """The id of the call in the trail."""
    asked: Asked
    tool: Tool | None
    """What the policy declares of what is called."""


class Obligation:
    """A kind of duty. A plug-in inherits from this, and does before or after the call what its name says.

    A plug-in is an entry point of the group `agpc.obligations`, called as the policy calls the duty (`oblige NAME(…)`). It
    gives a callable that takes the plug-in's settings, a mapping, and the folder that paths start at, and makes this; it
    raises `ValueError` for settings that cannot be. One object does all duties of its kind, in one event loop.
    """

    def check(self, duty: Duty) -> None:
        """See that the duty can be done as it is written, and do nothing yet. Raises `CannotDo`, and then nothing runs.

        A property that is not known is a reason: nobody would do what it says.
        """

    async def before(self, duty: Duty) -> None:
        """Do it before the call is made. Raises `CannotDo`, or anything else, and then nothing runs."""

    async def after(self, duty: Duty, value: Any) -> Any:
        """Give what is passed on of a result, which is JSON: the very value if nothing of it changes.

        Raises `CannotDo`, or anything else, and then nothing of it is passed on.
        """
        return value

    def lacks(self, properties: Mapping[str, Any]) -> str | None:
        """Say, for who sets a guard up, what is not there for a duty of the policy; None if nothing is missing."""
        return None

    def hint(self, duty: Duty) -> str | None:
        """Say something to the agent that goes with the result."""
        return None


Kinds: TypeAlias = Mapping[str, Obligation]


def undone(kinds: Kinds, duties: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[str]:
    """Say which duties of a policy nothing does, by the properties of each: whoever sets a guard up has to know at once."""
    found = []
    for name, each in sorted(duties.items()):
        kind = kinds.get(name)
        if kind is None:
            found.append(
                f"the policy obliges to `{name}`, which nothing does here: such calls are refused"
            )
            continue
        missing = {lacked for properties in each if (lacked := kind.lacks(properties)) is not None}
        found += [
            f"the policy obliges to `{name}`, for which {visible(lacked)} is not there: such calls are refused"
            for lacked in sorted(missing)
        ]
    return found


class Duties:
    """The duties of a permit, each once whichever rules ask for it."""

    def __init__(self, kinds: Kinds, duties: Iterable[Duty]) -> None:
        """Take who does them. Raises `CannotDo` where one is not known, or cannot be done as it is written."""
        self._each: list[tuple[Obligation, Duty]] = []
        seen = set()
        for duty in duties:
            kind = kinds.get(duty.name)
            if kind is None:
                raise CannotDo(
                    f"the policy obliges to `{duty.name}`, which this enforcement point does not do"
                )
            told = (duty.name, canonical(duty.properties))
            if told in seen:
                continue
            seen.add(told)
            try:
                kind.check(duty)
            except CannotDo:
                raise
            except Exception as error:  # noqa: BLE001 -- a plug-in raises what it likes
                raise _failed(duty, error) from None
            self._each.append((kind, duty))

    async def before(self) -> None:
        """Do what comes before the call. Raises `CannotDo`."""
        for kind, duty in self._each:
            await _done(duty, kind.before(duty))

    async def after(self, value: Any) -> Any:
        """Give what is passed on of a result. Raises `CannotDo`."""
        for kind, duty in self._each:
            value = await _done(duty, kind.after(duty, value))
        return value

    @property
    def hints(self) -> tuple[str, ...]:
        """What is said to the agent with the result."""
        found = (kind.hint(duty) for kind, duty in self._each)
        return tuple(each for each in found if each is not None)


async def _done(duty: Duty, work: Any) -> Any:
    try:
        return await asyncio.wait_for(work, LONGEST)
    except CannotDo:
        raise
    except Exception as error:  # noqa: BLE001 -- as above
        raise _failed(duty, error) from None


def _failed(duty: Duty, error: Exception) -> CannotDo:
    _log.warning("the duty %s failed (%s)", duty.name, type(error).__name__)
    return CannotDo(f"the policy obliges to `{duty.name}`, which failed")


def load_obligation(name: str, settings: Mapping[str, Any], root: Path) -> Obligation:
    """Make a plug-in. Raises `ObligationError`."""
    found = {each.value: each for each in entry_points(group=GROUP, name=name)}
    if len(found) != 1:
        installed = ", ".join(sorted({each.name for each in entry_points(group=GROUP)})) or "none"
        many = "more than one package has" if found else "there is no"
        raise ObligationError(f"{many} obligation `{name}`; installed are {installed}")
    (entry,) = found.values()
    try:
        make = entry.load()
    except Exception as error:  # noqa: BLE001 -- as above
        raise ObligationError(
            f"the obligation `{name}` cannot be loaded ({type(error).__name__})"
        ) from None
    try:
        made = make(settings, root)
    except ValueError as error:
        raise ObligationError(f"the obligation `{name}`: {error}") from None
    if not isinstance(made, Obligation):
        raise ObligationError(f"the obligation `{name}` is no `agpc.guard.Obligation`")
    return made
