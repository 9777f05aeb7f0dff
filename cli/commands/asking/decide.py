"""`agpc decide`: the answers that a policy gives to requests."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.opened import opened
from ...input.policies import compiled, read
from ...input.requests import NotJSON, read_document, read_lines

if TYPE_CHECKING:
    from ....compiler.ir import nodes as ir
    from ....runtime.decision import Decision

ENGINES = ("interpreter", "python")
LINES = (".jsonl", ".ndjson")

Decide: TypeAlias = "Callable[[Any], Decision]"


@click.command()
@PATHS
@click.option(
    "--request",
    "-r",
    required=True,
    metavar="FILE",
    help="One request as JSON; or one a line, if FILE is `-` or ends in .jsonl or .ndjson.",
)
@click.option("--record", metavar="FILE", help="What happened before, as JSON lines.")
@click.option("--engine", type=click.Choice(ENGINES), default="interpreter", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit 1 if a request is not permitted.")
def decide(
    paths: tuple[str, ...], request: str, record: str | None, engine: str, exit_code: bool
) -> None:
    """Decide requests under policies, and print an OpenID AuthZEN response for each, one a line.

    Every line that is not blank gets an answer, in order. One that is not JSON is denied, named on
    standard error, and makes the exit status 2 when all are answered. A request that is JSON but
    not of AuthZEN's shape is decided all the same, with a note on standard error. With --record
    each is given the facts that follow from it; without, those that it brings are taken as they are.
    """
    if [request, record, *paths].count("-") > 1:
        raise click.UsageError("standard input can be one of policy, record and requests")
    policy, _ = compiled(read(paths))
    answer = decider(policy, engine)
    if record is not None:
        answer = with_facts(policy, record, answer)
    with opened(request) as stream:
        if request == "-" or request.endswith(LINES):
            permitted = decide_lines(answer, stream)
        else:
            permitted = decide_document(answer, stream, request)
    if exit_code and not permitted:
        raise exits.Stop(exits.FINDINGS)


def decider(policy: ir.Policy, engine: str) -> Decide:
    """Give the function that decides under a policy."""
    if engine == "python":
        from ....targets.python import evaluator

        return evaluator(policy).decide
    from ....compiler.meaning import interpreter

    return lambda request: interpreter.decide(policy, request)


def with_facts(policy: ir.Policy, record: str, answer: Decide) -> Decide:
    """Give requests the facts of a record before they are decided."""
    from ....compiler.meaning.facts import facts
    from ...input.records import record_of

    known = record_of(policy, record)
    return lambda request: answer(facts(policy, known, request))


def decide_lines(answer: Decide, stream: IO[bytes]) -> bool:
    """Answer each line as it comes; tell whether all were permitted, which takes one at least."""
    from ....runtime.decision import Decision

    permitted, broken, answered = True, False, False
    for line in read_lines(stream):
        if line.problem is None:
            note_shape(line.value, f"line {line.number}: ")
            decision = answer(line.value)
        else:
            said = f"line {line.number}: {line.problem}"
            warn("error", said)
            broken = True
            decision = Decision("deny", reasons=(said,))
        permitted = permitted and decision.effect == "permit"
        show(decision)
        answered = True
    if broken:
        raise exits.Stop(exits.USAGE)
    if not answered:
        warn("note", "there was no request, and so nothing is permitted")
    return permitted and answered


def decide_document(answer: Decide, stream: IO[bytes], name: str) -> bool:
    """Answer the one request that a file holds; tell whether it was permitted."""
    try:
        request = read_document(stream)
    except NotJSON as error:
        raise exits.Failure(
            f"`{name}`: {error} (a file with one request a line ends in .jsonl)"
        ) from None
    note_shape(request, "")
    decision = answer(request)
    show(decision)
    return decision.effect == "permit"


def show(decision: Decision) -> None:
    """Print a decision on a line of its own, at once, in ASCII, so that nothing breaks the line."""
    click.echo(json.dumps(decision.to_authzen()))
    sys.stdout.flush()


def note_shape(request: object, place: str) -> None:
    """Say on standard error what AuthZEN asks for and a request lacks."""
    from ....compiler.meaning.explain import shape_problems

    for problem in shape_problems(request):
        warn("note", f"{place}{problem}")


def warn(kind: str, message: str) -> None:
    """Print a line on standard error."""
    from ....compiler.text.visible import visible

    click.echo(f"{kind}: {visible(message)}", err=True)
