"""Which changes of a policy make a command fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import exits

if TYPE_CHECKING:
    from ...compiler.analysis.diff.changes import Difference

FAILS: dict[str, tuple[str, ...]] = {
    "none": (),
    "incomparable": ("incomparable",),
    "more": ("more", "incomparable"),
    "any": ("more", "incomparable", "less"),
}


def read_fail_on(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The changes that fail, and the agents whose they have to be; of none, all are meant."""
    what, _, agents = text.partition(":")
    if what not in FAILS:
        raise click.BadParameter(f"`{what}` is none of {', '.join(FAILS)}", param_hint="--fail-on")
    return FAILS[what], tuple(each for each in agents.split(",") if each)


def status_of(found: Difference, failing: tuple[tuple[str, ...], tuple[str, ...]]) -> int:
    """The exit status of a comparison: what is undetermined is never equivalent.

    An agent is meant by whatever either policy calls it, so that no change takes it out by another name.
    """
    what, agents = failing
    if any(
        each.change in what and (not agents or not each.who.isdisjoint(agents))
        for each in found.changes
    ):
        return exits.FINDINGS
    return exits.UNDETERMINED if found.undetermined else exits.CLEAN
