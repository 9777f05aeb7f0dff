"""The TextMate grammar colours what the lexer reads: keywords, texts, numbers, comments and names.

It is read as VS Code reads it, by vscode-textmate and vscode-oniguruma.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from engines.plain_lark import plain_lark
from generators.sugar import written_policies

from .agreement import drawn

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "editors" / "vscode" / "syntaxes" / "agp.tmLanguage.json"
MODULES = ROOT / ".cache" / "vscode" / "node_modules"
EXAMPLES = sorted((ROOT / "examples").rglob("*.agp"))


@cache
def words() -> set[str]:
    return {each.pattern.value.partition("(")[0] for each in plain_lark().terminals}


pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (MODULES / "vscode-textmate").exists(),
    reason="no Node.js with vscode-textmate: .ci/run installs it",
)

FIXED = {
    "STRING": "string",
    "NUMBER": "number",
    "DURATION": "number",
    "DATE": "number",
    "TIME": "number",
    "CLOCK": "number",
    "PATH": "name",
    "WILDCARD": "name",
    "NAME": "name",
    "QUOTED_PATH": "name",
    "QUOTED_NAME": "name",
    "CONTROL_ID": "name",
    "PLATFORM_NAME": "name",
}
CLASSES = {
    "string": "string",
    "constant.character.escape": "string",
    "constant.numeric": "number",
    "constant.language": "keyword",
    "comment": "comment",
    "keyword.operator.agp": "sign",
    "keyword.operator.wildcard": "name",
    "keyword": "keyword",
    "storage": "keyword",
    "variable": "name",
    "entity": "name",
    "punctuation": "sign",
}


Token = tuple[int, int, str]
"""From where, to where, and what it is."""


def by_the_lexer(text: str) -> Iterator[Token]:
    """The tokens of a policy, and what each is."""
    for token in plain_lark().parse_interactive(text).iter_parse():
        kind = FIXED.get(token.type)
        if kind is None:
            kind = "keyword" if token.value.isidentifier() else "sign"
        assert token.start_pos is not None and token.end_pos is not None
        yield token.start_pos, token.end_pos, kind


def by_textmate(texts: list[str]) -> list[list[Token]]:
    return [[(start, end, kind(scope)) for start, end, scope, _ in each] for each in scopes(texts)]


def scopes(texts: list[str]) -> list[list[tuple[int, int, str, str]]]:
    program = ["node", ROOT / "tests" / "editors" / "textmate.cjs", MODULES, GRAMMAR]
    done = subprocess.run(
        program, input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    found: list[list[tuple[int, int, str, str]]] = json.loads(done.stdout)
    return found


def kind(scope: str) -> str:
    return next((kind for start, kind in CLASSES.items() if scope.startswith(start)), scope)


def disagreements(
    text: str, tokens: list[Token], read: list[Token]
) -> Iterator[tuple[str, str, str]]:
    """Tokens that are something else to TextMate: the token, what it is, and what TextMate takes it for."""
    units = [0]  # the offset of each character in units of UTF-16
    for character in text:
        units.append(units[-1] + (2 if character > "\uffff" else 1))
    ends = [end for _, end, _ in read]
    for start, end, wanted in tokens:
        inside = set()
        for at in range(bisect_right(ends, units[start]), len(read)):
            if read[at][0] >= units[end]:
                break
            inside.add(read[at][2])
        if inside != {wanted}:
            yield text[start:end], wanted, ", ".join(sorted(inside))


def is_a_word(wrong: tuple[str, str, str]) -> bool:
    """Whether a word was taken for a keyword that is a name here, or the other way round: a line does not show which."""
    return wrong[0] in words() and {wrong[1], wrong[2]} == {"name", "keyword"}


def compare(texts: list[str]) -> None:
    wrong: Counter[tuple[str, str, str]] = Counter()
    count = 0
    for text, read in zip(texts, by_textmate(texts), strict=True):
        tokens = list(by_the_lexer(text))
        count += len(tokens)
        wrong.update(disagreements(text, tokens, read))
    assert [each for each in wrong if not is_a_word(each)] == []
    assert wrong.total() <= 0.0025 * count, wrong.most_common(10)


def test_examples_are_coloured_as_the_lexer_reads_them() -> None:
    compare([each.read_text(encoding="utf-8") for each in EXAMPLES])


def test_generated_policies_are_coloured_as_the_lexer_reads_them() -> None:
    texts: list[str] = []
    drawn(written_policies(), 150, 7, lambda each: texts.extend(file.text for file in each[1]))
    compare(texts)


@pytest.mark.parametrize(
    ("line", "word", "scope"),
    [
        ("## what it is for", "## what it is for", "comment.block.documentation.agp"),
        ("    memo?: string,", "memo", "variable.other.property.agp"),
        ("grant when {", "when", "entity.name.type.agp"),
        ('    during mon..fri 07:00..19:00 "Europe/Berlin"', "07:00", "constant.numeric.clock.agp"),
        ("    read action read(a: string)", "read", "storage.modifier.agp"),
        ("    to any agent", "any", "keyword.operator.expression.agp"),
        ('    because "a \\u{41}"', "\\u{41}", "constant.character.escape.agp"),
        ('    # say "hello" { to }', '# say "hello" { to }', "comment.line.number-sign.agp"),
    ],
)
def test_a_word_has_its_scope(line: str, word: str, scope: str) -> None:
    (read,) = scopes([line])
    at = line.index(word)
    assert [each for start, end, each, _ in read if start <= at < end] == [scope]
