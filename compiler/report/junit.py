"""JUnit XML, which build servers show as tests: a case for each file or for each policy test."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from ..structs import Struct
from ..text.visible import visible, visible_lines
from . import Report, full_text
from .diagnostics import Diagnostic


class Case(Struct):
    """One test: where it stands, its name, why it failed (None if it did not), what it says."""

    place: str
    name: str
    failure: str | None = None
    output: str = ""


def render(report: Report) -> str:
    """Render a case for each finding, of which errors fail, and one for each file without any."""
    at_fault = {each.labels[0].span.file for each in report.diagnostics if each.labels}
    clean = [Case(path, "check") for name, path in report.paths.items() if name not in at_fault]
    return render_cases(
        "agpc check", [*clean, *(case(each, report) for each in report.diagnostics)]
    )


def case(diagnostic: Diagnostic, report: Report) -> Case:
    """Give a diagnostic as a case."""
    place = "policy"
    name = diagnostic.code
    if diagnostic.labels:
        span = diagnostic.labels[0].span
        place = report.path(span.file)
        name = f"{diagnostic.code} at {span.line}:{span.column}"
    text = full_text(diagnostic)
    if diagnostic.severity == "error":
        return Case(place, name, failure=text)
    return Case(place, name, output=f"{diagnostic.severity}: {text}")


def render_cases(suite: str, cases: Sequence[Case]) -> str:
    """Render a suite; without times, so that equal runs have equal reports."""
    failures = sum(case.failure is not None for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    name = quoteattr(visible(suite))
    body = "".join(map(render_case, cases))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {counts}>\n  <testsuite name={name} {counts}>\n{body}"
        "  </testsuite>\n</testsuites>\n"
    )


def render_case(case: Case) -> str:
    """Render one case; characters that XML cannot carry are made visible."""
    start = f"    <testcase classname={quoteattr(visible(case.place))} name={quoteattr(visible(case.name))}"
    parts = []
    if case.failure is not None:
        first = quoteattr(visible(case.failure.split("\n")[0]))
        text = escape(visible_lines(case.failure))
        parts.append(f"      <failure message={first}>{text}</failure>\n")
    if case.output:
        parts.append(f"      <system-out>{escape(visible_lines(case.output))}</system-out>\n")
    return f"{start}>\n{''.join(parts)}    </testcase>\n" if parts else f"{start} />\n"
