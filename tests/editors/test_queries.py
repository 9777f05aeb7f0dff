"""The queries are about nodes that there are, and colour every word; the corpus is read as it says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tree_sitter import Query, QueryCursor

from .sitter import GRAMMAR, ROOT, language, leaves, parse

pytestmark = pytest.mark.skipif(
    language() is None, reason="no C compiler: the tree-sitter grammar is not compiled"
)

QUERIES = sorted((ROOT / "editors").glob("*/**/*.scm"))
CORPUS = sorted((GRAMMAR / "test" / "corpus").glob("*.txt"))
COLOURED = sorted((GRAMMAR / "test" / "highlight").glob("*.agp"))
EXAMPLES = sorted((ROOT / "examples").rglob("*.agp"))
CASE = re.compile(r"^=+\n([^\n]+)\n=+\n(.*?)\n---+\n(.*?)(?=\n=====|\Z)", re.DOTALL | re.MULTILINE)
ASSERTION = re.compile(r"^\s*#(?:\s*(\^+)|\s*(<-))\s*(\S+)\s*$")


def query(path: Path) -> Query:
    known = language()
    assert known is not None
    return Query(known, path.read_text(encoding="utf-8"))


def in_repository(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "path",
    [
        each
        for each in QUERIES
        if "node_modules" not in each.parts and each.parent.name != "generate"
    ],
    ids=in_repository,
)
def test_a_query_is_one_of_this_grammar(path: Path) -> None:
    assert query(path).pattern_count > 0


def captures(text: str) -> dict[tuple[int, int], str]:
    """The colour of each piece of a text: of two patterns the later one holds."""
    found: dict[tuple[int, int], tuple[int, str]] = {}
    cursor = QueryCursor(query(GRAMMAR / "queries" / "highlights.scm"))
    for pattern, captured in cursor.matches(parse(text).root_node):
        for name, nodes in captured.items():
            for node in nodes:
                place = (node.start_byte, node.end_byte)
                if pattern >= found.get(place, (-1, ""))[0]:
                    found[place] = (pattern, name)
    return {place: name for place, (_, name) in found.items()}


@pytest.mark.parametrize("path", EXAMPLES, ids=in_repository)
def test_every_word_and_text_of_an_example_has_a_colour(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    coloured = captures(text)
    plain: Counter[str] = Counter()
    for leaf in leaves(parse(text).root_node):
        above = leaf.parent
        around = (above.start_byte, above.end_byte) if above else (0, 0)
        if (leaf.start_byte, leaf.end_byte) not in coloured and around not in coloured:
            plain[leaf.type] += 1
    assert set(plain) <= {"..", "...", "?"}


def cases() -> list[tuple[str, str, str]]:
    found = [case for path in CORPUS for case in CASE.findall(path.read_text(encoding="utf-8"))]
    assert len(found) >= 8
    return found


@pytest.mark.parametrize(
    ("name", "text", "tree"), cases(), ids=lambda each: each[:30].replace("\n", " ")
)
def test_the_corpus_is_read_as_it_says(name: str, text: str, tree: str) -> None:
    assert " ".join(str(parse(text + "\n").root_node).split()) == " ".join(tree.split())


@pytest.mark.parametrize("path", COLOURED, ids=in_repository)
def test_colours_are_as_the_comments_below_them_say(path: Path) -> None:
    """In the format of `tree-sitter test`."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    coloured = captures(text)
    checked = 0
    about = 0
    for number, line in enumerate(lines):
        said = ASSERTION.match(line)
        if said is None:
            about = number
            continue
        column = line.index("^") if said[1] else line.index("#")
        at = starts[about] + column
        colours = [
            (end - start, name) for (start, end), name in coloured.items() if start <= at < end
        ]
        assert min(colours)[1] == said[3], (about + 1, column, said[3])
        checked += 1
    assert checked > 10
