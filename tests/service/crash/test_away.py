"""While a store is away nothing is decided, by no face and from no memory; once it is back, all goes on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agpc.service.core.core import Core
from agpc.service.core.operations.operations import Decide, Start
from agpc.service.core.operations.problem import Problem
from agpc.service.store import Store

from .. import postgres
from ..store.filled import run_in
from . import desk, invariants
from .worker import running


def evaluate(core: Core, request: dict[str, Any]) -> bool:
    """Whether a call would be permitted now."""
    return asyncio.run(core.evaluate(request)).decision.decision


def check_away(url: str, go_away: Callable[[], object], come_back: Callable[[], object]) -> None:
    got: dict[str, dict[str, Any]] = {}
    with running(Store(url)) as core:

        def ask(key: str) -> dict[str, Any]:
            request = desk.call(task, "till", "look", order="o-1")
            return core.do_now(Decide(caller=desk.DESK, key=key, request=request))

        def refused(asked: Callable[[], object]) -> None:
            with pytest.raises(Problem) as problem:
                asked()
            assert problem.value.status == 503

        core.do_now(desk.adopt())
        start = Start(caller=desk.DESK, key="start", request=desk.first_start("o-1"))
        task = core.do_now(start)["task"]["id"]
        got["one"] = ask("one")
        assert got["one"]["decision"] is True
        request = desk.call(task, "till", "look", order="o-1")
        assert evaluate(core, request) is True and evaluate(core, request) is True
        assert core.ready() == []
        go_away()
        for _ in range(3):
            refused(lambda: ask("one"))  # also what was answered before
            refused(lambda: ask("two"))
            refused(lambda: evaluate(core, request))
            assert core.ready() != []
        come_back()
        assert evaluate(core, request) is True
        assert ask("one") == got["one"]
        got["two"] = ask("two")
        assert got["two"]["decision"] is True
        assert core.ready() == []
    bodies = invariants.check(url, got)
    assert [each.get("key") for each in bodies if each["event"] == "call"] == [
        "start",
        "one",
        "two",
    ]


@pytest.mark.parametrize("how", ["SIGINT", "SIGQUIT"])
def test_postgres_that_is_away(how: str, own_cluster: postgres.Cluster) -> None:
    url = own_cluster.create_database()
    check_away(url, lambda: own_cluster.stop(signal.Signals[how]), own_cluster.start)


def test_a_file_that_is_away(tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()

    def move(source: Path, to: Path) -> None:
        for each in source.glob("agpc.db*"):
            each.rename(to / each.name)

    check_away(
        f"sqlite:///{tmp_path}/agpc.db", lambda: move(tmp_path, away), lambda: move(away, tmp_path)
    )


def test_tables_that_are_newer_now(store_url: str) -> None:
    newer, older = "INSERT INTO version VALUES (9)", "DELETE FROM version WHERE version = 9"
    check_away(store_url, lambda: run_in(store_url, newer), lambda: run_in(store_url, older))
