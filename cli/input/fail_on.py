"""Which changes of a policy make a command fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...compiler.structs import Struct
from .. import exits

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...compiler.analysis.diff.difference import Difference
    from ...compiler.ir import nodes as ir

FAILS: dict[str, tuple[str, ...]] = {
    "none": (),
    "incomparable": ("incomparable",),
    "more": ("more", "incomparable"),
    "any": ("more", "incomparable", "less"),
}
FAIL_ON = click.option(
    "--fail-on",
    metavar="WHAT[:AGENT,...]",
    default="none",
    show_default=True,
    help="What makes the exit status 1: more, incomparable, any or none; for some agents alone.",
)


class FailOn(Struct):
    """The changes that fail, and the agents whose they have to be; of none, all are meant."""

    changes: tuple[str, ...]
    agents: tuple[str, ...]

    def fails(self, change: str, who: Collection[str]) -> bool:
        """Whether a change fails, of an agent that goes by some names."""
        return change in self.changes and (
            not self.agents or any(each in who for each in self.agents)
        )

    def refuse_unknown(self, policies: Sequence[ir.Policy], option: str) -> None:
        """Refuse an agent that no policy names, whose changes would never fail anything."""
        if not self.agents:
            return
        from ...compiler.ir.spiffe import spiffe_matches
        from ...compiler.text.visible import visible

        named = {name for policy in policies for name in policy.identities}
        declared = [policy.identify() for policy in policies]
        named.update(id for ids, _ in declared for id in ids)
        patterns = {pattern for _, found in declared for pattern in found}
        for each in self.agents:
            if each not in named and not any(spiffe_matches(p, each) for p in patterns):
                raise click.BadParameter(f"no agent is `{visible(each)}`", param_hint=option)


def read_fail_on(text: str) -> FailOn:
    """Read what makes a command fail, `WHAT[:AGENT,...]`."""
    what, _, agents = text.partition(":")
    if what not in FAILS:
        raise click.BadParameter(f"`{what}` is none of {', '.join(FAILS)}", param_hint="--fail-on")
    return FailOn(FAILS[what], tuple(each for each in agents.split(",") if each))


def status_of(found: Difference, failing: FailOn) -> int:
    """The exit status of a comparison: what is undetermined is never equivalent.

    An agent is meant by whatever either policy calls it, so that no change takes it out by another name.
    """
    if any(failing.fails(each.change, each.who) for each in found.changes):
        return exits.FINDINGS
    return exits.UNDETERMINED if found.undetermined else exits.CLEAN
