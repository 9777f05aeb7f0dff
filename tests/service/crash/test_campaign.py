"""A short run of the crash campaign."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

from .. import postgres
from . import campaign


def never() -> bool:
    return False


def test_processes_on_one_file_that_are_killed_at_random_leave_it_whole(tmp_path: Path) -> None:
    found = campaign.run(islice(campaign.files(tmp_path), 2), lambda: True, Random())
    assert found.rounds == 2 and found.answers > 100


def test_processes_on_one_postgres_that_are_killed_at_random_leave_it_whole(
    own_cluster: postgres.Cluster,
) -> None:
    found = campaign.run(campaign.databases(own_cluster), never, Random())
    assert found.rounds == 1 and found.answers > 100


def test_a_postgres_that_crashes_under_them_is_left_whole(own_cluster: postgres.Cluster) -> None:
    crash = campaign.crashing(own_cluster)
    found = campaign.run(campaign.databases(own_cluster), never, Random(), crash)
    assert found.rounds == 1 and found.crashes and found.answers > 100
