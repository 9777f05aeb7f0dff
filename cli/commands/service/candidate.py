"""`agpc candidate`: what other policies would have answered to the calls that a service has recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ... import exits
from ...input.service import service_at, service_options

MOST = 100_000
AT_ONCE = 1_000


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--store",
    metavar="URL",
    help="Decide again what this store has recorded, with the policies of PATH.",
)
@click.option(
    "--last", type=click.IntRange(1, MOST), default=10_000, show_default=True, metavar="N",
    help="With --store: look at the last N events.",
)  # fmt: skip
@click.option(
    "--mapping", type=click.Path(path_type=Path), metavar="FILE", help="The request mapping."
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The entities that are known.",
)
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@service_options
def candidate(
    paths: tuple[str, ...],
    store: str | None,
    last: int,
    mapping: Path | None,
    directory: Path | None,
    format: str,
    **where: Any,
) -> None:
    """Say what candidate policies would answer otherwise; exit 1 if anything.

    Without PATH it asks a service that runs with --candidate; with PATH and --store it decides the recorded calls
    again. Nothing is answered or recorded by it.
    """
    if bool(paths) != (store is not None):
        raise click.UsageError(
            "say both the candidate's PATH and --store, or neither, to ask a service"
        )
    if store is None:
        with service_at(**where) as client:
            found = client.get("/v1/candidate")
    else:
        found = replayed(paths, store, last, mapping, directory)
    click.echo(
        json.dumps(found, indent=2) if format == "json" else told(found), nl=format == "json"
    )
    if found["differences"]:
        raise exits.Stop(exits.FINDINGS)


def replayed(
    paths: tuple[str, ...], url: str, last: int, mapping: Path | None, directory: Path | None
) -> dict[str, Any]:
    """Decide again what a store has recorded, or end the command."""
    from ....service.core import open_view
    from ....service.policies.generation import GenerationError, load_generation
    from ....service.serving.candidate import Candidate, facts_in
    from ....service.store import StoreError

    try:
        generation = load_generation(paths, mapping=mapping, directory=directory)
    except GenerationError as error:
        from ....compiler.text.visible import visible

        for line in str(error).splitlines():
            click.echo(visible(line), err=True)
        raise exits.Stop(exits.INVALID) from None
    found = Candidate(generation)
    try:
        with open_view(url) as view:
            size = view.head.seq
            for start in range(max(0, size - last), size, AT_ONCE):
                found.read(view.events(start, min(size, start + AT_ONCE)))
            row = None if view.head.generation is None else view.generation(view.head.generation)
            return found.report([] if row is None else facts_in(row))
    except StoreError as error:
        raise exits.Failure(str(error)) from None
    except GenerationError as error:
        raise exits.Failure(f"the active policy of the store does not load: {error}") from None


def told(found: dict[str, Any]) -> str:
    """Write a report for people."""
    from ....compiler.text.visible import visible

    differing = found["compared"] - found["same"]
    lines = [
        f"{found['compared']} calls compared: {found['same']} the same, {differing} otherwise",
    ]
    if found["not_decidable"]:
        lines.append(
            f"{found['not_decidable']} more cannot be decided again: their values are not kept"
        )
    if found["unknown_facts"]:
        names = ", ".join(visible(each.partition("#")[0]) for each in found["unknown_facts"])
        lines.append(
            f"facts that were not counted as the candidate does, and are unknown to it: {names}"
        )
    for each in found["differences"]:
        lines.append(f"\n{each['active']} → {each['candidate']}: {each['count']}")
        for call in each["examples"]:
            what = f"{call['resource']}.{call['action']} by {call['agent']}"
            why = "; ".join([*call["rules"], *call["reasons"]])
            lines.append(
                f"  {visible(call['call'])}  {visible(what)}"
                + (f"  ({visible(why)})" if why else "")
            )
    return "\n".join(lines) + "\n"
