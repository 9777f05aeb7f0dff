"""What the pages of the guard show of frameworks is what happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agpc.service.config.read import read_settings
from docs.blocks import DOCS, blocks
from docs.sessions import Session


def test_the_programs_of_the_page_on_middleware_run(tmp_path: Path) -> None:
    Session(tmp_path).run_page(DOCS / "guard/middleware.md")


def test_the_settings_of_people_who_answer_a_guard_are_settings(tmp_path: Path) -> None:
    session = Session(tmp_path)
    for block in blocks(DOCS / "guard/README.md"):
        if block.words[:1] == ("file",):
            (tmp_path / block.words[1]).write_text(block.text)
        elif block.language == "console" and "--new-key" in block.text:
            keys = [line for line in block.text.splitlines(True) if "serve --config" not in line]
            session.run_console(replace(block, text="".join(keys)))
    settings = read_settings(tmp_path / "service.toml", {}).settings
    assert [each.id for each in settings.people] == ["user:ann"]
    assert [each.name for each in settings.callers] == ["operator"]
