"""Stores for properties, which need one for each example."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from agpc.service.facts import tidy

from .. import postgres


@pytest.fixture
def fresh_url(store_url: str, tmp_path: Path) -> Callable[[], str]:
    """Give the address of an empty store whenever it is called; of the one before nothing is left."""
    if not store_url.startswith("sqlite"):
        return lambda: postgres.emptied(store_url)
    numbers = itertools.count()
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"


@pytest.fixture(autouse=True)
def often_tidied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at some cells at every other call."""
    monkeypatch.setattr(tidy, "CELLS", 2)


@pytest.fixture
def drawn(store_url: str) -> settings:
    """How many histories are drawn: fewer where each needs a database to be made."""
    most = settings.default.max_examples
    return settings(
        phases=[Phase.explicit, Phase.generate],
        max_examples=most if store_url.startswith("sqlite") else most // 5,
    )
