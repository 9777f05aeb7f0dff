"""`test` blocks to concrete requests and what is expected of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ..ir import nodes as ir
from ..ir.roots import RESOURCE_ID, ROOTS, TASK_ID
from ..ir.spiffe import is_member
from ..ir.times import earlier
from ..ir.type_words import in_words
from ..records import dataclass
from ..report.diagnostics import Label, at, report
from ..report.source import Span
from ..syntax import tree as syntax
from ..text.field_names import segments, written
from ..text.suggestions import did_you_mean
from . import literals, times
from .references import References
from .spiffe import spiffe_id

N = TypeVar("N", bound=syntax.Node)


@dataclass(slots=True)
class Scenarios:
    """Turns the tests of one policy set into IR; the rules have been lowered already."""

    refer: References
    rules: Mapping[str, ir.Rule]

    def lower(self, package: str, node: syntax.TestDeclaration) -> list[ir.Test]:
        """The cases of one `test` block: one for each call, and each agent where it says so."""
        subject = self._one(node, syntax.SubjectClause)
        shared = self._one(node, syntax.Expectation)
        calls = [each for each in node.clauses if isinstance(each, syntax.CallClause)]
        if (subject is None or not calls) and self.refer.names.is_unreadable(node.span):
            return []  # the clause may be the one that could not be read
        if subject is None or not calls:
            missing = "`agent`" if subject is None else "`call`"
            self._report("AGP1501", node.name.span, f"this test has no {missing}")
            return []
        if shared is not None and all(call.expect is not None for call in calls):
            self._report(
                "AGP1501",
                shared.span,
                "no call uses this expectation: each has its own",
                "an `expect` right after a `call` is that call's",
            )
        cases = []
        for call in calls:
            expect = call.expect or shared
            if expect is None and self.refer.names.is_unreadable(node.span):
                continue
            if expect is None:
                self._report(
                    "AGP1501",
                    call.span,
                    "this call says nothing of what is expected",
                    "write `expect permit`, `expect challenge` or `expect deny`",
                )
                continue
            rules = self._rules(package, expect)
            request = self._request(package, node, subject, call)
            name = literals.text(node.name, self.refer.names.diagnostics)
            if rules is None or request is None or name is None:
                continue
            if len(calls) > 1:
                same = [each for each in calls if each.capability.text == call.capability.text]
                number = f" {same.index(call) + 1}" if len(same) > 1 else ""
                name = f"{name} ({call.capability.text}{number})"
            for suffix, id in self._subjects(package, subject, expect):
                subject_data = {**request["subject"], "id": id}
                cases.append(
                    ir.Test(
                        name + suffix,
                        {**request, "subject": subject_data},
                        expect.effect,
                        rules or None,
                        call.span,
                    )
                )
        return cases

    def _subjects(
        self, package: str, subject: syntax.SubjectClause, expect: syntax.Expectation
    ) -> list[tuple[str, str]]:
        """(what to add to the name, SPIFFE ID) of each agent that a case is run for."""
        known = self.refer.vocabulary
        if expect.family is None:
            if isinstance(subject.agent, syntax.Text):
                found = spiffe_id(subject.agent, self.refer.names.diagnostics)
                return [] if found is None else [("", found)]
            names = self.refer.agents(package, (subject.agent,))
            if names is None:
                return []
            if names[0] in known.families:
                self._report(
                    "AGP1501",
                    subject.agent.span,
                    f"`{subject.agent.text}` is a family, and a call is made by one agent",
                    f"write `expect … for each agent in {subject.agent.text}`, or a SPIFFE ID",
                )
                return []
            return [("", known.agents[names[0]].id)]
        names = self.refer.agents(package, (expect.family,))
        if names is None:
            return []
        members = [
            (f" [{name}]", each.id)
            for name, each in sorted(known.agents.items())
            if name == names[0] or is_member(each.id, known.families.get(names[0]))
        ]
        if not members:
            self._report(
                "AGP1501",
                expect.family.span,
                f"no declared agent is a member of `{expect.family.text}`",
                "declare one, or name a SPIFFE ID in the test",
            )
        return members

    def _rules(self, package: str, expect: syntax.Expectation) -> tuple[str, ...] | None:
        """The identities that `by` names: whole, without the package, or by their last part."""
        found = []
        for name in expect.rules:
            matches = [
                id for id in (name.text, f"{package}.{name.text}") if id in self.rules
            ] or sorted(id for id in self.rules if id.endswith(f".{name.text}"))
            if len(matches) == 1:
                found.append(matches[0])
            elif matches:
                several = " and ".join(f"`{each}`" for each in matches)
                self._report(
                    "AGP1106", name.span, f"`{name.text}` may be {several}", "write it in full"
                )
            elif not self._is_of_a_broken_rule(package, name.text):
                short = {id.removeprefix(f"{package}.") for id in self.rules}
                last = {id.rpartition(".")[2] for id in self.rules}
                self.refer.names.miss(
                    name.text,
                    at(
                        "AGP1101",
                        name.span,
                        f"there is no rule `{name.text}`",
                        help=did_you_mean(name.text, short | last)
                        or self._rules_of_grant(package, name.text),
                    ),
                )
        return tuple(sorted(found)) if len(found) == len(expect.rules) else None

    def _is_of_a_broken_rule(self, package: str, name: str) -> bool:
        """Whether a name may be that of a rule that is written, and was not made sense of."""
        written = name.removeprefix(f"{package}.")
        for each in self.refer.names.all("rule"):
            node = each.node
            assert isinstance(node, syntax.RuleDeclaration)
            short = each.name.removeprefix(f"{package}.")
            if written in (node.name.text, short) and not any(
                id == each.name or id.startswith(f"{each.name}.") for id in self.rules
            ):
                return True
            for clause in node.clauses:
                if isinstance(clause, syntax.AllowClause):
                    last = "+".join(capability.text for capability in clause.capabilities)
                    last = clause.label.text if clause.label else last
                    identity = f"{each.name}.{last}"
                    if written in (last, f"{short}.{last}") and identity not in self.rules:
                        return True
        return False

    def _rules_of_grant(self, package: str, grant: str) -> str | None:
        """Say which rules a grant has, since `by` names rules."""
        prefix = f"{package}.{grant}."
        ids = sorted(id.removeprefix(f"{package}.") for id in self.rules if id.startswith(prefix))
        if not ids:
            return None
        return (
            f"a grant is not a rule; each `allow` is: {', '.join(f'`{each}`' for each in ids[:3])}"
        )

    # --- the request ---

    def _request(
        self,
        package: str,
        node: syntax.TestDeclaration,
        subject: syntax.SubjectClause,
        call: syntax.CallClause,
    ) -> dict[str, Any] | None:
        before = len(self.refer.names.diagnostics)
        capability = self.refer.capability(package, call.capability)
        if capability is None:
            return None
        if capability == "any" or capability.endswith(".*"):
            self._report("AGP1501", call.capability.span, "a call is of one action")
            return None
        resource_name, _, action_name = capability.rpartition(".")
        resource = self.refer.vocabulary.resources[resource_name]
        action = next(each for each in resource.actions if each.name == action_name)
        of_resource = self._values(
            package, node, "resource", (*resource.attributes, *ROOTS["resource"].built_in)
        )
        arguments = self._pairs(
            package, call.arguments, action.parameters, f"`{call.capability.text}`"
        )
        request: dict[str, Any] = {
            "subject": {
                "type": "agent",
                "id": "",
                "properties": self._attributes(package, subject),
            },
            "action": {"name": action_name, "properties": arguments},
            "resource": {
                "type": resource_name,
                "id": of_resource.pop("id", RESOURCE_ID),
                "properties": of_resource,
            },
            "context": self._context(package, node, subject),
        }
        self._evidence(node, request, capability)
        return request if len(self.refer.names.diagnostics) == before else None

    def _attributes(self, package: str, subject: syntax.SubjectClause) -> dict[str, Any]:
        known = self.refer.vocabulary
        holders: list[tuple[ir.Field, ...]] = []
        if isinstance(subject.agent, syntax.Text):
            id = subject.agent.value
            holders = [each.attributes for each in known.agents.values() if each.id == id]
        else:
            id = ""
            for name in self.refer.agents(package, (subject.agent,)) or ():
                if name in known.agents:
                    id = known.agents[name].id
                    holders.append(known.agents[name].attributes)
                    continue
                family = known.families[name]
                holders.append(family.attributes)
                holders += [a.attributes for a in known.agents.values() if is_member(a.id, family)]
        holders += [each.attributes for each in known.families.values() if is_member(id, each)]
        fields = {field.name: field for holder in holders for field in holder}
        return self._pairs(package, subject.attributes, tuple(fields.values()), "the agent")

    def _context(
        self, package: str, node: syntax.TestDeclaration, subject: syntax.SubjectClause
    ) -> dict[str, Any]:
        roots = self.refer.environment(package, None, None, None).roots
        context = self._values(package, node, "context", tuple(roots["context"].fields.values()))
        moment = self._one(node, syntax.AtClause)
        if moment is not None:
            time = times.instant(moment.time, self.refer.names.diagnostics)
            if time is not None:
                context["time"] = time
        if any(
            isinstance(each, syntax.ValuesClause) and each.kind == "user" for each in node.clauses
        ):
            fields = tuple(roots["user"].fields.values())
            context["user"] = self._values(package, node, "user", fields)
        task: dict[str, Any] = {"id": TASK_ID, "state": "active"}
        fields_of_intent: tuple[ir.Field, ...] = ()
        if subject.intent is not None:
            intents = self.refer.intents(package, (subject.intent,))
            if intents is not None:
                task["intent"] = intents[0]
                fields_of_intent = self.refer.vocabulary.intents[intents[0]].fields
        task.update(self._pairs(package, subject.fields, fields_of_intent, "the intent"))
        task.update(
            self._values(package, node, "task", (*fields_of_intent, *ROOTS["task"].built_in))
        )
        context["task"] = {key: value for key, value in task.items() if value is not None}
        return context

    def _evidence(
        self, node: syntax.TestDeclaration, request: dict[str, Any], capability: str
    ) -> None:
        context = request["context"]
        for clause in node.clauses:
            if not isinstance(clause, syntax.ApprovedClause | syntax.SteppedUpClause):
                continue
            moment = self._one(node, syntax.AtClause)
            if moment is None or "time" not in context:
                self._report(
                    "AGP1501",
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
            context.setdefault("approvals", []).append(
                {
                    "by": clause.by.value,
                    "roles": [role.value for role in clause.roles],
                    "at": time,
                    "task": context["task"].get("id"),
                    "capability": capability,
                    "resource": request["resource"]["id"],
                    "args": request["action"]["properties"],
                }
            )

    # --- values ---

    def _values(
        self, package: str, node: syntax.TestDeclaration, kind: str, fields: Iterable[ir.Field]
    ) -> dict[str, Any]:
        """What the `resource`, `context`, `user` or `task` clause of a test says."""
        clauses = [
            each
            for each in node.clauses
            if isinstance(each, syntax.ValuesClause) and each.kind == kind
        ]
        if len(clauses) > 1:
            self._twice(clauses[0], clauses[1], kind)
        pairs = clauses[0].values if clauses else ()
        return self._pairs(package, pairs, tuple(fields), f"`{kind}`")

    def _pairs(
        self,
        package: str,
        pairs: Iterable[syntax.Pair],
        fields: tuple[ir.Field, ...],
        what: str,
    ) -> dict[str, Any]:
        """Values for declared fields, as JSON; `null` is kept, and means absent."""
        types = {each.name: each.type for each in fields}
        found: dict[str, Any] = {}
        for pair in pairs:
            shown, (name,) = pair.name.text, segments(pair.name.text)
            if name in found:
                self._report("AGP1102", pair.name.span, f"`{shown}` stands twice")
            if name not in types:
                self.refer.names.miss(
                    name,
                    at(
                        "AGP1109",
                        pair.name.span,
                        f"{what} declares no `{shown}`",
                        help=did_you_mean(shown, map(written, types)),
                    ),
                )
                continue
            found[name] = self._json(package, pair.value, types[name])
        return found

    def _json(self, package: str, node: syntax.Literal_, type_: ir.Type) -> Any:
        """A literal as the JSON that a request would carry."""
        match node, type_:
            case syntax.Null(), _:
                return None
            case syntax.ListLiteral(items=items), ir.ListType(of):
                return [self._json(package, item, of) for item in items]
            case syntax.ListLiteral(items=items), ir.Scalar("json"):
                return [self._json(package, item, type_) for item in items]
            case syntax.RecordLiteral(items=pairs), ir.RecordType(fields):
                return self._pairs(package, pairs, fields, f"`{in_words(type_)}`")
            case syntax.RecordLiteral(items=pairs), ir.Scalar("json"):
                return {
                    segments(pair.name.text)[0]: self._json(package, pair.value, type_)
                    for pair in pairs
                }
            case _, ir.Scalar("json"):
                return literals.plain(node, self.refer.names.diagnostics)
            case syntax.Duration(), ir.Scalar("duration"):
                times.seconds(node, self.refer.names.diagnostics)
                return node.text
            case _:
                pass
        return literals.value_of(node, type_, package, self.refer.names)

    # --- clauses ---

    def _one(self, node: syntax.TestDeclaration, kind: type[N]) -> N | None:
        found = [each for each in node.clauses if isinstance(each, kind)]
        if len(found) > 1:
            self._twice(found[0], found[1], kind.__name__)
        return found[0] if found else None

    def _twice(self, first: syntax.Node, second: syntax.Node, what: str) -> None:
        words = {"SubjectClause": "agent", "Expectation": "expect", "AtClause": "at"}
        diagnostic = at(
            "AGP1402",
            second.span,
            f"`{words.get(what, what)}` stands twice in this test",
            also=(Label(first.span, "the first one"),),
        )
        if diagnostic not in self.refer.names.diagnostics:
            self.refer.names.diagnostics.append(diagnostic)

    def _report(self, code: str, span: Span, message: str, help: str | None = None) -> None:
        report(self.refer.names.diagnostics, code, span, message, help)
