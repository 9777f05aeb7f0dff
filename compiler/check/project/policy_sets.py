"""The policy sets of a repository, each of which is compiled and judged by itself.

A project names them in its settings. Where it does not, each directory with settings of its own is a set, and what
lies below none of them is one together.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ...report.source import PolicyFile
from ...structs import Struct, changed
from ...text.visible import visible
from .files import SUFFIX, Finder, PolicyFilesError, common_root, read_policies
from .settings import DeclaredSet, Settings
from .settings_file import declares_sets, find_settings, read_settings

WHOLE = "policies"
"""The name of a set that is all that there is."""


class PolicySet(Struct):
    """A policy set: its paths as they are reached from here, what they hold, and what it is judged by."""

    name: str
    paths: tuple[str, ...]
    files: tuple[PolicyFile, ...]
    settings: Settings
    baseline: Path | None
    targets: tuple[str, ...]


class PolicySets(Struct):
    """All sets of a repository, and the policies that lie beside the sets that it names."""

    sets: tuple[PolicySet, ...]
    beside: tuple[str, ...] = ()


def find_sets(directory: str = ".", config: Path | None = None) -> PolicySets:
    """Find the sets below a directory. Raises `SettingsError` and `PolicyFilesError`."""
    path = config or find_settings(Path(os.path.abspath(directory)))
    settings = Settings() if path is None else read_settings(path)
    if settings.set:
        sets = _declared(settings)
        return PolicySets(sets, _beside(settings, sets))
    return PolicySets(_by_settings(directory, config))


def which_set(directory: str = ".") -> str | None:
    """The question which set is meant by a directory that holds several; None if it holds one.

    Raises `SettingsError`.
    """
    named = declares_sets(Path(os.path.abspath(directory)))
    if named is not None:
        return f"`{named}` names policy sets: name the files of one, or run `agpc ci`"
    homes = sorted(map(_shown, set(_homes(directory, Finder()).values())))
    if len(homes) < 2:
        return None
    return (
        f"`{homes[0]}` and `{homes[1]}` are policy sets with settings of their own: name the files of one, or run "
        "`agpc ci`"
    )


def set_of(paths: Iterable[str], config: Path | None = None) -> PolicySets:
    """The one set that paths hold. Raises `SettingsError` and `PolicyFilesError`."""
    return PolicySets((_set(WHOLE, tuple(paths), config),))


def _set(name: str, paths: tuple[str, ...], config: Path | None) -> PolicySet:
    files = tuple(read_policies(paths))
    path = config or find_settings(Path(common_root(paths)))
    settings = Settings() if path is None else read_settings(path)
    baseline = None if settings.baseline is None else settings.path(settings.baseline)
    return PolicySet(name, paths, files, settings, baseline, settings.targets)


def _declared(settings: Settings) -> tuple[PolicySet, ...]:
    """The sets that settings name; a file of two sets, or one outside the project, is a mistake."""
    assert settings.file is not None
    found: list[PolicySet] = []
    problems: list[str] = []
    for each in settings.set:
        try:
            found.append(_named(each, settings))
        except PolicyFilesError as error:
            problems += [f"set `{each.name}`: {problem}" for problem in error.problems]
    problems += _overlaps(found, settings.file.parent)
    if problems:
        raise PolicyFilesError(problems)
    return tuple(found)


def _named(declared: DeclaredSet, settings: Settings) -> PolicySet:
    paths = tuple(Path(os.path.relpath(settings.path(each))).as_posix() for each in declared.paths)
    made = _set(declared.name, paths, None)
    baseline = made.baseline
    if declared.baseline is not None:
        baseline = settings.path(declared.baseline)
    targets = declared.targets
    if targets is None:
        targets = settings.targets or made.targets
    return PolicySet(made.name, paths, made.files, made.settings, baseline, targets)


def _overlaps(sets: Iterable[PolicySet], root: Path) -> list[str]:
    """What is wrong with where the files of sets are."""
    top = os.path.realpath(root)
    holders: dict[str, str] = {}
    problems = []
    for each in sets:
        for file in each.files:
            real = os.path.realpath(file.path)
            if os.path.commonpath([top, real]) != top:
                problems.append(
                    f"set `{each.name}`: `{file.path}` is a link that leads out of `{root}`, where no "
                    "revision has it"
                )
            if holders.setdefault(real, each.name) != each.name:
                problems.append(in_two_sets(file.path, holders[real], each.name))
    return problems


def in_two_sets(path: str, one: str, other: str) -> str:
    """What is said of a file that two sets have."""
    return f"`{path}` is in two sets, `{one}` and `{other}`: each is compiled by itself, so give each file to one"


def _beside(settings: Settings, sets: Iterable[PolicySet]) -> tuple[str, ...]:
    """The policies below the settings that no set holds: nobody looks at them, and that is said."""
    assert settings.file is not None
    held = {os.path.realpath(file.path) for each in sets for file in each.files}
    found = []
    for directory, below, names in os.walk(settings.file.parent):
        below[:] = sorted(each for each in below if not each.startswith("."))
        for name in sorted(names):
            path = os.path.join(directory, name)
            if (
                name.endswith(SUFFIX)
                and not name.startswith(".")
                and os.path.realpath(path) not in held
            ):
                found.append(Path(os.path.relpath(path)).as_posix())
    return tuple(found)


def _by_settings(directory: str, config: Path | None) -> tuple[PolicySet, ...]:
    """A set for each directory that has settings and policies below it, and one for what is left."""
    if config is not None:
        return set_of((directory,), config).sets
    finder = Finder()
    homes = _homes(directory, finder)
    if finder.problems:
        raise PolicyFilesError(finder.problems)
    return _grouped(Path(os.path.abspath(directory)), set(homes.values()))


def _homes(directory: str, finder: Finder) -> dict[Path, Path]:
    """The directories with policies, each with the one whose settings hold there."""
    top = Path(os.path.abspath(directory))
    homes: dict[Path, Path] = {}
    for path in finder.find(directory):
        parent = Path(os.path.abspath(path)).parent
        if parent not in homes:
            settings = find_settings(parent)
            inside = settings is not None and top in settings.parents
            homes[parent] = settings.parent if settings is not None and inside else top
    return homes


def _grouped(top: Path, homes: Iterable[Path]) -> tuple[PolicySet, ...]:
    """The sets of directories, none of which may lie in another one."""
    listed = sorted(homes)
    for home in listed:
        inner = [each for each in listed if home in each.parents]
        if inner:
            one, other = _shown(home), _shown(inner[0])
            problem = f"`{one}` has policies, and `{other}` below it has settings of its own"
            raise PolicyFilesError([f"{problem}: name the sets in the settings of `{one}`"])
    found: list[PolicySet] = []
    for home in listed:
        path = find_settings(home)
        settings = Settings() if path is None else read_settings(path)
        if settings.set and home != top:
            found += (
                changed(each, name=f"{_name(home, top)}/{each.name}")
                for each in _declared(settings)
            )
        else:
            name = WHOLE if home == top else _name(home, top)
            found.append(_set(name, (_shown(home),), None))
    problems = _overlaps(found, top)
    if problems:
        raise PolicyFilesError(problems)
    return tuple(found)


def _name(home: Path, top: Path) -> str:
    return visible(Path(os.path.relpath(home, top)).as_posix())


def _shown(path: Path) -> str:
    return Path(os.path.relpath(path)).as_posix()
