"""`python editors/generate` makes what editors take of the grammar, after each change of `agp.lark`."""

from __future__ import annotations

from pathlib import Path

from queries import EMACS, emacs_mode, helix_highlights, highlights, zed_highlights
from textmate_grammar import textmate_grammar
from tree_sitter_grammar import tree_sitter_grammar

from agpc.grammar import grammar_text

EDITORS = Path(__file__).parents[1]
MADE = {
    EDITORS / "tree-sitter-agp" / "src" / "grammar.json": tree_sitter_grammar,
    EDITORS / "vscode" / "syntaxes" / "agp.tmLanguage.json": textmate_grammar,
    EDITORS / "tree-sitter-agp" / "queries" / "highlights.scm": highlights,
    EDITORS / "helix" / "queries" / "agp" / "highlights.scm": helix_highlights,
    EDITORS / "zed" / "languages" / "agp" / "highlights.scm": zed_highlights,
    EMACS: emacs_mode,
}
"""What is made, and of what function of the grammar's text."""

if __name__ == "__main__":
    for path, make in MADE.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(grammar_text()), encoding="utf-8")
