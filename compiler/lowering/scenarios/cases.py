"""`test` blocks to concrete requests and what is expected of them."""

from __future__ import annotations

from collections.abc import Mapping

from ...ir import nodes as ir
from ...ir.spiffe import is_member
from ...report.diagnostics import Diagnostics, report
from ...report.source import Span
from ...structs import Struct
from ...syntax import tree as syntax
from ..literals import literals
from ..literals.forms import spiffe_id
from ..references.references import References
from .clauses import only
from .expected_rules import ExpectedRules
from .expected_terms import ExpectedTerms
from .records import Records, by_agent
from .requests import Requests


class Scenarios(Struct, frozen=False):
    """Turns the tests of one policy set into IR; the rules have been lowered already."""

    refer: References
    rules: Mapping[str, ir.Rule]

    def lower(self, package: str, node: syntax.TestDeclaration) -> list[ir.Test]:
        """The cases of one `test` block: one for each call, and each agent where it says so."""
        diagnostics = self.refer.names.diagnostics
        expected_rules = ExpectedRules(self.refer.names, self.rules)
        expected_terms = ExpectedTerms(self.refer.names)
        subject = only(node, syntax.SubjectClause, diagnostics)
        shared = only(node, syntax.Expectation, diagnostics)
        calls = [each for each in node.clauses if isinstance(each, syntax.CallClause)]
        if (subject is None or not calls) and self.refer.names.is_unreadable(node.span):
            return []  # the clause may be the one that could not be read
        if subject is None or not calls:
            missing = "`agent`" if subject is None else "`call`"
            self._report(node.name.span, f"this test has no {missing}")
            return []
        if shared is not None and all(call.expect is not None for call in calls):
            self._report(
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
                    call.span,
                    "this call says nothing of what is expected",
                    "write `expect permit`, `expect challenge` or `expect deny`",
                )
                continue
            rules = None if expect.rules is None else expected_rules.of(package, expect.rules)
            found: Diagnostics = []
            terms = expected_terms.of(expect)
            request = Requests(self.refer.reporting_to(found)).of(package, node, subject, call)
            record = Records(self.refer.reporting_to(found)).of(package, node, subject, request)
            diagnostics.extend(found)
            name = literals.text(node.name, diagnostics)
            unknown = rules is None and expect.rules is not None
            if found or unknown or request is None or name is None:
                continue
            same = [each for each in calls if each.capability.text == call.capability.text]
            number = f" {same.index(call) + 1}" if len(same) > 1 else ""
            called = f"{call.capability.text}{number}"
            title = f"{name} ({called})" if len(calls) > 1 else name
            for agent, id in self._subjects(package, subject, expect):
                subject_data = {**request["subject"], "id": id}
                lines = tuple(by_agent(each, id) for each in record)
                has_more = len(calls) > 1 or expect.family is not None
                cases.append(
                    ir.Test(
                        title if expect.family is None else f"{title} [{agent}]",
                        {**request, "subject": subject_data},
                        expect.effect,
                        rules,
                        call.span,
                        terms,
                        ir.Cell(name, agent, called) if has_more else None,
                        lines,
                    )
                )
        return cases

    def _subjects(
        self, package: str, subject: syntax.SubjectClause, expect: syntax.Expectation
    ) -> list[tuple[str, str]]:
        """(name, SPIFFE ID) of each agent that a case is run for."""
        known = self.refer.vocabulary
        if expect.family is None:
            if isinstance(subject.agent, syntax.Text):
                found = spiffe_id(subject.agent, self.refer.names.diagnostics)
                return [] if found is None else [(found, found)]
            names = self.refer.agents(package, (subject.agent,))
            if names is None:
                return []
            if names[0] in known.families:
                self._report(
                    subject.agent.span,
                    f"`{subject.agent.text}` is a family, and a call is made by one agent",
                    f"write `expect … for each agent in {subject.agent.text}`, or a SPIFFE ID",
                )
                return []
            return [(subject.agent.text, known.agents[names[0]].id)]
        names = self.refer.agents(package, (expect.family,))
        if names is None:
            return []
        members = [
            (name, each.id)
            for name, each in sorted(known.agents.items())
            if name == names[0] or is_member(each.id, known.families.get(names[0]))
        ]
        if not members:
            self._report(
                expect.family.span,
                f"no declared agent is a member of `{expect.family.text}`",
                "declare one, or name a SPIFFE ID in the test",
            )
        return members

    def _report(self, span: Span, message: str, help: str | None = None) -> None:
        report(self.refer.names.diagnostics, "AGP1501", span, message, help)
