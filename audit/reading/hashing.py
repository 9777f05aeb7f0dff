"""The Merkle tree of RFC 6962 once more, for those who check: it grows leaf by leaf, and tells each hash of a level of tiles."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

WIDTH = 256


def of_leaf(entry: bytes) -> bytes:
    """Hash an entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def of_pair(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def of_digest(data: bytes) -> str:
    """Give a digest as the trail writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Tree:
    """A tree that grows. It holds one hash for each bit of its size."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.size = 0
        self._by_height: dict[int, bytes] = {}

    def add(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        height = 0
        while height in self._by_height:
            leaf = of_pair(self._by_height.pop(height), leaf)
            height += 1
        self._by_height[height] = leaf
        self.size += 1

    def root(self) -> bytes:
        """Give the root over all leaves so far."""
        found: bytes | None = None
        for height in sorted(self._by_height):
            each = self._by_height[height]
            found = each if found is None else of_pair(each, found)
        return hashlib.sha256(b"").digest() if found is None else found


class Levels:
    """The levels of tiles over a tree that grows: `full` is called with each tile that has all of its hashes."""

    def __init__(self, full: Callable[[int, int, bytes], None]) -> None:
        """Begin with nothing."""
        self._full = full
        self._hashes: list[list[bytes]] = []
        self._done: list[int] = []

    def add(self, hash: bytes, level: int = 0) -> None:
        """Add a hash to a level, and to those above it what follows."""
        if level == len(self._hashes):
            self._hashes.append([])
            self._done.append(0)
        tile = self._hashes[level]
        tile.append(hash)
        if len(tile) == WIDTH:
            self._hashes[level] = []
            self._full(level, self._done[level], b"".join(tile))
            self._done[level] += 1
            while len(tile) > 1:
                tile = [of_pair(*tile[each : each + 2]) for each in range(0, len(tile), 2)]
            self.add(tile[0], level + 1)

    def partial(self) -> list[tuple[int, int, bytes]]:
        """Give the tiles that are not full: level, index and hashes."""
        return [
            (level, self._done[level], b"".join(tile))
            for level, tile in enumerate(self._hashes)
            if tile
        ]
