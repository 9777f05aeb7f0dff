"""Coverage as Cobertura's XML, which GitLab, Jenkins and others show beside a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from .lines import CoveredFile, Line, by_file

if TYPE_CHECKING:
    from ....compiler.report import Report
    from ....compiler.testing.coverage import Coverage

DTD = "http://cobertura.sourceforge.net/xml/coverage-04.dtd"

REST = 'complexity="0" version="agpc" timestamp="0"'
"""What the format asks for and nothing here has."""


def render(coverage: Coverage, report: Report) -> str:
    """Render a class for each file and a method for each rule; equal runs have equal reports, without a time."""
    files = by_file(coverage, report)
    lines = [line for each in files for line in each.lines.values()]
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<!DOCTYPE coverage SYSTEM "{DTD}">',
        f'<coverage {_rates(lines)} {_counts(lines)} complexity="0" version="agpc" timestamp="0">',
        "  <sources>\n    <source>.</source>\n  </sources>",
        "  <packages>",
        f'    <package name="policies" {_rates(lines)} complexity="0">',
        "      <classes>",
        *(text for each in files for text in _class(each)),
        "      </classes>\n    </package>\n  </packages>\n</coverage>",
    ]
    return "\n".join(out) + "\n"


def _class(covered: CoveredFile) -> Iterator[str]:
    lines = list(covered.lines.values())
    name, path = _attribute(covered.name), _attribute(covered.path)
    yield f'        <class name={name} filename={path} {_rates(lines)} complexity="0">'
    yield "          <methods>"
    for rule in covered.rules:
        line = covered.lines[rule.point.span.line]
        title = _attribute(rule.point.rule.id)
        hits = len(rule.shown.get("decides", ()))
        rate = 1 if hits else 0
        yield (
            f'            <method name={title} signature="" line-rate="{rate}" branch-rate="{rate}" complexity="0">'
            f'<lines><line number="{line.number}" hits="{hits}"/></lines></method>'
        )
    yield "          </methods>"
    yield "          <lines>"
    for line in lines:
        yield from _line(line)
    yield "          </lines>\n        </class>"


def _line(line: Line) -> Iterator[str]:
    start = f'            <line number="{line.number}" hits="{line.hits}"'
    if not line.countable:
        yield f'{start} branch="false"/>'
        return
    share = f"{_percent(line.covered, line.countable)} ({line.covered}/{line.countable})"
    yield f'{start} branch="true" condition-coverage="{share}">'
    yield "              <conditions>"
    for number, (record, _) in enumerate(line.branches):
        part = _percent(len(record.covered), len(record.countable))
        yield f'                <condition number="{number}" type="jump" coverage="{part}"/>'
    yield "              </conditions>\n            </line>"


def _rates(lines: Iterable[Line]) -> str:
    hit, valid, covered, countable = _sums(lines)
    return f'line-rate="{_rate(hit, valid)}" branch-rate="{_rate(covered, countable)}"'


def _counts(lines: Iterable[Line]) -> str:
    hit, valid, covered, countable = _sums(lines)
    return (
        f'lines-covered="{hit}" lines-valid="{valid}" '
        f'branches-covered="{covered}" branches-valid="{countable}"'
    )


def _sums(lines: Iterable[Line]) -> tuple[int, int, int, int]:
    listed = list(lines)
    return (
        sum(each.hits > 0 for each in listed),
        len(listed),
        sum(each.covered for each in listed),
        sum(each.countable for each in listed),
    )


def _rate(part: int, whole: int) -> str:
    """A part as a fraction, rounded down: what says 1 lacks nothing."""
    return f"{10_000 * part // whole / 10_000:g}" if whole else "1"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole}%"


def _attribute(text: str) -> str:
    from ....compiler.text.visible import visible

    return quoteattr(visible(text))
