"""Stores for the tests of the service: SQLite in a file, and a real PostgreSQL where there is one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from . import postgres

if TYPE_CHECKING:
    from .reused import Reused


@pytest.fixture(scope="session")
def has_postgres() -> None:
    """Skip where there is no PostgreSQL."""
    reason = postgres.why_not()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_cluster(
    has_postgres: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[postgres.Cluster]:
    """The one PostgreSQL of a run of tests, in however many processes."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "postgres"
    folder.mkdir(exist_ok=True)
    with postgres.shared(folder, fsync=postgres.fsync_wanted()) as cluster:
        yield cluster


@pytest.fixture
def own_cluster(has_postgres: None) -> Iterator[postgres.Cluster]:
    """A PostgreSQL for a test that stops it."""
    with postgres.cluster() as cluster:
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    return f"sqlite:///{tmp_path}/agpc.db"


@pytest.fixture(scope="session")
def reused(shared_cluster: postgres.Cluster) -> Reused:
    """The database of this process."""
    from .reused import Reused

    return Reused(shared_cluster)


@pytest.fixture
def postgres_url(reused: Reused) -> str:
    """The address of a store in which nothing was done."""
    return reused.url()


@pytest.fixture
def empty_postgres_url(shared_cluster: postgres.Cluster) -> str:
    """The address of a database without a table."""
    return shared_cluster.create_database()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a store of either kind in which nothing was done: one suite runs on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def new_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives the address of an empty store whenever it is called, in place of the one before; of either kind."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return lambda: postgres.emptied(url)
    numbers = itertools.count()
    return lambda: f"sqlite:///{tmp_path}/agpc-{next(numbers)}.db"
