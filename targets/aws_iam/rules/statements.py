"""Rules to IAM statements, one agent at a time.

A `Part` is what one rule comes to on one capability. It is lowered once; the identity policy and
the session policies are assembled from the same parts, so that they cannot say different things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product as combinations

from ....compiler.ir import nodes as ir
from ....compiler.meaning.interpreter import agent_matches
from ....compiler.structs import Struct
from ...partial import (
    Loss,
    conditions_of,
    obliging,
    obliging_too,
    unique,
    unsaid_clauses,
    validity_of,
)
from ..abilities import AWS
from ..binding.facts import CapabilityPlace, PlatformFacts
from ..language import endings
from ..language.patterns import (
    SOMETHING,
    Glob,
    arns_may_meet,
    is_literal,
    literal,
    may_meet,
)
from ..language.products import LIMIT, KeyTest, Product, conjoin
from ..language.statement import Statement
from ..language.tidy import tidy
from ..limits import can_tag
from .leaves import Sight
from .lower import Lowering


class CapabilityPart(Struct):
    """What a rule comes to on one capability, for one agent; `statements` know no session tags."""

    rule: ir.Rule
    place: CapabilityPlace
    statements: tuple[Statement, ...]
    losses: tuple[Loss, ...]


def parts_of(
    policy: ir.Policy, facts: PlatformFacts, agent: ir.Agent
) -> tuple[CapabilityPart, ...]:
    """Lower all rules that concern an agent, on all capabilities that are bound."""
    allows = [rule for rule in policy.allows if agent_matches(policy, rule.agents, agent.id)]
    forbids = [rule for rule in policy.forbids if agent_matches(policy, rule.agents, agent.id)]
    found: list[CapabilityPart] = []
    for forbid in forbids:
        for place in _places(policy, facts, forbid):
            found.append(_forbid(forbid, Sight(policy, facts, place), agent))
    others = obliging(allows)
    for allow in allows:
        for place in _places(policy, facts, allow):
            found.append(_allow(allow, Sight(policy, facts, place), agent, others))
    return tuple(found)


def _places(policy: ir.Policy, facts: PlatformFacts, rule: ir.Rule) -> list[CapabilityPlace]:
    """Where the capabilities of a rule are bound."""
    names = policy.expand(rule.capabilities)
    return [facts.places[name] for name in names if name in facts.places]


# --- Allows ---------------------------------------------------------------------------------------


def _allow(
    rule: ir.Allow, sight: Sight, agent: ir.Agent, others: Iterable[ir.Allow]
) -> CapabilityPart:
    """What of an allow IAM can say; nothing at all if one thing that it asks for cannot be."""
    place = sight.place
    blocks = tuple(_blocks(rule, sight, agent, others))
    if blocks:
        return CapabilityPart(rule, place, (), blocks)
    lowering = Lowering(sight, agent, for_deny=False)
    asked = [*conditions_of(rule), *((each, True) for each in validity_of(rule))]
    lowered = lowering.all_of(lowering.lower(*each) for each in asked)
    statements: list[Statement] = []
    losses = list(lowered.losses)
    for each in lowered.products:
        resources, lost = _resources(place, each)
        losses.extend(lost)
        if not resources:
            continue
        statements.append(Statement("Allow", place.actions, resources, each.tests, (rule,)))
        guarded = _guarded(place, each)
        if guarded:
            statements.append(Statement("Deny", place.actions, guarded, (), (rule,)))
    return CapabilityPart(rule, place, tidy(statements), unique(losses))


def _blocks(
    rule: ir.Allow, sight: Sight, agent: ir.Agent, others: Iterable[ir.Allow]
) -> Iterator[Loss]:
    """What of an allow no IAM statement can hold."""
    capability = sight.place.capability
    yield from unsaid_clauses(rule, AWS)
    if "intent" not in sight.facts.tags:
        yield Loss("`bind aws` has no `session tag intent` to tell sessions apart by")
    alike = sight.facts.alike[capability]
    if alike:
        names = ", ".join(f"`{each}`" for each in alike)
        yield Loss(f"IAM cannot tell `{capability}` from {names}")
    if "agent" in sight.facts.tags and not can_tag(agent.id):
        yield Loss("the identity of the agent cannot be the value of a session tag")
    yield from _untaggable(rule, sight.policy)
    for _, loss in obliging_too(rule, (capability,), others, sight.policy, AWS):
        yield loss


def _untaggable(rule: ir.Rule, policy: ir.Policy) -> Iterable[Loss]:
    """The intents of a rule that no session can carry."""
    for each in intents_of(rule, policy) or ():
        if not can_tag(each):
            yield Loss(f"`{each[:40]}` cannot be the value of a session tag")


def _resources(
    place: CapabilityPlace, product: Product
) -> tuple[tuple[Glob, ...], tuple[Loss, ...]]:
    """The patterns of an allow's resource, no more than what the location stands for; and losses."""
    values = dict(product.places)
    for placeholder in place.location.placeholders.values():
        globs = values.get(placeholder.name)
        if not placeholder.last and (globs is None or not all(map(is_literal, globs))):
            problem = Loss(
                f"`resource.{placeholder.name}` has to be one of some values, since a `*` in its "
                "place in the ARN would cross `/`"
            )
            return (), (problem,)
    patterns = _spell(place, values)
    if patterns is None:
        return (), (Loss(f"it comes to more than {LIMIT} resources"),)
    ends_in_name = place.location.ends_in_name
    found = [endings.allowed(each, ends_in_name=ends_in_name) for each in patterns]
    return (
        unique(each.resource for each in found if each.resource is not None),
        unique(Loss(each.reason) for each in found if each.reason),
    )


def _spell(place: CapabilityPlace, values: dict[str, tuple[Glob, ...]]) -> tuple[Glob, ...] | None:
    """The location for each combination of values; None if there are too many."""
    names = sorted(values)
    count = 1
    for name in names:
        count *= len(values[name])
    if count > LIMIT:
        return None
    return unique(
        place.location.glob(dict(zip(names, choice, strict=True)))
        for choice in combinations(*(values[name] for name in names))
    )


def _guarded(place: CapabilityPlace, product: Product) -> tuple[Glob, ...]:
    """The resources that an allow's patterns match and that are not a whole path."""
    values = dict(product.places)
    patterns = [
        pattern
        for name, every in product.paths
        if (odd := tuple(o for o in every if any(may_meet(o, glob) for glob in values[name])))
        for pattern in _spell(place, {**values, name: odd}) or _spell(place, {name: odd}) or ()
    ]
    return unique(
        resource
        for pattern in patterns
        for resource in endings.denied(pattern, elsewhere=False).resources
    )


# --- Forbids --------------------------------------------------------------------------------------


def _forbid(rule: ir.Forbid, sight: Sight, agent: ir.Agent) -> CapabilityPart:
    """A forbid as denies that meet at least all that it meets."""
    lowering = Lowering(sight, agent, for_deny=True)
    lowered = lowering.all_of(lowering.lower(*each) for each in conditions_of(rule))
    losses = list(lowered.losses)
    if lowered.products:
        losses.extend(_untaggable(rule, sight.policy))
        losses.extend(unsaid_clauses(rule, AWS))
    statements = []
    for each in lowered.products:
        resources = _spell(sight.place, dict(each.places))
        if resources is None:
            losses.append(Loss(f"it comes to more than {LIMIT} resources"))
            resources = (sight.place.location.glob({}),)
        for actions, patterns, reasons in _reach(sight.place, resources):
            losses.extend(map(Loss, reasons))
            statements.append(Statement("Deny", actions, patterns, each.tests, (rule,)))
    return CapabilityPart(rule, sight.place, tidy(statements), unique(losses))


def _reach(
    place: CapabilityPlace, resources: tuple[Glob, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[Glob, ...], tuple[str, ...]]]:
    """Actions of a deny, all ARNs on which they reach what some patterns name, and what is more."""
    deep = tuple(each for each in place.actions if endings.beneath(each) is not None)
    plain = tuple(each for each in place.actions if each not in deep)
    if plain:
        found = [endings.denied(each) for each in resources]
        yield (
            plain,
            unique(glob for each in found for glob in each.resources),
            unique(reason for each in found for reason in each.reasons),
        )
    if deep:
        wide = unique(map(endings.all_of_account, resources))
        reasons = [endings.beneath(each) for each in deep] if wide != resources else []
        yield deep, wide, unique(each for each in reasons if each is not None)


# --- Policies -------------------------------------------------------------------------------------


def identity_statements(
    parts: Iterable[CapabilityPart], policy: ir.Policy, facts: PlatformFacts, agent: ir.Agent
) -> tuple[Statement, ...]:
    """The statements of an agent's identity policy, which read intent and task from the session."""
    found: list[Statement] = []
    for part in parts:
        for each in part.statements:
            tests = _session_tests(part.rule, each, policy, facts, agent)
            if tests is not None:
                joined = conjoin(Product(each.tests), Product(tests))
                if joined is not None:
                    found.append(replace(each, tests=joined.tests))
    return tidy(found)


def _session_tests(
    rule: ir.Rule, statement: Statement, policy: ir.Policy, facts: PlatformFacts, agent: ir.Agent
) -> tuple[KeyTest, ...] | None:
    """What a statement of a rule asks of the session; None if no session can have it."""
    intents = intents_of(rule, policy)
    tags = facts.tags
    if statement.effect == "Deny":
        if isinstance(rule, ir.Allow) or intents is None or "intent" not in tags:
            return ()
        if not all(map(can_tag, intents)):
            return ()
        return (KeyTest("StringEqualsIfExists", tags["intent"], tuple(map(literal, intents))),)
    if not intents:
        return None
    tests = [KeyTest("StringEquals", tags["intent"], tuple(map(literal, intents)))]
    if "task" in tags:
        tests.append(KeyTest("StringLike", tags["task"], (SOMETHING,)))
    if "agent" in tags:
        tests.append(KeyTest("StringEquals", tags["agent"], (literal(agent.id),)))
    return tuple(sorted(tests, key=lambda each: (each.operator, each.key)))


def intents_of(rule: ir.Rule, policy: ir.Policy) -> tuple[str, ...] | None:
    """The intents of a rule by name; None for a forbid that is for all, declared or not."""
    return None if rule.intents is ir.ANYONE else policy.purposes(rule.intents)


def session_statements(
    parts: Iterable[CapabilityPart], policy: ir.Policy, intent: str
) -> tuple[Statement, ...]:
    """The statements of a session policy for one intent; none if it would allow nothing.

    What of a deny meets nothing that the session allows is left out: the size is tight.
    """
    mine = [
        each
        for part in parts
        if (intents := intents_of(part.rule, policy)) is None or intent in intents
        for each in part.statements
    ]
    allowed = [each for each in mine if each.effect == "Allow"]
    denied = (
        replace(each, resources=resources)
        for each in mine
        if each.effect == "Deny" and (resources := _met(each, allowed))
    )
    return tidy([*denied, *allowed])


def _met(deny: Statement, allowed: Iterable[Statement]) -> tuple[Glob, ...]:
    """The resources of a deny on which something is allowed."""
    there = [
        resource
        for each in allowed
        if {a.lower() for a in each.actions} & {a.lower() for a in deny.actions}
        for resource in each.resources
    ]
    return tuple(
        each for each in deny.resources if any(arns_may_meet(each, other) for other in there)
    )
