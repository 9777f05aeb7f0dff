"""Where tiles lie, and which there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.service.audit.tiles import bundle, entries_of, entries_path, tile_path, tiles_between


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(0, 999, 1), "tile/0/999.p/1"),
        (tile_path(2, 1000), "tile/2/x001/000"),
        (tile_path(1, 1234067, 255), "tile/1/x001/x234/067.p/255"),
        (entries_path(1234), "tile/entries/x001/234"),
    ],
)
def test_paths(path: str, said: str) -> None:
    assert path == said


def test_the_tiles_of_the_example_in_the_specification() -> None:
    found = list(tiles_between(0, 70_000))
    assert [each for each in found if each[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    full = [each for each in found if each[2] == 256]
    assert full == [*((0, index, 256) for index in range(273)), (1, 0, 256)]
    assert list(tiles_between(0, 256)) == [(0, 0, 256), (1, 0, 1)]


@given(st.integers(0, 70_000), st.integers(0, 1_000))
def test_step_by_step_gives_the_same_full_tiles_as_at_once(old: int, more: int) -> None:
    def full(start: int, stop: int) -> set[tuple[int, int, int]]:
        return {each for each in tiles_between(start, stop) if each[2] == 256}

    assert full(0, old) | full(old, old + more) == full(0, old + more)


@given(st.lists(st.binary(max_size=300)))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert entries_of(bundle(entries)) == entries


@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1), st.data())
def test_a_bundle_that_was_cut_is_none(entries: list[bytes], data: st.DataObject) -> None:
    whole = bundle(entries)
    last = len(entries[-1]) + 2
    cut = data.draw(st.integers(1, last - 1))
    with pytest.raises(ValueError, match="inside an entry"):
        entries_of(whole[:-cut])
