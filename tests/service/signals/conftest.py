"""Houses that hear events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .hearing import House, a_house


@pytest.fixture
def house(store_url: str) -> Iterator[House]:
    with a_house(store_url) as found:
        yield found


@pytest.fixture
def any_house(sqlite_url: str) -> Iterator[House]:
    """One for what does not depend on its store."""
    with a_house(sqlite_url) as found:
        yield found
