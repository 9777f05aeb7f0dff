"""The tiles of the log as a store has them: full ones are kept, those that still grow are made from what is below."""

from __future__ import annotations

from ...audit.tiles import HEIGHT, WIDTH, bundle, tiles_between
from ...audit.tree import HASH, leaf_hash, root_of
from ...store import Event, Reading, Tile, Turn


def entries(reading: Reading, index: int, width: int) -> bytes | None:
    """Give a bundle of entries; None if there are not so many."""
    found = _entries(reading, index * WIDTH, width)
    return None if found is None else bundle(found)


def hashes(reading: Reading, level: int, index: int, width: int) -> bytes | None:
    """Give a tile of hashes, as wide as it is asked for; None if the log is not so large."""
    if (index * WIDTH + width) << HEIGHT * level > reading.head.seq:
        return None
    kept = reading.get(Tile, f"{level}/{index}")
    if kept is not None:
        return bytes(kept.hashes)[: width * HASH]
    if level == 0:
        found = _entries(reading, index * WIDTH, width)
        return None if found is None else b"".join(map(leaf_hash, found))
    below = (hashes(reading, level - 1, index * WIDTH + each, WIDTH) for each in range(width))
    return b"".join(_root(each) for each in below if each is not None)


def keep(turn: Turn, old: int, new: int) -> None:
    """Keep the tiles that have become full since the log was smaller."""
    for level, index, width in tiles_between(old, new):
        if width == WIDTH:
            found = hashes(turn, level, index, width)
            assert found is not None
            turn.put(Tile(f"{level}/{index}", found))


def _root(tile: bytes) -> bytes:
    return root_of(tile[each : each + HASH] for each in range(0, len(tile), HASH))


def _entries(reading: Reading, start: int, width: int) -> list[bytes] | None:
    where = "seq >= ? AND seq < ? ORDER BY seq"
    found = reading.find(Event, where, (start, start + width))
    return [bytes(each.entry) for each in found] if len(found) == width else None
