"""A store that is filled once, and of which each test gets a copy to change."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from . import postgres


def copies(fill: Callable[[str, Path], object], *kinds: str) -> Any:
    """A fixture that makes copies of a store and says their addresses, of one in SQLite, in PostgreSQL, or in either.

    `fill` is given the address of the store, and a folder for what it needs.
    """

    @pytest.fixture(scope="module", params=kinds or ("sqlite", "postgres"))
    def copy(
        request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Callable[[], str]:
        folder = tmp_path_factory.mktemp("filled")
        if request.param == "postgres":
            cluster: postgres.Cluster = request.getfixturevalue("shared_cluster")
            url = cluster.create_database()
            fill(url, folder)
            return lambda: cluster.create_database(like=url.rpartition("/")[2].partition("?")[0])
        first, numbers = folder / "filled.db", itertools.count()
        fill(f"sqlite:///{first}", folder)
        return lambda: f"sqlite:///{shutil.copyfile(first, folder / f'{next(numbers)}.db')}"

    return copy
