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

MOST_BYTES = 256 * 1024 * 1024  # of all files together: far above a bundle, far below the memory
MOST_FILES = 100_000
_CHUNK = 1024 * 1024


class BundleError(Exception):
    """Something that is no bundle, and why."""


def read_bundle(path: Path) -> dict[str, bytes]:
    """Read the files of a directory or an archive, by their names in the bundle.

    Raises `BundleError`, and OSError.
    """
    found: dict[str, bytes] = {}
    size = 0
    for name, content in _below(path, path) if path.is_dir() else _unpacked(path):
        size += len(content)
        if size > MOST_BYTES or len(found) >= MOST_FILES:
            raise BundleError("is too large for a bundle")
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


def _below(root: Path, directory: Path) -> Iterator[tuple[str, bytes]]:
    """Give the files of a directory; a link is refused, since OPA may follow it or not."""
    for entry in sorted(os.scandir(directory), key=lambda each: each.name):
        path = Path(entry.path)
        name = path.relative_to(root).as_posix()
        if entry.is_dir(follow_symlinks=False):
            yield from _below(root, path)
        elif not entry.is_file(follow_symlinks=False):
            raise BundleError(f"has `{name}`, which is not a plain file")
        elif entry.stat(follow_symlinks=False).st_size > MOST_BYTES:
            raise BundleError("is too large for a bundle")
        else:
            yield name, path.read_bytes()


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    if not stat.S_ISREG(path.stat().st_mode):
        raise BundleError("is neither a directory nor a file")
    try:
        with gzip.open(path) as unzipped:
            whole = _read(unzipped)
        with tarfile.open(fileobj=io.BytesIO(whole), mode="r:") as archive:
            for member in archive:
                if member.isdir():
                    continue
                content = archive.extractfile(member) if member.isreg() else None
                if content is None:
                    raise BundleError(f"has `{member.name}`, which is not a plain file")
                yield member.name.removeprefix("/"), content.read()
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError):
        raise BundleError("is not a .tar.gz archive") from None


def _read(unzipped: gzip.GzipFile) -> bytes:
    """Unzip no more than there may be."""
    chunks = []
    size = 0
    while chunk := unzipped.read(_CHUNK):
        size += len(chunk)
        if size > 2 * MOST_BYTES:
            raise BundleError("is too large for a bundle")
        chunks.append(chunk)
    return b"".join(chunks)
