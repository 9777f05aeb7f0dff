"""The report in Markdown (GitHub's), where everything that comes from a policy stands as code, and is nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...compiler.telling.difference_causes import VERDICTS
from ...compiler.telling.markdown import code, codes, prose, table
from ...compiler.text.counted import counted
from .facts import Access, Audit, Finding, Framework, Ledger, Owner, Rule


def markdown(audit: Audit) -> str:
    """The whole report."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    counts = audit.counts
    yield "# Access report"
    yield ""
    yield f"{audit.at}, policy sha256 `{audit.policy_sha256}`, agpc {audit.agpc}"
    yield ""
    yield from table(
        ("", ""),
        [
            ("agents, intents, capabilities", f"{counts['agents']}, {counts['intents']}, {counts['capabilities']}"),
            ("accesses", str(counts["accesses"])),
            ("allows that stand for good", str(counts["standing"])),
            ("rules that nobody answers for", str(counts["unowned"])),
            ("open findings, and silenced ones", f"{len(audit.findings)}, {len(audit.silences)}"),
            ("tests that pass", f"{counts['tests'] - counts['tests_failed']} of {counts['tests']}"),
        ],
    )  # fmt: skip
    for heading, part in PARTS.items():
        yield ""
        yield f"## {heading}"
        yield ""
        lines = list(part(audit))
        yield from lines or ["None."]


def _owner(owner: Owner | None) -> str:
    return "**nobody**" if owner is None else f"{code(owner.name)} ({code(owner.contact)})"


def _owners(audit: Audit) -> Iterator[str]:
    yield from table(
        ("owner", "accesses", "allows", "forbids"),
        (
            (_owner(each.owner), str(each.accesses), codes(each.allows), codes(each.forbids))
            for each in audit.accountable
        ),
    )


def _agents(audit: Audit) -> Iterator[str]:
    rules = {each.id: each for each in audit.rules}
    for agent in audit.agents:
        yield f"### {code(agent.name)}"
        yield ""
        yield f"{code(agent.id)}, {counted(agent.accesses, 'access', 'accesses')}"
        yield ""
        yield from _doc(agent.doc)
        for access in agent.access:
            yield from _access(access, rules)
        yield ""


def _access(access: Access, rules: dict[str, Rule]) -> Iterator[str]:
    yield f"- {code(access.capability)} for {codes(access.intents)}: **{access.how}**"
    for way in access.ways:
        rule = rules[way.rule]
        terms = code(rule.credential) if rule.credential else "no credential is issued"
        ends = {"standing": ", **never ends**", "over": ", **over**"}.get(rule.state, "")
        yield f"  - by {code(way.rule)}, for which {_owner(rule.owner)} answers; {terms}{ends}"
        yield from (f"    - {code(clause)}" for clause in way.clauses)
        yield from (f"    - unless forbidden by {code(forbid)}" for forbid in way.forbids)
    for doubt in access.undetermined:
        yield f"  - **undetermined** by {code(doubt.rule)}: {code(doubt.reason)}"


def _intents(audit: Audit) -> Iterator[str]:
    for each in audit.intents:
        yield f"- {code(each.name)}: {code(each.purpose)}"
        yield from (f"  - {prose(line)}" for line in each.doc.split("\n") if line.strip())


def _doc(text: str) -> Iterator[str]:
    """What comments say, a paragraph a line."""
    for paragraph in filter(None, text.split("\n\n")):
        yield prose(" ".join(paragraph.split()))
        yield ""


def _standing(audit: Audit) -> Iterator[str]:
    standing = [each for each in audit.rules if each.state == "standing"]
    if standing:
        yield "Allows that never end, so that nobody has to ask for the access again."
        yield ""
        yield from table(
            ("allow", "owner", "credential", "revocation"),
            (
                (code(each.id), _owner(each.owner), code(each.credential) if each.credential else "none", codes(each.revoke))
                for each in standing
            ),
        )  # fmt: skip


def _leases(audit: Audit) -> Iterator[str]:
    if audit.leases:
        yield "Credentials are given for these. A lease stands for many calls, so it cannot stand for what is decided of each."
        yield ""
        for each in audit.leases:
            why = f"no lease, because {prose(each.why)}" if each.why else "a lease may stand for it"
            yield f"- {code(each.capability)}: {why}"


def _approvers(audit: Audit) -> Iterator[str]:
    for each in audit.approvers:
        yield f"- {code(each.who)} ({each.kind})"
        for one in each.evidence:
            word = "lifts the forbid" if one.lifts else "before"
            yield f"  - {word} {code(one.rule)}: {code(one.text)}"


def _finding(each: Finding) -> str:
    place = f", {code(each.place)}" if each.place else ""
    return f"- {each.severity} `{each.code}` {prose(each.message)}{place}"


def _findings(audit: Audit) -> Iterator[str]:
    yield from map(_finding, audit.findings)


def _silences(audit: Audit) -> Iterator[str]:
    yield from (f"{_finding(each)}; because: {code(each.reason or '')}" for each in audit.silences)


def _ledgers(audit: Audit) -> Iterator[str]:
    for each in audit.ledgers:
        yield from _ledger(each)


def _ledger(ledger: Ledger) -> Iterator[str]:
    yield f"### {code(ledger.target)}"
    yield ""
    if not ledger.enforces:
        yield "It carries the policy, and enforces nothing."
        yield ""
    yield from (f"- **cannot be made**: {code(each)}" for each in ledger.problems)
    for each in ledger.entries:
        yield f"- {each.enforcement}: {code(each.rule)}"
        yield from (f"  - {code(reason)}" for reason in (*each.reasons, *each.idle))
    yield ""


def _tests(audit: Audit) -> Iterator[str]:
    if audit.coverage:
        shown = audit.coverage
        yield f"Of what counts the tests show {shown.percent} % ({shown.covered} of {shown.countable})."
        if shown.untested:
            yield f"Not shown to decide anything: {codes(shown.untested)}."
        yield ""
    for each in audit.tests:
        if each.passed:
            yield f"- passed: {code(each.name)}"
        else:
            yield f"- **failed**: {code(each.name)}, {code(each.place)}: expected {code(each.expected)}, got {code(each.got)}"


def _changes(audit: Audit) -> Iterator[str]:
    if audit.changes is None or audit.since is None:
        yield "No revision was named with `--since`."
        return
    verdict = audit.changes["verdict"]
    yield f"Since {code(audit.since)}: **{verdict}**, {VERDICTS[verdict]}."
    yield ""
    yield from (f"- {code(each['text'])}" for each in audit.changes["also"])
    for each in audit.changes["changes"]:
        what = ", ".join(each["what"])
        call = f"{code(each['agent'])} for {code(each['intent'])}: {code(each['capability'])}"
        yield f"- **{each['change']}** ({what}): {call}"
        if each["when"]:
            yield f"  - {code('when ' + each['when'])}"
        rules = each["rules"]
        yield f"  - before {codes(rules['base'], 'no rule')}; now {codes(rules['head'], 'no rule')}"
    for each in audit.changes["undetermined"]:
        yield f"- **undetermined**: {code(each['agent'])} for {code(each['intent'])}: {code(each['reason'])}"


def _controls(audit: Audit) -> Iterator[str]:
    yield (
        "The rules that give evidence for a control, as the policy itself says. Whether a control is met, somebody "
        "has to judge. A gap is a control for which no rule says that it gives evidence."
    )
    for each in audit.frameworks:
        yield ""
        yield from _framework(each)


def _framework(framework: Framework) -> Iterator[str]:
    source = f", from {code(framework.source)}" if framework.source else ""
    yield f"### {code(framework.name)} {code(framework.version)} ({code(framework.id)}{source})"
    yield ""
    if framework.evidence:
        yield from table(
            ("control", "title", "evidence for it"),
            ((code(each.id), code(each.title), codes(each.rules)) for each in framework.evidence),
        )
    else:
        yield "No rule gives evidence for any of it."
    if framework.gaps:
        yield ""
        yield f"{len(framework.gaps)} gaps: {codes(each.id for each in framework.gaps)}"


def _rules(audit: Audit) -> Iterator[str]:
    for each in audit.rules:
        yield f"### {code(each.id)}"
        yield ""
        yield f"{each.effect}, {code(each.place)}, {_owner(each.owner)} answers for it"
        yield ""
        yield from _doc(each.doc)
        yield from (f"- {code(line.strip())}" for line in each.text if line.strip())
        yield ""


def _files(audit: Audit) -> Iterator[str]:
    yield from (f"- {code(each.path)}, sha256 `{each.sha256}`" for each in audit.files)


PARTS: dict[str, Callable[[Audit], Iterator[str]]] = {
    "Who answers": _owners,
    "Agents": _agents,
    "Intents": _intents,
    "Standing access": _standing,
    "Leases": _leases,
    "Who approves": _approvers,
    "Findings": _findings,
    "Silences": _silences,
    "Enforcement": _ledgers,
    "Tests": _tests,
    "Changes": _changes,
    "Controls": _controls,
    "Rules": _rules,
    "Files": _files,
}
"""The parts of a report, in its order."""
