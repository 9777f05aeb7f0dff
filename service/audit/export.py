"""Writes a log as files that any host can serve: tiles, bodies, policies, lines for people's tools, a checkpoint.

A second export to the same directory adds what is new. Files are written aside and renamed, the checkpoint last: who
reads while it is written, or after a crash, finds what the checkpoint before says.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from . import checkpoints
from .lines import LINES
from .log import Event, Log
from .tiles import WIDTH, bundle, coordinate, entries_path, tile_path
from .tree import Edge, leaf_hash, root_of

CHECKPOINT = "checkpoint"
STATE = "export.json"
"""How far the files of lines go: to which size of the log, and how many bytes each."""
_LOCK = ".lock"


class ExportError(Exception):
    """There is nothing to export, or the directory holds something else; one sentence."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was done: the size of the log that the directory holds now, and how many events were added."""

    size: int
    added: int


def export(log: Log, directory: Path) -> Exported:
    """Write a log up to its latest checkpoint. Raises `ExportError`, and `OSError`."""
    note = log.checkpoint()
    if note is None:
        raise ExportError(
            "the log has no checkpoint yet: there is nothing that an export could prove"
        )
    directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        old = _size_before(log, directory)
        new = checkpoints.read(note)
        if new.size < old:
            raise ExportError(f"the directory holds {old} events, and the log {new.size}")
        Export(log, directory, old, new.size).run(new.root)
        _write(directory / CHECKPOINT, note.encode())
        _drop_partial_files(directory, old, new.size)
    return Exported(new.size, new.size - old)


def _size_before(log: Log, directory: Path) -> int:
    """How much of the log the directory holds. Raises `ExportError` if it holds another one."""
    try:
        found = (directory / CHECKPOINT).read_bytes()
    except FileNotFoundError:
        if any(each.name not in (_LOCK, STATE) for each in directory.iterdir()):
            _refuse_others(directory)
        return 0
    try:
        size = checkpoints.read(found.decode()).size
    except ValueError:
        raise ExportError("the directory has a `checkpoint` that is none") from None
    ours = log.checkpoint(size)
    if ours is None or ours.encode() != found:
        raise ExportError("the directory holds another log: its `checkpoint` is none of this one")
    return size


def _refuse_others(directory: Path) -> None:
    """Refuse a directory with something in it that no export writes: one that was cut short goes on."""
    ours = {_LOCK, STATE, "tile", "bodies", "policies", *LINES}
    names = sorted(each.name for each in directory.iterdir() if not each.name.endswith(".new"))
    other = [each for each in names if each not in ours]
    if other:
        raise ExportError(f"the directory is not empty, and no export: it has `{other[0]}`")


class Export:
    """One export: from the size that the directory holds to a new one."""

    def __init__(self, log: Log, directory: Path, old: int, new: int) -> None:
        """Take what to write where."""
        self.log, self.directory, self.old, self.new = log, directory, old, new
        self.begin = old // WIDTH * WIDTH
        """The first event of the first tile that is written: what was partial is written anew, and wider."""
        self.levels = [self._hashes_before(level, old) for level in range(1, 9)]

    def run(self, root: bytes) -> None:
        """Write all but the checkpoint. Raises `ExportError` if the tree is not the one that was signed."""
        for each in self.log.generations():
            path = self.directory / "policies" / f"{each.digest.replace(':', '-')}.json"
            document = (each.directory, each.ir, each.mapping)
            _write_once(path, b'{"directory":%b,"ir":%b,"mapping":%b}' % document)
        edge = self._edge()
        with ExitStack() as opened:
            lines = Lines(self.directory, self.new, opened)
            first = min(self.begin, lines.size // WIDTH * WIDTH)
            for start in range(first, self.new, WIDTH):
                batch = self._events(start)
                bodies = self._bodies(batch)
                lines.add(batch, bodies)
                if start >= self.begin:
                    self._bundle(batch, bodies, edge)
            lines.close()
        if edge.size != self.new or edge.root() != root:
            raise ExportError(
                "the events are not those of the signed checkpoint, or the directory was changed"
            )
        self._partial_tiles()
        if hasattr(os, "sync"):
            os.sync()  # what the checkpoint speaks of is there before it is
        lines.remember()

    def _events(self, start: int) -> tuple[Event, ...]:
        stop = min(start + WIDTH, self.new)
        found = tuple(self.log.events(start, stop))
        if [each.seq for each in found] != list(range(start, stop)):
            raise ExportError(f"the log has not all events from {start} to {stop - 1}")
        return found

    def _bodies(self, batch: tuple[Event, ...]) -> list[bytes]:
        """The bodies of a bundle, empty where one was pruned that the directory does not have either."""
        index = batch[0].seq // WIDTH
        full, partial = (bodies_path(index, width) for width in (WIDTH, self.old % WIDTH or 1))
        before: list[bytes] = []
        for each in (full, partial):
            if not before and (self.directory / each).exists():
                before = (self.directory / each).read_bytes().split(b"\n")[:-1]
        before += [b""] * (len(batch) - len(before))
        return [each.body or kept for each, kept in zip(batch, before, strict=False)]

    def _bundle(self, batch: tuple[Event, ...], bodies: list[bytes], edge: Edge) -> None:
        """Write what lies in files of 256 events: entries, their hashes and their bodies."""
        index, width = batch[0].seq // WIDTH, len(batch)
        hashes = [leaf_hash(each.entry) for each in batch]
        edge.extend(hashes)
        _write_once(self.directory / entries_path(index, width), bundle(e.entry for e in batch))
        _write_once(self.directory / tile_path(0, index, width), b"".join(hashes))
        path = self.directory / bodies_path(index, width)
        put = _write_once if width == WIDTH else _write  # one that was cut short may have had more
        put(path, b"".join(each + b"\n" for each in bodies))
        if width == WIDTH:
            self._add(1, index, root_of(hashes))

    def _add(self, level: int, index: int, hash: bytes) -> None:
        """Add a hash to a level of the tree, and write its tile once it is full."""
        hashes = self.levels[level - 1]
        hashes.append(hash)
        if len(hashes) == WIDTH:
            _write_once(self.directory / tile_path(level, index // WIDTH), b"".join(hashes))
            full = root_of(hashes)
            hashes.clear()
            self._add(level + 1, index // WIDTH, full)

    def _partial_tiles(self) -> None:
        for level, hashes in enumerate(self.levels, start=1):
            if hashes:
                index = self.new >> 8 * (level + 1)
                path = tile_path(level, index, len(hashes))
                _write_once(self.directory / path, b"".join(hashes))

    def _hashes_before(self, level: int, old: int) -> list[bytes]:
        """The hashes of the tile that is not full at a level above the leaves."""
        width = (old >> 8 * level) % WIDTH
        if not width:
            return []
        path = self.directory / tile_path(level, old >> 8 * (level + 1), width)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        if len(data) != width * 32:
            raise ExportError(f"the directory was changed: `{path}` is not what was written")
        return [data[each : each + 32] for each in range(0, len(data), 32)]

    def _edge(self) -> Edge:
        """The right edge of the tree before the first tile that is written."""
        subtrees: list[bytes] = []
        for hashes in reversed(self.levels):
            place = 0
            for bit in range(7, -1, -1):
                if len(hashes) >> bit & 1:
                    subtrees.append(root_of(hashes[place : place + (1 << bit)]))
                    place += 1 << bit
        return Edge(self.begin, subtrees)


def bodies_path(index: int, width: int) -> str:
    """Give the path of the bodies of a bundle: a line each, empty where it was pruned."""
    return f"bodies/{coordinate(index, width)}.jsonl"


class Lines:
    """The files that grow by a line for each event."""

    def __init__(self, directory: Path, new: int, opened: ExitStack) -> None:
        """Open them where they end, as far as it was remembered; else they are written anew."""
        self.directory, self.new = directory, new
        self.size, lengths = self._remembered()
        self.files: dict[str, IO[bytes]] = {}
        for name in LINES:
            path = directory / name
            path.touch()
            file = opened.enter_context(path.open("r+b"))
            file.truncate(lengths[name])
            file.seek(lengths[name])
            self.files[name] = file

    def add(self, batch: Iterable[Event], bodies: Iterable[bytes]) -> None:
        """Write the lines of events."""
        for each, body in zip(batch, bodies, strict=True):
            if each.seq >= self.size:
                for name, write in LINES.items():
                    line = write(each.entry, body or None)
                    if line is not None:
                        self.files[name].write(line + b"\n")

    def close(self) -> None:
        """Have all written."""
        self.lengths = {name: file.tell() for name, file in self.files.items()}
        for file in self.files.values():
            file.flush()

    def remember(self) -> None:
        """Write down how far they go."""
        told = {"lengths": self.lengths, "size": self.new, "v": 1}
        _write(self.directory / STATE, json.dumps(told, sort_keys=True).encode() + b"\n")

    def _remembered(self) -> tuple[int, dict[str, int]]:
        try:
            told: Any = json.loads((self.directory / STATE).read_bytes())
            size, lengths = told["size"], {name: told["lengths"][name] for name in LINES}
            there = {name: (self.directory / name).stat().st_size for name in LINES}
        except (OSError, ValueError, KeyError, TypeError):
            return 0, dict.fromkeys(LINES, 0)
        whole = all(type(lengths[name]) is int and lengths[name] <= there[name] for name in LINES)
        if type(size) is not int or not whole or not 0 <= size <= self.new:
            return 0, dict.fromkeys(LINES, 0)
        return size, lengths


def _write_once(path: Path, data: bytes) -> None:
    """Write a file that never changes. Raises `ExportError` if it is there and another."""
    if path.exists():
        if path.read_bytes() != data:
            raise ExportError(f"the directory was changed: `{path}` is not what the log has")
        return
    _write(path, data)


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(data)
    aside.replace(path)


def _drop_partial_files(directory: Path, old: int, new: int) -> None:
    """Remove the files that were partial and have a full one now, and bodies that lie in a wider one."""
    if old % WIDTH and new > old:
        (directory / bodies_path(old // WIDTH, old % WIDTH)).unlink(missing_ok=True)
    level = 0
    while old >> 8 * level:
        index, width = divmod(old >> 8 * level, WIDTH)
        if width and new >> 8 * (level + 1) > index:
            paths = [tile_path(level, index, width)]
            if level == 0:
                paths += [entries_path(index, width), bodies_path(index, width)]
            for path in paths:
                shutil.rmtree((directory / path).parent, ignore_errors=True)
        level += 1


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other exports away from the directory for as long, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (directory / _LOCK).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError("another export to this directory is running") from None
        yield
