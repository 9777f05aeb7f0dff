"""What the pages of the guard show of frameworks is what happens."""

from __future__ import annotations

from pathlib import Path

from docs.blocks import DOCS
from docs.sessions import Session


def test_the_programs_of_the_page_on_middleware_run(tmp_path: Path) -> None:
    Session(tmp_path).run_page(DOCS / "guard/middleware.md")
