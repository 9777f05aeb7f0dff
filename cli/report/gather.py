"""Gathers what a report says: of the rules themselves, and from what the other commands find."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import TYPE_CHECKING, Any, assert_never

from ... import __version__
from ...compiler.ir import nodes as ir
from ...compiler.ir.documentation import doc_of_rule
from ...compiler.ir.leases import leased
from ...compiler.ir.printing.conditions import requirement_text
from ...compiler.ir.printing.rules import rule_lines
from ...compiler.report.codes import CODES
from ...runtime.time_text import format_time
from ...runtime.values import read_time
from .access import agents_of
from .evidence import frameworks_of
from .facts import (
    Accountable,
    Agent,
    Approver,
    Audit,
    Coverage,
    Covered,
    Entry,
    Evidence,
    File,
    Finding,
    Intent,
    Leased,
    Ledger,
    Owner,
    Package,
    Rule,
    Test,
)

if TYPE_CHECKING:
    from ...compiler.check.review.review import Review
    from ...compiler.lowering.names.controls import Catalogue
    from ...compiler.report import Report
    from ...compiler.report.diagnostics import Diagnostic
    from ...compiler.report.source import PolicyFile
    from ...targets.emission import Emission


def gathered(
    policy: ir.Policy,
    files: Sequence[PolicyFile],
    review: Review,
    report: Report,
    catalogue: Catalogue,
    at: int,
    emissions: Mapping[str, tuple[Emission, bool]],
    tests: Iterable[Test],
    since: str | None = None,
    changes: dict[str, Any] | None = None,
) -> Audit:
    """Put everything together; `emissions` says of each target too whether it enforces anything."""
    from ...compiler.check.compiling.ir_json import deciding_text

    all_rules = (*policy.rules, *policy.starts.values())
    rules = tuple(_rule(policy, each, report, at) for each in sorted(all_rules, key=_id))
    agents = agents_of(policy)
    listed = tuple(tests)
    findings = tuple(_finding(each, report, None) for each in review.diagnostics)
    return Audit(
        agpc=__version__,
        at=format_time(at),
        policy_sha256=_sha256(deciding_text(policy)),
        files=tuple(File(each.path, _sha256(each.source.text)) for each in files),
        packages=tuple(
            Package(each.name, _owner(each.owner), each.controls) for each in policy.packages
        ),
        counts=_counts(policy, rules, agents, findings, listed),
        accountable=_accountable(rules, agents),
        agents=agents,
        intents=tuple(
            Intent(each.name, each.purpose, policy.doc("intent", each.name))
            for each in policy.intents
        ),
        capabilities=policy.capabilities,
        leases=tuple(Leased(*each) for each in leased(policy)),
        approvers=tuple(approvers(policy)),
        findings=findings,
        silences=tuple(_finding(each, report, reason) for each, reason in review.suppressed),
        ledgers=tuple(_ledger(name, *emissions[name], report) for name in sorted(emissions)),
        tests=listed,
        coverage=_coverage(policy),
        since=since,
        changes=changes,
        frameworks=frameworks_of(policy, catalogue),
        rules=rules,
    )


def _id(rule: ir.Rule) -> str:
    return rule.id


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _owner(owner: ir.Owner | None) -> Owner | None:
    return None if owner is None else Owner(owner.name, owner.contact)


def _counts(
    policy: ir.Policy,
    rules: Sequence[Rule],
    agents: Sequence[Agent],
    findings: Sequence[Finding],
    tests: Sequence[Test],
) -> dict[str, int]:
    return {
        "agents": len(agents),
        "intents": len(policy.intents),
        "capabilities": len(policy.capabilities),
        "allows": len(policy.allows),
        "forbids": len(policy.forbids),
        "accesses": sum(each.accesses for each in agents),
        "standing": sum(each.state == "standing" for each in rules),
        "unowned": sum(each.owner is None for each in rules),
        "errors": sum(each.severity == "error" for each in findings),
        "warnings": sum(each.severity == "warning" for each in findings),
        "tests": len(tests),
        "tests_failed": sum(not each.passed for each in tests),
    }


# --- Rules ----------------------------------------------------------------------------------------


def _rule(policy: ir.Policy, rule: ir.Rule, report: Report, at: int) -> Rule:
    from ...compiler.telling.access import place

    lines = rule_lines(policy, rule)
    validity = rule.validity if isinstance(rule, ir.Allow) else None
    is_allow = isinstance(rule, ir.Allow)
    return Rule(
        id=rule.id,
        effect="allow" if is_allow else "forbid",
        place=place(rule, report),
        owner=_owner(rule.owner),
        controls=rule.controls,
        capabilities=rule.capabilities,
        text=tuple(dedent("\n".join(lines)).splitlines()),
        credential=next((each for each in lines if each.startswith("credential ")), None),
        revoke=tuple(each for each in lines if each.startswith("revoke ")),
        ends=None if validity is None else validity.end,
        state=_state(validity, at) if is_allow else "",
        because=None if isinstance(rule, ir.Allow) else rule.because,
        doc=doc_of_rule(policy, rule),
    )


def _state(validity: ir.Validity | None, at: int) -> str:
    """Whether an access stands for good, ends one day, is over, or starts later."""
    end = None if validity is None else read_time(validity.end)
    start = None if validity is None else read_time(validity.start)
    if end is not None and end <= at:
        return "over"
    if start is not None and start > at:
        return "later"
    return "standing" if end is None else "ends"


def _accountable(rules: Sequence[Rule], agents: Sequence[Agent]) -> tuple[Accountable, ...]:
    """Who answers for which rules; those that nobody answers for come first."""
    by_owner: dict[Owner | None, list[Rule]] = defaultdict(list)
    for each in rules:
        by_owner[each.owner].append(each)
    owner_of = {each.id: each.owner for each in rules}
    resting: dict[Owner | None, int] = defaultdict(int)
    for agent in agents:
        for access in agent.access:
            for owner in {owner_of[way.rule] for way in access.ways}:
                resting[owner] += len(access.intents)
    order = sorted(
        by_owner, key=lambda owner: ("", "") if owner is None else (owner.name, owner.contact)
    )
    return tuple(
        Accountable(
            owner,
            tuple(each.id for each in by_owner[owner] if each.effect == "allow"),
            tuple(each.id for each in by_owner[owner] if each.effect == "forbid"),
            resting[owner],
        )
        for owner in sorted(order, key=lambda owner: owner is not None)
    )


def approvers(policy: ir.Policy) -> Iterator[Approver]:
    """Who has to agree, or show who they are, before calls go through."""
    found: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for allow in policy.allows:
        _note(found, allow.id, allow.requirements, False)
    for forbid in policy.forbids:
        _note(found, forbid.id, forbid.unless_evidence, True)
    for kind, who in sorted(found):
        yield Approver(kind, who, tuple(found[kind, who]))


def _note(
    found: dict[tuple[str, str], list[Evidence]],
    rule: str,
    requirements: Iterable[ir.Requirement],
    lifts: bool,
) -> None:
    for each in requirements:
        evidence = Evidence(rule, requirement_text(each), lifts)
        match each:
            case ir.StepUp(method):
                found["step-up", method].append(evidence)
            case ir.Confirmation():
                found["confirmation", "the user"].append(evidence)
            case ir.Approval(by):
                for who in by:
                    found["approval", who].append(evidence)
            case _:
                assert_never(each)


# --- What other commands find ---------------------------------------------------------------------


def _finding(diagnostic: Diagnostic, report: Report, reason: str | None) -> Finding:
    place = report.place(diagnostic.labels[0].span) if diagnostic.labels else None
    return Finding(
        code=diagnostic.code,
        severity=diagnostic.severity,
        title=CODES[diagnostic.code].title,
        message=diagnostic.message,
        place=place,
        help=diagnostic.help,
        reason=reason,
    )


def _ledger(target: str, emission: Emission, enforces: bool, report: Report) -> Ledger:
    entries = (
        Entry(each.rule, each.enforcement, each.reasons, each.idle)
        for each in sorted(emission.ledger, key=lambda each: each.rule)
    )
    problems = dict.fromkeys(
        each.message for each in emission.diagnostics if each.severity == "error"
    )
    return Ledger(target, enforces, tuple(entries) if emission.is_written else (), tuple(problems))


def _coverage(policy: ir.Policy) -> Coverage | None:
    """What the tests show of the rules; None where there are no tests."""
    if not policy.tests:
        return None
    from ...compiler.testing.coverage import Coverage as Measured
    from ...compiler.testing.coverage import score
    from ..output.coverage.words import gap_lines

    measured = Measured.of_tests(policy, policy.tests)
    rules = []
    for rule, records in sorted(measured.of.items()):
        found = score(records)
        gaps = tuple(line for record in records for line in gap_lines(record))
        rules.append(Covered(rule, found.covered, found.countable, gaps))
    whole = measured.score
    untested = sorted(rule for rule, records in measured.of.items() if not records[0].shown)
    return Coverage(whole.text, whole.covered, whole.countable, tuple(untested), tuple(rules))
