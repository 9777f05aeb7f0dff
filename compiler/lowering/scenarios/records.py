"""The record that a `test` tells: what was said, and what was called before."""

from __future__ import annotations

from typing import Any

from ...ir import nodes as ir
from ...ir.times import earlier
from ...report.diagnostics import report
from ...structs import Struct
from ...syntax import tree as syntax
from ..literals import literals, times
from ..references.references import References
from .requests import Requests
from .values import read_value

EFFECTS = {"did": "permit", "failed": "permit", "tried": "deny", "asked": "challenge"}
OUTCOMES = {"did": "done", "failed": "failed"}


class Records(Struct, frozen=False):
    """Turns what a test says of the past into lines of a record, in which the agent has no identity yet."""

    refer: References

    def of(
        self,
        package: str,
        node: syntax.TestDeclaration,
        subject: syntax.SubjectClause,
        request: dict[str, Any] | None,
    ) -> tuple[dict[str, Any], ...]:
        """Give the lines in the order of time; none without a clock, for which everything is unknown."""
        told: list[syntax.SaidClause | syntax.RecordedClause] = [
            *(each for each in node.clauses if isinstance(each, syntax.SaidClause)),
            *(each for each in node.clauses if isinstance(each, syntax.RecordedClause)),
        ]
        if request is None:
            return ()
        now = request["context"].get("time")
        if not isinstance(now, str):
            for each in told[:1]:
                report(
                    self.refer.names.diagnostics,
                    "AGP1501",
                    each.span,
                    "what was before needs a clock",
                    "freeze it: `at 2026-11-24T10:00:00Z`",
                )
            return ()
        ago = {
            id(each): times.seconds(each.ago, self.refer.names.diagnostics) or 0
            for each in told
            if each.ago is not None
        }
        began = max(ago.values(), default=0)
        start = earlier(now, began)
        task = request["context"].get("task")
        if task is None:
            for each in told[:1]:
                report(
                    self.refer.names.diagnostics,
                    "AGP1501",
                    each.span,
                    "nothing is before a first start, which begins a run",
                    "test it by itself, or say in which task it is: `for INTENT`",
                )
            return ()
        user = request["context"].get("user")
        person = {"user": {"id": user["id"]}} if isinstance(user, dict) and "id" in user else {}
        begun = {"time": start, "event": "task"}
        lines: list[dict[str, Any]] = []
        parent: dict[str, Any] = {}
        for link in reversed(request["context"].get("delegation", ())):
            lines.append(
                {**begun, "agent": link["agent"], "task": link["task"], **parent, **person}
            )
            parent = {"parent": link["task"]["id"]}
        lines.append({**begun, "agent": "", "task": task, **parent, **person})
        number = 0
        # What was said at the time of a call was said before it.
        for one in sorted(told, key=lambda each: -ago.get(id(each), began)):
            time = earlier(now, ago.get(id(one), began))
            if isinstance(one, syntax.SaidClause):
                text = literals.text(one.text, self.refer.names.diagnostics)
                lines.append({"time": time, "event": "said", "task": task.get("id"), "text": text})
            else:
                number += 1
                lines += self._call(package, node, subject, one, f"call-{number}", time)
        return tuple(lines)

    def _call(
        self,
        package: str,
        node: syntax.TestDeclaration,
        subject: syntax.SubjectClause,
        call: syntax.RecordedClause,
        id: str,
        time: str,
    ) -> list[dict[str, Any]]:
        capability = self.refer.capability(package, call.capability)
        if capability is None:
            return []
        if capability == "any" or capability.endswith(".*"):
            diagnostics = self.refer.names.diagnostics
            report(diagnostics, "AGP1501", call.capability.span, "a call is of one action")
            return []
        request = Requests(self.refer).made(package, node, subject, capability, call)
        request["context"]["time"] = time
        lines: list[dict[str, Any]] = [
            {
                "time": time,
                "event": "call",
                "id": id,
                "effect": EFFECTS[call.what],
                "request": request,
            }
        ]
        if call.what in OUTCOMES:
            outcome = {"time": time, "event": "outcome", "call": id, "outcome": OUTCOMES[call.what]}
            if call.gave is not None:
                outcome["result"] = self._given(package, capability, call.gave)
            lines.append(outcome)
        return lines

    def _given(self, package: str, capability: str, node: syntax.Literal_) -> Any:
        """What a call gave back: a value of its declared type, or any where none is declared."""
        action = self.refer.vocabulary.action(capability)
        declared = None if action is None else action.result
        holders = (f"{capability}()",)
        return read_value(node, declared or ir.JSON, package, self.refer.names, holders)


def by_agent(line: dict[str, Any], id: str) -> dict[str, Any]:
    """Give a line the identity of the agent that the test is run for."""
    if line["event"] == "task":
        return {**line, "agent": line["agent"] or id}
    if line["event"] == "call":
        request = line["request"]
        return {**line, "request": {**request, "subject": {**request["subject"], "id": id}}}
    return line
