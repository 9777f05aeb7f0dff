"""`agpc approve`: what waits for a person, shown whole in a terminal, and answered there."""

from __future__ import annotations

import sys
from typing import Any

import click

from ... import exits
from ...input.service import check_text, service_at, service_options
from .task import FORMAT, KEY, MAX_PAGE, show, told

STATES = ("pending", "approved", "refused", "expired", "cancelled")


@click.command()
@click.argument("id", metavar="[REQUEST]", required=False)
@click.option("--yes", is_flag=True, help="Approve it, after it was shown.")
@click.option("--no", is_flag=True, help="Refuse it, after it was shown.")
@click.option("--message", metavar="TEXT", help="What the agent is told of a refusal.")
@click.option(
    "--state", type=click.Choice(STATES), default="pending", show_default=True,
    help="In a list: the requests in this state.",
)  # fmt: skip
@click.option("--others", is_flag=True, help="In a list: also those that others are asked.")
@click.option(
    "--limit", type=click.IntRange(1, MAX_PAGE), default=50, show_default=True, metavar="N",
    help="In a list: how many.",
)  # fmt: skip
@click.option("--before", metavar="TEXT", help="Go on where a list ended.")
@KEY
@FORMAT
@service_options
def approve(
    id: str | None,
    yes: bool,
    no: bool,
    message: str | None,
    state: str,
    others: bool,
    limit: int,
    before: str | None,
    key: str | None,
    format: str,
    **where: Any,
) -> None:
    """List what waits for you; or show one REQUEST whole, and approve or refuse it.

    The key is that of a person. In a terminal it is asked what to do with a request that may be answered; elsewhere
    nothing is answered without --yes or --no.
    """
    if yes and no:
        raise click.UsageError("--yes and --no are two answers: give one")
    if id is None:
        if yes or no or message is not None:
            raise click.UsageError("say which request: agpc approve REQUEST")
        listed(state, others, limit, before, format, where)
        return
    id, message = check_text(id), check_text(message) if message is not None else None
    with service_at(**where) as client:
        found = client.request(id)
    answer_it(
        id, found, "approve" if yes else "refuse" if no else None, message, key, format, where
    )


def listed(
    state: str, others: bool, limit: int, before: str | None, format: str, where: dict[str, Any]
) -> None:
    """Print what waits."""
    from ...output.service.requests import listed as lines_of
    from ...output.service.requests import of_list

    of = None if others else "me"
    with service_at(**where) as client:
        answer = client.requests(state=state, of=of, limit=limit, before=before)
    if format == "json":
        show(answer, format, str)
        return
    for line in lines_of(answer):
        click.echo(line)
    if (note := of_list(answer, state)) is not None:
        click.echo(f"note: {note}", err=True)


def answer_it(
    id: str,
    found: dict[str, Any],
    verdict: str | None,
    message: str | None,
    key: str | None,
    format: str,
    where: dict[str, Any],
) -> None:
    """Show a request, and answer it as it was shown: under another policy the answer is void."""
    from ...output.service.requests import shown

    show(found, format, shown)
    request = found.get("request")
    mine = type(request) is dict and request.get("asked_of_you") is True
    is_open = type(request) is dict and request.get("state") == "pending"
    if verdict is None and mine and is_open and format == "text" and sys.stdin.isatty():
        verdict, message = asked(found.get("may_approve") is True, message)
    if verdict is None:
        return
    policy = found.get("policy")
    if type(policy) is not str:
        raise exits.Failure("no policy is active, so nothing can be answered")
    answer = told(lambda client, key: client.verdict(id, verdict, policy, message, key), key, where)
    if format == "text":
        said = "approved" if answer.get("verdict") == "approve" else "refused"
        click.echo(f"{said}")


def asked(may_approve: bool, message: str | None) -> tuple[str | None, str | None]:
    """Ask in a terminal what to do; anything but a whole word leaves the request as it is."""
    words = "`approve` or `refuse`" if may_approve else "`refuse`"
    given = click.prompt(f"write {words}, or nothing to leave it", default="", show_default=False)
    if given not in ("approve", "refuse") or (given == "approve" and not may_approve):
        click.echo("left as it is")
        return None, None
    if given == "refuse" and message is None:
        message = click.prompt("what the agent is told", default="", show_default=False) or None
    return given, message
