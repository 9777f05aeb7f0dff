"""The Chromium that is here, and what drives it and looks for what keeps people from using a page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / ".cache" / "node_modules"
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
IS_THERE = (
    BROWSER
    and shutil.which("node")
    and all((PACKAGES / each).is_dir() for each in ("playwright-core", "axe-core"))
)
needs_chromium = pytest.mark.skipif(
    not IS_THERE,
    reason="no Chromium, node, or playwright-core and axe-core in .cache; .ci/run installs what it can",
)
