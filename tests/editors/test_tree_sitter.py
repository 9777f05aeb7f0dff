"""The tree-sitter grammar takes what the parser takes: `agreement` says how it is compared."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from docs.blocks import blocks, pages, whole

from .agreement import compared, is_policy
from .sitter import GRAMMAR, ROOT, accepts, language, parse

pytestmark = pytest.mark.skipif(
    language() is None, reason="no C compiler: the tree-sitter grammar is not compiled"
)

EXAMPLES = sorted((ROOT / "examples").rglob("*.agp"))
IN_TESTS = sorted((ROOT / "tests").rglob("*.agp"))
GENERATOR = ROOT / ".cache" / "bin" / "tree-sitter-generate"


@pytest.mark.parametrize(
    "path", [*EXAMPLES, *IN_TESTS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_has_no_error_exactly_where_the_grammar_takes_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert accepts(text) == is_policy(text)


def test_every_policy_of_the_documentation_is_taken() -> None:
    texts = {
        each.id: whole(each) for page in pages() for each in blocks(page) if each.language == "agp"
    }
    read = {where: text for where, text in texts.items() if is_policy(text)}
    assert len(read) > 50
    assert [where for where, text in read.items() if not accepts(text)] == []


def test_generated_policies_are_taken_and_most_mistakes_refused() -> None:
    count = compared(200, 200, seed := 3)
    assert count.stricter == [], seed
    assert count.policies >= 200
    assert count.mistaken >= 50
    assert count.refused >= 0.9 * count.mistaken


def test_it_is_looser_where_a_pattern_would_have_to_look_ahead() -> None:
    text = "package p grant g { credential ttl 15m renew 3to b for c }"
    assert not is_policy(text)
    assert accepts(text)


def test_a_word_is_a_keyword_only_where_the_grammar_has_it() -> None:
    tree = parse('package read agent to = "x" grant when { to to for agent allow a.b as read }')
    assert not tree.root_node.has_error
    rule = tree.root_node.named_children[-1]
    name = rule.child_by_field_name("name")
    assert name is not None and name.type == "name" and name.text == b"when"


@pytest.mark.skipif(not GENERATOR.exists(), reason="no tree-sitter-generate: .ci/run builds it")
def test_the_parser_is_what_its_generator_makes(tmp_path: Path) -> None:
    shutil.copytree(GRAMMAR / "src", tmp_path / "src")
    (tmp_path / "src" / "parser.c").unlink()
    subprocess.run([GENERATOR, tmp_path], check=True)
    made = (tmp_path / "src" / "parser.c").read_bytes()
    assert made == (GRAMMAR / "src" / "parser.c").read_bytes()
