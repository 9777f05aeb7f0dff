"""The fenced blocks and tables of the documentation, and what they stand for.

Conventions, all in the word after the fence (a reader of the page sees none of them):

- ```agp is a file if it has a `package` line; else it is statements, and the declarations of the
  running example (the block marked ```agp preamble in docs/language.md) stand before it, without
  those that it declares itself.
- ```agp grant and ```agp forbid are clauses: they are put into a grant or a forbid that has what
  they leave out.
- ```agp conditions has one condition a line.
- Each `# AGPxxxx` in a block is a code that it has to give.
- ```agp packages is one file of several that compile together.
- ```agp error and ```agp warning show what a page in docs/diagnostics is about.
- ```agp policy is a file or statements as above, and the following ```json request blocks are
  decided by it; a ```json answer holds what the answer has to hold, fields left out are free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.report.source import Source, Span
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse

DOCS = Path(__file__).parents[2] / "docs"

_FENCE = re.compile(r"^( *)```(.*)$")
_COMMENT = re.compile(r" *#.*$")
_CODE = re.compile(r"# (AGP\d{4})")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: where it opens, its language, the words after it, and its text."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def id(self) -> str:
        return f"{self.page.relative_to(DOCS.parent)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    found: list[Block] = []
    opened: tuple[int, str, int] | None = None
    lines: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), start=1):
        match = _FENCE.match(line)
        if match is None:
            lines.append(line[opened[2] :] if opened else line)
        elif opened is None:
            opened, lines = (number, match[2], len(match[1])), []
        else:
            language, *words = opened[1].split() or [""]
            text = "\n".join(lines) + "\n"
            found.append(Block(page, opened[0], language, tuple(words), text))
            opened = None
    assert opened is None, f"{page}: the block at line {opened and opened[0]} does not end"
    return found


def pages() -> list[Path]:
    """All pages of the documentation but those of the diagnostics."""
    return sorted(DOCS.glob("*.md"))


def preamble() -> str:
    """The declarations that all examples share."""
    language = DOCS / "language.md"
    return next(each.text for each in blocks(language) if each.words == ("preamble",))


def compile_text(text: str) -> Compilation:
    """Compile one file."""
    return compile_sources([Source("example.agp", text)])


def whole(block: Block) -> str:
    """Make a whole file of a block."""
    kind = block.words[0] if block.words else ""
    if kind == "conditions":
        return with_preamble(conditions(block.text))
    if kind == "grant":
        return with_preamble(grant(block.text))
    if kind == "forbid":
        deny = "" if re.search(r"^\s*deny\b", block.text, re.MULTILINE) else "deny any\n"
        return with_preamble(f"forbid example {{\n{deny}{block.text}}}\n")
    return block.text if is_file(block) else with_preamble(block.text)


def is_file(block: Block) -> bool:
    """Whether a block is a whole file, and no statements."""
    return any(line.startswith("package ") for line in block.text.split("\n"))


def conditions(text: str) -> str:
    """Make a grant that has one allow for each line."""
    lines = [_COMMENT.sub("", line).strip() for line in text.split("\n")]
    allows = [
        f"allow ledger.post as c{number} when {line}\n" for number, line in enumerate(lines) if line
    ]
    return f"grant example {{\nto invoice_bot\nfor reconcile\n{''.join(allows)}}}\n"


def grant(text: str) -> str:
    """Put clauses into a grant that has what they leave out."""
    needed = {"to": "to invoice_bot", "for": "for reconcile", "allow": "allow ledger.read"}
    lacking = [
        line for word, line in needed.items() if not re.search(rf"^\s*{word}\b", text, re.MULTILINE)
    ]
    return "grant example {\n" + "\n".join([*lacking, text]) + "}\n"


def with_preamble(text: str) -> str:
    """Put the shared declarations before statements, without those that they declare themselves."""
    head = "\n".join(preamble().split("\n")[:2])
    own = {key for node in statements(f"{head}\n{text}") for key in keys(node)}
    source = Source("preamble.agp", preamble())
    kept = [cut(source, node.span) for node in statements(source.text) if not own & keys(node)]
    return "\n".join([head, *kept, text])


def statements(text: str) -> tuple[syntax.Statement, ...]:
    """The statements of a file, as far as it can be read."""
    return parse(Source("example.agp", text), []).statements


def keys(node: syntax.Statement) -> set[tuple[str, str]]:
    """What a statement declares, as far as a second one would clash with it."""
    match node:
        case syntax.ContextDeclaration(kind=kind):
            return {(kind, "")}
        case syntax.AgentDeclaration() | syntax.AgentsDeclaration():
            return {("agent", node.name.text)}
        case syntax.LevelDeclaration() | syntax.EnumDeclaration():
            return {("type", node.name.text)}
        case syntax.IntentDeclaration() | syntax.ResourceDeclaration() | syntax.SetDeclaration():
            return {(type(node).__name__, node.name.text)}
    return set()


def cut(source: Source, span: Span) -> str:
    """The text of a span."""
    lines = source.lines()[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def expected_codes(text: str) -> list[str]:
    """The codes that a block says it gives."""
    return sorted(_CODE.findall(text))


def tables(page: Path, first_column: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the tables whose first column has this title, with their line numbers."""
    inside = False
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        if cells[0] == first_column:
            inside = True
        elif inside and not set(line) <= set("|- :"):
            yield number, cells
