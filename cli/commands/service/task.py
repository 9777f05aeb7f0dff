"""`agpc task`: start a task at the service, tell of it, end it, and see what was done in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ... import exits
from ...input.service import check_text, named_values, service_at, service_options, text_or_input

if TYPE_CHECKING:
    from ....service.client.client import Client

STATES = ("active", "ended", "drifted")
MAX_PAGE = 500

_Command = TypeVar("_Command", bound=Callable[..., Any])

TASK = click.argument("id", metavar="TASK")
FORMAT = click.option(
    "--format", type=click.Choice(("text", "json")), default="text", show_default=True
)
KEY = click.option(
    "--key",
    metavar="TEXT",
    help="The idempotency key: what was asked with it before is answered as it was, and not done again.",
)
LIMIT = click.option(
    "--limit", type=click.IntRange(1, MAX_PAGE), default=50, show_default=True, metavar="N",
    help="How many.",
)  # fmt: skip
BEFORE = click.option("--before", metavar="TEXT", help="Go on where a list ended.")
WHY = click.option("--why", metavar="TEXT", help="Why, for the record.")


def value_options(name: str, of: str) -> Callable[[_Command], _Command]:
    """Add `--NAME NAME=VALUE` and the one that takes text alone."""

    def add(command: _Command) -> _Command:
        for option in (
            click.option(
                f"--{name}-text", multiple=True, metavar="NAME=TEXT", help="The same, always as text."
            ),
            click.option(
                f"--{name}", multiple=True, metavar="NAME=VALUE",
                help=f"{of}; a value that reads as JSON is JSON (4711 a number), all else is text.",
            ),
        ):  # fmt: skip
            command = option(command)
        return command

    return add


class InOrder(click.Group):
    """A group whose help has the subcommands in the order in which one meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the subcommands."""
        return list(self.commands)


@click.group(cls=InOrder)
def task() -> None:
    """Start tasks at the service, tell of them, end them, and see what was done in them."""


@task.command()
@click.option("--agent", required=True, metavar="SPIFFE", help="The SPIFFE ID of who works.")
@click.option("--intent", required=True, metavar="INTENT", help="What for, as PACKAGE.INTENT.")
@value_options("field", "A field of the intent")
@value_options("property", "An attribute of the agent")
@value_options("context", "Something that the policy reads of the context")
@click.option("--user", metavar="ID", help="The person for whom the agent works.")
@click.option("--said", metavar="TEXT", help="What the person said, or `-` for standard input.")
@KEY
@FORMAT
@service_options
def start(
    agent: str,
    intent: str,
    field: tuple[str, ...],
    field_text: tuple[str, ...],
    property: tuple[str, ...],
    property_text: tuple[str, ...],
    context: tuple[str, ...],
    context_text: tuple[str, ...],
    user: str | None,
    said: str | None,
    key: str | None,
    format: str,
    **where: Any,
) -> None:
    """Start a task: an agent, what for, and on whose behalf.

    The policy decides whether it may be started. Exit status 1 if it may not.
    """
    from ...output.service.tasks import started

    for each in (agent, intent, user or ""):
        check_text(each)
    subject: dict[str, Any] = {"type": "agent", "id": agent}
    if properties := named_values(property, property_text, "the attribute"):
        subject["properties"] = properties
    fields = named_values(field, field_text, "the field")
    around = named_values(context, context_text, "the context")
    if user is not None:
        around["user"] = {"id": user}
    request: dict[str, Any] = {
        "subject": subject,
        "action": {"name": "start", "properties": fields},
        "resource": {"type": intent, "id": "new"},
        "context": around,
    }
    if said is not None:
        request["said"] = text_or_input(said)
    answer = told(lambda client, key: client.start(request, key), key, where)
    show(answer, format, started)
    if answer.get("decision") is not True:
        raise exits.Stop(exits.FINDINGS)


@task.command()
@TASK
@click.argument("text")
@KEY
@FORMAT
@service_options
def say(id: str, text: str, key: str | None, format: str, **where: Any) -> None:
    """Hand over what the person said; TEXT is the words, or `-` for standard input."""
    from ...output.service.tasks import noted

    words = text_or_input(text)
    answer = told(lambda client, key: client.say(check_text(id), words, key), key, where)
    show(answer, format, lambda _: noted(id, "was told what the person said"))


@task.command()
@TASK
@value_options("field", "What is reported")
@KEY
@FORMAT
@service_options
def context(
    id: str,
    field: tuple[str, ...],
    field_text: tuple[str, ...],
    key: str | None,
    format: str,
    **where: Any,
) -> None:
    """Report what the policy may take rights back for, such as the confidence of the agent."""
    from ...output.service.tasks import noted

    values = named_values(field, field_text, "the field")
    if not values:
        raise click.UsageError("say what to report: --field NAME=VALUE")
    answer = told(lambda client, key: client.report(check_text(id), values, key), key, where)
    show(answer, format, lambda _: noted(id, f"reported {', '.join(values)}"))


@task.command()
@TASK
@WHY
@KEY
@FORMAT
@service_options
def end(id: str, why: str | None, key: str | None, format: str, **where: Any) -> None:
    """End a task: from then on its calls are denied."""
    move(id, "ended", why, key, format, where)


@task.command()
@TASK
@WHY
@KEY
@FORMAT
@service_options
def drift(id: str, why: str | None, key: str | None, format: str, **where: Any) -> None:
    """Say that the agent no longer does what it was asked to: the policy decides what that closes."""
    move(id, "drifted", why, key, format, where)


def move(
    id: str, state: str, why: str | None, key: str | None, format: str, where: dict[str, Any]
) -> None:
    """Change the state of a task."""
    from ...output.service.tasks import noted

    check_text(why or "")
    answer = told(lambda client, key: client.move(check_text(id), state, why, key), key, where)
    show(answer, format, lambda _: noted(id, "ended" if state == "ended" else "has drifted"))


@task.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only the tasks in this state.")
@LIMIT
@BEFORE
@FORMAT
@service_options
def list_(state: str | None, limit: int, before: str | None, format: str, **where: Any) -> None:
    """List tasks, the latest first."""
    from ...output.service.tasks import listed, of_list

    with service_at(**where) as client:
        answer = client.tasks(state=state, limit=limit, before=before)
    show_list(answer, format, listed, of_list)


@task.command("show")
@TASK
@click.option(
    "--calls",
    type=click.IntRange(0, MAX_PAGE),
    default=20,
    show_default=True,
    metavar="N",
    help="How many of its calls, the latest ones.",
)
@FORMAT
@service_options
def show_(id: str, calls: int, format: str, **where: Any) -> None:
    """Show a task: who acts for whom, what was said, its calls and what came of them, its meters."""
    from ...output.service.tasks import shown

    with service_at(**where) as client:
        answer = whole(client, check_text(id), calls)
    show(answer, format, shown)


def whole(client: Client, id: str, most: int) -> dict[str, Any]:
    """A task with the events of its latest calls, and with the meters as those saw them."""
    answer = client.task(id)
    listed = answer.get("calls")
    rows = [each for each in listed if type(each) is dict] if type(listed) is list else []
    calls = [
        {**each, "event": client.call(str(each.get("id"))).get("event")} for each in rows[:most]
    ]
    return {
        **answer,
        "calls": calls,
        "more_calls": len(rows) > most or len(rows) >= MAX_PAGE,
        "meters": meters_of(calls),
    }


def meters_of(calls: list[dict[str, Any]]) -> dict[str, Any]:
    """What the latest decisions saw of each meter: with the call where it was permitted, else before it."""
    found: dict[str, Any] = {}
    for each in calls:
        side = "with" if each.get("effect") == "permit" else "before"
        place: Any = each
        for name in ("event", "body", "request", "context", "meters"):
            place = place.get(name) if type(place) is dict else None
        for name, value in place.items() if type(place) is dict else ():
            if type(value) is dict and side in value:
                found.setdefault(name.partition("#")[0], value[side])
    return found


def told(
    ask: Callable[[Client, str], dict[str, Any]], key: str | None, where: dict[str, Any]
) -> dict[str, Any]:
    """Have something done once, and say how to ask again where no answer came."""
    from ....service.client.client import Unreachable, new_key

    chosen = new_key() if key is None else key
    with service_at(**where) as client:
        try:
            return ask(client, chosen)
        except Unreachable as problem:
            raise exits.Failure(
                f"{problem}; whether it was done is not known, and --key {chosen} asks again safely"
            ) from None


def show(answer: dict[str, Any], format: str, text: Callable[[dict[str, Any]], str]) -> None:
    """Print an answer, for people or as the service gave it."""
    click.echo(json.dumps(answer, indent=2) if format == "json" else text(answer))


def show_list(
    answer: dict[str, Any],
    format: str,
    listed: Callable[[dict[str, Any]], list[str]],
    of_list: Callable[[dict[str, Any]], str | None],
) -> None:
    """Print a list a row a line, and what is to be said beside its rows."""
    if format == "json":
        show(answer, format, str)
        return
    for line in listed(answer):
        click.echo(line)
    if (note := of_list(answer)) is not None:
        click.echo(f"note: {note}", err=True)
