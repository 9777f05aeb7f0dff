"""One call of a bound agent, as AWS sees it and as AGP sees it.

The two requests say the same: an attribute that `bind aws` names is in the ARN or in a condition
key, and everything that AWS does not see (arguments, unbound attributes) only AGP has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agpc.compiler.ir import nodes as ir

from .iam import Request

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
PRINCIPAL_TAG = "aws:PrincipalTag/"


@dataclass(frozen=True)
class BoundCall:
    """A session of an agent's role for a task, and what it asks for.

    `keys` are the condition keys beside the session's tags, `values` what stands in the ARN.
    `unseen` maps a root of the request to what only AGP is told.
    """

    agent: str
    intent: str
    capability: str
    action: str
    values: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    task: str = "t-1"
    unseen: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def location_of(policy: ir.Policy, capability: str) -> str | None:
    """Where a capability is bound to."""
    resource, _, action = capability.rpartition(".")
    for each in policy.bindings[0].resources:
        for bound in each.actions:
            if (each.resource, bound.action) == (resource, action):
                return bound.on if bound.on is not None else each.location
    return None


def aws_request(
    policy: ir.Policy, call: BoundCall, *, without_tags: tuple[str, ...] = ()
) -> Request:
    """The call as AWS sees it."""
    location = location_of(policy, call.capability)
    assert location is not None
    agents = {each.name: each.id for each in policy.agents}
    carried = {"agent": agents[call.agent], "intent": call.intent, "task": call.task}
    tags = {
        PRINCIPAL_TAG + name: carried[what]
        for what, name in policy.bindings[0].tags
        if what not in without_tags
    }
    arn = PLACEHOLDER.sub(lambda match: call.values[match[1]], location)
    return Request(call.action, arn, {**call.keys, **tags})


def agp_request(policy: ir.Policy, call: BoundCall) -> dict[str, Any]:
    """The call as AGP sees it: the same, and what AWS does not see; the task is active."""
    binding = policy.bindings[0]
    resource_name, _, action = call.capability.rpartition(".")
    resource = next(each for each in policy.resources if each.name == resource_name)
    agent = next(each for each in policy.agents if each.name == call.agent)
    keys = {
        name: key
        for each in binding.resources
        if each.resource == resource_name
        for name, key in each.attributes
    }
    properties = dict(call.unseen.get("resource", {}))
    for each in resource.attributes:
        if each.name in call.values:
            properties[each.name] = call.values[each.name]
        elif each.name in keys:
            properties[each.name] = carried(each.type, call.keys.get(keys[each.name]))
    context = dict(call.unseen.get("context", {}))
    for each in policy.context:
        key = dict(binding.context).get(each.name)
        if key is not None:
            context[each.name] = carried(each.type, call.keys.get(key))
    return {
        "subject": {
            "type": "agent",
            "id": agent.id,
            "properties": dict(call.unseen.get("agent", {})),
        },
        "action": {"name": action, "properties": dict(call.unseen.get("args", {}))},
        "resource": {
            "type": resource_name,
            "id": call.values.get("id", "main"),
            "properties": properties,
        },
        "context": {
            **context,
            "time": call.keys.get("aws:CurrentTime"),
            "task": {"id": call.task, "intent": call.intent, "state": "active"},
        },
    }


def carried(type_: ir.Type, text: str | None) -> Any:
    """The JSON value of a condition key's text; what is not of the type stays text."""
    if text is None:
        return None
    if type_ == ir.BOOL:
        return {"true": True, "false": False}.get(text, text)
    if type_ in (ir.INT, ir.NUMBER):
        try:
            return int(text)
        except ValueError:
            return text
    return text
