"""Which changes of a policy make a command fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import exits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...compiler.analysis.diff.changes import Difference
    from ...compiler.ir import nodes as ir

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


def refuse_unknown(agents: Iterable[str], policies: Sequence[ir.Policy], option: str) -> None:
    """Refuse an agent that no policy names, whose changes would never fail anything."""
    from ...compiler.ir.spiffe import spiffe_matches
    from ...compiler.text.visible import visible

    named = {name for policy in policies for name in policy.identities}
    declared = [policy.identify() for policy in policies]
    named.update(id for ids, _ in declared for id in ids)
    patterns = {pattern for _, found in declared for pattern in found}
    for each in agents:
        if each not in named and not any(spiffe_matches(p, each) for p in patterns):
            raise click.BadParameter(f"no agent is `{visible(each)}`", param_hint=option)


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
