"""docs/repl.md: the session in it is what the prompt answers, and its table has every question."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agpc.cli.repl.prompt import PROMPT
from agpc.cli.repl.question_table import QUESTIONS
from docs.blocks import DOCS, blocks
from docs.sessions import Session, matches

PAGE = DOCS / "repl.md"


def test_the_session_is_what_the_prompt_answers(tmp_path: Path) -> None:
    Session(tmp_path).run_page(PAGE)  # which writes the policy, and runs what a shell is told
    text = next(each.text for each in blocks(PAGE) if each.language == "text")
    command, *asked = text.split(PROMPT)
    assert command == "$ agpc repl shop.agp\n"
    questions = [each.partition("\n")[0] for each in asked]
    assert questions[-1] == "quit"
    for number, each in enumerate(asked[:-1]):
        told = [_run(tmp_path, questions[:end]) for end in (number, number + 1)]
        answer = told[1].removeprefix(told[0])
        assert matches(each.partition("\n")[2].rstrip("\n"), answer.rstrip("\n")), answer


def _run(directory: Path, questions: list[str]) -> str:
    return subprocess.run(
        [sys.executable, "-m", "agpc", "repl", "shop.agp"],
        input="".join(f"{each}\n" for each in questions),
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_table_has_every_question() -> None:
    _, _, table = PAGE.read_text(encoding="utf-8").partition("## What can be asked")
    for word in QUESTIONS:
        assert f"`{word}" in table
