"""What the compiler sees to when it makes a policy, checked of one that was loaded from outside.

Names exist, what is sorted is sorted, constants are canonical, and conditions have types. What has
been checked here is as safe to evaluate and to compile as what came from source text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from ...runtime.values import is_text
from ..ir import nodes as ir
from ..ir.roots import RESERVED_FIELDS
from ..ir.times import is_before, time_zones
from ..lowering.controls import catalogue
from ..lowering.spiffe import spiffe_problem
from ..text.field_names import can_be_quoted, is_word
from .ir_conditions import (
    Problems,
    Readers,
    canonical,
    condition_problems,
    type_problems,
)


def problems(policy: ir.Policy) -> Problems:
    """Give what is wrong, as pairs of a path in the document and a message."""
    found = list(_vocabulary(policy))
    yield from found
    if not found:  # what rules say is judged by what is declared
        yield from _rules(policy)
        yield from _others(policy)


# --- Vocabulary -----------------------------------------------------------------------------------


def _vocabulary(policy: ir.Policy) -> Problems:
    packages = {each.name for each in policy.packages}
    sections: dict[str, tuple[Any, ...]] = {
        "packages": policy.packages, "agents": policy.agents, "families": policy.families,
        "intents": policy.intents, "resources": policy.resources, "levels": policy.levels,
        "enums": policy.enums, "sets": policy.sets,
    }  # fmt: skip
    for section, declared in sections.items():
        names = [each.name for each in declared]
        yield from _in_order(section, names)
        for number, name in enumerate(names):
            if section != "packages" and name.rpartition(".")[0] not in packages:
                yield f"{section}[{number}].name", f"no package of `{name}` is declared"
    for one, other in (("agents", "families"), ("levels", "enums")):
        for name in {each.name for each in sections[one]} & {each.name for each in sections[other]}:
            yield one, f"`{name}` is declared twice"
    for number, package in enumerate(policy.packages):
        yield from _controls(f"packages[{number}]", package.controls)
    for section, holders in (("levels", policy.levels), ("enums", policy.enums)):
        for number, each in enumerate(holders):
            if len(set(each.members)) != len(each.members):
                yield f"{section}[{number}].members", "a member stands twice"
    for path, fields, reserved in _all_fields(policy):
        yield from _fields(policy, path, fields, reserved)
    seen: set[str] = set()
    for number, agent in enumerate(policy.agents):
        yield from _spiffe(f"agents[{number}].id", agent.id, pattern=False)
        if agent.id in seen:
            yield f"agents[{number}].id", "another agent has this identity"
        seen.add(agent.id)
    for number, family in enumerate(policy.families):
        for key, values in (("patterns", family.patterns), ("ids", family.ids)):
            yield from _in_order(f"families[{number}].{key}", values)
            for value in values:
                yield from _spiffe(f"families[{number}].{key}", value, pattern=key == "patterns")
    for number, intent in enumerate(policy.intents):
        yield from _text(f"intents[{number}].purpose", intent.purpose)
    for number, resource in enumerate(policy.resources):
        yield from _in_order(f"resources[{number}].actions", [a.name for a in resource.actions])
    for number, constants in enumerate(policy.sets):
        path = f"sets[{number}]"
        wrong = list(type_problems(constants.type, policy, f"{path}.type"))
        yield from wrong
        ranges = constants.type == ir.IP
        if not wrong and not all(
            canonical(constants.type, value, policy, ranges=ranges) for value in constants.values
        ):
            yield f"{path}.values", "a value is not of the type of the set, or not canonical"


def _all_fields(policy: ir.Policy) -> Iterator[tuple[str, tuple[ir.Field, ...], str]]:
    """Every list of declared fields: its path, itself, and the root whose names are reserved."""
    for number, agent in enumerate(policy.agents):
        yield f"agents[{number}].attributes", agent.attributes, "agent"
    for number, family in enumerate(policy.families):
        yield f"families[{number}].attributes", family.attributes, "agent"
    for number, intent in enumerate(policy.intents):
        yield f"intents[{number}].fields", intent.fields, "task"
    for number, resource in enumerate(policy.resources):
        yield f"resources[{number}].attributes", resource.attributes, "resource"
        for place, action in enumerate(resource.actions):
            yield f"resources[{number}].actions[{place}].parameters", action.parameters, ""
    yield "context", policy.context, "context"
    yield "user", policy.user or (), "user"


def _fields(policy: ir.Policy, path: str, fields: tuple[ir.Field, ...], reserved: str) -> Problems:
    names = [each.name for each in fields]
    if path.endswith("parameters"):  # in the order of the call
        if len(set(names)) != len(names):
            yield path, "a name stands twice"
    else:
        yield from _in_order(path, names)
    for number, field in enumerate(fields):
        if not _can_be_named(field.name, quoted=not reserved):
            yield f"{path}[{number}].name", "this cannot be the name of such a field"
        if field.name in RESERVED_FIELDS.get(reserved, ()):
            yield f"{path}[{number}].name", f"`{field.name}` is reserved"
        yield from type_problems(field.type, policy, f"{path}[{number}].type")
        if not all(_can_be_named(each, quoted=not reserved) for each in _inner_names(field.type)):
            yield (
                f"{path}[{number}].type",
                "a field of a record has a name that it cannot have here",
            )


def _can_be_named(name: str, *, quoted: bool) -> bool:
    """Whether the name of a field is a word; of a parameter, or within one, any visible text will do."""
    return is_word(name) or (quoted and can_be_quoted(name))


def _inner_names(type_: ir.Type) -> Iterator[str]:
    """The names of the fields of records in a type."""
    if isinstance(type_, ir.ListType):
        yield from _inner_names(type_.of)
    elif isinstance(type_, ir.RecordType):
        for each in type_.fields:
            yield each.name
            yield from _inner_names(each.type)


# --- Rules ----------------------------------------------------------------------------------------


def _rules(policy: ir.Policy) -> Problems:
    readers = Readers(policy)
    everything: tuple[tuple[str, tuple[ir.Rule, ...]], ...] = (
        ("allows", policy.allows),
        ("forbids", policy.forbids),
    )
    for section, rules in everything:
        yield from _in_order(section, [rule.id for rule in rules])
        for number, rule in enumerate(rules):
            if not any(rule.id.startswith(f"{each.name}.") for each in policy.packages):
                yield f"{section}[{number}].id", f"no package of `{rule.id}` is declared"
            yield from _rule(policy, readers, rule, f"{section}[{number}]")
    for id in {each.id for each in policy.allows} & {each.id for each in policy.forbids}:
        yield "forbids", f"two rules have the identity `{id}`"


def _rule(policy: ir.Policy, readers: Readers, rule: ir.Rule, path: str) -> Problems:
    wrong = list(_named(policy, path, rule.agents, rule.intents, rule.capabilities))
    yield from wrong
    yield from _controls(path, rule.controls)
    if wrong:
        return

    def check(key: str, condition: ir.Condition | None) -> Problems:
        if condition is not None:
            readable = readers.of(rule.agents, rule.intents, rule.capabilities)
            yield from condition_problems(condition, readable, policy, f"{path}.{key}")

    yield from check("condition", rule.condition)
    if isinstance(rule, ir.Forbid):
        yield from check("unless", rule.unless)
        yield from _requirements(f"{path}.unless_evidence", rule.unless_evidence)
        if rule.unless is not None and rule.unless_evidence:
            yield f"{path}.unless", "a forbid has `unless` or `unless_evidence`, not both"
        if rule.because is not None:
            yield from _text(f"{path}.because", rule.because)
        return
    for number, condition in enumerate(rule.revoke):
        yield from check(f"revoke[{number}]", condition)
    yield from _requirements(f"{path}.requirements", rule.requirements)
    yield from _times(policy, path, rule)
    yield from _in_order(f"{path}.obligations", map(repr, rule.obligations))
    for number, obligation in enumerate(rule.obligations):
        for name, value in obligation.properties:
            if isinstance(value, str):
                yield from _text(f"{path}.obligations[{number}].properties.{name}", value)


def _times(policy: ir.Policy, path: str, rule: ir.Allow) -> Problems:
    """What is wrong with an allow's validity and window."""
    if rule.validity is not None:
        edges = (rule.validity.start, rule.validity.end)
        known = [each for each in edges if each is not None]
        if not known or not all(canonical(ir.TIME, each, policy) for each in known):
            yield f"{path}.validity", "it needs a start or an end, as canonical RFC 3339 in UTC"
        elif len(known) == 2 and is_before(known[1], known[0]):
            yield f"{path}.validity", "it ends before it starts"
    if rule.window is not None:
        yield from _in_order(f"{path}.window.days", rule.window.days)
        if rule.window.start == rule.window.end:
            yield f"{path}.window", "it ends when it starts"
        if rule.window.zone not in time_zones():
            yield f"{path}.window.zone", f"there is no time zone `{rule.window.zone}`"


def _requirements(path: str, requirements: Iterable[ir.Requirement]) -> Problems:
    for number, each in enumerate(requirements):
        place = f"{path}[{number}]"
        if isinstance(each, ir.StepUp):
            yield from _text(f"{place}.method", each.method)
            continue
        yield from _in_order(f"{place}.by", each.by)
        for who in each.by:
            yield from _text(f"{place}.by", who)


def _named(
    policy: ir.Policy,
    path: str,
    agents: tuple[str, ...] | None,
    intents: tuple[str, ...] | None,
    capabilities: tuple[str, ...],
) -> Problems:
    """What is wrong with the names in a rule."""
    known: tuple[tuple[str, tuple[str, ...] | None, Callable[[str], bool]], ...] = (
        ("agents", agents, policy.identities.__contains__),
        ("intents", intents, lambda name: _is_intent(policy, name)),
        ("capabilities", capabilities, lambda name: _is_capability(policy, name)),
    )
    for key, names, is_known in known:
        if names is None:
            continue
        yield from _in_order(f"{path}.{key}", names)
        for number, name in enumerate(names):
            if not is_known(name):
                yield f"{path}.{key}[{number}]", f"`{name}` is not declared"


def _is_intent(policy: ir.Policy, name: str) -> bool:
    at = bisect_left(policy.intents, name, key=lambda each: each.name)  # their order is checked
    return at < len(policy.intents) and policy.intents[at].name == name


def _is_capability(policy: ir.Policy, name: str) -> bool:
    """Whether it is `any`, `R.*` of a declared resource, or a declared `R.A`."""
    resource, _, action = name.rpartition(".")
    declared = policy.actions_by_resource.get(resource)
    return name == "any" or (declared is not None and (action == "*" or name in declared))


# --- Constraints, tests, bindings -----------------------------------------------------------------


def _others(policy: ir.Policy) -> Problems:
    readers = Readers(policy)
    for section, listed in (
        ("separations", policy.separations),
        ("isolations", policy.isolations),
        ("assertions", policy.assertions),
    ):
        if list(listed) != sorted(listed, key=repr):
            yield section, "it is not sorted"
    for number, separation in enumerate(policy.separations):
        yield from _named(policy, f"separations[{number}]", None, None, separation.capabilities)
    for number, isolation in enumerate(policy.isolations):
        path = f"isolations[{number}]"
        for name in (isolation.left, isolation.right):
            yield from _named(policy, path, (name,), None, isolation.excepted)
    for number, each in enumerate(policy.assertions):
        path = f"assertions[{number}]"
        wrong = list(_named(policy, path, each.agents, each.intents, each.capabilities))
        yield from wrong
        yield from _requirements(f"{path}.without", each.without)
        if each.condition is not None and not wrong:
            readable = readers.of(each.agents, each.intents, each.capabilities)
            yield from condition_problems(each.condition, readable, policy, f"{path}.condition")
    rules = {rule.id for rule in policy.rules}
    for number, test in enumerate(policy.tests):
        for id in test.rules or ():
            if id not in rules:
                yield f"tests[{number}].rules", f"there is no rule `{id}`"
    yield from _in_order("bindings", [each.target for each in policy.bindings])
    for number, binding in enumerate(policy.bindings):
        yield from _binding(policy, binding, f"bindings[{number}]")


def _binding(policy: ir.Policy, binding: ir.Binding, path: str) -> Problems:
    agents = {each.name for each in policy.agents}
    for name, _ in binding.agents:
        if name not in agents:
            yield f"{path}.agents", f"`{name}` is not a declared agent"
    for name, _ in binding.tags:
        if name not in ("agent", "intent", "task"):
            yield f"{path}.tags", f"a session carries no `{name}`"
    resources = {each.name: each for each in policy.resources}
    yield from _in_order(f"{path}.resources", [each.resource for each in binding.resources])
    for number, bound in enumerate(binding.resources):
        place, resource = f"{path}.resources[{number}]", resources.get(bound.resource)
        if resource is None:
            yield f"{place}.resource", f"`{bound.resource}` is not declared"
            continue
        yield from _in_order(f"{place}.actions", [each.action for each in bound.actions])
        for action in bound.actions:
            if action.action not in {each.name for each in resource.actions}:
                yield f"{place}.actions", f"`{action.action}` is not declared"
        if binding.target == ir.TOOLS:
            yield from _tools(bound, resource, f"{place}.actions")
        for name, _ in bound.attributes:
            if name not in {each.name for each in resource.attributes}:
                yield f"{place}.attributes", f"`{name}` is not declared"


def _tools(bound: ir.ResourceBinding, resource: ir.Resource, path: str) -> Problems:
    """What a request may call an action has to be one action's alone."""
    stands_for = {each.name: each.name for each in resource.actions}
    for action in bound.actions:
        for name in action.names:
            if not name or stands_for.setdefault(name, action.action) != action.action:
                yield path, f"`{name}` does not name one action alone"


# --- Parts ----------------------------------------------------------------------------------------


def _in_order(path: str, names: Iterable[Any]) -> Problems:
    listed = list(names)
    if any(left >= right for left, right in pairwise(listed)):
        yield path, "it is not sorted, or something stands twice"


def _controls(path: str, controls: tuple[str, ...]) -> Problems:
    yield from _in_order(f"{path}.controls", controls)
    for each in controls:
        if each not in catalogue():
            yield f"{path}.controls", f"the catalogue has no control `{each}`"


def _spiffe(path: str, value: str, *, pattern: bool) -> Problems:
    wrong = spiffe_problem(value, pattern=pattern)
    if wrong is not None or (pattern and "*" not in value):
        yield (
            path,
            f"`{value}` is not a SPIFFE {'pattern' if pattern else 'ID'}: {wrong or 'no `*`'}",
        )


def _text(path: str, value: str) -> Problems:
    if not is_text(value):
        yield path, "the text is broken: it holds U+FFFD or an unpaired surrogate"
