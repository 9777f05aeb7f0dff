"""`agpc people`: who is there at the service, and an operator's word that somebody has left, or is back."""

from __future__ import annotations

from typing import Any

import click

from ...input.service import check_text, service_at, service_options
from .task import FORMAT, KEY, LIMIT, InOrder, show, show_list, told

PERSON = click.argument("id", metavar="PERSON")
GROUNDS = click.option(
    "--why", metavar="TEXT", required=True, help="On what grounds, for the record."
)


@click.group(cls=InOrder)
def people() -> None:
    """See who is there at the service, and say that somebody has left, or is back."""


@people.command("list")
@LIMIT
@click.option("--after", metavar="ID", help="Go on where a list ended.")
@FORMAT
@service_options
def list_(limit: int, after: str | None, format: str, **where: Any) -> None:
    """List people, by their ids."""
    from ...output.service.people import listed, of_list

    with service_at(**where) as client:
        answer = client.people(limit=limit, after=None if after is None else check_text(after))
    show_list(answer, format, listed, of_list)


@people.command()
@PERSON
@GROUNDS
@KEY
@FORMAT
@service_options
def leave(id: str, why: str, key: str | None, format: str, **where: Any) -> None:
    """Say that a person has left: their sessions end, and what they approved counts no more."""
    _say(id, "left", why, key, format, where)


@people.command()
@PERSON
@GROUNDS
@KEY
@FORMAT
@service_options
def back(id: str, why: str, key: str | None, format: str, **where: Any) -> None:
    """Say that a person is back: with the roles of the settings, or none until they sign in again."""
    _say(id, "here", why, key, format, where)


def _say(
    id: str, state: str, why: str, key: str | None, format: str, where: dict[str, Any]
) -> None:
    from ...output.service.tasks import noted

    id, why = check_text(id), check_text(why)
    answer = told(lambda client, key: client.attend(id, state, why, key), key, where)
    show(answer, format, lambda _: noted(id, "has left" if state == "left" else "is back"))
