"""What `bind aws` says, checked: roles, places of capabilities, condition keys, session tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....compiler.ir import nodes as ir
from ....compiler.report.diagnostics import Diagnostics, at
from ....compiler.report.source import Span
from ....compiler.structs import Struct
from ..limits import (
    CURRENT_TIME,
    MULTIVALUED_KEYS,
    PRINCIPAL_TAG,
    TAG_KEY_SIZE,
)
from .alike import alike
from .locations import BadLocation, Location, read_location

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)
_SERVICES_ROLE = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/aws-(?:service-role|reserved)/")
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_KEY = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9 _.:/=+\-@]+")
_TAG = re.compile(r"(?!aws:)[A-Za-z0-9_.:/=+\-@]+", re.IGNORECASE | re.ASCII)


class CapabilityPlace(Struct):
    """Where a capability is on AWS: the actions that are it, and the ARNs that they are on."""

    capability: str
    resource: str
    actions: tuple[str, ...]
    location: Location


class PlatformFacts(Struct):
    """What the emitter knows about the platform.

    `roles` are (agent, role ARN); `tags` are condition keys by `intent`, `task` and `agent`;
    `alike` names, for a capability, the others that IAM cannot tell from it.
    """

    roles: tuple[tuple[ir.Agent, str], ...]
    places: dict[str, CapabilityPlace]
    keys: dict[tuple[str, ...], str]
    tags: dict[str, str]
    alike: dict[str, tuple[str, ...]]

    def key(self, attribute: ir.Attribute, place: CapabilityPlace) -> str | None:
        """The condition key that carries an attribute, if one does."""
        path = ".".join(attribute.path)
        match attribute.root:
            case "now":
                return self.keys["now",]
            case "context":
                return self.keys.get(("context", path))
            case "resource":
                return self.keys.get(("resource", place.resource, path))
            case "task" if path == "id":
                return self.tags.get("task")
            case _:
                return None


def read_facts(policy: ir.Policy, binding: ir.Binding, diagnostics: Diagnostics) -> PlatformFacts:
    """Check a binding and index it; what is wrong with it is reported, each thing once."""
    keys: dict[tuple[str, ...], str] = {("now",): "aws:CurrentTime"}
    spellings = {CURRENT_TIME.lower(): CURRENT_TIME}

    def add_key(path: tuple[str, ...], key: str, span: Span) -> None:
        problem = _key_problem(key)
        if problem:
            diagnostics.append(at("AGP5005", span, f"`{key}` is not a condition key: {problem}"))
        else:  # keys differ in more than case, or one statement would hold one of them twice
            keys[path] = spellings.setdefault(key.lower(), key)

    for name, key in binding.context:
        add_key(("context", name), key, binding.span)
    for each in binding.resources:
        for name, key in each.attributes:
            add_key(("resource", each.resource, name), key, each.span)

    places = {
        place.capability: place
        for each in binding.resources
        for place in _places(each, policy, diagnostics)
    }
    return PlatformFacts(
        _roles(policy, binding, diagnostics),
        places,
        keys,
        _tags(binding, diagnostics),
        alike(places),
    )


def _key_problem(key: str) -> str | None:
    """Say what is wrong with a condition key."""
    if _KEY.fullmatch(key) is None:
        return "it is `service:Name`, of letters, digits and `_.:/=+-@`"
    if key.lower().partition("/")[0] in MULTIVALUED_KEYS:
        return "it carries several values"
    return None


def _places(
    binding: ir.ResourceBinding, policy: ir.Policy, diagnostics: Diagnostics
) -> Iterator[CapabilityPlace]:
    """Check where the actions of one resource are."""
    known = {"id"} | {
        each.name
        for resource in policy.resources
        if resource.name == binding.resource
        for each in resource.attributes
    }
    for action in binding.actions:
        capability = f"{binding.resource}.{action.action}"
        where = action.on if action.on is not None else binding.location
        if where is None:
            message = f"`{capability}` is bound to actions, and not to a place"
            diagnostics.append(at("AGP5005", binding.span, message))
            continue
        wrong = [each for each in action.names if _ACTION.fullmatch(each) is None]
        for each in wrong:
            message = f"`{each}` is not one action of AWS, such as `s3:GetObject`"
            diagnostics.append(at("AGP5005", binding.span, message))
        try:
            location = read_location(where)
        except BadLocation as problem:
            message = f"`{where}` is not a location on AWS: {problem}"
            diagnostics.append(at("AGP5005", binding.span, message, help=problem.help))
            continue
        unknown = sorted(set(location.placeholders) - known)
        if unknown:
            message = f"`{where}` names `{unknown[0]}`, which is not an attribute of the resource"
            diagnostics.append(at("AGP5005", binding.span, message))
        elif not wrong and action.names:
            yield CapabilityPlace(
                capability, binding.resource, tuple(sorted(set(action.names))), location
            )


def _roles(
    policy: ir.Policy, binding: ir.Binding, diagnostics: Diagnostics
) -> tuple[tuple[ir.Agent, str], ...]:
    """Check that each agent has a role, and a role of its own."""
    agents = {each.name: each for each in policy.agents}
    taken: dict[str, str] = {}
    roles: list[tuple[ir.Agent, str]] = []
    for name, arn in sorted(binding.agents):
        if _ROLE.fullmatch(arn) is None:
            message = f"`{arn}` is not the ARN of an IAM role"
            diagnostics.append(at("AGP5005", binding.span, message))
        elif _SERVICES_ROLE.match(arn) is not None:
            message = f"`{arn}` is a role of AWS's own, which takes no policy of yours"
            help = "give the agent a role of its own; control policies spare service-linked ones"
            diagnostics.append(at("AGP5005", binding.span, message, help=help))
        elif name not in agents:
            message = f"`{name}` is not one agent, and a role is of one agent"
            diagnostics.append(at("AGP5005", binding.span, message))
        elif taken.setdefault(arn, name) != name:
            diagnostics.append(
                at(
                    "AGP5001",
                    binding.span,
                    f"`{taken[arn]}` and `{name}` share the role `{arn}`, so that each could do "
                    "what the other may",
                    help="give each agent a role of its own",
                )
            )
        else:
            roles.append((agents[name], arn))
    return tuple(roles)


def _tags(binding: ir.Binding, diagnostics: Diagnostics) -> dict[str, str]:
    """Check the session tags; the result maps what a tag carries to its condition key."""
    tags: dict[str, str] = {}
    for what, name in sorted(binding.tags):
        if _TAG.fullmatch(name) is None or len(name) > TAG_KEY_SIZE:
            diagnostics.append(at("AGP5005", binding.span, f"`{name}` cannot be a session tag"))
        elif name.lower() in {each.removeprefix(PRINCIPAL_TAG).lower() for each in tags.values()}:
            message = f"the session tag `{name}` would carry two things"
            diagnostics.append(at("AGP5005", binding.span, message))
        else:
            tags[what] = PRINCIPAL_TAG + name
    return tags
