"""Characters that cannot be seen, that look like others, or that are too many."""

from __future__ import annotations

import pytest

from agpc.compiler.report.diagnostics import Diagnostic, Diagnostics
from agpc.compiler.report.source import Source
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.characters import (
    MAX_DIGITS,
    MAX_FILE,
    MAX_NAME,
    MAX_STRING,
)
from agpc.compiler.syntax.mistakes.confusables import ascii_name
from agpc.compiler.syntax.parse import parse

HIDDEN = [
    "\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\xad", "\u061c", "\u200b", "\u200d",
    "\u200e", "\u2028", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\u3164", "\ufe0f",
    "\ufeff", "\ufff9", "\ud800", "\U000e0041", "\U000e0100",
]  # fmt: skip


def diagnosed(text: str) -> list[Diagnostic]:
    diagnostics: Diagnostics = []
    parse(Source("x.agp", text), diagnostics)
    return diagnostics


def codes(text: str) -> list[str]:
    return [each.code for each in diagnosed(text)]


@pytest.mark.parametrize("character", HIDDEN, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize(
    "text",
    [
        "package p\n# a{}b\n",
        'package p\nset s = ["a{}b"]\n',
        "package p {}\nuse q\n",
        "package p\nuse q{}",
        "package p\nset s = [1,{} 2]\n",
    ],
)
def test_a_hidden_character_is_one_error_wherever_it_stands(character: str, text: str) -> None:
    (only,) = diagnosed(text.format(character))
    assert only.code == "AGP1002"
    assert f"U+{ord(character):04X}" in only.message
    assert only.help is not None and f"\\u{{{ord(character):04X}}}" in only.help
    span = only.labels[0].span
    line = text.format(character).split("\n")[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == character


def test_a_hidden_character_can_be_written_as_an_escape() -> None:
    assert codes('package p\nset s = ["a\\u{202E}\\u{0}b"]\n') == []


@pytest.mark.parametrize("space", ["\xa0", "\u2003", "\u3000"])
def test_another_space_is_an_error_but_in_comments(space: str) -> None:
    assert codes(f"package{space}p") == ["AGP1002"]
    assert codes(f'package p\nset s = ["a{space}b"]') == ["AGP1002"]
    assert codes(f"package p # a{space}b") == []


def test_line_ends_are_lf_or_cr_lf() -> None:
    assert codes("package p\r\nuse q\r\n# c\r\n") == []
    (only,) = diagnosed("package p\ruse q\n")
    assert only.code == "AGP1002"
    assert codes('package p\nset s = ["a\nb"]')[0] == "AGP1005"


def test_visible_characters_of_any_script_may_stand_in_strings_and_comments() -> None:
    text = "\u00e9 \u6f22 \u05e9 \U0001f600 e\u0301"
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", f'package p # {text}\nset s = ["{text}"]'), diagnostics)
    assert diagnostics == []
    (statement,) = file.statements
    assert isinstance(statement, syntax.SetDeclaration)
    assert statement.values.items[0] == syntax.Text(file.span, text, text)


@pytest.mark.parametrize(
    ("name", "looks_like"),
    [
        ("аgent", "agent"),
        ("раymеnt", "payment"),
        ("Αpi", "Api"),
        ("ｔｏ", "to"),
        ("𝐛𝐨𝐭", "bot"),
        ("café", "cafe"),
        ("漢字", None),
        ("größe", None),
    ],
)
def test_a_name_outside_ascii_is_an_error_that_says_what_it_looks_like(
    name: str, looks_like: str | None
) -> None:
    assert ascii_name(name) == looks_like
    for text in (f"use {name}", f"let a = x.{name} == 1", f"enum e = a, {name}, b"):
        (only,) = diagnosed(f"package p\n{text}\nuse q")
        assert only.code == "AGP1003"
        assert name in only.message
        assert (f"{looks_like}`" in str(only.help)) or (looks_like is None)


def test_a_keyword_in_another_script_is_reported_once_and_taken_for_it() -> None:
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", "package p\nuѕe q\nuse r"), diagnostics)
    assert [each.code for each in diagnostics] == ["AGP1003"]
    assert len(file.statements) == 2


@pytest.mark.parametrize(
    ("literal", "underlined"),
    [
        (r'"\q"', r"\q"),
        (r'"a\u0041"', r"\u"),
        (r'"\u{}"', r"\u"),
        (r'"\u{110000}"', r"\u{110000}"),
        (r'"\u{D800}"', r"\u{D800}"),
        (r'"\u{1234567}"', r"\u"),
        (r'"\x41"', r"\x"),
        (r'"\\\d"', r"\d"),
    ],
)
def test_an_escape_that_does_not_exist_is_underlined(literal: str, underlined: str) -> None:
    text = f"package p\nset s = [{literal}]"
    (only,) = diagnosed(text)
    span = only.labels[0].span
    assert only.code == "AGP1006"
    assert text.split("\n")[1][span.column - 1 : span.end_column - 1] == underlined


def test_sizes_have_limits() -> None:
    assert codes(f'package p\nset s = ["{"a" * MAX_STRING}"]') == []
    assert codes(f'package p\nset s = ["{"a" * (MAX_STRING + 1)}"]') == ["AGP1008"]
    assert codes(f"package p\nset s = [{'1' * MAX_DIGITS}]") == []
    assert codes(f"package p\nset s = [{'1' * (MAX_DIGITS + 1)}]") == ["AGP1008"]
    for name in (".".join("a" * 513), "a" * (MAX_NAME + 1), ".".join("a" * 100_000)):
        assert codes(f"package {name}") == ["AGP1310"]
    assert codes(f"package {'a' * MAX_NAME}") == []
    assert codes("#" * (MAX_FILE + 1)) == ["AGP1008"]
    assert codes('package p\nset s = ["' + "a" * 1_000_000) == ["AGP1005", "AGP1008", "AGP1001"]
