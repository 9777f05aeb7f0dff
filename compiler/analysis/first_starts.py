"""First starts, as far as they are told: the procedure asks of calls in tasks, and a first start is in none.

That one is permitted, a request shows that is tried. That none is, is said where no grant names the agent, or a forbid
denies every one; all else stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Literal, TypeAlias

from ..ir import nodes as ir
from ..ir.roots import bare_request
from ..meaning import interpreter
from ..meaning.request import Call
from ..records import dataclass
from .procedure.search.witness import sample

OPEN = "it is in no task, and the procedure asks of calls in tasks"
STARTERS = ("starter", *(f"starter-{number}" for number in range(1, 9)))
"""Names of which at least one is no agent's."""
TURNS = 3
"""How many values of each field are tried."""
Told: TypeAlias = Literal["never", "open"]


@dataclass(frozen=True, slots=True)
class FirstStart:
    """The rule by which an agent may be started; the request that shows it, or what else is known."""

    rule: ir.Allow
    agent: str
    found: dict[str, Any] | Told
    forbids: tuple[ir.Forbid, ...]


def first_starts(
    policy: ir.Policy,
    capabilities: Iterator[str] | tuple[str, ...],
    agents: tuple[str, ...],
    fits: Callable[[Call], bool] = lambda _: True,
) -> Iterator[FirstStart]:
    """Tell of each agent that a grant names whether it may be started so, in a call that fits."""
    for capability in capabilities:
        rule = policy.starts.get(capability)
        if rule is None:
            continue
        forbids = tuple(_near(policy, capability))
        for agent in agents:
            if interpreter.agent_matches(policy, rule.agents, agent):
                yield FirstStart(rule, agent, _told(policy, rule, agent, forbids, fits), forbids)


def _near(policy: ir.Policy, capability: str) -> Iterator[ir.Forbid]:
    """The forbids that a first start may meet: those for some intents are about calls in tasks."""
    for rule in policy.forbids:
        if rule.intents is ir.ANYONE and capability in policy.expand(rule.capabilities):
            yield rule


def _told(
    policy: ir.Policy,
    rule: ir.Allow,
    agent: str,
    forbids: tuple[ir.Forbid, ...],
    fits: Callable[[Call], bool],
) -> dict[str, Any] | Told:
    if any(
        _always(each) and interpreter.agent_matches(policy, each.agents, agent) for each in forbids
    ):
        return "never"
    for starter, turn in product(STARTERS, range(TURNS)):
        request = _tried(policy, rule, agent, starter, turn)
        call = Call.read(policy, request)
        if (
            call is not None
            and fits(call)
            and interpreter.decide(policy, request).effect == "permit"
        ):
            return request
    return "open"


def _always(rule: ir.Forbid) -> bool:
    asked = (rule.condition, rule.unless, rule.window)
    return all(each is None for each in asked) and not rule.unless_evidence


def _tried(
    policy: ir.Policy, rule: ir.Allow, agent: str, starter: str, turn: int
) -> dict[str, Any]:
    intent, _, name = rule.capabilities[0].rpartition(".")
    request = bare_request(agent=("agent", agent), args=(name,), resource=(intent, "r-1"))
    fields = policy.declared_actions[rule.capabilities[0]].parameters
    request["action"]["properties"] = {
        each.name: sample(each.type, policy, turn) for each in fields if not each.optional
    }
    request["context"] = {"starter": starter}
    return request
