"""A token says something as long as the very lease holds that it was made of."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from agpc.service.core import Issue
from agpc.service.tokens.holding import held
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from ..core.desk import DESK, SECRET, Desk, opened, policy
from ..core.lending import POLICY

TOKENS = Tokens(TokenKeys(SECRET, 86_400, time.time), "https://agp.acme.example")


def lent(desk: Desk, task: str, capability: str) -> dict[str, Any]:
    """What the token of a new lease says."""
    issue = Issue(
        caller=DESK, key=capability, task=task, capabilities=(f"desk.{capability}",), context={"confidence": 1}
    )  # fmt: skip
    id = desk.do(issue)["lease"]
    with desk.core.view() as view:
        row, about = view.lease(id), view.task(task)
        assert row is not None and about is not None
        return TOKENS.read(TOKENS.of(row, about, ()))


def test_the_number_of_a_lease_that_a_restore_has_undone_is_another_one(
    sqlite_url: str, tmp_path: Path
) -> None:
    store, copy = tmp_path / "agpc.db", tmp_path / "copy.db"
    with opened(sqlite_url, policy(POLICY)) as desk:
        task = str(desk.start()["task"]["id"])
        with closing(sqlite3.connect(store)) as now:
            now.execute(f"VACUUM INTO '{copy}'")
        before = lent(desk, task, "shop.browse")
        with desk.core.view() as view:
            assert held(before, view) is not None
    for each in tmp_path.glob("agpc.db*"):
        each.unlink()
    shutil.copy(copy, store)
    with opened(sqlite_url, policy(POLICY)) as desk:
        after = lent(desk, task, "shop.peek")
        assert (before["lease"], before["task"]) == (after["lease"], after["task"])
        with desk.core.view() as view:
            assert held(before, view) is None
            assert held(after, view) is not None
            for change in ({"iat": after["iat"] - 1}, {"task": "t-other"}, {"cnf": {"jkt": "x"}}):
                assert held({**after, **change}, view) is None, change
