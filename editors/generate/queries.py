"""What editors ask of the tree: the same queries in the dialect of each, with the words of the grammar."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from textmate_grammar import CONSTANTS, KINDS, OPERATORS, words

HIGHLIGHTS = Path(__file__).with_name("highlights.scm")

DIALECTS = {
    "helix": {
        "@number": "@constant.numeric",
        "@boolean": "@constant.builtin.boolean",
        "@comment.documentation": "@comment.block.documentation",
        "@comment": "@comment.line",
        "@keyword.modifier": "@keyword.storage.modifier",
        "@variable.member": "@variable.other.member",
        "@module": "@namespace",
        "@string.special": "@string.special.symbol",
    },
    "zed": {
        "@comment.documentation": "@comment.doc",
        "@keyword.operator": "@operator",
        "@keyword.modifier": "@keyword",
        "@variable.member": "@property",
        "@module": "@title",
        "@string.special": "@string.special",
        "@constant.builtin": "@constant",
        "@function.method": "@function",
    },
}
"""Names of captures that are other than those of tree-sitter and Neovim, the longer ones first."""


def highlights(text: str) -> str:
    """The query for colours, as tree-sitter and Neovim have it; `text` is that of `agp.lark`."""
    known = [each for each in words(text) if each not in (*CONSTANTS, *KINDS)]
    plain = [each for each in known if each not in OPERATORS]
    filled = HIGHLIGHTS.read_text(encoding="utf-8")
    return filled.replace(";;WORDS", _list(plain, "keyword")).replace(
        ";;OPERATORS", _list([each for each in known if each in OPERATORS], "keyword.operator")
    )


def helix_highlights(text: str) -> str:
    """The same as Helix has it."""
    return _in_dialect(highlights(text), "helix")


def zed_highlights(text: str) -> str:
    """The same as Zed has it."""
    return _in_dialect(highlights(text), "zed")


def _in_dialect(query: str, dialect: str) -> str:
    lines = []
    for line in query.split("\n"):
        for ours, theirs in DIALECTS[dialect].items():
            _, found, after = line.partition(ours)
            if found and not after[:1].isalpha() and after[:1] != ".":
                line = line.replace(ours, theirs)
                break
        lines.append(line)
    return "\n".join(lines)


def _list(known: list[str], capture: str) -> str:
    return "[\n" + "".join(f'  "{word}"\n' for word in known) + f"] @{capture}"


EMACS = Path(__file__).parents[1] / "emacs" / "agp-mode.el"
_BETWEEN = re.compile(r"(;; python editors/generate: words\n).*?(  ;; end of words\n)", re.DOTALL)


def emacs_mode(text: str) -> str:
    """The mode of Emacs, with the words of the grammar in it; all else of it stays."""
    listed = "\n".join(textwrap.wrap(" ".join(f'"{word}"' for word in words(text)), 96))
    quoted = textwrap.indent(listed, "    ").removeprefix("    ")
    mode = EMACS.read_text(encoding="utf-8")
    return _BETWEEN.sub(lambda found: f"{found[1]}  '({quoted})\n{found[2]}", mode)
