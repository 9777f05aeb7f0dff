"""A request that others send, as one of the policy: renamed by the mapping, and given nothing that decides by itself.

INVARIANT: of the names in `RESERVED` a mapped request has a task, which says its id alone, and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import Any

from ...runtime.call import fields_of
from ..policies.generation import Generation
from ..policies.mapping import RequestMapping, ResourceAlias, SubjectAlias

NOBODY = {"type": "", "id": ""}
"""The subject of a request whose subject is no agent: the policy permits it nothing."""
NOTHING = ""
"""The type of a resource that the mapping does not know by its id: nothing that a policy declares."""
TOOLS_CALL = "tools/call"


@dataclass(frozen=True, slots=True)
class TaskNamed:
    """A task of an agent: the one with this id, or the only active one under this intent; and, if said, of this user."""

    agent: str
    id: str | None
    intent: str | None
    user: str | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """A request of the policy. Its task is still to be looked up, if it says which one is `wanted`."""

    request: dict[str, Any]
    wanted: TaskNamed | None = None


def mapped(generation: Generation, request: dict[str, Any]) -> Mapped:
    """Apply the mapping to an evaluation; one whose type of subject the mapping does not name stays as it is."""
    mapping = generation.mapping
    alias = mapping.subjects.get(request["subject"]["type"])
    if alias is None:
        return Mapped(request)
    subject = request["subject"]
    given = fields_of(request.get("context"))
    context = {own: given[name] for name, own in mapping.context.items() if name in given}
    agent = _agent(alias, subject, given)
    action, resource = _call(generation, request["action"], request["resource"])
    found: dict[str, Any] = {
        "subject": NOBODY if agent is None else agent,
        "action": action,
        "resource": resource,
        "context": context,
    }
    if agent is None or type(request.get("context")) not in (dict, NoneType):
        return Mapped(found)  # in no task: nobody knows what a malformed context says
    user = alias.user_id(subject["id"]) if alias.as_ == "user" else None
    wanted = _wanted(mapping, given, agent["id"], user)
    return Mapped(found, wanted)


def _agent(
    alias: SubjectAlias, subject: dict[str, Any], given: dict[str, Any]
) -> dict[str, Any] | None:
    """Give the subject of the policy; of a person it is the agent, of whom nobody has told the attributes."""
    if alias.as_ == "agent":
        id = alias.agent_id(subject["id"])
        return None if id is None else {**subject, "type": "agent", "id": id}
    said = subject["id"] if alias.agent_in is None else given.get(alias.agent_in)
    id = alias.agent_id(said) if type(said) is str else None
    return None if id is None else {"type": "agent", "id": id}


def _wanted(
    mapping: RequestMapping, given: dict[str, Any], agent: str, user: str | None
) -> TaskNamed | None:
    task = mapping.task
    if task is None:
        return None
    if task.context is None:
        return TaskNamed(agent, task.id, task.intent, user)
    said = given.get(task.context)
    return TaskNamed(agent, said, None, user) if type(said) is str else None


def _call(
    generation: Generation, action: dict[str, Any], resource: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the action and the resource by the names of the policy."""
    mapping = generation.mapping
    alias = mapping.resources.get(resource["type"])
    if alias is not None and alias.tools:
        return _tool(alias, action, resource)
    name = mapping.actions.get(action["name"], action["name"])
    if alias is None:
        return {**action, "name": name}, resource
    name = alias.actions.get(action["name"], name)
    assert alias.as_ is not None
    action = {**action, "name": name}
    if alias.conformance:
        action = _declared(generation, alias.as_, action)
    return action, {**resource, "type": alias.as_}


def _tool(
    alias: ResourceAlias, action: dict[str, Any], resource: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the capability that the id of a resource stands for."""
    capability = alias.tools.get(resource["id"]) if action["name"] == TOOLS_CALL else None
    if capability is None:
        return action, {**resource, "type": NOTHING}
    kind, _, name = capability.rpartition(".")
    return {**action, "name": name}, {**resource, "type": kind}


def _declared(generation: Generation, kind: str, action: dict[str, Any]) -> dict[str, Any]:
    """Leave out what nobody declared, for a conformance test that sends more."""
    given = action.get("properties")
    if type(given) is not dict:
        return action
    capability = generation.engine.capability(kind, action["name"])
    declared = generation.parameters.get(capability or "")
    if declared is not None and declared.is_open:
        return action
    names = () if declared is None else declared.fields
    return {**action, "properties": {name: given[name] for name in given if name in names}}
