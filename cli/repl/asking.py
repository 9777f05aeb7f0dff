"""Requests at the prompt: as JSON, or as the clauses of a test, which the compiler reads as it reads those."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ...runtime.strict_json import NotJSON, read_request
from .. import exits

if TYPE_CHECKING:
    from ...compiler.report.diagnostics import Diagnostic
    from ...runtime.decision import Decision
    from .session import Session

ASKED = "<decide>"
"""What messages call a request that is typed."""
TYPED = 4
"""The line of the test that somebody typed; the others are written around it."""
USAGE = "say who, for what and which call: `decide AGENT for INTENT call RESOURCE.ACTION(argument: value)`"


def decide(session: Session, text: str) -> int:
    """Decide what is typed, and print the answer to each call, as `agpc decide` does."""
    from ...compiler.meaning import interpreter

    requests = list(requests_of(session, text))
    for request in requests:
        session.asked = request
        _show(interpreter.decide(session.policy, request))
    return exits.CLEAN


def explain(session: Session, text: str) -> int:
    """Explain the decision about what is typed, or else the last one, as `agpc explain` does."""
    from ...compiler.meaning.explain import explain as explained
    from ...compiler.report import Report
    from ...compiler.telling.explanation import to_text

    if text:
        *_, session.asked = requests_of(session, text)
    if session.asked is None:
        raise exits.Failure(f"nothing was decided yet: {USAGE}")
    found = explained(session.policy, session.asked)
    report = Report.of((), session.now.files)
    for line in to_text(found, found.reports[:10], report, (), session.policy):
        click.echo(line)
    return exits.CLEAN


def _show(decision: Decision) -> None:
    click.echo(json.dumps(decision.to_authzen()))


def requests_of(session: Session, text: str) -> Iterator[Any]:
    """The requests that somebody typed; one at least. Ends the question with what is wrong with it."""
    if not text:
        raise exits.Failure(USAGE)
    if text.startswith("{"):
        from ...compiler.meaning.explain import shape_problems
        from ...compiler.text.visible import visible

        try:
            request = read_request(text.encode("utf-8", "surrogatepass"))
        except NotJSON as error:
            raise exits.Failure(str(error)) from None
        for problem in shape_problems(request):
            click.echo(f"note: {visible(problem)}", err=True)
        yield request
        return
    yield from _of_clauses(session, text)


def _of_clauses(session: Session, text: str) -> Iterator[Any]:
    """The requests of the test that clauses make, in the package of its agent."""
    from ...compiler.check.compiling.compile import compile_sources
    from ...compiler.report import Report
    from ...compiler.report.source import PolicyFile, Source
    from ..input.policies import catalogue_of, show

    clauses = text if re.match(r"agent\b", text) else f"agent {text}"
    lines = ["language 2", f"package {package_of(session, clauses)}", 'test "typed" {', clauses]
    source = Source(ASKED, "\n".join([*lines, "expect deny", "}", ""]))
    files = [*session.now.files, PolicyFile(source, ASKED)]
    found = compile_sources(
        [each.source for each in files], catalogue=catalogue_of(session.now.files)
    )
    tree = next(each for each in found.files if each.span.file == ASKED)
    if len(tree.statements) > 1:  # it ends the test, and goes on
        raise exits.Failure(USAGE)
    if found.policy is None:
        wrong = [each for each in found.diagnostics if each.severity == "error"]
        if any(
            each.labels[0].span.line != TYPED
            for each in wrong
            if each.labels and each.labels[0].span.file == ASKED
        ):
            raise exits.Failure(USAGE)  # which would be said of a test
        show(Report.of([_of_request(each) for each in wrong], files))
        raise exits.Stop(exits.USAGE)
    typed = [each for each in found.policy.tests if each.span.file == ASKED]
    for each in sorted(typed, key=lambda each: each.span):
        yield each.request


def _of_request(error: Diagnostic) -> Diagnostic:
    """An error with advice for a request, in place of how a file declares the agent that it begins with."""
    from dataclasses import replace

    is_of_file = (error.help or "").startswith("write `agent ")
    return replace(error, help=USAGE) if is_of_file else error


def package_of(session: Session, clauses: str) -> str:
    """The package whose names need no package before them: the agent's, or the first that declares agents."""
    policy = session.policy
    names = sorted(policy.identities)
    match = re.match(r"agent\s+([A-Za-z0-9_.]+)", clauses)
    told = "" if match is None else match[1]
    found = [each for each in names if each == told or each.endswith(f".{told}")]
    homes = [each.rpartition(".")[0] for each in (*found, *names)]
    return homes[0] if homes else policy.packages[0].name
