"""The names of the tests are the same whenever, wherever and however often they are collected.

Workers of pytest-xdist each collect for themselves, and give up if they differ.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LATER = """
import time
real, real_ns = time.time, time.time_ns
time.time = lambda: real() + 86_400 * 400 + 3_601
time.time_ns = lambda: real_ns() + (86_400 * 400 + 3_601) * 10**9
"""


def collected(plugins: Path, options: list[str], **environment: str) -> list[str]:
    """The ids of all tests, as a process with these options and this environment has them."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--no-header"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "clock", *options, "tests"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(plugins), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    ids = [line for line in done.stdout.splitlines() if "::" in line]
    assert done.returncode == 0 and ids, done.stdout[-2000:] + done.stderr[-2000:]
    return ids


def test_no_test_id_depends_on_time_seed_or_machine(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    (tmp_path / "clock.py").write_text(LATER, encoding="utf-8")
    elsewhere = {"TZ": "Asia/Tokyo", "COLUMNS": "200", "HOME": str(tmp_path), "LANG": "C"}
    options = ["--doctest-modules"] if request.config.getoption("doctestmodules") else []
    later = collected(tmp_path, options, PYTHONHASHSEED="2", **elsewhere)
    here = [each.nodeid for each in request.session.items if each.nodeid.startswith("tests/")]
    chosen = set(here)  # if this process has not collected all
    assert here == [each for each in later if each in chosen]
