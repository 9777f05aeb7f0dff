"""A gateway of Bedrock AgentCore, as it is documented: how it makes Cedar's request of a token and a tool's call.

What stands in AGP's request is put into a token by `request.json`, and the arguments are those of the call. None is a
call that the gateway cannot be given: its tool is none, or its schema does not admit the arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

import cedarpy

from agpc.compiler.ir import nodes as ir
from agpc.runtime.values import is_text, is_too_deep, read_time

ARN = "arn:aws:bedrock-agentcore:eu-west-1:111122223333:gateway/agp-a1b2c3d4e5"
GATEWAY = {"type": "AgentCore::Gateway", "id": ARN}
LONG = 2**63
_PAST = re.compile(r"\n+when temporal \{\n.*?\n\}(?=;)", re.DOTALL)


class Engine:
    """The files of a policy on a gateway, ready for AGP's requests."""

    def __init__(self, policy: ir.Policy, files: Mapping[str, str]) -> None:
        self.policy = policy
        self.how = json.loads(files["request.json"])
        self.text = static(files)
        self.policies = cedarpy.PolicySet.from_str(self.text)
        self.types = json.loads(files["schema.json"])["AgentCore"]["actions"]
        self.schema = cedarpy.Schema.from_json_str(files["schema.json"])
        self.validation = cedarpy.validate_policies(self.text, self.schema)

    def decide(self, request: Any) -> bool | None:
        """Whether the gateway permits; None for a call that it cannot be given."""
        made = self.translated(request)
        if made is None:
            return None
        result = cedarpy.is_authorized(made[0], self.policies, made[1], schema=self.schema)
        if result.decision == cedarpy.Decision.NoDecision:
            return None  # the tool's schema does not admit it
        assert result.diagnostics.errors == []
        return bool(result.allowed)

    def translated(self, request: Any) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """Cedar's request and its entities."""
        tool, now = self.tool(request), clock(at(request, ("context", "time")))
        agent = at(request, tuple(self.how["principal"]["from"]))
        is_agent = at(request, ("subject", "type")) == "agent"
        if tool is None or now is None or not is_agent or not is_utf8(agent):
            return None
        if at(request, ("context", "delegation")) not in (None, []):
            return None  # nobody gets a token for a chain
        if not is_text(at(request, ("resource", "id"))) or is_too_deep(request):
            return None  # there is nothing of this in a call of a tool
        given = at(request, ("action", "properties"))
        context = self.types[tool]["appliesTo"]["context"]["attributes"]
        action = self.policy.declared_actions[self.how["tools"][tool]]
        names = frozenset(each.name for each in action.parameters)
        arguments = cedar_record({} if given is None else given, context["input"], names)
        if arguments is None:
            return None
        claims = {name: at(request, tuple(path)) for name, path in self.how["claims"].items()}
        principal = {"type": self.how["principal"]["type"], "id": agent}
        asked = {
            "principal": principal,
            "action": {"type": self.how["action"], "id": tool},
            "resource": GATEWAY,
            "context": {"input": arguments, "system": {"now": extension("datetime", now)}},
        }
        tags = {name: value for name, value in claims.items() if is_utf8(value)}
        entities = [
            {"uid": principal, "attrs": {"id": agent}, "parents": [], "tags": tags},
            {"uid": GATEWAY, "attrs": {}, "parents": []},
        ]
        return asked, entities

    def tool(self, request: Any) -> str | None:
        """The tool that is called, by its own name or that of its action."""
        kind, name = at(request, ("resource", "type")), at(request, ("action", "name"))
        if type(kind) is not str or type(name) is not str:
            return None
        action = self.policy.actions_called.get(kind, {}).get(name)
        for tool, capability in self.how["tools"].items():
            if capability == f"{kind}.{action}" and name in (action, tool):
                return str(tool)
        return None


def static(files: Mapping[str, str]) -> str:
    """All policies of a gateway without what they say of the past: what they permit is narrowed by that alone."""
    return files["policies.cedar"] + _PAST.sub("", files.get("temporal.dw", ""))


def at(request: Any, path: tuple[str, ...]) -> Any:
    value = request
    for step in path:
        value = value.get(step) if type(value) is dict else None
    return value


def is_utf8(value: Any) -> bool:
    """Whether it is a text that a token or a call can carry."""
    if type(value) is not str:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def clock(text: Any) -> str | None:
    """The time as a clock with milliseconds says it."""
    ns = read_time(text)
    if ns is None or ns % 10**6:
        return None
    seconds, rest = divmod(ns, 10**9)
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return f"{moment.strftime('%Y').zfill(4)}-{moment:%m-%dT%H:%M:%S}.{rest // 10**6:03}Z"


def extension(name: str, text: str) -> dict[str, Any]:
    return {"__extn": {"fn": name, "arg": text}}


def cedar_record(
    value: Any, type_: dict[str, Any], declared: frozenset[str] = frozenset()
) -> dict[str, Any] | None:
    """An object as Cedar's record; None for what the schema does not admit.

    What is declared and in no schema here (lists, names that Cedar keeps for itself) is left out: nothing reads it.
    """
    if type(value) is not dict:
        return None
    found: dict[str, Any] = {}
    for name, inner in value.items():
        expected = type_["attributes"].get(name)
        if expected is None:
            if name in declared:
                continue
            return None
        if inner is None:
            continue
        made = cedar_value(inner, expected)
        if made is None:
            return None
        found[name] = made
    missing = {
        name for name, each in type_["attributes"].items() if each["required"]
    } - found.keys()
    return None if missing else found


def cedar_value(value: Any, type_: dict[str, Any]) -> Any:
    match type_["type"]:
        case "String":
            return value if is_utf8(value) else None
        case "Boolean":
            return value if type(value) is bool else None
        case "Long":
            return value if type(value) is int and -LONG <= value < LONG else None
        case "Extension":
            return decimal(value)
        case _:
            return cedar_record(value, type_)


def decimal(value: Any) -> Any:
    """A number cut to four digits, if it is in the range."""
    if type(value) not in (int, float) or abs(value) >= 10**14:
        return None
    cut = Decimal(repr(value)).quantize(Decimal("0.0001"), rounding=ROUND_DOWN)
    return extension("decimal", f"{cut:f}")
