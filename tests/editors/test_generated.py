"""What is made of the grammar is as the grammar is now."""

from __future__ import annotations

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

from agpc.grammar import grammar_text

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    """What `python editors/generate` would write now, by file."""
    sys.path.insert(0, str(EDITORS / "generate"))
    try:
        program = runpy.run_path(str(EDITORS / "generate" / "__main__.py"), run_name="generate")
        return {path: make(grammar_text()) for path, make in program["MADE"].items()}
    finally:
        sys.path.remove(str(EDITORS / "generate"))


def test_they_are_what_the_grammar_makes(made: dict[Path, str]) -> None:
    old = [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert old == [], "make editor-files"


def test_the_parser_has_the_words_of_the_grammar(made: dict[Path, str]) -> None:
    """Whoever changes the grammar and has no generator of parsers sees it here."""
    grammar = json.loads(made[EDITORS / "tree-sitter-agp" / "src" / "grammar.json"])
    parser = (EDITORS / "tree-sitter-agp" / "src" / "parser.c").read_text(encoding="utf-8")
    names = parser[parser.index("ts_symbol_names[]") : parser.index("ts_symbol_map[]")]
    for rule in grammar["rules"]:
        assert rule.startswith("_") or f'= "{rule}"' in names, rule
    words = set(re.findall(r'"type": "STRING",\s*"value": "([a-z_]+)"', json.dumps(grammar)))
    assert [word for word in sorted(words) if f"anon_sym_{word}" not in parser] == []
