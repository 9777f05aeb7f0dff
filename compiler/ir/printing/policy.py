"""A whole policy as source text: one file for each package.

Compiling what is printed gives an equal policy, if the policy came from source text: the language
cannot say everything that the IR can hold. What it cannot say is an `Unprintable`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeAlias

from ...report.source import Source
from ...text.field_names import can_be_quoted, is_word, written
from .. import nodes as ir
from ..identities import place_of
from ..spiffe import parted
from ..starts import KIND
from .conditions import (
    fields_text,
    is_name,
    list_text,
    member_text,
    string_text,
    type_text,
    value_text,
    word_text,
)
from .facts import meter_text, origin_text
from .listing import Listing
from .rules import (
    Numbered,
    constraint_text,
    controls_text,
    owner_text,
    write_forbid,
    write_grant,
)
from .scenarios import write_binding, write_scenario

_Own: TypeAlias = dict[str, list[tuple[int, Any]]]
"""What one package declares, by section of the policy."""


class Unprintable(ValueError):
    """What the language cannot say; `part` names where it stands in the policy."""

    def __init__(self, part: str, message: str) -> None:
        """Take both."""
        super().__init__(message)
        self.part = part


def policy_sources(policy: ir.Policy) -> tuple[Source, ...]:
    """Print a policy; what belongs to no package stands in the first one, which all others use."""
    return tuple(listing.source() for listing in policy_listings(policy))


def policy_listings(policy: ir.Policy) -> list[Listing]:
    """Print a policy as listings, which know what each of their lines says."""
    listings = [Listing(f"{package.name}.agp") for package in policy.packages]
    listing = Listing()
    try:
        own = _by_package(policy, listing)
        grants = _grants(policy, listing)
        for listing, package in zip(listings, policy.packages, strict=True):
            _write_package(listing, policy, package, own[package.name])
            for grant, rules in grants[package.name].items():
                write_grant(listing, grant, rules, package, own)
        for listing in listings[:1]:
            _write_rest(listing, policy)
    except ValueError as error:
        raise Unprintable(listing.part, str(error)) from None
    return listings


# --- What stands in which package -----------------------------------------------------------------


def _by_package(policy: ir.Policy, listing: Listing) -> dict[str, _Own]:
    """What each package declares, by section, each with its number there."""
    found: dict[str, _Own] = {each.name: defaultdict(list) for each in policy.packages}
    for section in _SECTIONS:
        key = "id" if section == "forbids" else "name"
        for number, each in enumerate(getattr(policy, section)):
            name = getattr(each, key)
            if section in ("meters", "sources") and not is_name(name):
                continue  # which stands in the conditions that read it
            if section == "resources" and each.kind == KIND:
                continue  # which its intent declares
            home = name.rpartition(".")[0]
            if home not in found:
                listing.at(f"{section}[{number}].{key}")
                raise ValueError(f"no package of `{name}` is declared")
            found[home][section].append((number, each))
    return found


def _grants(policy: ir.Policy, listing: Listing) -> dict[str, dict[str, list[Numbered]]]:
    """The allows of each grant of each package."""
    found: dict[str, dict[str, list[Numbered]]] = {
        name: defaultdict(list) for name in policy.package_names
    }
    for number, rule in enumerate(policy.allows):
        listing.at(f"allows[{number}].id")
        package, grant, _ = place_of(rule, policy.package_names)
        found[package][grant].append((number, rule))
    return found


# --- Pages ----------------------------------------------------------------------------------------


def _write_package(listing: Listing, policy: ir.Policy, package: ir.Package, own: _Own) -> None:
    name = package.name
    intents = {each.name for each in policy.resources if each.kind == KIND}
    if any(each.rpartition(".")[0] == name for each in intents):
        listing.at("packages").add("language 2")  # in which tasks are started by calls
    listing.at("packages").add(f"package {name}")
    if package.owner is not None:
        listing.add(owner_text(package.owner))
    if package.controls:
        listing.add(controls_text(package.controls))
    for each in policy.packages:
        if each is not package:
            listing.add(f"use {each.name}")
    for section, text in _DECLARATIONS.items():
        for number, each in own[section]:
            listing.at(f"{section}[{number}]").add(text(each, name))
    for number, forbid in own["forbids"]:
        write_forbid(listing, number, forbid, package)


def _write_rest(listing: Listing, policy: ir.Policy) -> None:
    """Write what is of no package: on the first listing."""
    name = policy.packages[0].name
    if policy.context:
        listing.at("context").add(f"context {{ {fields_text(policy.context, name)} }}")
    if policy.user is not None:
        listing.at("user").add(f"user {{ {fields_text(policy.user, name)} }}")
    for section in ("delegations", "separations", "isolations", "containments", "assertions"):
        for number, each in enumerate(getattr(policy, section)):
            listing.at(f"{section}[{number}]").add(constraint_text(each, name))
    for number in range(len(policy.tests)):
        write_scenario(listing, number, policy, name)
    for number, binding in enumerate(policy.bindings):
        write_binding(listing, number, binding, name)


# --- Declarations ---------------------------------------------------------------------------------


def _level(level: ir.Enumeration, package: str) -> str:
    return f"level {_last(level.name)} = {' < '.join(map(word_text, level.members))}"


def _enum(enum: ir.Enumeration, package: str) -> str:
    return f"enum {_last(enum.name)} = {', '.join(map(_enum_member, enum.members))}"


def _enum_member(member: str) -> str:
    if not can_be_quoted(member):
        raise ValueError(f"{string_text(member)} is not a member")
    return written(member)


def _set(constants: ir.ConstantSet, package: str) -> str:
    type_ = constants.type
    if isinstance(type_, ir.LevelType | ir.EnumType):
        # With its type, since nothing else says of which type a bare member is here.
        values = [
            member_text(type_.name, word_text(str(each)), package)
            if isinstance(type_, ir.LevelType) or is_word(str(each))
            else value_text(type_, each, package)
            for each in constants.values
        ]
    else:
        values = [value_text(type_, each, package) for each in constants.values]
    return f"set {_last(constants.name)} = {list_text(values)}"


def _agent(agent: ir.Agent, package: str) -> str:
    fields = _block(fields_text(agent.attributes, package))
    return f"agent {_last(agent.name)} = {string_text(agent.id)}{fields}"


def _family(family: ir.Family, package: str) -> str:
    patterns = [parted(each) for each in family.patterns]
    left_out = {each for _, each in patterns}
    if len(left_out) > 1:
        raise ValueError("its patterns leave out different agents")
    members = ", ".join(map(string_text, (*(each for each, _ in patterns), *family.ids)))
    if any(left_out):
        members += f" except {', '.join(map(string_text, left_out.pop()))}"
    fields = _block(fields_text(family.attributes, package))
    return f"agents {_last(family.name)} = {members}{fields}"


def _intent(intent: ir.Intent, package: str) -> str:
    fields = _block(fields_text(intent.fields, package))
    return f"intent {_last(intent.name)} {string_text(intent.purpose)}{fields}"


def _resource(resource: ir.Resource, package: str) -> str:
    lines = [f"{resource.kind} {_last(resource.name)} {{"]
    if resource.attributes:
        lines.append(f"    {fields_text(resource.attributes, package)}")
    for action in resource.actions:
        parameters = fields_text(action.parameters, package)
        if action.is_open:
            parameters += ", ..." if parameters else "..."
        result = "" if action.result is None else f" -> {type_text(action.result, package)}"
        listed = f"({parameters})" if parameters else ""
        words = " ".join((*action.kinds, "action"))
        lines.append(f"    {words} {action.name}{listed}{result}")
    return "\n".join((*lines, "}"))


def _meter(meter: ir.Meter, package: str) -> str:
    return f"meter {_last(meter.name)} = {meter_text(meter, package)}"


def _source(source: ir.Source, package: str) -> str:
    origins = ", ".join(origin_text(each, package) for each in source.origins)
    return f"source {_last(source.name)} = {origins}"


_DECLARATIONS: dict[str, Callable[[Any, str], str]] = {
    "levels": _level, "enums": _enum, "sets": _set, "agents": _agent, "families": _family,
    "intents": _intent, "resources": _resource, "meters": _meter, "sources": _source,
}  # fmt: skip
_SECTIONS = (*_DECLARATIONS, "forbids")


def _block(fields: str) -> str:
    return f" {{ {fields} }}" if fields else ""


def _last(name: str) -> str:
    return name.rpartition(".")[2]
