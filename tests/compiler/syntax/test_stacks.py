"""The stacks that the parser keeps, and how it reads where they are too many to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agpc.compiler.report.diagnostics import Diagnostic, Diagnostics
from agpc.compiler.report.source import Source
from agpc.compiler.syntax import stacks
from agpc.compiler.syntax.automaton import automaton
from agpc.compiler.syntax.parse import parse
from agpc.compiler.syntax.stacks import Stack
from agpc.compiler.syntax.tree import File

from .wrong_texts import TEXTS

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.agp"))
DEEP = "package p\nlet c = " + "".join(f"({'not ' * (each % 3)}" for each in range(40))


@pytest.fixture
def fresh() -> Iterator[None]:
    """An automaton that no other test has used, nor will."""
    automaton.cache_clear()
    yield
    automaton.cache_clear()


def read(text: str) -> tuple[File, list[Diagnostic]]:
    found: Diagnostics = []
    return parse(Source("x.agp", text), found), found


def kept() -> list[Stack]:
    """The stacks that are kept for files."""
    found = [automaton().starts["file"]]
    for each in found:
        found += each._above.values()
    return found


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("most", [0, 40])
def test_a_text_is_read_alike_where_not_all_stacks_are_kept(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*(path.read_text(encoding="utf-8") for path in EXAMPLES), *TEXTS, DEEP]
    whole = [read(text) for text in texts]
    assert len(kept()) > 1_000
    automaton.cache_clear()
    monkeypatch.setattr(stacks, "MOST", most)
    assert [read(text) for text in texts] == whole
    assert len(kept()) == max(most, 1)


@pytest.mark.usefixtures("fresh")
def test_a_text_like_one_before_adds_no_stack_and_names_are_not_kept() -> None:
    read('package p\nagent a = "spiffe://x/a"\n')
    before = {id(each): len(each) for each in kept()}
    read('package other\nagent another = "spiffe://x/b"\n')
    assert {id(each): len(each) for each in kept()} == before
    words = {key for each in kept() for key in each}
    assert words.isdisjoint({"p", "a", "other", "another"}) and "agent" in words
