"""A store that is filled once, and of which each test gets a copy to change."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from . import postgres


def copies(
    kind: str, request: pytest.FixtureRequest, folder: Path, fill: Callable[[str], object]
) -> Callable[[], str]:
    """Fill a store of a kind, `sqlite` or `postgres`; what is given makes a copy of it and says its address."""
    if kind == "postgres":
        cluster: postgres.Cluster = request.getfixturevalue("shared_cluster")
        url = cluster.create_database()
        fill(url)
        return lambda: cluster.create_database(like=url.rpartition("/")[2].partition("?")[0])
    first, numbers = folder / "filled.db", itertools.count()
    fill(f"sqlite:///{first}")

    def copy() -> str:
        return f"sqlite:///{shutil.copyfile(first, folder / f'{next(numbers)}.db')}"

    return copy
