"""Write artifacts to a directory: all of them or none, whatever interrupts it.

Everything is written beside the directory first and brought to the disk; then the two change
places in one step. INVARIANT: what is found under the directory's name is at every moment all
of the old or all of the new, and nothing that `agpc` did not write is ever removed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from ..compiler.check.project.files import MAX_DEPTH, make_directories
from .exchange import exchange
from .manifest import FORMAT, MANIFEST

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # on Windows, where two runs into one directory had better not meet
    fcntl = None

_SEGMENT = re.compile(r"[^\x00-\x1f\x7f/\\:]+")
_LONGEST = 255  # bytes of one name, on the file systems in use
_DERIVED = "__pycache__"  # Python puts it beside modules that are imported from there


class WriteError(Exception):
    """The artifacts could not be written, and nothing has changed; the message says why."""


def write_artifacts(out: Path, files: Mapping[str, bytes], manifest: bytes) -> None:
    """Replace what an earlier run left in `out` by files (relative path to content) and manifest.

    `out` may be absent, empty, or written by `agpc` before. Raises `WriteError`.
    """
    check_paths(files)
    try:
        out = Path(os.path.realpath(out))
        make_directories(out.parent)
        with _alone_in(out.parent):
            _recover(out)
            check_replaceable(out)
            staged = _sibling(out, "new")
            try:
                staged.mkdir()
                _stage(staged, {**files, MANIFEST: manifest})
                if out.exists():
                    shutil.copymode(out, staged)
                _swap(staged, out)
            finally:
                _clear_away(staged)  # what was not swapped in, or swapped out
    except OSError as error:
        raise WriteError(f"cannot write `{out}`: {error.strerror or error}") from error


def check_paths(paths: Mapping[str, object]) -> None:
    """Refuse paths that lead elsewhere, or that some file system would take for one another."""
    seen: dict[str, str] = {MANIFEST: MANIFEST}
    for path in sorted(paths):
        segments = path.split("/")
        for segment in segments:
            if (
                segment in ("", ".", "..")
                or _SEGMENT.fullmatch(segment) is None
                or len(os.fsencode(segment)) > _LONGEST
            ):
                raise WriteError(
                    f"a target names a file {path!r}, which is not a safe relative path"
                )
        other = seen.setdefault(path.casefold(), path)
        if other is not path:
            raise WriteError(f"two files differ in case alone: {other!r} and {path!r}")
    for path in paths:
        parts = path.casefold().split("/")
        for length in range(1, len(parts)):
            above = "/".join(parts[:length])
            if above in seen:
                raise WriteError(f"{seen[above]!r} is a file and also a directory of {path!r}")


def check_replaceable(out: Path) -> None:
    """Refuse a directory that holds anything that `agpc` did not write."""
    if not out.exists():
        return
    if not out.is_dir():
        raise WriteError(f"`{out}` is not a directory")
    if Path.cwd().is_relative_to(out):  # a shell would be left in a directory that is gone
        raise WriteError(f"`{out}` is where this runs, and cannot be replaced; name one below it")
    found = set(_files_below(out))
    if not found:
        return
    written = _written_before(out)
    if written is None:
        raise WriteError(
            f"`{out}` is neither empty nor written by agpc (it has no {MANIFEST} of ours);"
            " choose another directory"
        )
    others = sorted(found - written)
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        raise WriteError(
            f"`{out}` holds `{others[0]}`{more}, which agpc did not write and will not remove"
        )


def _written_before(out: Path) -> set[str] | None:
    """Give the files that the manifest in a directory names, itself included."""
    try:
        manifest = json.loads((out / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            return None
        targets = manifest["targets"].values()
        paths = {str(each["path"]) for target in targets for each in target["artifacts"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return paths | {MANIFEST}


def _files_below(directory: Path) -> Iterator[str]:
    """Name everything below a directory but directories, which have to be empty to be forgotten."""
    waiting = [(directory, "", 0)]
    while waiting:
        folder, under, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise WriteError(f"`{directory}` is nested too deeply to be one that agpc wrote")
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield under + entry.name
                elif entry.name != _DERIVED:
                    waiting.append((folder / entry.name, f"{under}{entry.name}/", depth + 1))


def _stage(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write files below an empty directory and bring them to the disk."""
    made = {directory}
    for path, content in sorted(files.items()):
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        made.update(each for each in target.parents if each.is_relative_to(directory))
        with target.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    for each in sorted(made):
        _sync_directory(each)


def _swap(staged: Path, out: Path) -> None:
    """Put the new directory in the place of the old one; the old one ends where the new one was."""
    if not out.exists():
        os.rename(staged, out)
    elif not exchange(staged, out):
        kept = _sibling(out, "old")
        os.rename(out, kept)
        try:
            os.rename(staged, out)
        except BaseException:
            os.rename(kept, out)
            raise
        _clear_away(kept)
    _sync_directory(out.parent)


def _clear_away(directory: Path) -> None:
    """Remove a directory with all that is in it, also where an interrupt comes in the midst of it."""
    try:
        _remove(directory)
    except BaseException:
        _remove(directory)
        raise


def _remove(directory: Path) -> None:
    waiting = [directory]
    while waiting:  # what is read-only keeps what is in it
        folder = waiting.pop()
        with suppress(OSError):
            folder.chmod(0o700)
            with os.scandir(folder) as entries:
                waiting += [
                    folder / each.name for each in entries if each.is_dir(follow_symlinks=False)
                ]
    shutil.rmtree(directory, ignore_errors=True)


def _recover(out: Path) -> None:
    """Undo what a killed run left: remove what it staged, put back what it had moved away."""
    prefix = f".{out.name}.agpc-"
    for each in sorted(out.parent.iterdir()):
        if not each.name.startswith(prefix) or not stat.S_ISDIR(each.lstat().st_mode):
            continue
        if each.name.startswith(f"{prefix}old-") and not out.exists():
            os.rename(each, out)
        else:
            _clear_away(each)


@contextmanager
def _alone_in(parent: Path) -> Iterator[None]:
    """Wait until no other run writes below a directory, and keep others waiting meanwhile.

    So nobody takes for a left-over what is being written. The system lets go of it for a killed run.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system that cannot: as on Windows
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sibling(out: Path, what: str) -> Path:
    """Name a new directory beside the output directory, on the same file system."""
    return out.with_name(f".{out.name}.agpc-{what}-{secrets.token_hex(4)}")


def _sync_directory(directory: Path) -> None:
    """Bring a directory's entries to the disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
