"""`agpc explain`: why a request is decided as it is, or why not otherwise."""

from __future__ import annotations

import json

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.opened import opened
from ...input.policies import compiled, read
from ...input.requests import NotJSON, read_document

FORMATS = ("text", "json")


@click.command()
@PATHS
@click.option("--request", "-r", required=True, metavar="FILE", help="One request as JSON, or `-`.")
@click.option("--record", metavar="FILE", help="What happened before, as JSON lines.")
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--rules",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many rules to show, nearest first; 0 shows all that came near.",
)
def explain(
    paths: tuple[str, ...], request: str, record: str | None, format: str, rules: int
) -> None:
    """Say why a request is permitted, challenged or denied.

    For every rule that came near it shows the clause that failed and the value that it saw. A rule
    came near if it names the capability and, of an allow, the agent or the intent. With --record it
    also says which calls the meters count, and where a value was seen that is not from a source.
    """
    from ....compiler.meaning.explain import explain as explained
    from ....compiler.report import Report
    from ....compiler.telling.explanation import to_json, to_text

    if [request, record, *paths].count("-") > 1:
        raise click.UsageError("standard input can be one of policy, record and request")
    files = read(paths)
    policy, _ = compiled(files)
    with opened(request) as stream:
        try:
            asked = read_document(stream)
        except NotJSON as error:
            raise exits.Failure(f"`{request}`: {error}") from None
    found, why = explained(policy, asked), []
    if record is not None:
        from ....compiler.meaning.facts import facts
        from ....compiler.meaning.facts.why import why_facts
        from ...input.records import record_of

        known = record_of(policy, record)
        found = explained(policy, facts(policy, known, asked))
        why = why_facts(policy, known, asked, [each.rule for each in found.reports])
    shown = found.reports[:rules] if rules else found.reports
    report = Report.of((), files)
    if format == "json":
        click.echo(json.dumps(to_json(found, shown, report, why, policy), indent=2))
    else:
        click.echo("\n".join(to_text(found, shown, report, why, policy)))
