"""How blocks of AGP are coloured: the words are those of the grammar's own tables."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

_TABLES = Path(__file__).parents[2] / "grammar" / "lalr.py"


def keywords() -> list[str]:
    """Every word that the parser waits for somewhere."""
    rows = runpy.run_path(str(_TABLES))["ROWS"]
    shifted = {word for shifts, *_ in rows for word in shifts}
    return sorted(word for word in shifted if word.isidentifier() and word.islower())


class AgpLexer(RegexLexer):
    """AGP, as Pygments reads it."""

    name = "AGP"
    aliases: ClassVar = ["agp"]
    filenames: ClassVar = ["*.agp"]
    tokens: ClassVar = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"(?:\\.|[^"\\\n])*"', String),
            (r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?", String.Other),
            (r"-?\d[\d_]*(?:\.\d+)?(?:ms|[smhd])?\b", Number),
            (r"[A-Za-z_][\w.-]*[.:-][\w.-]*\w", Name),
            (words(keywords(), suffix=r"\b"), Keyword),
            (r"[A-Za-z_]\w*", Name),
            (r"==|!=|<=|>=|->|[<>=+]", Operator),
            (r"[{}()\[\],.:*@|?/]", Punctuation),
            (r".", Text),  # a page about a mistake shows it
        ]
    }


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx of the lexer."""
    app.add_lexer("agp", AgpLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
