"""Proofs of RFC 6962 (sections 2.1.1 and 2.1.2): that a leaf is in a tree, and that a tree is what became of another.

Subtrees are hashed anew from the leaves, so that a proof costs as many hashes as the tree has leaves, or a read of
those that somebody keeps: `Reader` may be the tiles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from .tree import EMPTY_ROOT, node_hash

Reader: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree of leaves `start` to `stop`, whose width is a power of two that divides `start`."""


class NoProof(ValueError):
    """There is no such proof: of a leaf outside of the tree, or of a tree that is larger than the other."""


def from_leaves(read: Callable[[int], bytes]) -> Reader:
    """Make a reader of subtrees from one of the hashes of leaves."""

    def subtree(start: int, stop: int) -> bytes:
        level = [read(index) for index in range(start, stop)]
        while len(level) > 1:
            level = [node_hash(*level[each : each + 2]) for each in range(0, len(level), 2)]
        return level[0]

    return subtree


def root(read: Reader, size: int) -> bytes:
    """Give the root of a tree of a size."""
    return _range(read, 0, size) if size else EMPTY_ROOT


def inclusion(read: Reader, index: int, size: int) -> list[bytes]:
    """Give the proof that the tree of a size has a leaf, from the leaf up."""
    if not 0 <= index < size:
        raise NoProof(f"a tree of {size} leaves has no leaf {index}")
    found: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _left(stop - start)
        if index < middle:
            found.append(_range(read, middle, stop))
            stop = middle
        else:
            found.append(_range(read, start, middle))
            start = middle
    return found[::-1]


def consistency(read: Reader, old: int, new: int) -> list[bytes]:
    """Give the proof that a tree of the new size begins with that of the old one."""
    if not 0 <= old <= new:
        raise NoProof(f"a tree of {new} leaves does not begin with one of {old}")
    if old in (0, new):
        return []
    found: list[bytes] = []
    start, stop = 0, new
    while old != stop:
        middle = start + _left(stop - start)
        if old <= middle:
            found.append(_range(read, middle, stop))
            stop = middle
        else:
            found.append(_range(read, start, middle))
            start = middle
    if start:
        found.append(_range(read, start, stop))
    return found[::-1]


def _left(width: int) -> int:
    """How many leaves stand on the left side of a subtree: the largest power of two below its width."""
    return 1 << (width - 1).bit_length() - 1


def _range(read: Reader, start: int, stop: int) -> bytes:
    width = stop - start
    if width & (width - 1) == 0:
        return read(start, stop)
    middle = start + _left(width)
    return node_hash(read(start, middle), _range(read, middle, stop))
