"""The page in a real browser: wide and narrow, light and dark, with the keyboard alone, small and with 1,000 rules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from engines.chromium import BROWSER, PACKAGES, needs_chromium

from ..conftest import Run

pytestmark = needs_chromium


def looked_at(run: Run, work: Path, *looks: str) -> list[dict[str, Any]]:
    page = work / "report.html"
    assert run("report", "--at", "2026-11-27", "-o", page).status == 0
    done = subprocess.run(
        ["node", Path(__file__).parent / "browser.mjs", PACKAGES, str(BROWSER), page, *looks],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def check(found: list[dict[str, Any]]) -> None:
    for each in found:
        look = each["look"]
        assert each["wide"], f"{look}: the page scrolls sideways"
        assert each["said"] == [], look
        assert each["asked"] == 1, look  # the page itself
        assert each["node"] is not None, f"{look}: the keyboard does not reach the picture"
        assert each["shown"], f"{look}: Enter does not lead to {each['node']}"
        assert each["outline"] == "3px", f"{look}: it cannot be seen where the keyboard is"
        assert each["violations"] == [], look
    assert len({each["background"] for each in found}) == len(found), "dark and light are alike"


def test_a_small_page(run: Run, shop: Path, work: Path) -> None:
    found = looked_at(run, work, "1280:light:axe", "390:dark:axe")
    check(found)
    assert all(each["faded"] for each in found)  # what does not go through the node


def test_a_page_of_a_thousand_rules(run: Run, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "benchmarks")
    from workload import workload

    for name, text in workload(1000).files.items():
        (work / name).write_text(text)
    sys.modules.pop("workload", None)
    found = looked_at(run, work, "1280:dark", "390:light")
    check(found)
    assert all(each["faded"] for each in found)
