"""The matrix: agents by capabilities, with what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..structs import Struct

if TYPE_CHECKING:
    from ..analysis.access import Access, Answer, How, Way
    from ..ir import nodes as ir
    from ..report import Report

SHORT: dict[How, str] = {
    "permit": "permit",
    "conditionally": "if",
    "with confirmation": "confirmation",
    "with approval": "approval",
    "with step-up": "step-up",
    "undetermined": "?",
    "never": "-",
}


class Row(Struct):
    """An agent, and its answers for each capability, by intent; none where no allow names it.

    `chain` are the agents that it acts for, nearest first; none where it acts for itself.
    """

    agent: str
    cells: tuple[tuple[Answer, ...], ...]
    chain: tuple[str, ...] = ()

    def title(self, policy: ir.Policy) -> str:
        """What it is called."""
        from .access import who

        names = ", ".join(who(policy, each) for each in self.chain)
        return f"{who(policy, self.agent)} after {names}" if names else who(policy, self.agent)


class Matrix(Struct):
    """All agents by all capabilities."""

    policy: ir.Policy
    capabilities: tuple[str, ...]
    rows: tuple[Row, ...]
    report: Report

    @property
    def undetermined(self) -> bool:
        """Whether there is something that could not be determined."""
        return any(each.doubts for row in self.rows for cell in row.cells for each in cell)


def how(cell: Sequence[Answer]) -> How:
    """What it takes at best, over all intents."""
    from ..analysis.access import ORDER

    return min((each.how for each in cell), key=ORDER.index, default="never")


def free(policy: ir.Policy, cell: Sequence[Answer]) -> int:
    """How many arguments whoever steers the agent chooses freely, in calls with an effect that nobody approves."""
    return len(
        {
            argument
            for answer in cell
            for way in answer.ways
            for argument in _free_in(policy, way, answer.capability)
        }
    )


def _free_in(policy: ir.Policy, way: Way, capability: str) -> set[str]:
    """The arguments that a way leaves free: in a chain those that no agent's allow binds, and nobody sees."""
    from ..analysis.exposure import exposed

    found = (
        {
            each.argument
            for each in exposed(policy, one.allow)
            if each.capability == capability and each.bound == "free" and not each.is_seen
        }
        for one in (way, *way.above)
    )
    return set.intersection(*found)


def told(policy: ir.Policy, cell: Sequence[Answer]) -> str:
    """What it takes, and behind it how many arguments are free, if any are."""
    number = free(policy, cell)
    return f"{SHORT[how(cell)]} ({number})" if number else SHORT[how(cell)]


def answered(
    policy: ir.Policy, intents: ir.Names, report: Report, until: float | None = None
) -> Matrix:
    """The answers about all agents and capabilities, for some intents or for all.

    What is not known when the monotonic clock says `until` is undetermined.
    """
    from ..analysis.access import Access
    from ..analysis.procedure.calls.scope import Scope, bits
    from ..analysis.procedure.world import World

    world = World(policy)
    world.effort.until = until
    access = Access(world, shown=False)
    meant = world.names.intents_of(intents)
    everything = range(len(world.universe.capabilities))
    rows = tuple(
        Row(
            world.universe.agents[agent],
            tuple(
                tuple(access.answers(Scope(1 << agent, meant, 1 << number)))
                for number in everything
            ),
        )
        for agent in bits(world.names.agents_of())
    )
    return Matrix(policy, world.universe.capabilities, (*rows, *chained(access, meant)), report)


def chained(access: Access, meant: int) -> Iterator[Row]:
    """A row for each chain of agents in which one acts for others, and some call may be permitted."""
    from ..analysis.delegated import delegated
    from ..analysis.procedure.calls.scope import Scope

    world = access.world
    everything = world.names.capabilities_of(("any",))
    found: dict[tuple[str, ...], list[Answer]] = {}
    for each in delegated(access, Scope(world.names.agents_of(), meant, everything)):
        agents = (each.agent, *(agent for agent, _ in each.chain))
        found.setdefault(agents, []).append(each)
    for (agent, *chain), answers in found.items():
        cells = (
            tuple(each for each in answers if each.capability == capability)
            for capability in world.universe.capabilities
        )
        yield Row(agent, tuple(cells), tuple(chain))
