"""Whatever the text: no exception, a place for every mistake, and formatting changes nothing."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from agpc.compiler.format.formatter import format_source
from agpc.compiler.report.diagnostics import Diagnostics, has_errors
from agpc.compiler.report.source import Source
from agpc.compiler.syntax import tree as syntax
from agpc.compiler.syntax.parse import parse, parse_expression

from .wrong_texts import SOUP, mutated, relaid


def is_covered(text: str, diagnostics: Diagnostics) -> bool:
    """Whether every label is a place in the text."""
    lines = text.split("\n")
    return all(
        1 <= span.line <= span.end_line <= len(lines)
        and 1 <= span.column <= len(lines[span.line - 1]) + 1
        and 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
        and (span.line, span.column) <= (span.end_line, span.end_column)
        for each in diagnostics
        for span in [label.span for label in each.labels]
    )


@given(st.one_of(SOUP, mutated(), st.text()))
def test_any_text_gives_a_tree_and_mistakes_have_places(text: str) -> None:
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", text), diagnostics)
    assert isinstance(file, syntax.File)
    assert file.package is not None or has_errors(diagnostics)
    assert is_covered(text, diagnostics)
    assert all(each.labels and each.message for each in diagnostics)


@given(st.one_of(SOUP, st.text()))
def test_any_text_is_a_condition_or_gives_a_mistake(text: str) -> None:
    diagnostics: Diagnostics = []
    assert (parse_expression(text, diagnostics) is None) == bool(diagnostics)


@given(SOUP)
@example(")!!")  # two mistakes on one line, the first of which is left out
@example("*!!")
def test_a_mistake_does_not_hide_the_statements_before_it(text: str) -> None:
    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", f"package p\nuse q\nuse r\n{text}"), diagnostics)
    assert file.package is not None and file.package.text == "p"
    assert [each.package.text for each in file.statements[:2]] == ["q", "r"]  # type: ignore[union-attr]


@given(st.one_of(relaid(), mutated()))
@example("package p let a = b and (c # in the midst of what stands first\n== 1 or d)")
@example("package p let a = (c # in a chain within a chain\n== 1 or d) and (b # and another\n)")
@example("package p let a = b or (not (c in [ # in brackets\n1]) and d)")
def test_formatting_preserves_meaning_and_comments_and_settles(text: str) -> None:
    diagnostics: Diagnostics = []
    before = parse(Source("x.agp", text), diagnostics)
    if has_errors(diagnostics):
        return
    formatted = format_source(Source("x.agp", text))
    after = parse(Source("x.agp", formatted), diagnostics)
    assert diagnostics == []
    assert (after.package, after.statements) == (before.package, before.statements)
    texts = [sorted(each.text for each in file.comments) for file in (before, after)]
    assert texts[0] == texts[1]
    assert format_source(Source("x.agp", formatted)) == formatted
    assert all(line == line.rstrip() for line in formatted.split("\n"))
    assert "\n\n\n" not in formatted and formatted.endswith("\n")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_string_can_be_written_and_comes_back(value: str) -> None:
    from agpc.compiler.text.strings import quoted

    diagnostics: Diagnostics = []
    file = parse(Source("x.agp", f"package p\nset s = [{quoted(value)}]"), diagnostics)
    assert diagnostics == []
    (statement,) = file.statements
    assert isinstance(statement, syntax.SetDeclaration)
    (item,) = statement.values.items
    assert isinstance(item, syntax.Text) and item.value == value
