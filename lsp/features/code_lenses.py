"""What stands above tests, rules and actions: what can be asked there, and what is known already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lsprotocol import types

from ...compiler.ir import nodes as ir
from ...compiler.report.source import Span
from ...compiler.syntax import tree as syntax
from ...compiler.telling.outcomes import expected_in_words, got_in_words
from ...compiler.testing.run import Outcome
from ...compiler.text.counted import counted
from ...compiler.text.visible import visible
from ..preferences import Preferences
from ..snapshot import Snapshot
from .about.rules import rules_of
from .meeting import meeting
from .results import Known, coverage_of, reaching

RUN, WHO_CAN, MEETING, COVERAGE = (
    "agpc.runTests", "agpc.whoCan", "agpc.rulesMeeting", "agpc.coverage",
)  # fmt: skip
LONGEST = 160  # characters of a reason


def code_lenses(
    snapshot: Snapshot, name: str, known: Known | None, shown: Preferences
) -> list[types.CodeLens]:
    """The lenses of a file; what takes a moment is left to `resolved`."""
    tree = snapshot.tree_of(name)
    if tree.package is None:
        return []
    lenses, found = Lenses(snapshot, name, tree.package.text, known), []
    for statement in tree.statements:
        those = [lens for kind, lens in lenses.of(statement) if shown.lenses(kind)]
        if known is None and isinstance(statement, syntax.RuleDeclaration):
            those = those[:1]  # that the policy has errors is said once of a rule
        found += those
    return found


class Lenses:
    """The lenses of one file."""

    def __init__(self, snapshot: Snapshot, name: str, package: str, known: Known | None) -> None:
        """Take the set, and what is known of its policy."""
        self.snapshot, self.package, self.known = snapshot, package, known
        self.uri = snapshot.uri_of(name)
        self.is_first = True

    def of(self, statement: syntax.Statement) -> Iterator[tuple[str, types.CodeLens]]:
        """The lenses of a statement, by their kinds."""
        match statement:
            case syntax.TestDeclaration(name=name):
                block = name.value
                if self.is_first:
                    self.is_first = False
                    yield "tests", self._now(name.span, "run all tests of this file", RUN, {})
                yield "tests", self._now(name.span, self._title(block), RUN, {"test": block})
            case syntax.ResourceDeclaration(name=name, actions=actions):
                resource = f"{self.package}.{name.text}"
                for each in actions:
                    capability = {"capability": f"{resource}.{each.name.text}"}
                    yield "access", self._now(each.name.span, "who can", WHO_CAN, capability)
            case syntax.RuleDeclaration(name=name):
                rule = f"{self.package}.{name.text}"
                yield "meeting", self._later(name.span, MEETING, rule)
                yield "coverage", self._later(name.span, COVERAGE, rule)
            case _:
                pass

    def _title(self, block: str) -> str:
        outcomes = [] if self.known is None else self.known.outcomes.get(block, [])
        return f"run test{in_brief(outcomes)}"

    def _now(self, span: Span, title: str, command: str, more: dict[str, Any]) -> types.CodeLens:
        command_ = types.Command(title, command, arguments=[{"uri": self.uri, **more}])
        return types.CodeLens(self.snapshot.range_of(span), command_)

    def _later(self, span: Span, command: str, rule: str) -> types.CodeLens:
        data = {"uri": self.uri, "command": command, "rule": rule}
        return types.CodeLens(self.snapshot.range_of(span), data=data)


def in_brief(outcomes: list[Outcome]) -> str:
    """What tests came to, as a lens has room for; nothing where they were not run."""
    if not outcomes:
        return ""
    failed = [each for each in outcomes if not each.passed]
    if not failed:
        return " (passed)" if len(outcomes) == 1 else f" ({len(outcomes)} passed)"
    first = failed[0]
    reason = f"expected {expected_in_words(first.test)}, got {got_in_words(first.got)}"
    if not any(each.what in ("effect", "rules") for each in first.differences):
        reason = "; ".join(map(str, first.differences))
    shown = visible(reason)
    shown = shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"
    many = "" if len(outcomes) == 1 else f" {len(failed)} of {len(outcomes)}:"
    return f" (failed:{many} {shown})"


def resolved(lens: types.CodeLens, known: Known | None) -> types.CodeLens:
    """A lens with what it says; of a policy with errors, that."""
    data: Any = lens.data
    arguments = [{"uri": data["uri"], "rule": data["rule"]}]
    title = "not known, as the policy has errors"
    if known is not None:
        say = _meeting if data["command"] == MEETING else _coverage
        title = say(known, data["rule"])
    lens.command = types.Command(title, data["command"], arguments=arguments)
    return lens


def _meeting(known: Known, rule: str) -> str:
    found = rules_meeting(known, rule)
    if found is None:
        return "rules meet here: not known in time"
    return f"{counted(len(found), 'rule meets', 'rules meet')} here"


def rules_meeting(known: Known, rule: str) -> tuple[ir.Rule, ...] | None:
    """The rules that meet one, kept; None where it could not be told in time."""
    with known.lock:
        found = known.meeting.get(rule)
        if found is None:
            found = meeting(known.world, rules_of(known.policy, rule))
            if found is not None:
                known.meeting[rule] = found
    return found


def _coverage(known: Known, rule: str) -> str:
    coverage = coverage_of(known)
    if coverage is None:
        return "coverage: not known in time"
    tests = reaching(coverage, rules_of(known.policy, rule))
    return f"decides {counted(len(tests), 'test')}" if tests else "decides no test"
