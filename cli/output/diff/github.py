"""A comparison as GitHub workflow commands, at the rules that make the difference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....compiler.report.github import command
from ....compiler.telling.difference_causes import VERDICTS
from .findings import Places, findings

if TYPE_CHECKING:
    from ....compiler.analysis.diff.difference import Difference

COMMANDS = {"more": "warning", "incomparable": "warning", "less": "notice"}


def render(found: Difference, places: Places) -> str:
    """A line for what has to be seen first, for each cause, and for each doubt; then the verdict."""
    return "".join(f"{line}\n" for line in _lines(found, places))


def _lines(found: Difference, places: Places) -> Iterator[str]:
    for also in found.also:
        if also.first:
            yield _command("warning", {}, also.kind, also.text)
    for each in findings(found):
        place: dict[str, str | int] = {}
        if where := places.at(each.cause):
            span, report = where
            place = {"file": report.path(span.file), "line": span.line, "endLine": span.end_line}
        yield _command(COMMANDS[each.change], place, each.change, each.text)
    for doubt in found.undetermined:
        yield _command("warning", {}, "undetermined", doubt.text)
    yield _command("notice", {}, found.verdict, VERDICTS[found.verdict])


def _command(name: str, place: dict[str, str | int], title: str, text: str) -> str:
    return command(name, {**place, "title": f"agpc diff: {title}"}, text)
