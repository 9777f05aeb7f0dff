"""Two policies, of which the second is the first with a few changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.starts import KIND
from agpc.compiler.ir.walk import attributes

from .conditions import draw_condition
from .policies import FEATURES, VALIDITIES, WINDOWS, Maker, policies
from .starts import settled
from .values import Draw, chance, integers, pick
from .vocabularies import AGENT_IDS, COMPARABLE, PATTERNS, Places


@st.composite
def changes(
    draw: st.DrawFn, *, features: Iterable[str] = FEATURES, max_rules: int = 5
) -> tuple[ir.Policy, ir.Policy]:
    """A policy, and what it is after one to three changes of its rules and its vocabulary."""
    before = draw(policies(features=features, max_rules=max_rules))
    after = before
    for number in range(pick(draw, (1, 1, 2, 3))):
        after = changed(draw, after, number, frozenset(features))
    return (before, after) if chance(draw, 50) else (after, before)


def changed(draw: Draw, policy: ir.Policy, number: int, features: frozenset[str]) -> ir.Policy:
    """A policy with one change, and starts of its intents if it had them."""
    return settled(_changed(draw, policy, number, features))


def _changed(draw: Draw, policy: ir.Policy, number: int, features: frozenset[str]) -> ir.Policy:
    if chance(draw, 20):
        return _other_vocabulary(draw, policy)
    if chance(draw, 12):
        return _retyped(draw, policy, features)
    makes = Maker(draw, policy, Places(), features)
    if chance(draw, 15):
        return _with(policy, makes.grant(100 + number), ())
    if chance(draw, 10) and "forbid" in features:
        return _with(policy, (), (makes.forbid(100 + number),))
    rules: list[ir.Rule] = [*policy.allows, *policy.forbids]
    rule = pick(draw, rules)
    left = [each for each in rules if each is not rule]
    if len(policy.allows) > 1 or isinstance(rule, ir.Forbid):
        options: list[Callable[..., ir.Rule | None]] = [lambda *_: None]
    else:
        options = []
    options += [_scoped] * 2
    options += [_forbid] * 4 if isinstance(rule, ir.Forbid) else [_allow] * 6
    new = pick(draw, options)(draw, makes, rule)
    return _with(replace(policy, allows=(), forbids=()), (), (), *left, *([new] if new else []))


def _with(policy: ir.Policy, allows: Any, forbids: Any, *rules: ir.Rule) -> ir.Policy:
    every = [*policy.allows, *policy.forbids, *allows, *forbids, *rules]
    by_id = {each.id: each for each in every}
    return replace(
        policy,
        allows=tuple(by_id[id] for id in sorted(by_id) if isinstance(by_id[id], ir.Allow)),
        forbids=tuple(by_id[id] for id in sorted(by_id) if isinstance(by_id[id], ir.Forbid)),
    )


def _scoped(draw: Draw, makes: Maker, rule: ir.Rule) -> ir.Rule:
    """Another name, or other agents or intents, as long as the condition can be read of them."""
    what = draw(integers(0, 2))
    if what == 0:
        return replace(rule, id=f"{rule.id}x")
    if not isinstance(rule.agents, ir.Unnamed) and what == 1 and len(rule.agents) > 1:
        return replace(rule, agents=rule.agents[:1])
    if not isinstance(rule.intents, ir.Unnamed) and len(rule.intents) > 1:
        return replace(rule, intents=rule.intents[:1])
    return replace(rule, agents=(pick(draw, makes.agents),)) if rule.condition is None else rule


def _condition(draw: Draw, makes: Maker, rule: ir.Rule) -> ir.Condition | None:
    where = makes.surroundings(rule.agents, rule.intents, rule.capabilities)
    other = draw_condition(draw, where, 1)
    old = rule.condition
    what = draw(integers(0, 4))
    if old is None or what == 0:
        return other
    if what == 1:
        return None
    if what == 2:
        return ir.And((old, other))
    if what == 3:
        return ir.Or((old, other))
    return old.parts[0] if isinstance(old, ir.And | ir.Or) else ir.Not(old)


def _forbid(draw: Draw, makes: Maker, rule: ir.Forbid) -> ir.Rule:
    what = draw(integers(0, 4))
    if what == 4:
        return replace(rule, window=pick(draw, (None, *WINDOWS)))
    if what == 0:
        return replace(rule, unless=None, unless_evidence=())
    if what == 1:
        return replace(rule, unless=None, unless_evidence=makes.requirements())
    return replace(rule, condition=_condition(draw, makes, rule))


def _allow(draw: Draw, makes: Maker, rule: ir.Allow) -> ir.Rule:
    what = draw(integers(0, 7))
    if what == 0:
        return replace(rule, requirements=makes.requirements() if chance(draw, 60) else ())
    if what == 1:
        return replace(rule, credential=makes.credential())
    if what == 2:
        return replace(rule, obligations=makes.obligations())
    if what == 3:
        return replace(rule, revoke=rule.revoke[1:])
    if what == 4:
        return replace(rule, validity=pick(draw, (None, *VALIDITIES)))
    if what == 5:
        return replace(rule, window=pick(draw, (None, *WINDOWS)))
    return replace(rule, condition=_condition(draw, makes, rule))


def _other_vocabulary(draw: Draw, policy: ir.Policy) -> ir.Policy:
    """An enumeration with another member, a new intent, or a user block that comes or goes."""
    what = draw(integers(0, 8))
    if what == 5 and policy.families:
        family, *others = policy.families
        family = replace(family, patterns=(pick(draw, PATTERNS),))
        return replace(policy, families=(family, *others))
    if what == 6:
        known = {each.id for each in policy.agents}
        id = next(each for each in AGENT_IDS if each not in known)
        new = replace(policy.agents[0], name=f"{policy.agents[0].name}_too", id=id)
        return _sorted(policy, agents=(*policy.agents, new))
    if what == 7:
        return _other_actions(draw, policy)
    if what == 8 and policy.levels:
        level, *others = policy.levels
        return replace(
            policy, levels=(replace(level, members=tuple(reversed(level.members))), *others)
        )
    if what == 0 and policy.levels:
        level, *others = policy.levels
        at = draw(integers(0, len(level.members)))
        members = (*level.members[:at], "new_member", *level.members[at:])
        if "new_member" in level.members:
            return policy
        return replace(policy, levels=(replace(level, members=members), *others))
    if what == 1 and policy.enums:
        enum, *others = policy.enums
        if "new_member" in enum.members:
            return policy
        return replace(
            policy, enums=(replace(enum, members=(*enum.members, "new_member")), *others)
        )
    if what == 2:
        intent = replace(policy.intents[0], name=f"{policy.intents[0].name}_new", fields=())
        if intent.name in {each.name for each in policy.intents}:
            return policy
        ordered = sorted((*policy.intents, intent), key=lambda each: each.name)
        return replace(policy, intents=tuple(ordered))
    if what == 3 and not any(_reads_user(each) for each in policy.rules):
        return replace(policy, user=None if policy.user is not None else ())
    agent, *others = policy.agents
    return replace(policy, agents=(replace(agent, id=f"{agent.id}-new"), *others))


def _reads_user(rule: ir.Rule) -> bool:
    return "root='user'" in repr(rule)


def _sorted(policy: ir.Policy, **declared: tuple[Any, ...]) -> ir.Policy:
    return replace(
        policy,
        **{
            kind: tuple(sorted(given, key=lambda each: each.name))
            for kind, given in declared.items()
            if len({each.name for each in given}) == len(given)
        },
    )


def _other_actions(draw: Draw, policy: ir.Policy) -> ir.Policy:
    """Another action, or the names of a server's tools given to other actions than before."""
    resource, *others = sorted(policy.resources, key=lambda each: each.kind == KIND)
    bound = next((each for each in policy.bindings if each.target == ir.TOOLS), None)
    if bound is None or chance(draw, 40):
        if "new_action" in {each.name for each in resource.actions}:
            return policy
        action = replace(resource.actions[0], name="new_action")
        actions = tuple(sorted((*resource.actions, action), key=lambda each: each.name))
        return replace(policy, resources=(replace(resource, actions=actions), *others))
    moved = []
    for each in bound.resources:
        names = [action.names for action in each.actions]
        turned = (*names[1:], *names[:1])
        actions_bound = tuple(
            replace(action, names=tuple(name for name in other if name.endswith("-it")))
            for action, other in zip(each.actions, turned, strict=True)
        )
        moved.append(replace(each, actions=actions_bound))
    rest = tuple(each for each in policy.bindings if each is not bound)
    return replace(policy, bindings=(replace(bound, resources=tuple(moved)), *rest))


def _retyped(draw: Draw, policy: ir.Policy, features: frozenset[str]) -> ir.Policy:
    """Another type of an attribute, or an optional one where it was not; what reads it says something else."""
    named = (
        *(ir.LevelType(each.name) for each in policy.levels),
        *(ir.EnumType(each.name) for each in policy.enums),
    )
    type_ = pick(draw, (*COMPARABLE, *named, ir.ListType(ir.STRING)))
    is_optional = chance(draw, 30)

    def other(fields: tuple[ir.Field, ...]) -> tuple[ir.Field, ...]:
        if not fields:
            return fields
        first, *rest = fields
        if is_optional:
            return (replace(first, optional=not first.optional), *rest)
        return (replace(first, type=type_), *rest)

    if chance(draw, 50) and policy.context:
        roots, new = ("context",), replace(policy, context=other(policy.context))
    else:
        resources = tuple(
            replace(
                each,
                attributes=other(each.attributes),
                actions=tuple(
                    replace(action, parameters=other(action.parameters)) for action in each.actions
                ),
            )
            for each in policy.resources
        )
        roots, new = ("args", "resource"), replace(policy, resources=resources)  # type: ignore[assignment]
    makes = Maker(draw, new, Places(), features)
    rules = [_read_anew(draw, makes, each, roots) for each in policy.rules]
    return _with(replace(new, allows=(), forbids=()), (), (), *rules)


def _read_anew(draw: Draw, makes: Maker, rule: ir.Rule, roots: tuple[str, ...]) -> ir.Rule:
    """A rule with other conditions where it reads what has another type now."""

    def reads(condition: ir.Condition | None) -> bool:
        return condition is not None and any(
            each.root in roots for each, _ in attributes(condition)
        )

    def anew(condition: ir.Condition) -> ir.Condition:
        return draw_condition(draw, where, 1) if reads(condition) else condition

    where = makes.surroundings(rule.agents, rule.intents, rule.capabilities)
    condition = None if rule.condition is None else anew(rule.condition)
    if isinstance(rule, ir.Allow):
        return replace(rule, condition=condition, revoke=tuple(map(anew, rule.revoke)))
    unless = None if rule.unless is None else anew(rule.unless)
    return replace(rule, condition=condition, unless=unless)
