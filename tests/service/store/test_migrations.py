"""A filled store of every version is brought forward whole, or left as it was.

`pytest tests/service/store/test_migrations.py --renew` writes the dumps of the newest version, which may change until it
is released.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from agpc.service.store import Store, StoreError, versions

from ..crash import invariants
from ..crash.worker import Got, work
from . import dumps
from .filled import run_in, say, tables_of, told

VERSIONS = [number for number, _ in versions.migrations("sqlite")]


def kind_of(url: str) -> str:
    return "sqlite" if url.startswith("sqlite") else "postgres"


def test_the_newest_version_has_a_filled_dump(store_url: str, pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--renew"):
        dumps.renew(kind_of(store_url), store_url)
    assert dumps.dump_of(dumps.NEWEST, kind_of(store_url)).exists()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_filled_store_of_every_version_is_brought_forward_and_goes_on(
    version: int, new_store_url: Callable[[], str], tmp_path: Path
) -> None:
    url = new_store_url()
    newest = tables_of(url)
    url = new_store_url()
    dumps.restore(version, kind_of(url), url)
    path = dumps.copied_got(version, kind_of(url), tmp_path)
    got = Got(path).answers
    with closing(Store(url)):
        pass
    assert tables_of(url) == newest, (
        "its dump is to be renewed, or there is no script that leads to these tables"
    )
    before = invariants.check(url, got)
    assert len(before) > 15
    path.write_bytes(b"")
    work(url, path, [("a", "o-1")])  # every key again
    answers = Got(path).answers
    final = {key: each for key, each in got.items() if "request" not in each}  # no open questions
    assert {key: answers[key] for key in final} == final
    again = invariants.check(url, answers)
    assert again[: len(before)] == before
    for each in again[
        len(before) :
    ]:  # a question decided again, and the policy of another compiler
        assert each["event"] == "generation" or "follows" in each
    work(url, path, [("b", "o-1")])
    after = invariants.check(url, Got(path).answers)
    assert after[: len(before)] == before and len(after) > len(before)


def test_what_was_released_is_never_changed() -> None:
    digests = dumps.digests()
    assert {name: digests.get(name) for name in dumps.RELEASED} == dumps.RELEASED


# --- The next one, made up ------------------------------------------------------------------------

NEXT = """\
ALTER TABLE task ADD COLUMN colour TEXT;
CREATE TABLE paint (colour TEXT PRIMARY KEY);
INSERT INTO paint VALUES ('red');
UPDATE task SET colour = 'red';
"""


class Stopped(Exception):
    """Comes from a statement, as whatever a driver may raise."""


def test_a_script_is_done_whole_or_not_at_all(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Store(store_url)) as store:
        say(store, "one")
    known = versions.migrations
    monkeypatch.setattr(versions, "migrations", lambda dialect: [*known(dialect), (1000, NEXT)])
    version = "SELECT max(version) FROM version"
    count = stop_at = 0

    def hook(_: str) -> None:
        nonlocal count
        count += 1
        if count == stop_at:
            raise Stopped

    while True:
        count, stop_at = 0, stop_at + 1
        try:
            with closing(Store(store_url, hook=hook)):
                break
        except Stopped:
            if run_in(store_url, version) == [(1000,)]:  # it stopped when all was done
                continue
            assert run_in(store_url, version) == [(dumps.NEWEST,)]
            with pytest.raises(StoreError, match="start `agpc serve` once"):
                Store(store_url, read_only=True)
    assert stop_at > 6
    with closing(Store(store_url)) as store:
        assert told(store) == ["one"]
    assert run_in(store_url, "SELECT colour FROM paint") == [("red",)]
