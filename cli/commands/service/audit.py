"""`agpc audit`: verify a trail, show it, and export it."""

from __future__ import annotations

from pathlib import Path

import click

from ....compiler.text.counted import counted
from ... import exits
from ...input.trails import trail_of, view_of
from ...progress import ProgressLine

DIRECTORY = click.argument(
    "directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path)
)
STORE = click.option("--store", metavar="URL", help="The store of a service, instead of a DIR.")
FORMAT = click.option(
    "--format", type=click.Choice(("text", "json")), default="text", show_default=True
)


@click.group()
def audit() -> None:
    """Verify the trail of a service, show it, and export it."""


@audit.command()
@DIRECTORY
@STORE
@click.option(
    "--key", metavar="VKEY", help="The verifier key, which the service says at its start: `name+id+key`; required."
)  # fmt: skip
@click.option(
    "--old-key", multiple=True, metavar="VKEY", help="A key that signed earlier checkpoints."
)
@click.option(
    "--since", multiple=True, metavar="FILE", help="An earlier checkpoint that the trail goes on from."
)  # fmt: skip
@FORMAT
def verify(
    directory: Path | None,
    store: str | None,
    key: str | None,
    old_key: tuple[str, ...],
    since: tuple[str, ...],
    format: str,
) -> None:
    """Verify a trail: nothing changed, nothing left out, and each decision follows from its request.

    DIR is the directory of an export. Exit status 1 if something is wrong, 5 if nothing is, and some cannot be
    decided again.
    """
    from ....audit.reading.notes import BadKey, LogKey
    from ....audit.reading.trail import Unreadable
    from ....audit.verify import verify as verified
    from ...output.service.trail import RENDERERS

    if key is None:
        raise click.UsageError(
            "say with which key: --key VKEY; the service says it at its start, as `verifier_key`"
        )
    try:
        with_key, old_keys = LogKey.read(key), tuple(map(LogKey.read, old_key))
    except BadKey as error:
        raise exits.Failure(str(error)) from None
    notes = tuple(_read(each) for each in since)
    progress = ProgressLine()
    with trail_of(directory, store) as trail:
        try:
            found = verified(
                trail,
                with_key,
                notes,
                lambda size: progress.say(f"{size:,} events"),
                old_keys=old_keys,
            )
        except Unreadable as error:
            raise exits.Failure(str(error)) from None
        except ModuleNotFoundError as error:
            if error.name is None or not error.name.startswith("cryptography"):
                raise
            raise exits.Failure(
                "to verify needs the package `cryptography`: pip install 'agpc[service]'"
            ) from None
        finally:
            progress.end()
    click.echo(RENDERERS[format](found), nl=False)
    status = {"proved": exits.CLEAN, "wrong": exits.FINDINGS, "undetermined": exits.UNDETERMINED}
    raise exits.Stop(status[found.verdict])


@audit.command()
@DIRECTORY
@STORE
@click.option("--task", metavar="ID", help="Events of this task alone.")
@click.option("--call", metavar="ID", help="Events of this call alone.")
@click.option("--event", metavar="NUMBER", type=click.IntRange(0), help="All of this one event.")
@click.option(
    "--since", metavar="TIME", help="Events from this time on, as `2026-11-24T10:00:00Z`."
)
@click.option(
    "--format",
    type=click.Choice(("text", "json", "request")),
    default="text",
    show_default=True,
    help="`request` is what was asked, as `agpc explain` and `agpc decide` take it.",
)
def show(
    directory: Path | None,
    store: str | None,
    task: str | None,
    call: str | None,
    event: int | None,
    since: str | None,
    format: str,
) -> None:
    """Show a trail, a line for each event. It is read as it is: `agpc audit verify` says whether it is true."""
    from ....audit.reading.selection import Selection, selected
    from ....audit.reading.trail import Unreadable
    from ....runtime.values import read_time
    from ...output.service.trail import event_as_json, render_event, render_whole, request_of

    start = None if since is None else read_time(since)
    if since is not None and start is None:
        raise exits.Failure("the time of --since is one like `2026-11-24T10:00:00Z`")
    wanted = Selection(task=task, call=call, seq=event, since=start)
    render = render_event if event is None else render_whole
    shown = event_as_json if format == "json" else render

    problems: list[int] = []

    def broken(seq: int, why: str) -> None:
        problems.append(seq)
        click.echo(f"warning: event {seq}: {why}", err=True)

    with trail_of(directory, store) as trail:
        try:
            for each in selected(trail, wanted, broken):
                if format != "request":
                    click.echo(shown(each))
                elif each.kind == "call":
                    asked = request_of(each)
                    if asked is None:
                        broken(each.seq, "what was asked is not kept, so nobody can explain it")
                    else:
                        click.echo(asked)
        except Unreadable as error:
            raise exits.Failure(str(error)) from None
    if problems:
        raise exits.Stop(exits.FINDINGS)


@audit.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--store", required=True, metavar="URL", help="The store of a service.")
def export(directory: Path, store: str) -> None:
    """Export a trail as files that any static host serves, up to its latest checkpoint.

    A second export to the same DIR adds what is new.
    """
    from ....service.audit.export import ExportError
    from ....service.audit.export import export as exported

    with view_of(store) as view:
        try:
            done = exported(view, directory)
        except ExportError as error:
            raise exits.Failure(str(error)) from None
    click.echo(f"{directory} has {counted(done.size, 'event')}, {done.added} of them new")
    behind = view.head.seq - done.size
    if behind:
        click.echo(f"note: {counted(behind, 'event')} came after the latest checkpoint", err=True)


def _read(name: str) -> bytes:
    """Read an earlier checkpoint."""
    from ....audit.reading.notes import MOST_BYTES
    from ...input.opened import opened

    with opened(name) as stream:
        return stream.read(MOST_BYTES + 1)
