"""First starts, as far as they are told: the procedure asks of calls in tasks, and a first start is in none.

That one is permitted, a request shows: one of a few that are tried, or one that the procedure finds in a task, without
the task. That none is, is said where a forbid that applies waits for what only a task has, or the procedure finds nothing in
a task either: there a forbid knows no less. All else stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Literal, TypeAlias, assert_never

from ..ir import nodes as ir
from ..ir.roots import bare_request
from ..ir.spiffe import spiffe_matches
from ..ir.walk import attributes
from ..meaning import interpreter
from ..meaning.request import Call
from ..structs import Struct, changed
from .procedure.calls.scope import Scope
from .procedure.search.witness import sample
from .procedure.verdict import Undetermined
from .procedure.world import World

OPEN = "it is in no task, and the procedure asks of calls in tasks"
STARTERS = ("starter", *(f"starter-{number}" for number in range(1, 9)))
"""Names of which at least one is no agent's."""
TURNS = 3
"""How many values of each field are tried."""
NEVER = ir.Or(())
"""What is false whatever is asked."""
ANY: frozenset[bool | None] = frozenset((True, False, None))
Told: TypeAlias = Literal["never", "open"]


class FirstStart(Struct):
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
        search = _Search(policy, rule, forbids)
        for agent in agents:
            if interpreter.agent_matches(policy, rule.agents, agent):
                yield FirstStart(rule, agent, search.told(agent, fits), forbids)


def _near(policy: ir.Policy, capability: str) -> Iterator[ir.Forbid]:
    """The forbids that a first start may meet: those for some intents are about calls in tasks."""
    for rule in policy.forbids:
        if rule.intents is ir.ANYONE and capability in policy.expand(rule.capabilities):
            yield rule


class _Search(Struct, frozen=False):
    """The search for a first start of one intent; the world of calls in tasks is made where it is needed."""

    policy: ir.Policy
    rule: ir.Allow
    forbids: tuple[ir.Forbid, ...]
    world: World | None = None

    def told(self, agent: str, fits: Callable[[Call], bool]) -> dict[str, Any] | Told:
        """A request that is permitted, or what else is known of an agent."""
        policy = self.policy
        if any(
            always_closes(each) and interpreter.agent_matches(policy, each.agents, agent)
            for each in self.forbids
        ):
            return "never"
        for starter, turn in product(STARTERS, range(TURNS)):
            request = _tried(policy, self.rule, agent, starter, turn)
            if self._is_shown(request, fits):
                return request
        try:
            found = self._in_task(agent)
        except Undetermined:
            return "open"
        if found is None:
            return "never"
        given = {
            name: each
            for name, each in found["context"].items()
            if name not in ("task", "approvals", "step_up", "delegation")
        }
        for starter in STARTERS:
            request = {**found, "context": {**given, "starter": starter}}
            if self._is_shown(request, fits):
                return request
        return "open"

    def _is_shown(self, request: dict[str, Any], fits: Callable[[Call], bool]) -> bool:
        call = Call.read(self.policy, request)
        return (
            call is not None
            and fits(call)
            and interpreter.decide(self.policy, request).effect == "permit"
        )

    def _in_task(self, agent: str) -> dict[str, Any] | None:
        """A call in a task that the rule would permit if it were about one. Raises `Undetermined`."""
        allow = changed(self.rule, intents=ir.DECLARED)
        if self.world is None:
            alone = {"separations": (), "isolations": (), "containments": (), "assertions": ()}
            self.world = World(
                changed(
                    self.policy,
                    allows=(allow,),
                    forbids=self._without_task(),
                    delegations=(),
                    tests=(),
                    **alone,
                )
            )
        everybody = self.world.universe.agents
        names = _names_of(self.policy, agent)
        like = next(
            (
                e
                for e in (agent, *everybody)
                if e in everybody and _names_of(self.policy, e) == names
            ),
            None,
        )
        if like is None:
            raise Undetermined("the agent is not told apart")
        whole = self.world.rules.scope(allow)
        scope = Scope(1 << everybody.index(like), whole.intents, whole.capabilities)
        found = self.world.permitted_by(allow, self.world.policy.forbids, scope=scope)
        return None if found is None else {**found, "subject": {**found["subject"], "id": agent}}

    def _without_task(self) -> tuple[ir.Forbid, ...]:
        """The forbids, of which none asks whether a task has something: there is no task that could."""
        return tuple(
            changed(
                each,
                condition=each.condition and without_task(each.condition),
                unless=each.unless and without_task(each.unless),
            )
            for each in self.forbids
        )


def _names_of(policy: ir.Policy, agent: str) -> frozenset[str]:
    """What a policy calls an agent."""
    return frozenset(
        name
        for name, (ids, patterns) in policy.identities.items()
        if agent in ids or any(spiffe_matches(each, agent) for each in patterns)
    )


def always_closes(rule: ir.Forbid) -> bool:
    """Whether a forbid denies every first start that it is about: it is never false what it asks, where there is no task."""
    if rule.window is not None or (rule.unless is not None and True in outcomes(rule.unless)):
        return False
    return rule.condition is None or False not in outcomes(rule.condition)


def without_task(condition: ir.Condition) -> ir.Condition:
    """Make a condition that comes to the same where there is no task, and that a task only tells more about.

    A task makes what is unknown true or false. That it has something, though, is false where there is none, and may
    be true in one.
    """
    match condition:
        case ir.Not(part):
            return ir.Not(without_task(part))
        case ir.And(parts):
            return ir.And(tuple(map(without_task, parts)))
        case ir.Or(parts):
            return ir.Or(tuple(map(without_task, parts)))
        case ir.Has(of):
            return NEVER if of.root == "task" else condition
        case (
            ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Quantified()
        ):
            return condition
        case _:
            assert_never(condition)


def outcomes(condition: ir.Condition) -> frozenset[bool | None]:
    """What a condition may come to where there is no task: None is unknown."""
    match condition:
        case ir.Not(part):
            return frozenset(None if each is None else not each for each in outcomes(part))
        case ir.And(parts):
            return _of_all(parts, closing=False)
        case ir.Or(parts):
            return _of_all(parts, closing=True)
        case ir.Has(of):
            return frozenset((False,)) if of.root == "task" else ANY
        case (
            ir.Compare() | ir.In() | ir.Like() | ir.Under() | ir.Within()
        ):  # fmt: skip
            reads_task = any(each.root == "task" for each, _ in attributes(condition))
            return frozenset((None,)) if reads_task else ANY
        case ir.ListTest() | ir.Quantified():  # which an empty list decides, whatever else is there
            return ANY
        case _:
            assert_never(condition)


def _of_all(parts: tuple[ir.Condition, ...], *, closing: bool) -> frozenset[bool | None]:
    """What several conditions may come to; one that is `closing` decides for all."""
    each = [outcomes(part) for part in parts]
    found: set[bool | None] = set()
    if any(closing in one for one in each):
        found.add(closing)
    if all((not closing) in one for one in each):
        found.add(not closing)
    if any(None in one for one in each) and all({None, not closing} & one for one in each):
        found.add(None)
    return frozenset(found)


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
