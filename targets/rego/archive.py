"""Bundles as files: a directory, or the archive (`.tar.gz`) that OPA takes."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from .tar import TarError, members

MOST_BYTES = 256 * 1024 * 1024  # of all files together: far above a bundle, far below the memory
MOST_FILES = 100_000
MOST_DEPTH = 100  # of directories
_SIGNATURE, _MOST_SIGNATURE = ".signatures.json", 8 * 1024 * 1024  # parsed before it is trusted
TOO_LARGE = "is too large for a bundle"


class BundleError(Exception):
    """Something that is not a bundle, and why."""


def read_bundle(path: Path) -> dict[str, bytes]:
    """Read the files of a directory or an archive, by their names in the bundle.

    Raises `BundleError`, and OSError.
    """
    found: dict[str, bytes] = {}
    for name, content in _below(path) if path.is_dir() else _unpacked(path):
        if len(found) >= MOST_FILES or (name == _SIGNATURE and len(content) > _MOST_SIGNATURE):
            raise BundleError(TOO_LARGE)
        if name in found:
            raise BundleError(f"has the file `{name}` twice")
        found[name] = content
    return found


def pack(files: Mapping[str, bytes]) -> bytes:
    """Make an archive; equal files give equal bytes."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def _below(root: Path) -> Iterator[tuple[str, bytes]]:
    """Give the files of a directory; a link is refused, since OPA may follow it or not."""
    left = MOST_BYTES
    for entry in _entries(root):
        path = Path(entry.path)
        name = path.relative_to(root).as_posix()
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            raise BundleError(f"has a file `{name}`, whose name is not UTF-8") from None
        if not entry.is_file(follow_symlinks=False):
            raise BundleError(f"has `{name}`, which is not a plain file")
        with path.open("rb") as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise BundleError(TOO_LARGE)
        yield name, content


def _entries(root: Path) -> Iterator[os.DirEntry[str]]:
    """Name what is below a directory, and is none itself."""
    waiting: list[tuple[str, int]] = [(os.fspath(root), 1)]
    while waiting:
        directory, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise BundleError("is nested too deeply for a bundle")
        with os.scandir(directory) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, depth + 1))
                else:
                    yield entry


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give the files of an archive, which is unzipped only as far as it is read."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise BundleError("is neither a directory nor a file")
    try:
        with gzip.open(path) as unzipped:
            for name, content in members(_Bounded(unzipped), MOST_BYTES):
                yield name.removeprefix("/"), content
    except TarError as error:
        raise BundleError(str(error)) from None
    except (gzip.BadGzipFile, zlib.error, EOFError, ValueError):
        raise BundleError("is not a .tar.gz archive") from None


class _Bounded:
    """What is unzipped, as long as it is not more than all files may be with what is around them."""

    def __init__(self, unzipped: gzip.GzipFile) -> None:
        self._unzipped = unzipped
        self._left = 2 * MOST_BYTES

    def read(self, size: int, /) -> bytes:
        """Give the next bytes."""
        self._left -= size
        if self._left < 0:
            raise BundleError(TOO_LARGE)
        return self._unzipped.read(size)
