"""The documentation as a site: every page is in it, no link is broken, and nothing needs a network."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FETCHED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=\"(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    build = [sys.executable, ROOT / "docs" / "site" / "build.py", out]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]  # a broken link is an error
    return out


def pages() -> list[Path]:
    git = ["git", "ls-files", "*.md"]
    found = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git repository: which pages there are is not known")
    return [Path(name) for name in found.stdout.split()]


def test_every_page_is_in_it(site: Path) -> None:
    names = [
        page.with_suffix(".html") if page != Path("README.md") else Path("index.html")
        for page in pages()
    ]
    assert [str(name) for name in names if not (site / name).exists()] == []


def test_nothing_is_fetched(site: Path) -> None:
    html = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert [page.name for page, text in html.items() if FETCHED.search(text)] == []


def test_words_are_found(site: Path) -> None:
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(")  # a script, which a page on a disk may load
    for stem in ("revok", "agp2104", "spiff"):
        assert re.search(f'[{{,]"?{stem}"?:', index)


def test_policies_are_pages(site: Path) -> None:
    page = (site / "examples/finance/finance.agp.html").read_text(encoding="utf-8")
    assert '<span class="k">grant</span>' in page
