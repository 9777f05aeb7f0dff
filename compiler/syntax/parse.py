"""Source text to syntax tree; `agp.lark` defines the syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..garbage import uncollected
from ..report.diagnostics import Diagnostics, at, report
from ..report.fixes import HOLE, Edit, Fix, written
from ..report.offsets import Offsets
from ..report.source import Source, Span
from ..structs import changed
from . import tree as syntax
from .characters import MAX_FILE, check_characters
from .machine import MAX_DEPTH, Machine
from .mistakes.misplaced import check_readings

TYPE_CHECKING = False  # what only a second reading of a file needs is imported by who asks for that
if TYPE_CHECKING:
    from .unchanged import Unchanged

LANGUAGE = "2"
"""The version of the language that `agp.lark` is the syntax of."""

NOTHING: Unchanged = {}
_UNREADABLE = ("AGP1001", "AGP1007", "AGP1010")
# Patterns of text that most policies do not have are compiled by `re` once they are asked for.
_FORMER = r",(?:[ \t\r\n]|#[^\n]*+\n)*+(?:revoke|asking|context|user)\b"
_WORD = r"[A-Za-z_][A-Za-z0-9_]*+"
_COMMENTS = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?|(#[^\r\n]*+)')


def parse(
    source: Source,
    diagnostics: Diagnostics,
    *,
    deepest: int = MAX_DEPTH,
    longest: int = MAX_FILE,
    kept: Unchanged = NOTHING,
) -> syntax.File:
    """Parse one file, whatever it is; mistakes are reported, and the tree holds all that is whole.

    Statements that are kept from an earlier text are not read again.
    """
    found: Diagnostics = []
    file = _parse(source, found, deepest, longest, kept)
    diagnostics.extend(found)
    spans = (each.labels[0].span for each in found if each.code in _UNREADABLE and each.labels)
    return changed(file, unreadable=tuple(spans)) if found else file


def _parse(
    source: Source, diagnostics: Diagnostics, deepest: int, longest: int, kept: Unchanged
) -> syntax.File:
    places = Offsets(source)
    if len(source.text) > longest:
        message = f"the file has more than {longest} characters"
        report(diagnostics, "AGP1008", places.span(0, 0), message, "split it")
        return syntax.File(places.span(0, 0), None, (), ())
    with uncollected():
        whole = _unmistaken("file", source, places, deepest, kept)
        if whole is None:
            from .mistakes.habits import foreign_file

            foreign = foreign_file(source.text)
            if foreign is not None:  # all else that is wrong with it would say the same
                habit, start = foreign
                span = places.span(start, start + 1)
                report(diagnostics, "AGP1010", span, habit.message, habit.help)
                return syntax.File(places.span(0, 0), None, (), (), _words(source.text))
        check_characters(source, places, diagnostics)
        passed_over: list[tuple[int, int]] = []
        commas: list[Span] = []
        if whole is None:
            found = _run_carefully(
                "file", source, places, diagnostics, passed_over, deepest, commas, kept
            )
        else:
            found, remarked = whole
            diagnostics.extend(remarked)
        comments = tuple(_comments(source, places))
    language, package, statements = (None, None, ()) if found is None else found
    if language is None and re.search(_FORMER, source.text):
        from .mistakes.last_commas import check_former_commas

        check_former_commas(source.text, places, diagnostics, commas)
    elif language is not None and language.text != LANGUAGE:
        _report_language(language, diagnostics)
    if package is None:
        _report_no_package(source, places, diagnostics)
        passed_over = [(0, len(source.text))]  # nothing can name what belongs to no package
    check_readings(statements, source, diagnostics)
    all_of_it = places.span(0, len(source.text))
    lost = _words(*(source.text[start:end] for start, end in passed_over))
    file = syntax.File(
        all_of_it, package, tuple(statements), comments, lost, (), language, tuple(commas)
    )
    if "##" not in source.text:
        return file
    from .documentation import documentation_of  # which few policies need

    return changed(file, documentation=documentation_of(file, source, places, diagnostics))


def parse_expression(text: str, diagnostics: Diagnostics) -> syntax.Expression | None:
    """Parse a condition by itself, as an option of a command gives it; None if it is wrong."""
    source = Source("<expression>", text)
    places = Offsets(source)
    found: Diagnostics = []
    check_characters(source, places, found)
    expression: syntax.Expression | None
    whole = _unmistaken("expression", source, places, MAX_DEPTH)
    if whole is None:
        expression = _run_carefully("expression", source, places, found, [], MAX_DEPTH, [])
    else:
        expression, remarked = whole
        found.extend(remarked)
    diagnostics.extend(found)
    return None if found else expression


def _unmistaken(
    start: str, source: Source, places: Offsets, deepest: int, kept: Unchanged = NOTHING
) -> tuple[Any, Diagnostics] | None:
    """Parse a text as if it had no mistakes: what it says, and what is to be told of its words; None if it has some."""
    found: Diagnostics = []
    machine = Machine(source, places, found, deepest)
    machine.begin(start)
    scan, feed = machine.scan, machine.feed
    while not machine.accepted:
        if machine.too_deep:
            return None
        token = scan(machine.stack, machine.pos)
        known = kept.get(token.start)
        if not (feed(token) if known is None else machine.feed_statement(token, *known)):
            return None
    return machine.values[-1], found


def _run_carefully(
    start: str,
    source: Source,
    places: Offsets,
    diagnostics: Diagnostics,
    passed_over: list[tuple[int, int]],
    deepest: int,
    commas: list[Span],
    kept: Unchanged = NOTHING,
) -> Any:
    """Parse with recovery: no token is taken before it is known to fit."""
    from .mistakes.recover import Recovery  # only a mistake pays for its tables

    machine = Machine(source, places, diagnostics, deepest)
    machine.begin(start)
    recovery = Recovery(machine, passed_over, commas)
    while not machine.accepted:
        if machine.too_deep:
            went_on = recovery.too_deep()
        else:
            token = machine.scan(machine.stack, machine.pos)
            known = kept.get(token.start)
            if not machine.stack.takes(token.key):
                went_on = recovery.go_on(token)
            elif known is None:
                went_on = machine.feed(token)
            else:
                went_on = machine.feed_statement(token, *known)
        if not went_on:
            return None
    return machine.values[-1]


def _words(*texts: str) -> frozenset[str]:
    """The words in texts that nothing is known of."""
    return frozenset(word for text in texts for word in re.findall(_WORD, text))


def _comments(source: Source, places: Offsets) -> Iterator[syntax.Comment]:
    if "#" not in source.text:
        return
    for match in _COMMENTS.finditer(source.text):
        if match[1] is not None:
            text = match[1].rstrip()
            yield syntax.Comment(places.span(match.start(), match.start() + len(text)), text)


def _report_language(language: syntax.Number, diagnostics: Diagnostics) -> None:
    report(
        diagnostics,
        "AGP1001",
        language.span,
        f"this agpc reads version {LANGUAGE} of the language, and no version `{language.text}`",
        f"write `language {LANGUAGE}`, or install an agpc that reads the other",
        written(language.span, LANGUAGE),
    )


def _report_no_package(source: Source, places: Offsets, diagnostics: Diagnostics) -> None:
    first_word = re.search(
        r"[^\s\ufeff]+", re.sub(r"#[^\n]*", lambda m: " " * len(m[0]), source.text)
    )
    start, end = first_word.span() if first_word else (0, 0)
    diagnostics.append(
        at(
            "AGP1009",
            places.span(start, end),
            "the file names no package",
            help="begin it with `package NAME`; files of one package share its names",
            fixes=(
                Fix(
                    "name a package",
                    (Edit(places.span(start, start), f"package {HOLE}", "line before"),),
                ),
            ),
        )
    )
