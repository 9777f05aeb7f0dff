"""Which browser there is, and what drives it."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = ROOT / ".cache" / "node_modules"
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
IS_THERE = (
    BROWSER
    and shutil.which("node")
    and all((PACKAGES / each).is_dir() for each in ("playwright-core", "axe-core"))
)
