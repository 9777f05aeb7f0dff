"""Calls of a chain of delegation: one request that each agent of the chain is permitted, with its own task.

The call, its resource, time, user and evidence are one for the chain; attributes of the agent, fields of the task and
facts are each link's own. So the rules of a link are read as if these stood in the context of the caller's request, each
link's in a place of its own, and the question is one about a single request. What is found is made into a request with
its chain, which the interpreter decides with its own combiner before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import product
from typing import Any, TypeAlias

from ....ir import nodes as ir
from ....ir.reread import reread
from ....ir.walk import leaves
from ....meaning import interpreter
from ....meaning.chain import MOST_LINKS, requests_for
from ....meaning.conditions import definitely_true
from ....meaning.request import TASK_STATE, Call
from ....structs import Struct, changed
from ..calls.agents_of_conditions import rule_reads_agent_id
from ..calls.scope import Scope, bits, lowest
from ..cubes.cube import conjunction
from ..cubes.facts_read import FACTS
from ..search.avoid import Avoid, permits
from ..search.witness import TASK_ID
from ..verdict import Doubts, Undetermined
from ..world import World

Request: TypeAlias = dict[str, Any]
LONG_ENOUGH = "???*"
OWN = ("agent", "task")
"""The roots that each link has for itself, beside its facts."""
ASSUMED = (
    "its facts are assumed: no short record was found that gives them to each agent of the chain"
)


class Link(Struct):
    """An agent, by its bit, for which another one acts; and the bit of the intent of its own task."""

    agent: int
    intent: int


class Chained(Struct):
    """A call of the caller, in a scope of one bit each, and for whom the caller acts, nearest first."""

    world: World
    caller: Scope
    links: tuple[Link, ...]

    def scope(self, number: int) -> Scope:
        """The scope of the caller, which is 0, or of a link."""
        if not number:
            return self.caller
        link = self.links[number - 1]
        return Scope(1 << link.agent, 1 << link.intent, self.caller.capabilities)

    def forbids(self, allow: ir.Allow, number: int) -> list[ir.Forbid]:
        """The forbids that an allow of the caller or of a link may meet."""
        world, here = self.world, self.scope(number)
        near = world.twins.firsts(world.near.forbids(allow))
        return [each for each in near if world.rules.scope(each).meets(here)]

    def find(
        self, allows: Sequence[ir.Allow], when: ir.Condition | None = None, *, shown: bool = False
    ) -> Request | None:
        """A request that each agent of the chain is permitted, by its allow; None if there is provably none.

        Raises `Undetermined`.
        """
        if any(1 << each.agent == self.world.universe.unseen for each in self.links):
            raise Undetermined("an agent of it stands for agents of several families")
        if self.world.recordable is not None:
            # Most facts are one for the run, and what no record gives of those is known.
            with suppress(Undetermined):
                found = self._find(allows, when, shown, of_the_run=True)
                if found is not None:
                    return found
        found = self._find(allows, when, shown, of_the_run=False)
        if found is None:
            self._check_that_none_fits(allows[1:])
        return found

    def find_any(self, own: ir.Allow, *, shown: bool = False) -> Request | None:
        """A request that an allow permits the caller, and any allows each other agent. Raises `Undetermined`."""
        doubts = Doubts()
        for allows in product((own,), *self.granted()[1:]):
            with doubts:
                found = self.find(allows, shown=shown)
                if found is not None:
                    return found
        doubts.settle()
        return None

    def granted(self) -> list[list[ir.Allow]]:
        """The allows that may permit the call to the caller, and to each agent that it acts for."""
        near = self.world.near.allows_at(lowest(self.caller.capabilities))
        return [
            [each for each in near if self.world.rules.scope(each).meets(self.scope(number))]
            for number in range(len(self.links) + 1)
        ]

    def _find(
        self, allows: Sequence[ir.Allow], when: ir.Condition | None, shown: bool, of_the_run: bool
    ) -> Request | None:
        world = self.world
        own, *above = allows
        theirs = [self._linked(each, number, of_the_run) for number, each in enumerate(above, 1)]
        asked = [world.rules.permits(own), *map(world.rules.permits, theirs)]
        cubes = conjunction([*asked, world.cubes.of(when, "true")])
        avoid: list[Avoid] = list(map(world.avoid.forbid, self.forbids(own, 0)))
        for number, each in enumerate(above, start=1):
            for forbid in self.forbids(each, number):
                avoid.append(world.avoid.forbid(self._linked(forbid, number, of_the_run)))
        found = world.find(
            self.caller,
            cubes,
            lambda call: (
                permits(own, call)
                and all(permits(each, call) for each in theirs)
                and definitely_true(when, call)
                and self._is_permitted(self._unfolded(call.request, of_the_run), allows)
            ),
            avoid,
            shown=shown,
        )
        return found and self._recorded(self._unfolded(found, of_the_run), allows)

    def _check_that_none_fits(self, above: Sequence[ir.Allow]) -> None:
        """Raise `Undetermined` where a link stands for agents of whom another one could be asked for."""
        universe = self.world.universe
        for number, (link, allow) in enumerate(zip(self.links, above, strict=True), start=1):
            is_known = universe.agents[link.agent] in universe.known_agents
            rules: list[ir.Rule] = [allow, *self.forbids(allow, number)]
            if not is_known and any(map(rule_reads_agent_id, rules)):
                raise Undetermined("the identity of an agent of the chain is compared")

    def _is_permitted(self, request: Request, allows: Sequence[ir.Allow]) -> bool:
        """Whether a request is permitted, each agent by its allow."""
        policy = self.world.policy
        if interpreter.decide(policy, request).effect != "permit":
            return False
        each = requests_for(policy, request) or []
        return all(
            permits(allow, Call(policy, one)) for allow, one in zip(allows, each, strict=True)
        )

    # --- A link within the request of the caller ---

    def _linked(self, rule: Any, number: int, of_the_run: bool) -> Any:
        """A rule of a link, as one about the caller's request; its facts are its own, or those of the run."""
        link = self.links[number - 1]
        agent = self.world.universe.agents[link.agent]

        def place(attribute: ir.Attribute) -> ir.Attribute:
            is_shared = of_the_run and ir.is_fact(attribute)
            return attribute if is_shared else _of_link(attribute, number)

        def own(condition: ir.Condition | None) -> ir.Condition | None:
            return None if condition is None else reread(condition, place)

        named = changed(
            rule,
            id=f"{rule.id} for {agent} for {link.intent} at {number}{' of the run' * of_the_run}",
            agents=ir.ANYONE,
            intents=ir.ANYONE,
        )
        identity = _of_link(ir.Attribute("agent", ("id",), ir.STRING), number)
        is_it = ir.Compare("==", identity, ir.Constant(ir.STRING, agent))
        if isinstance(rule, ir.Forbid):
            return changed(named, condition=own(rule.condition), unless=own(rule.unless))
        active = ir.Constant(TASK_STATE.type, "active")
        state = ir.Compare("==", _of_link(TASK_STATE, number), active)
        parts = (state, is_it, *((own(rule.condition),) if rule.condition else ()))
        if of_the_run:
            parts += tuple(_can_be_said(rule.condition))
        return changed(named, condition=ir.And(parts), revoke=tuple(map(own, rule.revoke)))

    def _unfolded(self, request: Request, of_the_run: bool) -> Request:
        """The request with its chain, of one in which each link has a place of its own."""
        context = dict(request["context"])
        chain = []
        for number, link in enumerate(self.links, start=1):
            own = context.pop(_place_of(number), {})
            if of_the_run:
                own = {**own, **{name: context[name] for name in FACTS if name in context}}
            properties = {key: each for key, each in own.get("agent", {}).items() if key != "id"}
            task = {"id": f"{TASK_ID}-{number}", "intent": self.world.universe.intents[link.intent]}
            chain.append(
                {
                    "agent": self.world.universe.agents[link.agent],
                    **({"properties": properties} if properties else {}),
                    "task": {**task, **own.get("task", {})},
                    **{name: own[name] for name in FACTS if name in own},
                }
            )
        return {**request, "context": {**context, "delegation": chain}}

    # --- Facts ---

    def _recorded(self, request: Request, allows: Sequence[ir.Allow]) -> Request:
        """A witness with the facts of one record for all agents, where it has facts. Raises `Undetermined`."""
        context = request["context"]
        if not any(name in each for each in (context, *context["delegation"]) for name in FACTS):
            return request
        from ....meaning.facts import facts  # which a policy without facts need not load
        from ..search.short_record import TIME, short_record

        request = {**request, "context": {"time": TIME, **context}}
        policy = self.world.policy
        for asked in (_as_farthest(request), request):
            lines = short_record((policy,), _with_all_facts(asked))
            if lines is None:
                continue
            found: Request = facts(policy, _with_run(lines, request), request)
            if self._is_permitted(found, allows):
                fewer = _only(found, request)
                return fewer if self._is_permitted(fewer, allows) else found
        raise Undetermined(ASSUMED)


def _can_be_said(condition: ir.Condition | None) -> Iterator[ir.Condition]:
    """That texts are long enough to stand in what was said, where it is asked where they come from."""
    for leaf in leaves(condition) if condition is not None else ():
        match leaf:
            case ir.In(ir.NameOf(ir.Attribute(type=ir.Scalar("string")) as read)):
                yield ir.Like(read, LONG_ENOUGH)
            case ir.In(ir.NameOf(ir.Attribute(type=ir.ListType(ir.Scalar("string"))) as read)):
                yield ir.Quantified("every", read, ir.Like(ir.Element(ir.STRING), LONG_ENOUGH))
            case _:
                pass


def _place_of(number: int) -> str:
    """Where a link stands in the caller's context: under a name that no field can have."""
    return f"link {number}"


def _of_link(attribute: ir.Attribute, number: int) -> ir.Attribute:
    """What a link has for itself, in its place; what is one for the chain stays."""
    of = None if attribute.of is None else _of_link(attribute.of, number)
    if attribute.root in OWN:
        path = (_place_of(number), attribute.root, *attribute.path)
    elif ir.is_fact(attribute):
        path = (_place_of(number), *attribute.path)
    else:
        return attribute
    return changed(attribute, root="context", path=path, of=of)


def _as_farthest(request: Request) -> Request:
    """The request as the agent would make it with which the chain begins, in the task with which the run does."""
    context = request["context"]
    farthest = context["delegation"][-1]
    subject = {"type": "agent", "id": farthest["agent"], "properties": {}}
    return {**request, "subject": subject, "context": {**context, "task": farthest["task"]}}


def _with_all_facts(request: Request) -> Request:
    """A request that has as its own what each agent of its chain has: most facts are one for the run."""
    context = request["context"]
    holders = (*reversed(context["delegation"]), context)
    meters = {key: each for one in holders for key, each in one.get("meters", {}).items()}
    sources: Request = {}
    for one in holders:
        for key, names in one.get("sources", {}).items():
            is_list = isinstance(names, list)
            sources[key] = [*sources.get(key, []), *names] if is_list else names
    found = {name: each for name, each in (("meters", meters), ("sources", sources)) if each}
    return {**request, "context": {**context, **found}}


def _only(whole: Request, like: Request) -> Request:
    """A request with those of its facts alone that another one of the same chain has."""
    mine, theirs = whole["context"], like["context"]
    links = zip(mine["delegation"], theirs["delegation"], strict=True)
    chain = [_facts_of(link, other) for link, other in links]
    return {**whole, "context": {**_facts_of(mine, theirs), "delegation": chain}}


def _facts_of(holder: Request, like: Request) -> Request:
    found = {name: each for name, each in holder.items() if name not in FACTS}
    for name in FACTS:
        wanted = like.get(name, {})
        kept = {key: each for key, each in holder.get(name, {}).items() if key in wanted}
        if kept:
            found[name] = kept
    return found


def _with_run(lines: list[dict[str, Any]], request: Request) -> list[dict[str, Any]]:
    """A record in which the tasks of the chain were started one inside the other, before all else."""
    first, *others = lines
    context = request["context"]
    caller = {"agent": request["subject"]["id"], "task": context["task"]}
    run = [*reversed(context["delegation"]), caller]
    started: list[dict[str, Any]] = []
    for each in run:
        line = {**first, "agent": each["agent"], "task": each["task"]}
        if started:
            line["parent"] = started[-1]["task"]["id"]
        started.append(line)
    return [*started, *others]


# --- Which chains there are -----------------------------------------------------------------------


def chains_of(world: World, agent: int, intent: int) -> Iterator[tuple[Link, ...]]:
    """The chains that lead to an agent with an intent, shorter ones first, in which nobody stands twice.

    One that goes on from another permits nothing more than that one.
    """
    found: list[tuple[Link, ...]] = [()]
    while found:
        longer: list[tuple[Link, ...]] = []
        for chain in found:
            below = chain[-1] if chain else Link(agent, intent)
            for link in _above(world, below):
                if link not in (Link(agent, intent), *chain) and (*chain, link) not in longer:
                    longer.append((*chain, link))
        yield from longer
        found = [each for each in longer if len(each) < MOST_LINKS]


def _above(world: World, below: Link) -> Iterable[Link]:
    """Who may hand a task on to an agent with an intent."""
    names = world.names
    for each in world.policy.delegations:
        is_its = names.agents_of((each.delegate,)) >> below.agent & 1
        if is_its and names.intents_of((each.delegate_intent,)) >> below.intent & 1:
            for agent in bits(names.agents_of((each.delegator,))):
                for intent in bits(names.intents_of((each.intent,))):
                    yield Link(agent, intent)
