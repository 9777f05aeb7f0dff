"""What policy sets were at a revision: which paths they had, and what they were judged by."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ...structs import Struct
from .baseline import BaselineError, Entry, entries_in
from .files import common_root
from .policy_sets import PolicySet
from .revisions import Repository
from .settings import DeclaredSet, Settings
from .settings_file import OWN_FILE, SHARED_FILE, SettingsError, find_settings, settings_in


class Judges(Struct):
    """What a policy set is judged by."""

    settings: Settings = Settings()
    targets: Sequence[str] = ()
    baseline: Sequence[Entry] = ()


def paths_at(repository: Repository, revision: str, policy_set: PolicySet) -> tuple[str, ...]:
    """The paths that a set of this name had, which may have moved since; where none had it, those that it has."""
    try:
        declaring = near(repository, revision, Path.cwd())
    except SettingsError:
        return policy_set.paths  # which the comparison says
    was = _declared(declaring, policy_set)
    return policy_set.paths if was is None else _from_here(declaring, was)


def _declared(declaring: Settings, policy_set: PolicySet) -> DeclaredSet | None:
    """The set that it was: of its name, else of its paths."""
    listed = declaring.set
    named = (each for each in listed if each.name == policy_set.name)
    alike = (each for each in listed if _from_here(declaring, each) == policy_set.paths)
    return next(named, None) or next(alike, None)


def _from_here(declaring: Settings, declared: DeclaredSet) -> tuple[str, ...]:
    paths = (declaring.path(each) for each in declared.paths)
    return tuple(Path(os.path.relpath(each)).as_posix() for each in paths)


def left_out(repository: Repository, revision: str, beside: Sequence[str]) -> list[str]:
    """The policies of no set that were in one at a revision. Raises `PolicyFilesError`."""
    try:
        before = near(repository, revision, Path.cwd())
    except SettingsError:
        return []  # which each comparison says
    had = repository.had(revision, beside)
    if not before.set:  # then all were in some set
        return had
    homes = [os.path.realpath(before.path(path)) for each in before.set for path in each.paths]
    return [
        path
        for path in had
        if any(Path(os.path.realpath(path)).is_relative_to(home) for home in homes)
    ]


def judges_at(repository: Repository, revision: str, policy_set: PolicySet) -> Judges:
    """What the set was judged by, found as it is found in a working tree. Raises `SettingsError`."""
    paths = paths_at(repository, revision, policy_set)
    settings = near(repository, revision, Path(common_root(paths)))
    declaring = near(repository, revision, Path.cwd())
    targets, baseline, root = settings.targets, settings.baseline, settings
    was = _declared(declaring, policy_set)
    if was is not None:
        targets = declaring.targets or targets if was.targets is None else was.targets
        if was.baseline is not None:
            root, baseline = declaring, was.baseline
    if baseline is None:
        return Judges(settings, targets)
    path = root.path(baseline)
    content = repository.contents(revision, [path]).get(path)
    try:
        entries = [] if content is None else entries_in(content, f"`{path}`")
    except BaselineError:
        entries = []  # no check went beyond it
    return Judges(settings, targets, entries)


def near(repository: Repository, revision: str, directory: Path) -> Settings:
    """The settings that held in a directory; what is above the repository is as it is now."""
    top = Path(os.path.realpath(repository.top))
    start = Path(os.path.realpath(directory))
    above = [each for each in (start, *start.parents) if each == top or top in each.parents]
    names = [each / name for each in above for name in (OWN_FILE, SHARED_FILE)]
    found = repository.contents(revision, names)
    for path in names:
        if path in found and (settings := settings_in(found[path], path)) is not None:
            return settings
    outside = find_settings(top.parent)
    return (
        Settings() if outside is None else settings_in(outside.read_bytes(), outside) or Settings()
    )
