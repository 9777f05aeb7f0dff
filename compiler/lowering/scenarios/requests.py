"""The request of each call that a `test` tries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...ir import nodes as ir
from ...ir.roots import ROOTS, TESTED_RESOURCE, TESTED_TASK, bare_request
from ...ir.spiffe import is_member
from ...ir.starts import KIND
from ...ir.times import earlier
from ...report.diagnostics import report
from ...report.source import Span
from ...structs import Struct
from ...syntax import tree as syntax
from ..literals import times
from ..literals.forms import spiffe_id
from ..names.mentions import holder_of_arguments
from ..references.references import References
from .clauses import only, values_clause
from .values import read_pairs


class Requests(Struct, frozen=False):
    """Turns what a test says of a call into a request, in which the agent has no identity yet."""

    refer: References

    def of(
        self,
        package: str,
        node: syntax.TestDeclaration,
        subject: syntax.SubjectClause,
        call: syntax.CallClause,
    ) -> dict[str, Any] | None:
        """Give the request of one call, which is whole if nothing has been reported."""
        capability = self.refer.capability(package, call.capability)
        if capability is None:
            return None
        if capability == "any" or capability.endswith(".*"):
            self._report(call.capability.span, "a call is of one action")
            return None
        request = self.made(package, node, subject, capability, call)
        self._evidence(node, request, capability)
        return request

    def made(
        self,
        package: str,
        node: syntax.TestDeclaration,
        subject: syntax.SubjectClause,
        capability: str,
        call: syntax.CallClause | syntax.RecordedClause,
    ) -> dict[str, Any]:
        """Give the request of a call, without evidence; of one that was recorded, the resource is what its own has.

        That is what it says of it, or else what the test says of its own.
        """
        resource_name, _, action_name = capability.rpartition(".")
        resource = self.refer.vocabulary.resources[resource_name]
        action = next(each for each in resource.actions if each.name == action_name)
        if isinstance(call, syntax.RecordedClause) and call.resource is None:
            of_resource = self._of_recorded(package, node, resource)
        else:
            if isinstance(call, syntax.RecordedClause) and call.resource is not None:
                pairs: Iterable[syntax.Pair] = call.resource.items
            else:
                pairs = values_clause(node, "resource", self.refer.names.diagnostics)
            declared = (*resource.attributes, *ROOTS["resource"].built_in)
            holder = f"{resource_name}.resource"
            of_resource = self._pairs(package, pairs, declared, f"`{resource_name}`", holder)
        arguments = self._pairs(
            package,
            call.arguments,
            action.parameters,
            f"`{call.capability.text}`",
            holder_of_arguments(resource, action_name),
        )
        request = bare_request(
            agent=("agent", ""),
            args=(action_name,),
            resource=(resource_name, of_resource.pop("id", TESTED_RESOURCE)),
        )
        attributes = self._attributes(package, subject)
        for root, values in (("agent", attributes), ("args", arguments), ("resource", of_resource)):
            part, fields = ROOTS[root].place
            request[part][fields] = values
        request["context"] = self._context(package, node, subject)
        if self._is_first_start(node, resource, subject):
            del request["context"]["task"]
        return request

    def _is_first_start(
        self, node: syntax.TestDeclaration, resource: ir.Resource, subject: syntax.SubjectClause
    ) -> bool:
        """Whether a task is started, and the test says nothing of one that there is already."""
        return (
            resource.kind == KIND
            and subject.intent is None
            and not values_clause(node, "task", self.refer.names.diagnostics)
        )

    def _of_recorded(
        self, package: str, node: syntax.TestDeclaration, resource: ir.Resource
    ) -> dict[str, Any]:
        """What the test says of its resource, as far as that of a recorded call declares it too."""
        fields = {each.name: each for each in (*resource.attributes, *ROOTS["resource"].built_in)}
        pairs = values_clause(node, "resource", self.refer.names.diagnostics)
        known = [each for each in pairs if each.name.text in fields]
        return self._pairs(
            package, known, fields.values(), "`resource`", f"{resource.name}.resource"
        )

    def _attributes(self, package: str, subject: syntax.SubjectClause) -> dict[str, Any]:
        known = self.refer.vocabulary
        holders: list[ir.Agent | ir.Family] = []
        if isinstance(subject.agent, syntax.Text):
            id = subject.agent.value
            holders = [each for each in known.agents.values() if each.id == id]
        else:
            id = ""
            for name in self.refer.agents(package, (subject.agent,)) or ():
                if name in known.agents:
                    id = known.agents[name].id
                    holders.append(known.agents[name])
                    continue
                family = known.families[name]
                holders.append(family)
                holders += [a for a in known.agents.values() if is_member(a.id, family)]
        holders += [each for each in known.families.values() if is_member(id, each)]
        fields = {field.name: field for holder in holders for field in holder.attributes}
        by = dict.fromkeys(f"{each.name}.agent" for each in holders)
        return self._pairs(package, subject.attributes, fields.values(), "the agent", *by)

    def _context(
        self, package: str, node: syntax.TestDeclaration, subject: syntax.SubjectClause
    ) -> dict[str, Any]:
        roots = self.refer.environment(package, None, None, None).roots
        context = self._values(
            package, node, "context", roots["context"].fields.values(), "context"
        )
        moment = only(node, syntax.AtClause, self.refer.names.diagnostics)
        if moment is not None:
            time = times.instant(moment.time, self.refer.names.diagnostics)
            if time is not None:
                context["time"] = time
        if any(
            isinstance(each, syntax.ValuesClause) and each.kind == "user" for each in node.clauses
        ):
            fields = roots["user"].fields.values()
            context["user"] = self._values(package, node, "user", fields, "user")
        task: dict[str, Any] = {"id": TESTED_TASK, "state": "active"}
        fields_of_intent: tuple[ir.Field, ...] = ()
        of_intent = ""
        if subject.intent is not None:
            intents = self.refer.intents(package, (subject.intent,))
            if intents is not None:
                task["intent"] = intents[0]
                fields_of_intent = self.refer.vocabulary.intents[intents[0]].fields
                of_intent = f"{intents[0]}.task"
        task.update(self._pairs(package, subject.fields, fields_of_intent, "the intent", of_intent))
        fields_of_task = (*fields_of_intent, *ROOTS["task"].built_in)
        task.update(self._values(package, node, "task", fields_of_task, of_intent))
        context["task"] = {key: value for key, value in task.items() if value is not None}
        chain = only(node, syntax.ChainClause, self.refer.names.diagnostics)
        if chain is not None:
            links = enumerate(chain.links, start=1)
            context["delegation"] = [self._link(package, link, number) for number, link in links]
        return context

    def _link(self, package: str, link: syntax.SubjectClause, number: int) -> dict[str, Any]:
        """An agent for which the one of the test acts, with the task in which it asked it to."""
        agent, intents = (
            link.agent,
            self.refer.intents(package, (link.intent,) if link.intent else ()),
        )
        if isinstance(agent, syntax.Text):
            id = spiffe_id(agent, self.refer.names.diagnostics) or ""
        else:
            names = self.refer.agents(package, (agent,)) or ()
            id = "".join(self.refer.vocabulary.agents[each].id for each in names if each in self.refer.vocabulary.agents)  # fmt: skip
            if names and not id:
                self._report(agent.span, f"`{agent.text}` is a family, and a link is one agent")
        fields = self.refer.vocabulary.intents[intents[0]].fields if intents else ()
        of_intent = f"{intents[0]}.task" if intents else ""
        own = self._pairs(package, link.fields, fields, "the intent", of_intent)
        task = {"id": f"{TESTED_TASK}-{number}", "state": "active", **own}
        if intents:
            task["intent"] = intents[0]
        return {"agent": id, "properties": self._attributes(package, link), "task": task}

    def _evidence(
        self, node: syntax.TestDeclaration, request: dict[str, Any], capability: str
    ) -> None:
        context = request["context"]
        for clause in node.clauses:
            if not isinstance(
                clause, syntax.ApprovedClause | syntax.ConfirmedClause | syntax.SteppedUpClause
            ):
                continue
            moment = only(node, syntax.AtClause, self.refer.names.diagnostics)
            if moment is None or "time" not in context:
                self._report(
                    clause.span,
                    "`ago` needs a clock",
                    "freeze it: `at 2026-11-24T10:00:00Z`",
                )
                return
            ago = times.seconds(clause.ago, self.refer.names.diagnostics)
            time = earlier(context["time"], ago or 0)
            if isinstance(clause, syntax.SteppedUpClause):
                context.setdefault("step_up", []).append(
                    {"method": clause.method.value, "at": time}
                )
                continue
            if isinstance(clause, syntax.ConfirmedClause):
                user = context.get("user", {}).get("id")
                if user is None:
                    self._report(
                        clause.span,
                        "this test has nobody who could confirm",
                        'say on whose behalf the agent acts: `user { id: "user:joe" }`',
                    )
                    return
                by, roles = user, []
            else:
                by, roles = clause.by.value, [role.value for role in clause.roles]
            context.setdefault("approvals", []).append(
                {
                    "by": by,
                    "roles": roles,
                    "at": time,
                    "task": context.get("task", {}).get("id"),
                    "capability": capability,
                    "resource": request["resource"]["id"],
                    "args": request["action"]["properties"],
                }
            )

    def _values(
        self,
        package: str,
        node: syntax.TestDeclaration,
        root: str,
        fields: Iterable[ir.Field],
        holder: str,
    ) -> dict[str, Any]:
        pairs = values_clause(node, root, self.refer.names.diagnostics)
        return self._pairs(package, pairs, fields, f"`{root}`", holder)

    def _pairs(
        self,
        package: str,
        pairs: Iterable[syntax.Pair],
        fields: Iterable[ir.Field],
        what: str,
        *holders: str,
    ) -> dict[str, Any]:
        return read_pairs(pairs, fields, what, package, self.refer.names, holders)

    def _report(self, span: Span, message: str, help: str | None = None) -> None:
        report(self.refer.names.diagnostics, "AGP1501", span, message, help)
