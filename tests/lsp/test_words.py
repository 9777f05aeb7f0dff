"""Every word of the grammar has its sentence, and nothing else has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agpc.compiler.ir.roots import ROOTS as ROOTS_OF_IR
from agpc.compiler.ir.roots import SCALARS
from agpc.lsp.words import BUILT_IN, KEYWORDS, OTHERS, ROOTS, TYPES

GRAMMAR = Path(__file__).parents[2] / "grammar" / "agp.lark"


def test_every_word_of_the_grammar_has_a_sentence() -> None:
    words = re.findall(r'^_?[A-Z_]+\.\d+: "(\w+)" EDGE$', GRAMMAR.read_text("utf-8"), re.MULTILINE)
    assert len(words) > 100
    assert set(words) == set(KEYWORDS)


def test_every_type_and_root_has_a_sentence() -> None:
    assert set(TYPES) == set(SCALARS)
    assert set(ROOTS) == {*ROOTS_OF_IR, "it"}
    built_in = {f"{root}.{each.name}" for root, row in ROOTS_OF_IR.items() for each in row.built_in}
    assert set(BUILT_IN) == built_in


@pytest.mark.parametrize("table", [KEYWORDS, TYPES, ROOTS, BUILT_IN, OTHERS])
def test_sentences_are_sentences(table: dict[str, str]) -> None:
    for word, sentence in table.items():
        assert sentence[0].isupper() or sentence[0] == "`", word
        assert sentence.endswith("."), word
        assert sentence.count("`") % 2 == 0, word
