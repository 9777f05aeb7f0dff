"""docs/service/README.md: the quick start is what happens, with a service that really runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.request import urlopen

import pytest

from docs.blocks import DOCS
from docs.served_page import typed

PAGE = DOCS / "service" / "README.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl, which the page uses")
def test_the_quick_start_does_what_it_shows(tmp_path: Path) -> None:
    with typed(PAGE, tmp_path) as (port, run), urlopen(f"http://127.0.0.1:{port}/") as page:
        assert b"starter.answer_ticket" in page.read()
    assert run == 3
    assert (tmp_path / "agpc.db").exists()
