"""A trail as the files of an export: reads them, and says where they do not fit each other."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from .findings import Findings
from .hashing import WIDTH, Levels, of_leaf
from .lines import LineFiles, Writer
from .notes import MOST_BYTES
from .trail import Leaf, Unreadable

_MOST_BUNDLE = WIDTH * (2 + 0xFFFF)
_MOST_BODIES = 1 << 30
_MOST_POLICY = 1 << 28
_PARTIAL = re.compile(r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9][0-9]?)(\.jsonl)?")


class ExportedTrail:
    """A trail in a directory. `writers` make the lines of the files beside the log, by their names."""

    def __init__(self, directory: Path, writers: Mapping[str, Writer]) -> None:
        """Read from a directory."""
        self.directory = directory
        self._writers = writers

    def checkpoint(self) -> bytes:
        """Give the latest checkpoint."""
        try:
            return _read(self.directory / "checkpoint", MOST_BYTES)
        except OSError as error:
            raise Unreadable(f"there is no `checkpoint` to be read: {error.strerror}") from None

    def policy(self, digest: str) -> bytes | None:
        """Give the document of a policy."""
        path = self.directory / "policies" / f"{digest.replace(':', '-')}.json"
        try:
            return _read(path, _MOST_POLICY)
        except OSError:
            return None

    def rows(self) -> None:
        """Say that there is nothing beside the events."""

    def size(self) -> int:
        """How many events the checkpoint says that there are."""
        try:
            _, size, *_ = self.checkpoint().decode().split("\n")
            return int(size)
        except ValueError:
            raise Unreadable("the `checkpoint` is none") from None

    def leaves(self, size: int, findings: Findings | None, start: int = 0) -> Iterator[Leaf]:
        """Give the events, and compare tiles and lines on the way where there are findings to add to."""
        if findings is None:
            for index in range(start // WIDTH, -(-size // WIDTH)):
                found = self._bundle(index, min(WIDTH, size - index * WIDTH), Findings())
                yield from (each for each in found if each.seq >= start)
            return
        with ExitStack() as opened:
            lines = LineFiles(self.directory, self._writers, findings, opened)
            levels = Levels(partial(self._compare_tile, findings))
            seen = 0
            for leaf in self._all(size, findings):
                levels.add(of_leaf(leaf.entry))
                lines.take(leaf)
                seen += 1
                yield leaf
            if seen == size:
                for level, index, hashes in levels.partial():
                    self._compare_tile(findings, level, index, hashes)
                lines.end()
                self._check_state(size, findings)

    def _all(self, size: int, findings: Findings) -> Iterator[Leaf]:
        for index in range(-(-size // WIDTH)):
            width = min(WIDTH, size - index * WIDTH)
            found = self._bundle(index, width, findings)
            yield from found
            if len(found) < width:
                findings.notes.append(f"nothing behind event {index * WIDTH} was looked at")
                return

    def _bundle(self, index: int, width: int, findings: Findings) -> list[Leaf]:
        """Give the events of a bundle, or none if it cannot be read whole."""
        first = index * WIDTH
        try:
            data = self._tile_file(f"tile/entries/{place(index)}", width, "", _MOST_BUNDLE)
            entries = _entries(data)
        except (OSError, ValueError):
            findings.is_wrong(first, "the entries from this event on cannot be read")
            return []
        if len(entries) < width or (len(entries) > width and len(entries) != WIDTH):
            findings.is_wrong(first, f"there are {len(entries)} entries where {width} should be")
            return []
        bodies = self._bodies(index, width, findings)
        self._compare_partial(f"tile/entries/{place(index)}.p", entries, first, findings)
        return [
            Leaf(first + number, entry, body or None)
            for number, (entry, body) in enumerate(zip(entries[:width], bodies, strict=True))
        ]

    def _bodies(self, index: int, width: int, findings: Findings) -> list[bytes]:
        first = index * WIDTH
        try:
            data = self._tile_file(f"bodies/{place(index)}", width, ".jsonl", _MOST_BODIES)
        except (OSError, ValueError):
            findings.is_wrong(first, "the bodies from this event on cannot be read")
            return [b""] * width
        *bodies, end = data.split(b"\n")
        if end or len(bodies) not in (width, WIDTH):
            findings.is_wrong(first, f"there are {len(bodies)} bodies where {width} should be")
            return [b""] * width
        for path in self._partial_files(f"bodies/{place(index)}.p"):
            part = path.read_bytes()
            if not data.startswith(part) and not _fits(part, bodies):
                findings.is_wrong(first, f"`{self._name(path)}` is no beginning of the bodies")
        return bodies[:width]

    def _tile_file(self, path: str, width: int, suffix: str, most: int) -> bytes:
        """Read a file that is full, or partial and of the width that a checkpoint asks for."""
        if width < WIDTH:
            try:
                return _read(self.directory / f"{path}.p" / f"{width}{suffix}", most)
            except FileNotFoundError:
                pass  # the full one may have come since
        return _read(self.directory / f"{path}{suffix}", most)

    def _compare_partial(
        self, folder: str, entries: list[bytes], first: int, findings: Findings
    ) -> None:
        """Compare what earlier exports left with what became of it."""
        for path in self._partial_files(folder):
            width = int(path.name)
            try:
                part = _entries(path.read_bytes())
            except ValueError:
                part = []
            if len(part) != width or part[: len(entries)] != entries[:width]:
                findings.is_wrong(first, f"`{self._name(path)}` is no beginning of the entries")

    def _compare_tile(self, findings: Findings, level: int, index: int, hashes: bytes) -> None:
        """Compare a tile, and those that were partial before it, with the hashes that follow from the entries."""
        width = len(hashes) // 32
        path = f"tile/{level}/{place(index)}"
        event = index * WIDTH ** (level + 1)
        try:
            data = self._tile_file(path, width, "", WIDTH * 32)
        except (OSError, ValueError):
            findings.is_wrong(event, f"the tile `{path}` cannot be read")
            return
        if data[: len(hashes)] != hashes or len(data) not in (len(hashes), WIDTH * 32):
            number = next(
                (
                    n
                    for n in range(width)
                    if data[n * 32 : n * 32 + 32] != hashes[n * 32 : n * 32 + 32]
                ),
                0,
            )
            findings.is_wrong(
                event + number * WIDTH**level,
                f"the tile `{path}` has another hash than the entries",
            )
            return
        for each in self._partial_files(f"{path}.p"):
            part = each.read_bytes()
            if int(each.name) <= width and part != hashes[: int(each.name) * 32]:
                findings.is_wrong(event, f"`{self._name(each)}` is no beginning of its tile")
        findings.is_proved("tiles")

    def _partial_files(self, folder: str) -> Iterator[Path]:
        """The files in a folder of partial ones, of whatever width."""
        try:
            names = sorted(os.listdir(self.directory / folder))
        except OSError:
            return
        for name in names:
            if _PARTIAL.fullmatch(name):
                yield self.directory / folder / name

    def _check_state(self, size: int, findings: Findings) -> None:
        """The file by which an export goes on says how long the files of lines are."""
        try:
            told = _read(self.directory / "export.json", MOST_BYTES)
            lengths = {name: (self.directory / name).stat().st_size for name in self._writers}
        except (OSError, ValueError):
            findings.is_wrong(None, "`export.json` cannot be read, or a file that it tells of")
            return
        expected = json.dumps({"lengths": lengths, "size": size, "v": 1}, sort_keys=True)
        if told != expected.encode() + b"\n":
            findings.is_wrong(None, "`export.json` tells of another size or other lengths")

    def _name(self, path: Path) -> str:
        return path.relative_to(self.directory).as_posix()


def place(index: int) -> str:
    """Write which tile of its level one is: three digits a folder, all but the last with an `x`."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def _read(path: Path, most: int) -> bytes:
    """Read a file that is not too large. Raises `OSError`, and `ValueError` if it is."""
    with path.open("rb") as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise ValueError("too large")
    return found


def _entries(data: bytes) -> list[bytes]:
    """Take a bundle apart; raises `ValueError` if it ends inside an entry."""
    found = []
    rest = memoryview(data)
    while rest:
        length = int.from_bytes(rest[:2], "big")
        if len(rest) < 2 + length or len(rest) < 2:
            raise ValueError("cut short")
        found.append(bytes(rest[2 : 2 + length]))
        rest = rest[2 + length :]
    return found


def _fits(part: bytes, bodies: list[bytes]) -> bool:
    """Whether bodies of before are those of now, but for what was pruned."""
    *lines, end = part.split(b"\n")
    return not end and all(
        not one or not other or one == other for one, other in zip(lines, bodies, strict=False)
    )
