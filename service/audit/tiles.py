"""The files of a log in tiles (C2SP tlog-tiles): where they lie, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

HEIGHT = 8
WIDTH = 1 << HEIGHT
LONGEST = 0xFFFF  # bytes of an entry


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Give the path of a tile of hashes.

    >>> tile_path(1, 1234067), tile_path(0, 2, 7)
    ('tile/1/x001/x234/067', 'tile/0/002.p/7')
    """
    return f"tile/{level}/{coordinate(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Give the path of a bundle of entries.

    >>> entries_path(5, 1)
    'tile/entries/005.p/1'
    """
    return f"tile/entries/{coordinate(index, width)}"


def coordinate(index: int, width: int = WIDTH) -> str:
    """Write which tile of its level one is, and how wide if it is not full."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[each : each + 3] for each in range(0, len(digits), 3)]
    path = "/".join((*(f"x{each}" for each in parts[:-1]), parts[-1]))
    return path if width == WIDTH else f"{path}.p/{width}"


def tiles_between(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """Give the tiles that a tree needs which it did not need when it was smaller: level, index and width."""
    level = 0
    while (hashes := new >> HEIGHT * level) > 0:
        before = old >> HEIGHT * level
        if hashes > before:
            for index in range(before >> HEIGHT, hashes >> HEIGHT):
                yield level, index, WIDTH
            if hashes % WIDTH:
                yield level, hashes >> HEIGHT, hashes % WIDTH
        level += 1


def bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries, each after its length in two bytes."""
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def entries_of(data: bytes) -> list[bytes]:
    """Read what `bundle` gives; raises `ValueError`."""
    found = []
    place = 0
    while place < len(data):
        start = place + 2
        place = start + int.from_bytes(data[place:start], "big")
        if start > len(data) or place > len(data):
            raise ValueError("the bundle ends inside an entry")
        found.append(data[start:place])
    return found
