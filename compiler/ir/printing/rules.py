"""Rules and constraints of the IR as source text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import TypeAlias

from .. import nodes as ir
from ..identities import place_of
from .conditions import (
    condition_text,
    duration_text,
    name_text,
    plain_text,
    requirement_text,
    string_text,
    time_text,
    window_text,
    word_text,
)
from .listing import Listing

_CONTROL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*:[A-Za-z0-9][A-Za-z0-9_.:/-]*")
_OF_A_GRANT = (
    "agents", "intents", "revoke", "credential", "validity", "window", "obligations", "owner",
    "controls",
)  # fmt: skip
"""What all allows of one grant have in common."""

Numbered: TypeAlias = tuple[int, ir.Allow]
"""An allow, and its number among those of the policy."""


# --- Grants ---------------------------------------------------------------------------------------


def write_grant(
    listing: Listing,
    name: str,
    rules: Sequence[Numbered],
    package: ir.Package,
    packages: Collection[str],
) -> None:
    """Write a grant of these allows."""
    (first_number, first), *others = rules
    for number, other in others:
        for field in _OF_A_GRANT:
            # By repr, for which 1 is not true.
            if repr(getattr(other, field)) != repr(getattr(first, field)):
                listing.at(f"allows[{number}].{field}")
                raise ValueError(
                    f"`{first.id}`, allows[{first_number}], is of the same grant, and has other {field}"
                )
    listing.at(f"allows[{first_number}]").add(f"grant {name} {{")
    listing.indent = "    "
    _write_clauses(listing, rules, package, packages)
    listing.indent = ""
    listing.add("}")


def _write_clauses(
    listing: Listing, rules: Sequence[Numbered], package: ir.Package, packages: Collection[str]
) -> None:
    name, (first_number, first) = package.name, rules[0]
    shared = f"allows[{first_number}]"
    listing.at(f"{shared}.agents").add(f"to {_names(first.agents, name, 'any agent')}")
    listing.at(f"{shared}.intents").add(f"for {_names(first.intents, name, 'any intent')}")
    for number, rule in rules:
        part = f"allows[{number}]"
        label = place_of(rule, packages)[2]
        if (
            rule.capabilities == ("any",) and rule.id.endswith(".any") and len(rules) > 1
        ):  # two more of `any` would be numbered
            label = "any"
        named = f" as {label}" if label else ""
        listing.at(f"{part}.capabilities").add(
            f"allow {capabilities_text(rule.capabilities, name)}{named}"
        )
        if rule.condition is not None:
            listing.at(f"{part}.condition").add(f"    when {condition_text(rule.condition, name)}")
        if rule.requirements:
            listing.at(f"{part}.requirements").add(f"    require {needs_text(rule.requirements)}")
    if first.credential is not None:
        listing.at(f"{shared}.credential").add(credential_text(first.credential))
    for number, condition in enumerate(first.revoke):
        listing.at(f"{shared}.revoke[{number}]").add(
            f"revoke when {condition_text(condition, name)}"
        )
    if first.validity is not None:
        listing.at(f"{shared}.validity").add(_validity(first.validity))
    if first.window is not None:
        listing.at(f"{shared}.window").add(f"during {window_text(first.window)}")
    for number, obligation in enumerate(first.obligations):
        listing.at(f"{shared}.obligations[{number}]").add(obligation_text(obligation))
    _write_answer(listing, shared, first, package)


def credential_text(credential: ir.Credential) -> str:
    """Write what a lease may be as a clause."""
    renew = f" renew {credential.renew}" if credential.renew else ""
    return f"credential ttl {duration_text(credential.ttl)}{renew}"


def _validity(validity: ir.Validity) -> str:
    edges = (("from", validity.start), ("until", validity.end))
    if validity.start is None and validity.end is None:
        raise ValueError("it has neither a start nor an end")
    return (
        f"valid {' '.join(f'{word} {time_text(time)}' for word, time in edges if time is not None)}"
    )


def obligation_text(obligation: ir.Obligation) -> str:
    """Write an obligation as a clause."""
    if obligation.name == "audit":
        return f"audit {word_text(str(dict(obligation.properties).get('level')))}"
    properties = ", ".join(f"{key}: {plain_text(value)}" for key, value in obligation.properties)
    return f"oblige {obligation.name}({properties})"


# --- Forbids --------------------------------------------------------------------------------------


def write_forbid(listing: Listing, number: int, rule: ir.Forbid, package: ir.Package) -> None:
    """Write a forbid."""
    name, part = package.name, f"forbids[{number}]"
    listing.at(part).add(f"forbid {rule.id.rpartition('.')[2]} {{")
    listing.indent = "    "
    if rule.agents is not ir.ANYONE:
        listing.at(f"{part}.agents").add(f"to {_names(rule.agents, name)}")
    if rule.intents is not ir.ANYONE:
        listing.at(f"{part}.intents").add(f"for {_names(rule.intents, name)}")
    listing.at(f"{part}.capabilities").add(f"deny {capabilities_text(rule.capabilities, name)}")
    if rule.condition is not None:
        listing.at(f"{part}.condition").add(f"when {condition_text(rule.condition, name)}")
    if rule.unless is not None:
        listing.at(f"{part}.unless").add(f"unless {condition_text(rule.unless, name)}")
    if rule.unless_evidence:
        listing.at(f"{part}.unless_evidence").add(f"unless {needs_text(rule.unless_evidence)}")
    if rule.window is not None:
        listing.at(f"{part}.window").add(f"during {window_text(rule.window)}")
    if rule.because is not None:
        listing.at(f"{part}.because").add(f"because {string_text(rule.because)}")
    _write_answer(listing, part, rule, package)
    listing.indent = ""
    listing.at(part).add("}")


def _write_answer(listing: Listing, part: str, rule: ir.Rule, package: ir.Package) -> None:
    """Write who answers for a rule and what it gives evidence for, where its package does not say so."""
    if rule.owner != package.owner:
        listing.at(f"{part}.owner")
        if rule.owner is None:
            raise ValueError(f"rule {rule.id} has no owner, and its package has one")
        listing.add(owner_text(rule.owner))
    own = tuple(each for each in rule.controls if each not in package.controls)
    if own:
        listing.at(f"{part}.controls").add(controls_text(own))


# --- One rule for a reader ------------------------------------------------------------------------


def rule_lines(policy: ir.Policy, rule: ir.Rule) -> tuple[str, ...]:
    """Write one rule as the language has it, a clause a line, for a reader of what was made of it.

    None where the language cannot say it.
    """
    packages = {each.name: each for each in policy.packages}
    listing = Listing()
    try:
        if isinstance(rule, ir.Allow):
            package = packages[place_of(rule, packages)[0]]
            _write_clauses(listing, [(0, rule)], package, packages)
            return tuple(listing.lines)
        found = packages.get(rule.id.rpartition(".")[0])
        if found is None:
            return ()
        write_forbid(listing, 0, rule, found)
        return tuple(listing.lines[1:-1])
    except ValueError:
        return ()


# --- Constraints ----------------------------------------------------------------------------------


def constraint_name(constraint: ir.Constraint) -> str | None:
    """What a statement is called by what comments say of it: itself; None for what the language cannot say."""
    with suppress(ValueError):
        return constraint_text(constraint)
    return None


def constraint_text(constraint: ir.Constraint, package: str | None = None) -> str:
    """Write what a policy states of itself."""
    match constraint:
        case ir.Separation(capabilities, per_task):
            return f"separate {capabilities_text(capabilities, package)}{' per task' * per_task}"
        case ir.Isolation(left, right, excepted):
            sides = f"{name_text(left, package)} from {name_text(right, package)}"
            but_for = f" except {capabilities_text(excepted, package)}" if excepted else ""
            return f"isolate {sides}{but_for}"
        case ir.Delegation(delegator, intent, delegate, delegate_intent):
            left = f"{name_text(delegator, package)} for {name_text(intent, package)}"
            right = f"{name_text(delegate, package)} for {name_text(delegate_intent, package)}"
            return f"delegate {left} to {right}"
        case ir.Containment(inner, outer, inner_intent, outer_intent):
            text = f"assert {name_text(inner, package)} within {name_text(outer, package)}"
            if inner_intent is None or outer_intent is None:
                return text
            intents = (name_text(each, package) for each in (inner_intent, outer_intent))
            return f"{text} for {' within '.join(intents)}"
        case ir.Assertion():
            return _assertion_text(constraint, package)


def _assertion_text(assertion: ir.Assertion, package: str | None) -> str:
    agents = _names(assertion.agents, package, "any agent" if assertion.possible else "agent")
    parts = [
        f"assert {'' if assertion.possible else 'no '}{agents} can",
        capabilities_text(assertion.capabilities, package),
    ]
    if assertion.intents is not ir.DECLARED:
        parts.append(f"for {_names(assertion.intents, package)}")
    if assertion.condition is not None:
        parts.append(f"when {condition_text(assertion.condition, package)}")
    if assertion.without:
        parts.append(f"without {needs_text(assertion.without)}")
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
    return f"{name_text(resource, package)}.{action if action == '*' else word_text(action)}"


def needs_text(requirements: Iterable[ir.Requirement]) -> str:
    """Write what has to be shown together."""
    return " and ".join(map(requirement_text, requirements))


def _names(names: ir.Names, package: str | None, otherwise: str = "") -> str:
    if isinstance(names, ir.Unnamed):
        return otherwise
    return ", ".join(name_text(each, package) for each in names)


def owner_text(owner: ir.Owner) -> str:
    """Write who answers for something."""
    return f"owner {string_text(owner.name)} contact {string_text(owner.contact)}"


def controls_text(controls: Iterable[str]) -> str:
    """Write which controls something gives evidence for."""
    written = (each if _CONTROL.fullmatch(each) else string_text(each) for each in controls)
    return f"controls {', '.join(written)}"
