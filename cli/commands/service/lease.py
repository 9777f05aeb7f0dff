"""`agpc lease`: which leases the service has given, what they stand for, and their end."""

from __future__ import annotations

import json
from typing import Any

import click

from ... import exits
from ...input.service import check_text, service_at, service_options
from .task import BEFORE, FORMAT, KEY, LIMIT, WHY, InOrder, show, show_list, told

LEASE = click.argument("id", metavar="LEASE")


@click.group(cls=InOrder)
def lease() -> None:
    """See which leases the service has given, what they stand for, and end them."""


@lease.command("list")
@click.option("--task", metavar="TASK", help="Only the leases of this task.")
@LIMIT
@BEFORE
@FORMAT
@service_options
def list_(task: str | None, limit: int, before: str | None, format: str, **where: Any) -> None:
    """List leases, the latest first."""
    from ...output.service.leases import listed, of_list

    with service_at(**where) as client:
        answer = client.leases(
            task=None if task is None else check_text(task), limit=limit, before=before
        )
    show_list(answer, format, listed, of_list)


@lease.command("show")
@LEASE
@FORMAT
@service_options
def show_(id: str, format: str, **where: Any) -> None:
    """Show a lease: whose it is, what it stands for, until when, and what ended it."""
    from ...output.service.leases import shown

    with service_at(**where) as client:
        answer = client.lease(check_text(id))
    show(answer, format, shown)


@lease.command()
@LEASE
@WHY
@KEY
@FORMAT
@service_options
def revoke(id: str, why: str | None, key: str | None, format: str, **where: Any) -> None:
    """End a lease: its tokens are good for nothing from then on, for whoever asks the service."""
    from ...output.service.leases import ended

    check_text(why or "")
    answer = told(lambda client, key: client.revoke(check_text(id), why, key), key, where)
    show(answer, format, ended)


@lease.command()
@LEASE
@click.option(
    "--broker", required=True, metavar="NAME", help="Which broker of the service to ask: `[brokers.NAME]`."
)  # fmt: skip
@service_options
def credential(id: str, broker: str, **where: Any) -> None:
    """Turn a lease into a credential of a platform, and print that as JSON.

    What is printed is secret. Of AWS it is what `credential_process` of its clients reads.
    """
    from ....service.client.client import new_key

    with service_at(**where) as client:
        answer = client.credential(check_text(id), check_text(broker), new_key())
    given = answer.get("credential")
    if type(given) is not dict:
        raise exits.Failure("the service answered without a credential: see that it is up to date")
    click.echo(json.dumps(given))
