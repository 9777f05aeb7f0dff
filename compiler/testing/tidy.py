"""A request as a test makes it: well-formed, and without what no rule reads that is about the call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal, TypeGuard, assert_never

from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS, is_text, read_time
from ..ir import nodes as ir
from ..ir.printing.scenarios import attributes_of
from ..ir.roots import ROOTS, TESTED_RESOURCE, TESTED_TASK, bare_request, reserved
from ..ir.spiffe import spiffe_problem
from ..ir.times import earlier
from ..ir.walk import attributes_of_rule, evidence_of_rule
from ..meaning.chain import is_link
from ..meaning.evidence import objects
from ..meaning.interpreter import agent_matches, intent_matches
from ..meaning.request import MALFORMED, Call, as_object, comparable
from ..structs import Struct

Read = tuple[str, str]
"""A root and the first step from it, which is empty for `now`."""


class Unwritable(ValueError):
    """A request that no test makes; the message says why."""


class Reads(Struct):
    """What rules read of a request."""

    fields: frozenset[Read]
    approvals: bool
    step_up: bool

    @classmethod
    def by(cls, rules: Iterable[ir.Rule]) -> Reads:
        """Look through rules."""
        fields: set[Read] = set()
        evidence: list[ir.Requirement] = []
        for rule in rules:
            for each in attributes_of_rule(rule):
                fields.add((each.root, each.path[0] if each.path else ""))
            evidence += evidence_of_rule(rule)
        approvals = step_up = False
        for need in evidence:
            match need:
                case ir.Approval() | ir.Confirmation():
                    approvals = True
                case ir.StepUp():
                    step_up = True
                case _:
                    assert_never(need)
        if approvals:
            fields.add(("user", "id"))
        return cls(frozenset(fields), approvals, step_up)


def rules_about(policy: ir.Policy, call: Call) -> tuple[list[ir.Rule], list[ir.Rule]]:
    """The rules that match a call, of any agent that it is decided for, and all that are about its capability."""
    about = list(policy.rules_about.get(call.capability or "", ()))
    links = objects(call.evidence.get("delegation"))
    asked: list[tuple[Any, Any]] = [(call.agent, call.intent)]
    asked += [(each.get("agent"), as_object(each.get("task")).get("intent")) for each in links]
    matching = [
        rule
        for rule in about
        if any(
            agent_matches(policy, rule.agents, agent)
            and intent_matches(policy, rule.intents, intent)
            for agent, intent in asked
            if isinstance(agent, str)  # no rule is about a link that says something else
        )
    ]
    return matching, about


def tidied(policy: ir.Policy, call: Call, reads: Reads | None) -> dict[str, Any]:
    """The request that a test makes instead, with what is read of it alone; with None, with all there is.

    Raises `Unwritable` where something malformed is to be kept.
    """
    return _Tidier(policy, call, reads).request()


class _Tidier(Struct):
    policy: ir.Policy
    call: Call
    reads: Reads | None

    def request(self) -> dict[str, Any]:
        capability = self.call.capability
        if capability is None:
            raise Unwritable("it calls no action that is declared")
        resource_type, _, action_name = capability.rpartition(".")
        kind = next(each for each in self.policy.resources if each.name == resource_type)
        action = self.policy.declared_actions[capability]
        given = self.call.request
        arguments = self._values("args", given["action"].get("properties"), action.parameters)
        read_id = self._is_read("resource", "id")
        request = bare_request(
            agent=("agent", self.call.agent),
            args=(action_name,),
            resource=(resource_type, self.call.resource_id if read_id else TESTED_RESOURCE),
        )
        request["subject"]["properties"] = self._values(
            "agent",
            given["subject"].get("properties"),
            attributes_of(self.policy, self.call.agent),
        )
        request["action"]["properties"] = arguments
        request["resource"]["properties"] = self._values(
            "resource", given["resource"].get("properties"), kind.attributes
        )
        request["context"] = self._context()
        self._add_evidence(request, capability)
        return request

    def _context(self) -> dict[str, Any]:
        given = self.call.evidence
        own = {name: value for name, value in given.items() if name not in reserved("context")}
        context = self._values("context", own, self.policy.context)
        time = given.get("time")
        if time is not None and self._is_read("now", ""):
            instant = read_time(time)
            if instant is None:
                raise Unwritable("its time is malformed")
            context["time"] = format_time(instant)
        context["task"] = self._task(as_object(given.get("task")))
        if not self._is_read("task", "id"):
            context["task"]["id"] = TESTED_TASK
        chain = given.get("delegation")
        if self.policy.delegations and type(chain) is list:
            context["delegation"] = [
                self._link(link, number) for number, link in enumerate(chain, start=1)
            ]
        user = given.get("user")
        if isinstance(user, dict):
            fields = (*(self.policy.user or ()), *ROOTS["user"].built_in)
            if self.reads is None or any(root == "user" for root, _ in self.reads.fields):
                context["user"] = self._values("user", user, fields)
        return context

    def _task(self, task: dict[str, Any]) -> dict[str, Any]:
        declared = {each.name: each.fields for each in self.policy.intents}
        named = task.get("intent")
        fields = declared.get(named) if type(named) is str else None
        found = self._values("task", task, (*(fields or ()), *ROOTS["task"].built_in))
        if fields is not None:
            found["intent"] = named
        state = self._written("task.state", task.get("state"), ir.EnumType(ir.TASK_STATE))
        return found if state is None else {**found, "state": state}

    def _link(self, link: object, number: int) -> dict[str, Any]:
        """An agent for which the call is made, with all that it has: rules of its own read it."""
        if not is_link(link):
            raise Unwritable(f"link {number} of its chain is malformed")
        problem = spiffe_problem(link["agent"], pattern=False)
        if problem is not None:
            raise Unwritable(f"the agent of link {number} of its chain has no SPIFFE ID: {problem}")
        whole = replace(self, reads=None)
        attributes = attributes_of(self.policy, link["agent"])
        task = {**whole._task(link["task"]), "id": f"{TESTED_TASK}-{number}"}
        properties = whole._values("agent", link.get("properties"), attributes)
        return {"agent": link["agent"], "properties": properties, "task": task}

    # --- evidence ---

    def _add_evidence(self, request: dict[str, Any], capability: str) -> None:
        """Show what was shown, as a test does: for this very call, so many seconds ago."""
        context = request["context"]
        now = context.get("time")
        if now is None:
            return
        shown = self.call.evidence
        for each in objects(shown.get("approvals") if self._needs("approvals") else None):
            ago, by, roles = _seconds_ago(each.get("at"), now), each.get("by"), each.get("roles")
            if ago is None or not is_text(by) or not _are_texts(roles):
                continue  # which counts for nothing
            approval = {
                "by": by,
                "roles": list(roles),
                "at": earlier(now, ago),
                "task": context["task"].get("id"),
                "capability": capability,
                "resource": request["resource"]["id"],
                "args": request["action"]["properties"],
            }
            context.setdefault("approvals", []).append(approval)
        for each in objects(shown.get("step_up") if self._needs("step_up") else None):
            ago, method = _seconds_ago(each.get("at"), now), each.get("method")
            if ago is not None and is_text(method):
                context.setdefault("step_up", []).append(
                    {"method": method, "at": earlier(now, ago)}
                )

    def _needs(self, evidence: Literal["approvals", "step_up"]) -> bool:
        return self.reads is None or bool(getattr(self.reads, evidence))

    # --- values ---

    def _is_read(self, root: str, name: str) -> bool:
        return self.reads is None or (root, name) in self.reads.fields

    def _values(self, root: str, given: object, fields: Iterable[ir.Field]) -> dict[str, Any]:
        if given is not None and type(given) is not dict:
            raise Unwritable(f"its `{root}` is malformed")
        values = as_object(given)
        found = {}
        for field in fields:
            if self._is_read(root, field.name) and values.get(field.name) is not None:
                found[field.name] = self._written(
                    f"{root}.{field.name}", values[field.name], field.type
                )
        return found

    def _written(self, what: str, value: Any, type_: ir.Type) -> Any:
        """The value as a test can write it."""
        match type_:
            case ir.RecordType(fields) if type(value) is dict:
                return {
                    field.name: self._written(f"{what}.{field.name}", value[field.name], field.type)
                    for field in fields
                    if value.get(field.name) is not None
                }
            case ir.ListType(of) if type(value) is list and of != ir.JSON:
                return [self._written(what, each, of) for each in value]
            case _:
                pass
        if value is not None and comparable(value, type_, self.policy) is MALFORMED:
            raise Unwritable(f"its `{what}` is malformed")
        return value


def _are_texts(values: object) -> TypeGuard[list[str]]:
    return type(values) is list and all(map(is_text, values))


def _seconds_ago(then: object, now: str) -> int | None:
    """How long before now a time was; None if a test cannot say it."""
    before, after = read_time(then), read_time(now)
    if before is None or after is None or before > after or (after - before) % NANOSECONDS:
        return None
    return (after - before) // NANOSECONDS
