"""A whole policy as source text: one file for each package.

Compiling what is printed gives an equal policy, if the policy came from source text: the language
cannot say everything that the IR can hold. What it cannot say is a `ValueError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeVar

from ..report.source import Source
from . import nodes as ir
from .print import (
    condition_text,
    duration_text,
    fields_text,
    list_text,
    member_text,
    name_text,
    plain_text,
    requirement_text,
    string_text,
    value_text,
    window_text,
)
from .print_scenarios import binding_text, scenario_text

_Declared = TypeVar(
    "_Declared", ir.Agent, ir.Family, ir.Intent, ir.Resource, ir.Enumeration, ir.ConstantSet
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTROL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*:[A-Za-z0-9][A-Za-z0-9_.:/-]*")


def policy_sources(policy: ir.Policy) -> tuple[Source, ...]:
    """Print a policy; what belongs to no package stands in the first one, which all others use."""
    return tuple(
        Source(
            f"{package.name}.agp", "\n".join(_package_lines(policy, package, number == 0)) + "\n"
        )
        for number, package in enumerate(policy.packages)
    )


def _package_lines(policy: ir.Policy, package: ir.Package, is_first: bool) -> Iterator[str]:
    name = package.name
    yield f"package {name}"
    if package.owner is not None:
        yield _owner_text(package.owner)
    if package.controls:
        yield _controls_text(package.controls)
    yield from (f"use {each.name}" for each in policy.packages if each is not package)
    yield from _vocabulary_lines(policy, name)
    if is_first:
        if policy.context:
            yield f"context {{ {fields_text(policy.context, name)} }}"
        if policy.user is not None:
            yield f"user {{ {fields_text(policy.user, name)} }}"
    packages = [each.name for each in policy.packages]
    yield from _grant_lines(policy, package, packages)
    for forbid in policy.forbids:
        if forbid.id.rpartition(".")[0] == name:
            yield from _forbid_lines(forbid, package)
    if is_first:
        yield from _constraint_lines(policy, name)
        yield from (scenario_text(policy, test, name) for test in policy.tests)
        yield from (binding_text(binding, name) for binding in policy.bindings)


# --- Declarations ---------------------------------------------------------------------------------


def _vocabulary_lines(policy: ir.Policy, package: str) -> Iterator[str]:
    for level in _own(policy.levels, package):
        yield f"level {_last(level.name)} = {' < '.join(level.members)}"
    for enum in _own(policy.enums, package):
        yield f"enum {_last(enum.name)} = {', '.join(enum.members)}"
    for constants in _own(policy.sets, package):
        yield f"set {_last(constants.name)} = {_set_text(constants, package)}"
    for agent in _own(policy.agents, package):
        yield (
            f"agent {_last(agent.name)} = {string_text(agent.id)}"
            f"{_block(fields_text(agent.attributes, package))}"
        )
    for family in _own(policy.families, package):
        members = ", ".join(map(string_text, (*family.patterns, *family.ids)))
        fields = _block(fields_text(family.attributes, package))
        yield f"agents {_last(family.name)} = {members}{fields}"
    for intent in _own(policy.intents, package):
        fields = _block(fields_text(intent.fields, package))
        yield f"intent {_last(intent.name)} {string_text(intent.purpose)}{fields}"
    for resource in _own(policy.resources, package):
        yield f"{resource.kind} {_last(resource.name)} {{"
        if resource.attributes:
            yield f"    {fields_text(resource.attributes, package)}"
        for action in resource.actions:
            parameters = fields_text(action.parameters, package)
            yield f"    action {action.name}{f'({parameters})' if parameters else ''}"
        yield "}"


def _set_text(constants: ir.ConstantSet, package: str) -> str:
    type_ = constants.type
    if isinstance(type_, ir.LevelType | ir.EnumType):
        # With its type, since nothing else says of which type a bare member is here.
        return list_text([member_text(type_.name, str(each), package) for each in constants.values])
    return list_text([value_text(type_, each, package) for each in constants.values])


# --- Rules ----------------------------------------------------------------------------------------


def _grant_lines(policy: ir.Policy, package: ir.Package, packages: list[str]) -> Iterator[str]:
    placed = [(place_of(rule, packages), rule) for rule in policy.allows]
    mine = sorted(
        ((place[1], rule) for place, rule in placed if place[0] == package.name),
        key=lambda each: (each[0], each[1].id),
    )
    for grant, group in groupby(mine, key=lambda each: each[0]):
        rules = [rule for _, rule in group]
        shared = {_shared(rule) for rule in rules}
        if len(shared) > 1:
            raise ValueError(f"the allows of grant {package.name}.{grant} have different clauses")
        yield f"grant {grant} {{"
        yield from (f"    {line}" for line in _grant_clauses(rules, package, packages))
        yield "}"


def _shared(rule: ir.Allow) -> str:
    """What all allows of one grant have in common; by repr, for which 1 is not true."""
    return repr(
        (
            rule.agents, rule.intents, rule.revoke, rule.credential, rule.validity, rule.window,
            rule.obligations, rule.owner, rule.controls,
        )
    )  # fmt: skip


def _grant_clauses(
    rules: list[ir.Allow], package: ir.Package, packages: list[str]
) -> Iterator[str]:
    name, first = package.name, rules[0]
    yield f"to {'any agent' if first.agents is None else _names(first.agents, name)}"
    yield f"for {'any intent' if first.intents is None else _names(first.intents, name)}"
    for rule in rules:
        label = place_of(rule, packages)[2]
        yield f"allow {capabilities_text(rule.capabilities, name)}{f' as {label}' if label else ''}"
        if rule.condition is not None:
            yield f"    when {condition_text(rule.condition, name)}"
        if rule.requirements:
            yield f"    require {' and '.join(map(requirement_text, rule.requirements))}"
    if first.credential is not None:
        renew = f" renew {first.credential.renew}" if first.credential.renew else ""
        yield f"credential ttl {duration_text(first.credential.ttl)}{renew}"
    for condition in first.revoke:
        yield f"revoke when {condition_text(condition, name)}"
    if first.validity is not None:
        edges = (("from", first.validity.start), ("until", first.validity.end))
        yield f"valid {' '.join(f'{word} {time}' for word, time in edges if time is not None)}"
    if first.window is not None:
        yield f"during {window_text(first.window)}"
    yield from map(obligation_text, first.obligations)
    yield from _answer_lines(first, package)


def _forbid_lines(rule: ir.Forbid, package: ir.Package) -> Iterator[str]:
    name = package.name
    yield f"forbid {_last(rule.id)} {{"
    if rule.agents is not None:
        yield f"    to {_names(rule.agents, name)}"
    if rule.intents is not None:
        yield f"    for {_names(rule.intents, name)}"
    yield f"    deny {capabilities_text(rule.capabilities, name)}"
    if rule.condition is not None:
        yield f"    when {condition_text(rule.condition, name)}"
    if rule.unless is not None:
        yield f"    unless {condition_text(rule.unless, name)}"
    if rule.unless_evidence:
        yield f"    unless {' and '.join(map(requirement_text, rule.unless_evidence))}"
    if rule.because is not None:
        yield f"    because {string_text(rule.because)}"
    yield from (f"    {line}" for line in _answer_lines(rule, package))
    yield "}"


def rule_lines(policy: ir.Policy, rule: ir.Rule) -> tuple[str, ...]:
    """Write one rule as the language has it, a clause a line, for a reader of what was made of it.

    None where the language cannot say it, which a policy that was loaded may hold.
    """
    packages = [each.name for each in policy.packages]
    try:
        if isinstance(rule, ir.Allow):
            home = place_of(rule, packages)[0]
            package = next(each for each in policy.packages if each.name == home)
            return tuple(_grant_clauses([rule], package, packages))
        home = rule.id.rpartition(".")[0]
        found = next((each for each in policy.packages if each.name == home), None)
        return () if found is None else tuple(_forbid_lines(rule, found))[1:-1]
    except ValueError:
        return ()


def _answer_lines(rule: ir.Rule, package: ir.Package) -> Iterator[str]:
    """Who answers for a rule and what it gives evidence for, where its package does not say so."""
    if rule.owner != package.owner:
        if rule.owner is None:
            raise ValueError(f"rule {rule.id} has no owner, and its package has one")
        yield _owner_text(rule.owner)
    own = tuple(each for each in rule.controls if each not in package.controls)
    if own:
        yield _controls_text(own)


def obligation_text(obligation: ir.Obligation) -> str:
    """Write an obligation as a clause."""
    if obligation.name == "audit":
        return f"audit {dict(obligation.properties)['level']}"
    properties = ", ".join(f"{key}: {plain_text(value)}" for key, value in obligation.properties)
    return f"oblige {obligation.name}({properties})"


def place_of(rule: ir.Allow, packages: Iterable[str]) -> tuple[str, str, str | None]:
    """Take an allow's identity apart: its package, its grant, and its label if it was given one."""
    for package in sorted(packages, key=len, reverse=True):
        if not rule.id.startswith(f"{package}."):
            continue
        grant, _, name = rule.id[len(package) + 1 :].partition(".")
        unlabelled = "+".join(each.removeprefix(f"{package}.") for each in rule.capabilities)
        if re.fullmatch(rf"{re.escape(unlabelled)}(\.[0-9]+)?", name):
            return package, grant, None
        if _NAME.fullmatch(name):
            return package, grant, name
    raise ValueError(f"no grant of a package has an allow of the identity {rule.id!r}")


# --- Constraints ----------------------------------------------------------------------------------


def _constraint_lines(policy: ir.Policy, package: str) -> Iterator[str]:
    yield from (constraint_text(each, package) for each in policy.separations)
    yield from (constraint_text(each, package) for each in policy.isolations)
    yield from (constraint_text(each, package) for each in policy.assertions)


def constraint_text(
    constraint: ir.Separation | ir.Isolation | ir.Assertion, package: str | None = None
) -> str:
    """Write what a policy states of itself."""
    match constraint:
        case ir.Separation(capabilities, per_task):
            return f"separate {capabilities_text(capabilities, package)}{' per task' * per_task}"
        case ir.Isolation(left, right, excepted):
            sides = f"{name_text(left, package)} from {name_text(right, package)}"
            but_for = f" except {capabilities_text(excepted, package)}" if excepted else ""
            return f"isolate {sides}{but_for}"
        case ir.Assertion():
            return _assertion_text(constraint, package)


def _assertion_text(assertion: ir.Assertion, package: str | None) -> str:
    agents = "any agent" if assertion.agents is None else _names(assertion.agents, package)
    parts = [
        f"assert {'' if assertion.possible else 'no '}{agents} can",
        capabilities_text(assertion.capabilities, package),
    ]
    if assertion.intents is not None:
        parts.append(f"for {_names(assertion.intents, package)}")
    if assertion.condition is not None:
        parts.append(f"when {condition_text(assertion.condition, package)}")
    if assertion.without:
        parts.append(f"without {' and '.join(map(requirement_text, assertion.without))}")
    return " ".join(parts)


# --- Parts ----------------------------------------------------------------------------------------


def capabilities_text(capabilities: Iterable[str], package: str | None) -> str:
    """Write capabilities, those of the package's own resources without it."""
    return ", ".join(capability_text(each, package) for each in capabilities)


def capability_text(capability: str, package: str | None) -> str:
    """Write a capability: `any`, `R.*` or `R.A`."""
    if capability == "any":
        return capability
    resource, _, action = capability.rpartition(".")
    return f"{name_text(resource, package)}.{action}"


def _names(names: Iterable[str], package: str | None) -> str:
    return ", ".join(name_text(each, package) for each in names)


def _owner_text(owner: ir.Owner) -> str:
    return f"owner {string_text(owner.name)} contact {string_text(owner.contact)}"


def _controls_text(controls: Iterable[str]) -> str:
    written = (each if _CONTROL.fullmatch(each) else string_text(each) for each in controls)
    return f"controls {', '.join(written)}"


def _block(fields: str) -> str:
    return f" {{ {fields} }}" if fields else ""


def _own(declared: Iterable[_Declared], package: str) -> Iterator[_Declared]:
    return (each for each in declared if each.name.rpartition(".")[0] == package)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
