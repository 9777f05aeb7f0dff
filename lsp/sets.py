"""Which policy set a document belongs to, and which files that set has.

The set is that of the nearest settings: the one that they name for the file, or all that lies below them. Where there
are no settings, it is the workspace folder; a document that is in none of these is a set of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..compiler.check.project.files import SUFFIX, Finder, name_under
from ..compiler.check.project.policy_sets import in_two_sets
from ..compiler.check.project.settings import DeclaredSet, Settings
from ..compiler.check.project.settings_file import (
    OWN_FILE,
    SHARED_FILE,
    SettingsError,
    find_settings,
    read_settings,
    settings_in,
)
from ..compiler.structs import Struct, changed, field
from .documents import Document
from .uris import uri_of


class Trouble(Struct):
    """Why something of a set could not be used, and which file that is to be said of."""

    uri: str
    message: str


class Home(Struct):
    """A policy set: where its files are, and what it is judged by. Two with one key are one set."""

    key: str
    root: str | None
    """The directory that names are relative to; None of a document that is a set of its own."""

    paths: tuple[str, ...] = ()
    name: str | None = None
    """What the settings call it, where they name sets."""

    settings: Settings = field(default_factory=Settings)
    baseline: Path | None = None
    trouble: Trouble | None = None
    """What is wrong with the settings: without them nothing is analysed."""

    declaring: Settings | None = None
    """Those that name it."""


class Sets:
    """Finds the set of each document; what it found holds until something on the disk changes."""

    def __init__(self) -> None:
        """Start without folders."""
        self._folders: dict[str, str] = {}
        self._nearest: dict[str, Path | Trouble | None] = {}
        self._settings: dict[Path, Settings | Trouble] = {}

    def forget(self) -> None:
        """Look at the disk again: settings may have changed, come or gone."""
        self._nearest.clear()
        self._settings.clear()

    def add_folder(self, path: str) -> None:
        """Add a workspace folder."""
        self._folders[_key(path)] = path

    def remove_folder(self, path: str) -> None:
        """Take a workspace folder away."""
        self._folders.pop(_key(path), None)

    @property
    def folders(self) -> tuple[str, ...]:
        """The workspace folders."""
        return tuple(self._folders.values())

    def home(self, document: Document) -> Home:
        """The set of a document."""
        if document.path is None:
            return Home(document.key, None)
        return self.home_of(document.path)

    def home_of(self, path: str) -> Home:
        """The set of a file."""
        directory = os.path.dirname(path)
        nearest = self._nearest_to(directory)
        if nearest is None or isinstance(nearest, Trouble):
            root = self._folder_of(path)
            trouble = nearest
            if root is None or not _is_found(root, path):
                return Home(_key(path), directory, (path,), trouble=trouble)
            return Home(_key(root), root, (root,), trouble=trouble)
        settings = self._read(nearest)
        root = str(nearest.parent)
        if isinstance(settings, Settings) and settings.set:
            for declared in _holding(settings, path):
                return self._declared(declared, settings)
        elif _is_found(root, path):
            return _judged(_key(root), root, (root,), None, settings)
        home = _judged(_key(path), directory, (path,), None, settings)
        return changed(home, baseline=None)

    def homes(self) -> Iterator[Home]:
        """The sets that the workspace folders have, whether a file of them is open or not."""
        seen: set[str] = set()
        for folder in self.folders:
            for path in _below(folder):
                home = self.home_of(path)
                if home.key not in seen:
                    seen.add(home.key)
                    yield home

    def files(self, home: Home) -> tuple[tuple[str, str], ...]:
        """The files of a set on the disk: each path with the name that spans give it, in order."""
        if home.root is None:
            return ()
        found = (path for each in home.paths for path in _below(each))
        listed = {
            name_under(home.root, Path(path)): path
            for path in found
            if home.name is not None or self.home_of(path).key == home.key
        }
        return tuple((path, name) for name, path in sorted(listed.items()))

    def overlap(self, home: Home) -> Trouble | None:
        """What is wrong where the settings give a file of a set to another one too."""
        if home.declaring is None or home.declaring.file is None:
            return None
        for path, _ in self.files(home):
            if len(holding := [each.name for each in _holding(home.declaring, path)]) > 1:
                file = home.declaring.file
                name = name_under(str(file.parent), Path(path))
                message = in_two_sets(name, holding[0], holding[1])
                return Trouble(uri_of(str(file)), f"`{file.name}`: {message}")
        return None

    def name_in(self, home: Home, document: Document) -> str:
        """The name that spans give a document."""
        if home.root is None or document.path is None:
            return document.uri
        return name_under(home.root, Path(document.path))

    def _declared(self, declared: DeclaredSet, declaring: Settings) -> Home:
        """A set that settings name, judged by those nearest to what it holds."""
        paths = _paths(declared, declaring)
        root = paths[0] if len(paths) == 1 else os.path.commonpath(paths)
        if not os.path.isdir(root):
            root = os.path.dirname(root)
        key = f"{_key(root)}#{declared.name}"
        nearest = self._nearest_to(root)
        settings = self._read(nearest) if isinstance(nearest, Path) else nearest or declaring
        home = changed(_judged(key, root, paths, declared.name, settings), declaring=declaring)
        if declared.baseline is None or home.trouble is not None:
            return home
        return changed(home, baseline=declaring.path(declared.baseline))

    def _nearest_to(self, directory: str) -> Path | Trouble | None:
        if directory not in self._nearest:
            try:
                found: Path | Trouble | None = find_settings(Path(directory))
            except SettingsError as error:
                found = Trouble(uri_of(str(_culprit(Path(directory)))), str(error))
            self._nearest[directory] = found
        return self._nearest[directory]

    def _read(self, path: Path) -> Settings | Trouble:
        if path not in self._settings:
            try:
                found: Settings | Trouble = read_settings(path)
            except SettingsError as error:
                found = Trouble(uri_of(str(path)), str(error))
            self._settings[path] = found
        return self._settings[path]

    def is_in_folder(self, path: str) -> bool:
        """Whether a file is in some workspace folder."""
        return self._folder_of(path) is not None

    def _folder_of(self, path: str) -> str | None:
        """The innermost workspace folder that a file is in."""
        holding = [each for each in self._folders.values() if _holds(each, path)]
        return max(holding, key=len, default=None)


def _key(path: str) -> str:
    """What tells sets apart: the path as it is written, since another link to it has other settings above."""
    return os.path.normcase(path)


def _judged(
    key: str, root: str, paths: tuple[str, ...], name: str | None, settings: Settings | Trouble
) -> Home:
    if isinstance(settings, Trouble):
        return Home(key, root, paths, name, trouble=settings)
    baseline = None if settings.baseline is None else settings.path(settings.baseline)
    return Home(key, root, paths, name, settings, baseline)


def _paths(declared: DeclaredSet, declaring: Settings) -> tuple[str, ...]:
    return tuple(str(declaring.path(each)) for each in declared.paths)


def _holding(settings: Settings, path: str) -> Iterator[DeclaredSet]:
    """The sets that settings give a file to, in the order that they name them."""
    for declared in settings.set:
        if any(each == path or _is_found(each, path) for each in _paths(declared, settings)):
            yield declared


def _is_found(directory: str, path: str) -> bool:
    """Whether a file is one that a look below a directory finds: a policy, and not hidden."""
    if not _holds(directory, path) or not path.endswith(SUFFIX):
        return False
    return not any(each.startswith(".") for each in Path(os.path.relpath(path, directory)).parts)


def _holds(above: str, path: str) -> bool:
    """Whether a path is another one or lies below it."""
    return path == above or path.startswith(above.rstrip(os.sep) + os.sep)


def _below(path: str) -> Iterator[str]:
    """The policies of a path. What cannot be listed has none; a file that cannot be read says so by itself."""
    if os.path.isfile(path):
        yield path
    elif os.path.isdir(path):
        yield from (str(each) for each in Finder().find(path))


def _culprit(directory: Path) -> Path:
    """The file of settings that cannot be used, of those that could hold in a directory."""
    above: Iterable[Path] = (directory, *directory.parents)
    for path in (each / name for each in above for name in (OWN_FILE, SHARED_FILE)):
        if not os.path.lexists(path):
            continue
        try:
            settings_in(path.read_bytes(), path)
        except (OSError, ValueError, SettingsError):
            return path
    return directory / OWN_FILE
