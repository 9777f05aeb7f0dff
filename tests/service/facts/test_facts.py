"""Facts on a store are those of the reference function over the record, and those of a monitor, whatever happens."""

from __future__ import annotations

from collections.abc import Callable

from engines.kept import Kept
from generators.kept_histories import live_through
from hypothesis import given, settings
from hypothesis import strategies as st


def test_its_facts_are_those_of_the_reference(
    fresh_url: Callable[[], str], drawn: settings
) -> None:
    @drawn
    @given(st.data())
    def lived(data: st.DataObject) -> None:
        kept = Kept(fresh_url(), processes=data.draw(st.integers(1, 3)))
        try:
            live_through(data.draw, kept)
        finally:
            kept.close()

    lived()
