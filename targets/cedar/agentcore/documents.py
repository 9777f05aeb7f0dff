"""The files beside the policies: the schema of the gateway's requests, and what a token and a tool have to be."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from ....compiler.ir import nodes as ir
from ....compiler.ir.roots import ROOTS, declared, location
from ..statements import Statement
from ..values import record
from .request_shape import CLAIMED, INTENT, claim, is_carried, is_claimed
from .service import ACTION, HIERARCHY, MAX_NAME, NAMESPACE, PRINCIPAL
from .tools import Tools

FORMAT = "agpc-agentcore-request"
VERSION = 1
_ODD = re.compile(r"[^A-Za-z0-9_]+")
_DIGITS = 10


def name_of(statement: Statement) -> str:
    """Name a policy: by its rule where the name can be had, and by a digest in any case.

    Two rules never have one name, and a rule keeps its name when others come and go.
    """
    digest = hashlib.sha256(statement.id.encode()).hexdigest()[:_DIGITS]
    plain = _ODD.sub("_", statement.rule.id).strip("_")
    start = plain if plain[:1].isalpha() else f"r_{plain}"
    return f"{start[: MAX_NAME - _DIGITS - 1]}_{digest}"


def definition_of(statement: Statement) -> dict[str, Any]:
    """One policy as `create-policy` takes it."""
    how = "policy" if statement.history else "cedar"
    return {
        "name": name_of(statement),
        "rule": statement.rule.id,
        "definition": {how: {"statement": statement.text}},
    }


def schema_of(policy: ir.Policy, tools: Tools) -> dict[str, Any]:
    """The schema that AgentCore makes of tools which are as the policy declares them, in its JSON form."""
    system = {"system": {"type": "System"}}
    about = {"principalTypes": ["OAuthUser"], "resourceTypes": ["Gateway"]}
    call, top = HIERARCHY
    actions: dict[str, Any] = {
        top: {"appliesTo": {**about, "context": record({}, system)}},
        call: {"memberOf": [{"id": top}], "appliesTo": {**about, "context": record({}, system)}},
    }
    for tool in tools.of(policy.capabilities):
        inputs = [
            _inputs(policy.declared_actions[each].parameters)
            for each in policy.capabilities
            if tool in tools.of((each,))
        ]
        actions[tool] = {
            "memberOf": [{"id": call}],
            "appliesTo": {**about, "context": record({}, {**system, "input": _united(inputs)})},
        }
    now = {"now": {"type": "Extension", "name": "datetime"}}
    user = {"shape": record({}, {"id": {"type": "String"}}), "tags": {"type": "String"}}
    return {
        NAMESPACE: {
            "entityTypes": {"OAuthUser": user, "Gateway": {}},
            "commonTypes": {"System": record({}, now)},
            "actions": actions,
        }
    }


def _inputs(parameters: Iterable[ir.Field]) -> dict[str, Any]:
    carried = [each for each in parameters if is_carried(each)]
    return record(
        {each.name: _type(each.type) for each in carried if each.optional},
        {each.name: _type(each.type) for each in carried if not each.optional},
    )


def _united(inputs: list[dict[str, Any]]) -> dict[str, Any]:
    """The arguments of a tool that is several capabilities: what some of them have is optional."""
    if len(inputs) == 1:
        return inputs[0]
    found: dict[str, Any] = {}
    for each in inputs:
        found |= {name: {**type_, "required": False} for name, type_ in each["attributes"].items()}
    return {"type": "Record", "attributes": found}


def _type(type_: ir.Type) -> dict[str, Any]:
    match type_:
        case ir.Scalar("bool"):
            return {"type": "Boolean"}
        case ir.Scalar("int"):
            return {"type": "Long"}
        case ir.Scalar("number"):
            return {"type": "Extension", "name": "decimal"}
        case ir.RecordType(fields):
            return _inputs(fields)
        case _:
            return {"type": "String"}


def request_of(policy: ir.Policy, tools: Tools, sessions: str) -> dict[str, Any]:
    """What a token has to claim, from where in a request of the language, and which capability a tool is."""
    claims = {INTENT: ["context", "task", "intent"]}
    for attribute in _claimed(policy):
        claims[claim(attribute)] = list(location(attribute))
    return {
        "format": FORMAT,
        "version": VERSION,
        "principal": {"type": PRINCIPAL, "id": "sub", "from": ["subject", "id"]},
        "claims": dict(sorted(claims.items())),
        "action": ACTION,
        "tools": dict(sorted(tools.known().items())),
        **({"session": ["context", "task", "id"]} if sessions else {}),
    }


def _claimed(policy: ir.Policy) -> Iterable[ir.Attribute]:
    for root in CLAIMED:
        for fields in (ROOTS[root].built_in, *declared(policy, root)):
            for each in fields:
                attribute = ir.Attribute(root, (each.name,), each.type)
                if is_claimed(attribute):
                    yield attribute
