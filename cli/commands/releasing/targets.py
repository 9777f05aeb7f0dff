"""`agpc targets`: what policies can be compiled to, with the settings of each."""

from __future__ import annotations

import json
from typing import Any

import click

FORMATS = ("text", "json")


@click.command()
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
def targets(format: str) -> None:
    """List the targets that are installed: what each makes, and the settings that it takes."""
    from ....compiler.text.visible import visible

    found = [described(name) for name in names()]
    if format == "json":
        click.echo(json.dumps({"targets": found}, indent=2))
        return
    for each in found:
        click.echo(f"{visible(each['name'])}: {visible(each['about'] or each.get('problem', ''))}")
        if each["enforces"] is False:
            click.echo("    carries the policy, and enforces nothing itself")
        for setting, what in each["settings"].items():
            click.echo(f"    --set {visible(setting)}=...  {visible(what)}")


def names() -> list[str]:
    """The targets that are installed."""
    from ....targets.registry import target_names

    return target_names()


def completed(context: click.Context, parameter: click.Parameter, started: str) -> list[str]:
    """What a shell completes a comma list of targets to: its last name."""
    before, comma, last = started.rpartition(",")
    return [f"{before}{comma}{each}" for each in names() if each.startswith(last)]


def described(name: str) -> dict[str, Any]:
    """What a target says of itself; of one that cannot be loaded, why."""
    from ....targets.registry import TargetError, enforces, load_target, settings_of

    try:
        target = load_target(name)
    except TargetError as error:
        return {"name": name, "about": "", "enforces": None, "settings": {}, "problem": str(error)}
    about = (type(target).__doc__ or "").strip().split("\n")[0]
    return {
        "name": name,
        "about": about,
        "enforces": enforces(target),
        "settings": dict(settings_of(target)),
    }
