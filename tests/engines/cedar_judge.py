"""What is wrong with a request that was translated for Cedar, by what the interpreter reads in the original.

It goes the other way than the translation: from each attribute of the policy, as the interpreter reads it,
to what stands for it in Cedar's request, whose values it turns back into those of the language. What stands
there beside that is for Cedar to refuse, which holds every request against the schema.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import agent_matches
from agpc.compiler.meaning.request import ABSENT, BELOW_ALL, MALFORMED, Call, strangers
from agpc.compiler.text.field_names import written
from agpc.targets.cedar.names import ANY, attribute_name
from agpc.targets.cedar.request_shape import RequestShape, Slot, age_key
from agpc.targets.cedar.values import is_carried
from agpc.targets.starts import in_tasks

NOW = ir.Attribute("now", (), ir.TIME)
MAX_DEPTH = 64


class Judge:
    """Of all requests about one policy."""

    def __init__(self, policy: ir.Policy) -> None:
        self.policy, self.shape = policy, RequestShape(policy)

    def problems(self, request: object, found: Any) -> list[str]:
        """What is wrong with what a translation gives for a request: Cedar's request and entities, or None."""
        policy = self.policy
        call = None if depth(request) > MAX_DEPTH else Call.read(policy, request)
        if call is None or call.capability is None:
            return [] if found is None else ["what is no request is one"]
        if next(strangers(call), None) is not None:
            return [] if found is None else ["what has arguments that nobody declared is a request"]
        if call.evidence.get("delegation") not in (None, []):
            return [] if found is None else ["what is decided for a chain is one request"]
        if found is None:
            is_left_out = call.capability in {*policy.starts} - {*in_tasks(policy).starts}
            return [] if is_left_out else ["what is a request is none"]
        return list(_Judged(policy, self.shape, call, *found).problems())


def depth(value: Any, counted: int = 0) -> int:
    """On how many levels objects and lists stand in each other; no more than one too many are counted."""
    if counted > MAX_DEPTH or not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max((depth(each, counted + 1) for each in inner), default=0)


class _Judged:
    def __init__(
        self, policy: ir.Policy, shape: RequestShape, call: Call, asked: Any, entities: Any
    ) -> None:
        self.policy, self.shape, self.call, self.asked = policy, shape, call, asked
        self.principal, self.resource = entities
        self.context = asked["context"]

    def problems(self) -> Iterator[str]:
        call, shape = self.call, self.shape
        families = {
            name
            for name in (ANY, *self.policy.family_names)
            if agent_matches(self.policy, ir.DECLARED if name == ANY else (name,), call.agent)
        }
        intents = {each.name for each in self.policy.intents}
        intent = call.intent if call.intent in intents else None
        same = {
            "action": (self.asked["action"]["id"], call.capability),
            "principal": (self.asked["principal"], self.principal["uid"]),
            "agent": (self.principal["uid"]["id"], call.agent),
            "resource": (self.asked["resource"], self.resource["uid"]),
            "id": (self.resource["uid"]["id"], call.resource_id),
            "families": ({each["id"] for each in self.principal["parents"]}, families),
            "intent": (self.context["task"].get("intent"), intent),
        }
        yield from (
            f"{what}: {one} is not {other}" for what, (one, other) in same.items() if one != other
        )
        yield from self._slots(self.principal["attrs"], shape.agent)
        yield from self._slots(self.resource["attrs"], shape.resources[call.resource_type])
        yield from self._slots(self.context, shape.context)
        yield from self._slots(self.context["args"], shape.arguments[str(call.capability)])
        yield from self._slots(self.context["task"], shape.task)
        yield from self._slots(self.context["user"], shape.user)
        yield from self._attribute(self.context, "now", "now", NOW)
        for kind, facts in shape.facts.items():
            yield from self._slots(self.context[kind], facts)
        for each in shape.ages:
            age = self.call.term(ir.Age(each), None)
            yield from self._value(self.context["ages"], age_key(each), ir.TIME, age)

    def _slots(self, holder: Any, slots: Iterable[Slot]) -> Iterator[str]:
        for slot in slots:
            yield from self._attribute(holder, slot.name, slot.key, slot.attribute)

    def _attribute(
        self, holder: Any, name: str, key: str, attribute: ir.Attribute
    ) -> Iterator[str]:
        value = self.call.read_attribute(attribute)
        if (key in self.context["malformed"]) is not (value is MALFORMED):
            yield f"{key}: it is said to be malformed, or is not"
        if not isinstance(attribute.type, ir.RecordType):
            yield from self._value(holder, name, attribute.type, value)
            return
        if value is not MALFORMED and (name in holder) is not (value is not ABSENT):
            yield f"{key}: it is there, or is not"
        yield from self._inner(holder, name, key, attribute, attribute.type.fields)

    def _inner(
        self,
        holder: Any,
        name: str,
        key: str,
        attribute: ir.Attribute,
        fields: Iterable[ir.Field],
    ) -> Iterator[str]:
        for each in fields:
            inner = ir.Attribute(attribute.root, (*attribute.path, each.name), each.type)
            below = f"{key}.{written(each.name)}"
            yield from self._attribute(
                holder.get(name, {}), attribute_name(each.name), below, inner
            )

    def _value(self, holder: Any, name: str, type_: ir.Type, value: Any) -> Iterator[str]:
        if (name in holder) is not (value is not ABSENT and value is not MALFORMED):
            yield f"{name}: it is there, or is not"
        elif name in holder and is_carried(type_) and meant(holder[name], type_) != value:
            yield f"{name}: {holder[name]} is not {value}"


def meant(value: Any, type_: ir.Type) -> Any:
    """Turn a value of Cedar back into what the interpreter compares."""
    match type_:
        case ir.Scalar("number") if 0 <= value["low"] < 2**32:
            size = value["high"] * 2**32 + value["low"]
            (double,) = struct.unpack(">d", struct.pack(">q", abs(size)))
            return -double if size < 0 else double
        case ir.Scalar("time") if 0 <= value["ns"] < 10**9:
            return value["s"] * 10**9 + value["ns"]
        case ir.Scalar("duration"):
            return value * 10**9
        case ir.Scalar("ip"):
            address = ipaddress.ip_address(value["__extn"]["arg"])
            return address.max_prefixlen, int(address)
        case ir.ListType(of):
            return [meant(each, of) for each in value]
        case ir.OrNothing(of):
            return meant(value["value"], of) if value else BELOW_ALL
        case _:
            return value
