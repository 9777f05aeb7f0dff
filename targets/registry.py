"""Find targets: ours and other people's, by the `agpc.targets` entry-point group."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from .emission import Target

GROUP = "agpc.targets"


class TargetError(Exception):
    """A target is not there, or cannot be used; the message says why."""


def target_names() -> list[str]:
    """Name the installed targets, sorted."""
    return sorted({each.name for each in entry_points(group=GROUP)})


def load_target(name: str) -> Target:
    """Load a target by its name. Raises `TargetError`."""
    found = {each.value: each for each in entry_points(group=GROUP, name=name)}
    if not found:
        raise TargetError(f"there is no target `{name}`; installed are {', '.join(target_names())}")
    if len(found) > 1:  # whichever we took, somebody would get what they did not ask for
        places = ", ".join(sorted(found))
        raise TargetError(f"more than one package has a target `{name}`: {places}")
    (entry,) = found.values()
    target = _load(entry)
    if getattr(target, "name", None) != name or not callable(getattr(target, "emit", None)):
        raise TargetError(f"what `{entry.value}` gives is not a target `{name}`")
    return target


def settings_of(target: Target) -> Mapping[str, str]:
    """The settings that a target knows, with what each is for; none if it does not say."""
    settings: Mapping[str, str] = getattr(target, "settings", {})
    return settings


def enforces(target: Target) -> bool:
    """Whether what a target makes permits and denies; it does unless the target says otherwise."""
    return bool(getattr(target, "enforces", True))


def _load(entry: EntryPoint) -> Target:
    try:
        target: Target = entry.load()
    except Exception as error:  # what other people's code raises when imported is theirs to choose
        raise TargetError(f"cannot load the target `{entry.name}`: {error}") from error
    return target
