"""What the tutorial and the page on embedding show is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs.blocks import DOCS
from docs.sessions import Session, matches


@pytest.mark.parametrize("page", ["tutorial.md", "embedding.md"])
def test_every_command_and_program_of_a_page_does_what_it_shows(page: str, tmp_path: Path) -> None:
    Session(tmp_path).run_page(DOCS / page)


def test_the_runner_sees_a_difference() -> None:
    assert matches("a\n...\nz", "a\nb\nz")
    assert matches("a\n...\nz", "a\nz")
    assert matches("wrote ... files to x", "wrote 12 files to x")
    assert not matches("a\n...\nz", "a\nb")
    assert not matches("a", "a\nb")
    assert not matches("a.b", "axb")
