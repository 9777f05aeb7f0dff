"""`python -m agpc.grammar` makes `lalr.py` from `agp.lark`, after each change of it."""

from __future__ import annotations

from pathlib import Path

from . import grammar_text
from .generate import generate

if __name__ == "__main__":
    (Path(__file__).parent / "lalr.py").write_text(generate(grammar_text()), encoding="utf-8")
