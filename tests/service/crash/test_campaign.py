"""A short run of the crash campaign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from .. import postgres
from . import campaign
from .forked import Client


@pytest.fixture(scope="module")
def clients() -> Iterator[Sequence[Client]]:
    with campaign.clients() as found:
        yield found


def never() -> bool:
    return False


def test_processes_on_one_file_that_are_killed_at_random_leave_it_whole(
    clients: Sequence[Client], tmp_path: Path
) -> None:
    found = campaign.run(clients, campaign.files(tmp_path), never, Random())
    assert found.rounds == 1 and found.answers > 100


def test_processes_on_one_postgres_that_are_killed_at_random_leave_it_whole(
    clients: Sequence[Client], own_cluster: postgres.Cluster
) -> None:
    found = campaign.run(clients, campaign.databases(own_cluster), never, Random())
    assert found.rounds == 1 and found.answers > 100


def test_a_postgres_that_crashes_under_them_is_left_whole(
    clients: Sequence[Client], own_cluster: postgres.Cluster
) -> None:
    crash = campaign.crashing(own_cluster)
    found = campaign.run(clients, campaign.databases(own_cluster), never, Random(), crash)
    assert found.rounds == 1 and found.crashes and found.answers > 100
