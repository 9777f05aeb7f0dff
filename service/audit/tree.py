"""The Merkle tree of RFC 6962 by its right edge: what has to be kept to add leaves, and to say the root."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

HASH = 32  # bytes
EMPTY_ROOT = sha256(b"").digest()


class BrokenEdge(ValueError):
    """Bytes that no edge was written as."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash what a leaf holds."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees that stand beside each other."""
    return sha256(b"\x01" + left + right).digest()


def joined(subtrees: list[bytes]) -> bytes:
    """Give the root over complete subtrees, of which each is larger than the next."""
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Give the root over leaves, or over subtrees of one size."""
    edge = Edge()
    edge.extend(hashes)
    return edge.root()


class Edge:
    """The complete subtrees of a tree from left to right, the largest first: one for each bit of its size."""

    __slots__ = ("_subtrees", "size")

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        """Take the size of a tree and the hashes of its subtrees, the largest first."""
        self.size = size
        self._subtrees = list(subtrees)
        if size < 0 or len(self._subtrees) != size.bit_count():
            raise BrokenEdge(f"an edge of {size} leaves has {max(size, 0).bit_count()} subtrees")
        if any(len(each) != HASH for each in self._subtrees):
            raise BrokenEdge("a hash has 32 bytes")

    def append(self, leaf: bytes) -> None:
        """Add the hash of one leaf: on average one more hash."""
        subtrees, size = self._subtrees, self.size
        while size & 1:
            leaf = sha256(b"\x01" + subtrees.pop() + leaf).digest()
            size >>= 1
        subtrees.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the hashes of leaves."""
        for each in leaves:
            self.append(each)

    def root(self) -> bytes:
        """Give the root of the tree as it is."""
        return joined(self._subtrees)

    def copy(self) -> Edge:
        """Give one that grows apart from this."""
        return Edge(self.size, self._subtrees)

    def to_bytes(self) -> bytes:
        """Write it: the size in eight bytes, the most significant first, then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self._subtrees)

    @classmethod
    def from_bytes(cls, data: bytes) -> Edge:
        """Read what `to_bytes` gives, or nothing for an empty tree. Raises `BrokenEdge`."""
        if not data:
            return cls()
        if len(data) % HASH != 8:
            raise BrokenEdge("an edge has eight bytes and hashes of 32")
        hashes = (data[start : start + HASH] for start in range(8, len(data), HASH))
        return cls(int.from_bytes(data[:8], "big"), hashes)
