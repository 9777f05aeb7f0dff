"""`agpc facts`: a request with the facts that follow from a record."""

from __future__ import annotations

import json

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.opened import opened
from ...input.policies import compiled, read
from ...input.records import record_of
from ...input.requests import NotJSON, read_document


@click.command()
@PATHS
@click.option("--record", required=True, metavar="FILE", help="What happened, as JSON lines.")
@click.option("--request", "-r", required=True, metavar="FILE", help="One request as JSON, or `-`.")
def facts(paths: tuple[str, ...], record: str, request: str) -> None:
    """Print a request with `context.meters` and `context.sources`, as they follow from a record.

    What the request said of them itself is dropped, and the record is read up to the time of the request. A line
    that is broken is named on standard error, and what it could matter to is left out: it is unknown.
    """
    from ....compiler.meaning.facts import facts as known

    if [record, request, *paths].count("-") > 1:
        raise click.UsageError("standard input can be one of policy, record and request")
    policy, _ = compiled(read(paths))
    found = record_of(policy, record)
    with opened(request) as stream:
        try:
            asked = read_document(stream)
        except NotJSON as error:
            raise exits.Failure(f"`{request}`: {error}") from None
    click.echo(json.dumps(known(policy, found, asked), indent=2))
