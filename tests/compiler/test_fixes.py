"""Every fix that is offered is applied: the text is read as well as before, and what was found is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from generators.habits import AROUND, HABITS, VOCABULARY

from agpc.compiler.analysis.run import FINDINGS
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.project.settings import Settings
from agpc.compiler.check.review.review import review
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.compiler.report.fixes import HOLE, Edit, Fix, Replacement, apply, overlap, written_in
from agpc.compiler.report.source import Source, Span
from agpc.compiler.syntax.parse import parse
from agpc.runtime.values import NANOSECONDS

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOW = 1_790_000_000 * NANOSECONDS
MENDED = (
    "AGP2111",
    "AGP2112",
    "AGP3203",
    "AGP4101",
    "AGP4102",
    "AGP4201",
    "AGP4202",
    "AGP4301",
    "AGP4302",
)
"""Findings of the analysis that have fixes; the others need not be looked for."""
SETTINGS = Settings(select=("AGP1", "AGP6", *MENDED), ignore=("AGP2", "AGP3", "AGP4"))
SYNTAX = ("AGP1001", "AGP1005", "AGP1007", "AGP1010")
BLOCK = re.compile(r"^```agp\n(.*?)^```", re.MULTILINE | re.DOTALL)


def texts() -> Iterator[tuple[str, str]]:
    """The policies with mistakes that the project has: fixtures, the pages of diagnostics, and what newcomers write."""
    for folder in (
        "compiler/errors",
        "compiler/syntax/errors",
        "compiler/analysis/findings",
        "policies",
    ):
        for path in sorted((ROOT / "tests" / folder).glob("*.agp")):
            yield f"{folder}/{path.stem}", path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "docs" / "diagnostics").glob("AGP*.md")):
        for number, block in enumerate(BLOCK.findall(path.read_text(encoding="utf-8"))):
            yield f"{path.stem}-{number}", block


def found_in(source: Source, *, analysis: bool = True) -> tuple[Diagnostic, ...]:
    return review([source], SETTINGS, analysis=analysis, at=NOW).diagnostics


def filled(fix: Fix, replacements: tuple[Replacement, ...]) -> tuple[Replacement, ...]:
    """Write something into the holes, as an author would."""
    what = "nist-ai-rmf-1.0:GOVERN-1.2" if "controls" in fix.title else "because_it_is_meant"
    return tuple((start, end, new.replace(HOLE, what)) for start, end, new in replacements)


def mistakes(diagnostics: tuple[Diagnostic, ...]) -> int:
    """How many mistakes of syntax there are."""
    return sum(each.code in SYNTAX for each in diagnostics)


def moved(offset: int, replacements: tuple[Replacement, ...]) -> int:
    """Where a place is after replacements."""
    before = [each for each in replacements if each[1] <= offset and each[0] < offset]
    before += [each for each in replacements if each[:2] == (offset, offset)]
    return offset + sum(len(new) - (end - start) for start, end, new in before)


def wrong_with(source: Source, before: tuple[Diagnostic, ...], found: Diagnostic, fix: Fix) -> str:
    """What is wrong with a fix; nothing, if nothing is."""
    placed = written_in(source).replacements(fix)
    if placed is None:
        return "" if fix.edits[0].layout == "word" else "it has no place"
    assert not overlap(placed)
    placed = filled(fix, placed)
    after = Source(source.name, apply(source.text, placed))
    if after == source:
        return "it changes nothing"
    analysed = mistakes(before) == 0
    now = found_in(after, analysis=analysed and found.code > "AGP2")
    if mistakes(now) > mistakes(before):
        told = [f"{each.labels[0].span} {each.message}" for each in now if each.code in SYNTAX]
        return f"it is read less well: {told}"
    start = written_in(source).places.offset(found.labels[0].span.line, found.labels[0].span.column)
    place = moved(start, placed)
    for each in now:
        if (each.code, each.message) == (found.code, found.message) and each.labels:
            span = each.labels[0].span
            if written_in(after).places.offset(span.line, span.column) == place:
                return "it is found still"
    if fix.certainty == "safe":
        if mistakes(before) or found.code in SYNTAX:
            trees = [parse(each, []).statements for each in (source, after)]
            if trees[0] != trees[1]:
                return "it is read otherwise"
        policies = [compile_sources([each]).policy for each in (source, after)]
        if policies[0] is not None and policies[0] != policies[1]:
            return "it means something else"
    return ""


def faults(text: str) -> list[str]:
    source = Source("p.agp", text)
    before = found_in(source)
    return [
        f"{each.code} {each.labels[0].span} {each.message}: {fix.certainty} `{fix.title}`: {wrong}"
        for each in before
        for fix in each.fixes
        if (wrong := wrong_with(source, before, each, fix))
    ]


def test_every_fix_of_a_habit_mends_it() -> None:
    found = []
    for where, written, *_ in HABITS:
        text = f"language 2\n{VOCABULARY}{AROUND[where] % written.replace(chr(92) + 'n', chr(10))}"
        found += faults(text)
    assert found == []


def test_the_findings_that_have_fixes_are_looked_for() -> None:
    """`MENDED` is what the modules of findings that make fixes find."""
    folder = ROOT / "compiler" / "analysis" / "findings"
    making = {
        code
        for code, module in FINDINGS.items()
        if "fixes" in (text := (folder / f"{module.replace('.', '/')}.py").read_text("utf-8"))
        or "clause=" in text
        or "HOLE" in text
    }
    assert making == set(MENDED)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in texts()])
def test_every_fix_mends_what_was_found(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("above", "kept"),
    [
        ("## b\n", ""),
        ("## b\n# plain\n", "# plain\n"),
        ("# plain\n## b\n# more\n## of b\n", "# plain\n# more\n"),
        ("# agpc: allow AGP4101 -- so\n\n", "\n"),
        ("## of nothing\n\n# plain\n", "## of nothing\n\n# plain\n"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_about_a_thing_goes_with_it(above: str, kept: str, end: str) -> None:
    text, left = ((each.replace("\n", end)) for each in (f"a\n{above}b # c\nc\n", f"a\n{kept}c\n"))
    source = Source("a.agp", text)
    line = text.split("\n").index(next(each for each in text.split("\n") if each.startswith("b")))
    gone = Fix("", (Edit(Span("a.agp", line + 1, 1, line + 1, 2), "", "gone"),))
    assert apply(text, written_in(source).replacements(gone) or ()) == left


def test_a_comment_that_goes_leaves_what_is_said_above_it() -> None:
    source = Source("a.agp", "a\n## of b\n# agpc: allow AGP4101 -- so\nb\n")
    gone = Fix("", (Edit(Span("a.agp", 3, 1, 3, 28), "", "gone"),))
    assert apply(source.text, written_in(source).replacements(gone) or ()) == "a\n## of b\nb\n"
