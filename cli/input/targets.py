"""What a command asks of targets: the settings that each takes, and a word about every rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from .. import exits

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...targets.emission import Emission, Options, Target


def load_targets(names: Iterable[str]) -> list[Target]:
    """Load targets, each once; ends the command if there is none of a name."""
    from ...targets.registry import TargetError, load_target

    try:
        return [load_target(name) for name in dict.fromkeys(names)]
    except TargetError as error:
        raise exits.Failure(str(error)) from None


def emitted(
    policy: ir.Policy, targets: Sequence[Target], options: Sequence[Options]
) -> dict[str, Emission]:
    """What each target makes of a policy, with its settings; ends the command as `check_ledgers` does."""
    emissions = {
        target.name: target.emit(policy, each)
        for target, each in zip(targets, options, strict=True)
    }
    check_ledgers(policy, emissions)
    return emissions


def check_ledgers(policy: ir.Policy, emissions: Mapping[str, Emission]) -> None:
    """Refuse a target that is silent about a rule, or that permits and leaves a forbid to others."""
    for name, emission in emissions.items():
        if not emission.is_written:
            continue
        left = {each.rule for each in emission.ledger if each.enforcement == "elsewhere"}
        silent = {rule.id for rule in policy.rules} - {entry.rule for entry in emission.ledger}
        if silent:
            raise exits.Failure(f"target {name} does not say how it enforces `{min(silent)}`")
        forbids = {rule.id for rule in policy.forbids} & left
        if forbids and not {rule.id for rule in policy.allows} <= left:
            raise exits.Failure(
                f"target {name} leaves `{min(forbids)}`, a forbid, to others, and permits all the same"
            )


def options_of(targets: Sequence[Target], settings: Mapping[str, str]) -> list[Options]:
    """Give each target the settings that it knows, and refuse one that none of them knows."""
    from ...compiler.text.suggestions import did_you_mean
    from ...compiler.text.visible import visible
    from ...targets.emission import Options
    from ...targets.registry import settings_of

    known = [settings_of(target) for target in targets]
    names = sorted({name for each in known for name in each})
    for key in settings:
        if key not in names:
            help = did_you_mean(key, names)
            listed = ", ".join(f"`{name}`" for name in names)
            there_are = f"there are {listed}" if listed else "there are none"
            chosen = ", ".join(target.name for target in targets)
            what = f"there is no setting `{visible(key)}` of {chosen}"
            raise exits.Failure(f"{what}: {help or there_are}")
    return [
        Options({key: value for key, value in settings.items() if key in each}) for each in known
    ]


def split_names(given: tuple[str, ...]) -> list[str]:
    """Give the names in comma lists, each once, in the order given."""
    names = dict.fromkeys(name.strip() for each in given for name in each.split(","))
    names.pop("", None)
    if not names:
        raise click.UsageError("--target names no target")
    return list(names)


def read_settings(given: tuple[str, ...]) -> dict[str, str]:
    """Read `key=value` pairs; a key stands once."""
    settings: dict[str, str] = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not key or not equals:
            raise click.UsageError(f"--set takes KEY=VALUE, not {each!r}")
        if settings.setdefault(key, value) != value:
            raise click.UsageError(f"--set gives {key!r} two values")
    return settings
