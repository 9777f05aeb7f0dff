"""What a client can ask beyond the protocol: each answer is JSON, with Markdown that any client can show.

Each takes an object with the `uri` of a document of the policy set, and gives one with `markdown`. None takes longer
than its limit: what is not known then is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

from ...compiler.check.compiling.compile import compile_sources
from ...compiler.check.compiling.memory import Memory
from ...compiler.check.project.files import PolicyFilesError
from ...compiler.check.project.revisions import Repository
from ...compiler.ir import nodes as ir
from ...compiler.meaning.explain import explain as explained
from ...compiler.report import Report
from ...compiler.telling.access import alike, clauses, forbid_text, to_json, who
from ...compiler.telling.explanation import to_json as explanation_json
from ...compiler.telling.explanation import to_text as explanation_text
from ...compiler.telling.markdown import code, codes, fenced, table
from ...compiler.telling.matrix import Matrix, answered, told
from ...compiler.telling.outcomes import document, lines_about
from ...compiler.text.counted import counted
from ...compiler.text.suggestions import did_you_mean
from ..snapshot import Snapshot
from .about.access import KeptAnswers, WhoCan
from .about.rules import rules_of
from .code_lenses import rules_meeting
from .results import Known, coverage_of, reaching, run

WAIT = 10.0
"""Seconds that a command may take."""
Given = dict[str, Any]
Answer = dict[str, Any]


class NoAnswer(Exception):
    """Why a command cannot be answered, in words."""


def text_of(given: Given, name: str, otherwise: str | None = None) -> str:
    """A text that a command is given. Raises `Refused`."""
    value = given.get(name, otherwise)
    if not isinstance(value, str):
        raise NoAnswer(f"`{name}` has to be a text")
    return value


# --- Tests ----------------------------------------------------------------------------------------


def run_tests(snapshot: Snapshot, known: Known, file: str, given: Given) -> Answer:
    """Run the tests of a document, or one block (`test`), or those of the whole set (`all`)."""
    block = text_of(given, "test") if given.get("test") is not None else None
    outcomes, left = run(known, None if given.get("all") is True else file, block)
    if block is not None and not outcomes and not left:
        raise NoAnswer(f"there is no test `{block}` in this document")
    report = Report.of((), snapshot.files)
    failed = [each for each in outcomes if not each.passed]
    lines = [f"**{len(outcomes) - len(failed)} passed, {len(failed)} failed**"]
    if left:
        lines.append(f"{counted(left, 'test')} not run: there was no more time.")
    for each in failed:
        lines += ["", fenced("\n".join(lines_about(each, report)), "text")]
    return {
        "markdown": "\n".join(lines),
        **document(outcomes, report),
        "left": left,
    }


def coverage(snapshot: Snapshot, known: Known, file: str, given: Given) -> Answer:
    """Which tests a `rule` decides."""
    name = text_of(given, "rule")
    rules = rules_named(known.policy, name)
    found = coverage_of(known)
    if found is None:
        return {"markdown": "Not known: there was no more time.", "tests": None}
    tests = reaching(found, rules)
    score = [len(record.covered) for rule in rules for record in found.of.get(rule.id, ())]
    whole = [len(record.countable) for rule in rules for record in found.of.get(rule.id, ())]
    counts = f"the tests show {sum(score)} of {sum(whole)} of what counts"
    lines = [
        f"{code(name)} decides {counted(len(tests), 'test')}; {counts}.",
        "",
        *(f"- {code(each)}" for each in tests),
    ]
    shown = {"covered": sum(score), "countable": sum(whole)}
    return {"markdown": "\n".join(lines), "tests": list(tests), **shown}


def rules_named(policy: ir.Policy, name: str) -> list[ir.Rule]:
    """The rules of a name. Raises `Refused`."""
    found = rules_of(policy, name)
    if not found:
        near = did_you_mean(name, [each.id for each in policy.rules])
        raise NoAnswer(f"there is no rule `{name}`" + (f": {near}" if near else ""))
    return found


# --- Access ---------------------------------------------------------------------------------------


def who_can(
    snapshot: Snapshot, policy: ir.Policy, given: Given, asked: KeptAnswers, wait: float = WAIT
) -> Answer:
    """Who can call a `capability`, `RESOURCE.ACTION` or `RESOURCE.*`, in full names."""
    name = text_of(given, "capability")
    capabilities = policy.expand((name,)) if name.endswith(".*") or name == "any" else (name,)
    unknown = [each for each in capabilities if each not in policy.declared_actions]
    if unknown or not capabilities:
        near = did_you_mean(name, policy.capabilities)
        raise NoAnswer(f"there is no capability `{name}`" + (f": {near}" if near else ""))
    report = Report.of((), snapshot.files)
    until = monotonic() + wait
    lines: list[str] = [] if not snapshot.is_stale else [_STALE, ""]
    answers: list[dict[str, Any]] = []
    is_whole = True
    for capability in capabilities:
        found = asked.who_can(policy, capability, max(0.0, until - monotonic()))
        is_whole = is_whole and found.limit is None
        lines += [f"### {code(capability)}", "", *_access(policy, found, report), ""]
        answers += to_json(policy, found.answers, report)
    return {"markdown": "\n".join(lines).rstrip(), "answers": answers, "complete": is_whole}


_STALE = "*The policy has errors now; this is of when it last compiled.*"
_OUT_OF_TIME = "*That is not all: there was no more time.*"


def _access(policy: ir.Policy, found: WhoCan, report: Report) -> Iterator[str]:
    shown = [same for same in alike(found.answers) if same[0].how != "never"]
    for same in shown:
        one = same[0]
        yield f"- {code(who(policy, one.agent))} for {codes(each.intent for each in same)}: **{one.how}**"
        for way in one.ways:
            yield f"  - by {code(way.allow.id)} at {code(report.place(way.allow.span))}"
            yield from (f"    - {code(str(each))}" for each in clauses(way))
            yield from (f"    - {code(forbid_text(each))}" for each in way.forbids)
        for doubt in one.doubts:
            yield f"  - open is whether by {code(doubt.allow.id)}: {code(doubt.reason)}"
    if not shown and found.limit is None:
        yield "Nobody can."
    if found.limit is not None:
        yield _OUT_OF_TIME


def matrix(snapshot: Snapshot, policy: ir.Policy, given: Given, wait: float = WAIT) -> Answer:
    """Agents by capabilities, with what it takes."""
    report = Report.of((), snapshot.files)
    found: Matrix = answered(policy, ir.DECLARED, report, monotonic() + wait)
    titles = [row.title(policy) for row in found.rows]
    head = ["", *map(code, titles)]
    rows = [
        [code(capability), *(told(policy, row.cells[at]) for row in found.rows)]
        for at, capability in enumerate(found.capabilities)
    ]
    lines = [*([_STALE, ""] if snapshot.is_stale else []), *table(head, rows)]
    if found.undetermined:
        lines += ["", "`?` could not be told, for want of time or steps."]
    cells = [
        {"capability": capability, "agent": title, "how": told(policy, row.cells[at])}
        for title, row in zip(titles, found.rows, strict=True)
        for at, capability in enumerate(found.capabilities)
    ]
    return {"markdown": "\n".join(lines), "cells": cells, "complete": not found.undetermined}


def meeting(snapshot: Snapshot, known: Known, file: str, given: Given) -> Answer:
    """The rules that may decide a call which a `rule` is about, too, and where they stand."""
    name = text_of(given, "rule")
    rules_named(known.policy, name)
    found = rules_meeting(known, name)
    if found is None:
        return {"markdown": "Not known: there was no more time.", "rules": None, "locations": None}
    report = Report.of((), snapshot.files)
    lines = [f"{counted(len(found), 'rule meets', 'rules meet')} {code(name)}.", ""]
    lines += [f"- {code(each.id)} at {code(report.place(each.span))}" for each in found]
    return {
        "markdown": "\n".join(lines).rstrip(),
        "rules": [each.id for each in found],
        "locations": [snapshot.location_of(each.span) for each in found],
    }


# --- Requests and revisions -----------------------------------------------------------------------


def explain(snapshot: Snapshot, policy: ir.Policy, given: Given) -> Answer:
    """Why a `request` is decided as it is, or that of the `test` of a name."""
    request = given.get("request")
    if request is None:
        name = text_of(given, "test")
        request = next((each.request for each in policy.tests if each.name == name), None)
        if request is None:
            near = did_you_mean(name, [each.name for each in policy.tests])
            raise NoAnswer(f"there is no test `{name}`" + (f": {near}" if near else ""))
    found = explained(policy, request)
    report = Report.of((), snapshot.files)
    shown = found.reports[:10]
    said = explanation_json(found, shown, report)
    lines = [
        *([_STALE, ""] if snapshot.is_stale else []),
        fenced("\n".join(explanation_text(found, shown, report)), "text"),
    ]
    return {"markdown": "\n".join(lines), **said}


def diff(snapshot: Snapshot, policy: ir.Policy, given: Given, wait: float = WAIT) -> Answer:
    """Who can do what that they could not do at a `revision` of git, from where it and the last commit parted."""
    import json

    from ...compiler.analysis.diff.changes import compare
    from ...compiler.telling.difference_json import document as difference_json
    from ...compiler.telling.difference_markdown import page

    revision = text_of(given, "revision", "HEAD")
    until = monotonic() + wait
    paths = snapshot.home.paths or tuple(each.path for each in snapshot.files)
    if snapshot.home.root is None or not paths:
        raise NoAnswer("the document is not on the disk, so no revision has it")
    try:
        repository = Repository.holding(paths[0])
        base = repository.policies(repository.merge_base(revision, "HEAD"), paths)
    except PolicyFilesError as error:
        raise NoAnswer("; ".join(error.problems)) from None
    sources = [each.source for each in base]
    before = compile_sources(sources, Memory(), snapshot.settings.controls).policy
    if before is None:
        raise NoAnswer(f"the policy does not compile at `{revision}`")
    found = compare(before, policy, until=until)
    lines = [*([_STALE, ""] if snapshot.is_stale else []), page(found)]
    said: dict[str, Any] = json.loads(difference_json(found))
    return {"markdown": "\n".join(lines), **said}


OfKnown = Callable[[Snapshot, Known, str, Given], Answer]
OfPolicy = Callable[[Snapshot, ir.Policy, Given], Answer]
