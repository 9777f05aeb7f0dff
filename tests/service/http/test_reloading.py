"""Policies are taken up whatever is put in their place, and by every worker with all that stands beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agpc.service.serving import keys
from agpc.service.serving.watching import ways_to

from .processes import POLICY, process

MAPPING = """
[subjects.user]
as = "agent"
id = "spiffe://example.org/ns/a/sa/{id}"
[task]
intent = "bank.reconcile"
"""


def put(folder: Path, limit: int | str) -> Path:
    """Make a directory with a policy."""
    folder.mkdir(parents=True)
    (folder / "bank.agp").write_text(POLICY.replace("LIMIT", str(limit)))
    return folder


def link(target: str, place: Path) -> None:
    """Put a link in its place in one step."""
    (place.parent / "new").symlink_to(target)
    os.replace(place.parent / "new", place)


def moved_away(root: Path) -> None:
    (root / "policies").rename(root / "old")
    put(root / "policies", 200)


def made_a_link(root: Path) -> None:
    put(root / "v2", 200)
    (root / "policies").rename(root / "old")
    (root / "policies").symlink_to("v2")


def link_to_another(root: Path) -> None:
    put(root / "v2", 200)
    link("v2", root / "policies")


def link_on_the_way(root: Path) -> None:
    put(root / "v2" / "policies", 200)
    link("v2", root / "current")


def volume(root: Path) -> None:
    put(root / "policies" / "..v2", 200)
    link("..v2", root / "policies" / "..data")


def prepared(root: Path, change: Callable[[Path], None]) -> str:
    """Lay the policies out as the change finds them, and give what the service is told."""
    if change is link_on_the_way:
        put(root / "v1" / "policies", 100)
        (root / "current").symlink_to("v1")
        return "current/policies"
    if change is link_to_another:
        put(root / "v1", 100)
        (root / "policies").symlink_to("v1")
    elif change is volume:
        put(root / "policies" / "..v1", 100)
        (root / "policies" / "..data").symlink_to("..v1")
        (root / "policies" / "bank.agp").symlink_to("..data/bank.agp")
    else:
        put(root / "policies", 100)
    return "policies/bank.agp" if change is volume else "policies"


@pytest.mark.parametrize(
    "change", [moved_away, made_a_link, link_to_another, link_on_the_way, volume]
)
def test_what_is_put_in_the_place_of_policies_is_taken_up(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    named = prepared(tmp_path, change)
    with process(tmp_path, named) as served:
        served.ready()
        change(tmp_path)
        served.until(lambda: served.log.count("policies are active") == 2, "the change is there")
        place = tmp_path / named
        place = place if place.suffix else place / "bank.agp"
        place.write_text(POLICY.replace("LIMIT", "300"))  # and what is there now is looked at
        os.utime(place)
        if change is not volume:
            served.until(lambda: served.log.count("policies are active") == 3, "so is the next")


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert ways_to(tmp_path / "a" / "policies") >= {tmp_path / "a", tmp_path / "b"}


def test_every_worker_searches_the_whole_directory(tmp_path: Path) -> None:
    """Of a directory that does not decide the store has nothing, so that each worker reads it by itself."""
    put(tmp_path / "policies", 100)
    (tmp_path / "mapping.toml").write_text(MAPPING)

    def directory(*names: str) -> None:
        entities = [{"type": "user", "id": each} for each in names]
        told = {"subjects": entities, "resources": [{"type": "bank.account", "id": "a-1"}]}
        (tmp_path / "new").write_text(json.dumps(told))
        (tmp_path / "new").rename(tmp_path / "directory.json")

    directory("b")
    beside = ("--mapping", "mapping.toml", "--directory", "directory.json", "--workers", "2")
    search = {
        "subject": {"type": "user", "id": "b"},
        "action": {"name": "pay"},
        "resource": {"type": "bank.account", "id": "a-1"},
    }

    def known() -> set[int]:
        found = [served.ask("POST", "/access/v1/search/resource", search) for _ in range(12)]
        assert {each.status for each in found} == {200}
        return {len(each.json["results"]) for each in found}

    def start() -> None:
        body = {
            "key": "start",
            "subject": {"type": "agent", "id": "spiffe://example.org/ns/a/sa/b"},
            "action": {"name": "start", "properties": {"period": "2026-10"}},
            "resource": {"type": "bank.reconcile", "id": "new"},
        }
        assert served.ask("POST", "/v1/tasks", body).json["decision"] is True

    search["action"]["properties"] = {"amount": 1}  # type: ignore[index]
    with process(tmp_path, "policies", *beside) as served:
        served.until(lambda: served.log.count("the service listens") == 2, "all workers listen")
        start()
        assert known() == {1}
        (tmp_path / "policies" / "bank.agp").write_text(POLICY.replace("LIMIT", "200"))
        served.until(lambda: served.log.count("policies are active") == 2, "the change is there")
        served.until(lambda: known() == {1}, "both know the directory")
        directory("c")
        served.until(lambda: known() == {0}, "both know that `b` is gone")
        directory("b", "c")
        served.until(lambda: known() == {1}, "both know that `b` is back")


def test_a_candidate_that_does_not_compile_is_told_line_by_line(tmp_path: Path) -> None:
    put(tmp_path / "policies", 100)
    put(tmp_path / "next", "wrong wrong")
    done = subprocess.run(
        [sys.executable, "-m", "agpc", "serve", "policies", "--candidate", "next", "--listen", "127.0.0.1:0"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "U+000A" not in done.stderr and "next/bank.agp:" in done.stderr
    assert done.stderr.splitlines()[-1] == "error: the candidate policies do not load"


def test_a_key_is_never_there_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker, which starts at the same moment, reads it."""
    path = tmp_path / "agpc.key"
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.exists()))
    keys._write(path, "one")
    keys._write(path, "two")
    assert seen == [False, True] and path.read_text() == "one\n"
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]
