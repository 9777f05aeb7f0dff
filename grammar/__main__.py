"""`python -m agpc.grammar` makes `tables.json` from `agp.lark`, after each change of it."""

from __future__ import annotations

from pathlib import Path

from . import grammar_text
from .generate import generate

if __name__ == "__main__":
    (Path(__file__).parent / "tables.json").write_text(generate(grammar_text()), encoding="utf-8")
