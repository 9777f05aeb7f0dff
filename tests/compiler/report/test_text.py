"""Diagnostics as text: the layout, and that nothing in a policy reaches the terminal raw."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.report import Report
from agpc.compiler.report.diagnostics import Diagnostic, Label
from agpc.compiler.report.source import PolicyFile, Source, Span
from agpc.compiler.report.text import MAX_COLUMNS, render
from agpc.compiler.text.visible import visible, width


def span(file: str, text: str, part: str) -> Span:
    """The first place of a part of a text, which stands on one line."""
    at = text.index(part)
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return Span(file, line, column, line, column + len(part))


def report(diagnostic: Diagnostic, **texts: str) -> Report:
    files = [
        PolicyFile(Source(f"{name}.agp", text), f"p/{name}.agp") for name, text in texts.items()
    ]
    return Report.of([diagnostic], files)


def mark(text: str, part: str, label: str = "here") -> list[str]:
    """The source line and the line of marks that a label on a part of a text gives."""
    diagnostic = Diagnostic("AGP1001", "it is wrong", (Label(span("a.agp", text, part), label),))
    return render(report(diagnostic, a=text)).split("\n")[2:4]


FINANCE = "package finance\n" + "\n" * 39 + "    allow ledger.void\n\n\nforbid voids {\n"


def test_the_layout_is_that_of_the_architecture() -> None:
    diagnostic = Diagnostic(
        "AGP1102",
        "allow `finance.void` can never take effect",
        (
            Label(span("finance.agp", FINANCE, "allow ledger.void"), "permitted here"),
            Label(span("finance.agp", FINANCE, "voids"), "and always forbidden here"),
        ),
        help="remove the allow",
        notes=("witness: {}", "both name the same agents"),
    )
    text = FINANCE
    shown = Report.of([diagnostic], [PolicyFile(Source("finance.agp", text), "finance.agp")])
    assert (
        render(shown)
        == """\
error[AGP1102]: allow `finance.void` can never take effect
  ┌─ finance.agp:41:5
41│     allow ledger.void
  │     ^^^^^^^^^^^^^^^^^ permitted here
44│ forbid voids {
  │        ----- and always forbidden here
  = witness: {}
  = note: both name the same agents
  = help: remove the allow
  = docs: agpc rule AGP1102

"""
    )


def test_labels_in_several_files_have_an_excerpt_each_that_of_the_primary_first() -> None:
    a, b = "package a\nenum e = x\n", "package b\n\nuse a\n"
    diagnostic = Diagnostic(
        "AGP1102",
        "`e` is declared twice",
        (
            Label(span("b.agp", b, "use"), "again"),
            Label(span("a.agp", a, "x"), "first"),
            Label(span("b.agp", b, "package"), "in this package"),
        ),
    )
    assert (
        render(report(diagnostic, a=a, b=b))
        == """\
error[AGP1102]: `e` is declared twice
 ┌─ p/b.agp:3:1
1│ package b
 │ ------- in this package
3│ use a
 │ ^^^ again
 ┌─ p/a.agp:2:10
2│ enum e = x
 │          - first
 = docs: agpc rule AGP1102

"""
    )


def test_two_labels_on_a_line_show_the_line_once() -> None:
    text = "    when args.a == args.b\n"
    diagnostic = Diagnostic(
        "AGP1201",
        "an int and a string do not compare",
        (
            Label(span("a.agp", text, "=="), ""),
            Label(span("a.agp", text, "args.a"), "an int"),
            Label(span("a.agp", text, "args.b"), "a string"),
        ),
    )
    assert render(report(diagnostic, a=text)).split("\n")[2:6] == [
        "1│     when args.a == args.b",
        " │          ------ an int",
        " │                 ^^",
        " │                    ------ a string",
    ]


def test_marks_stand_under_wide_characters() -> None:
    assert mark('because "漢字" x\n', "x") == ['1│ because "漢字" x', " │                ^ here"]
    assert mark('because "漢字" x\n', "漢字") == ['1│ because "漢字" x', " │          ^^^^ here"]


def test_marks_stand_under_what_follows_a_combining_mark() -> None:
    assert mark("e\u0301 = x\n", "x") == ["1│ e\u0301 = x", " │     ^ here"]


def test_tabs_become_spaces_up_to_the_next_stop() -> None:
    assert mark("\tx\ty\n", "y") == ["1│     x   y", " │         ^ here"]


def test_a_label_over_several_lines_marks_the_rest_of_its_first_line() -> None:
    text = "grant a {\n    to b\n}\n"
    diagnostic = Diagnostic("AGP1401", "it is wrong", (Label(Span("a.agp", 1, 7, 3, 2)),))
    assert render(report(diagnostic, a=text)).split("\n")[2:4] == ["1│ grant a {", " │       ^^^"]


@pytest.mark.parametrize(
    "place",
    [
        Span("a.agp", 2, 1, 2, 1),  # at the end of the file
        Span("a.agp", 1, 10, 1, 10),  # at the end of a line
        Span("a.agp", 1, 99, 1, 120),  # outside the text: a wrong span is not a crash
        Span("a.agp", 7, 1, 7, 2),
        Span("unknown.agp", 1, 1, 1, 2),
    ],
)
def test_there_is_a_mark_wherever_the_place_is(place: Span) -> None:
    shown = render(report(Diagnostic("AGP1001", "it is wrong", (Label(place),)), a="package a\n"))
    assert shown.split("\n")[3].count("^") == 1


def test_what_has_no_place_has_no_excerpt() -> None:
    shown = render(report(Diagnostic("AGP1009", "no package", help="add one")))
    assert shown == "error[AGP1009]: no package\n  = help: add one\n  = docs: agpc rule AGP1009\n\n"


def test_a_line_of_megabytes_is_cut_around_the_label() -> None:
    text = 'because "' + "x" * 1_000_000 + '" oops ' + "y" * 1_000_000 + "\n"
    line, marks = mark(text, "oops")
    assert line.startswith("1│ …xxx")
    assert line.endswith("yyy…")
    assert len(line) <= MAX_COLUMNS + 5
    assert line[marks.index("^") : marks.rindex("^") + 1] == "oops"


def test_a_label_of_megabytes_is_cut() -> None:
    line, marks = mark('because "' + "x" * 1_000_000 + '"\n', "x" * 1_000_000)
    assert len(line) < 200
    assert marks.count("^") == MAX_COLUMNS - len('because "')


def test_a_message_of_megabytes_is_cut_and_a_witness_is_not() -> None:
    witness = "witness: " + "x" * 3_000
    shown = render(report(Diagnostic("AGP1009", "y" * 1_000_000, notes=(witness, "z" * 1_000_000))))
    assert f"  = {witness}\n" in shown
    assert len(shown) < 8_000


def test_several_lines_of_help_stay_in_the_margin() -> None:
    shown = render(report(Diagnostic("AGP1009", "no package", help="one of\npackage a")))
    assert "  = help: one of\n    package a\n" in shown


def test_no_character_of_a_policy_or_a_file_name_acts_on_the_terminal() -> None:
    evil = "\x1b[31m\u202e\u2028\x07\x00\x9b"
    text = f"package a {evil}\n"
    place = span("a.agp", text, "package")
    diagnostic = Diagnostic(
        "AGP1002", f"bad `{evil}`", (Label(place, evil),), help=evil, notes=(evil,)
    )
    files = [PolicyFile(Source("a.agp", text), f"p/{evil}.agp")]
    shown = render(Report.of([diagnostic], files))
    assert "<U+001B>[31m<U+202E>" in shown
    assert_harmless(shown.replace("\n", ""))


def assert_harmless(text: str) -> None:
    categories = {unicodedata.category(character) for character in text}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text())
@settings(max_examples=100)
def test_visible_text_is_harmless_and_what_was_visible_stays(text: str) -> None:
    shown = visible(text)
    assert_harmless(shown)
    assert visible(shown) == shown
    assert width(shown) <= 2 * len(shown)


@given(st.text(max_size=40), st.text(min_size=1, max_size=10), st.text(max_size=40))
@settings(max_examples=200)
def test_marks_start_where_what_is_before_them_ends(before: str, part: str, after: str) -> None:
    text = f"{before}{part}{after}".replace("\n", "").replace("\r", "")
    at = len(before.replace("\n", "").replace("\r", ""))
    end = at + max(1, len(part.replace("\n", "").replace("\r", "")))
    diagnostic = Diagnostic(
        "AGP1001", "it is wrong", (Label(Span("a.agp", 1, at + 1, 1, end + 1)),)
    )
    lines = render(report(diagnostic, a=text)).split("\n")
    tabs_as_marked = visible(text[:at].replace("\t", "\ue000")).split("<U+E000>")
    column = 0
    for number, piece in enumerate(tabs_as_marked):
        if number:
            column += 4 - column % 4
        column += width(piece)
    assert lines[3].index("^") == 3 + column


def test_colour_surrounds_the_parts_and_is_off_by_default() -> None:
    diagnostic = Diagnostic("AGP1009", "no package")
    assert "\x1b" not in render(report(diagnostic))
    coloured = render(report(diagnostic), colour=True)
    assert coloured.startswith("\x1b[1;31merror[AGP1009]\x1b[0m")
