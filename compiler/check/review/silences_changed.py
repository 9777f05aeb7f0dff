"""Silences that came and went between two policies: each lets a finding pass that was said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ...analysis.diff.beside_decisions import Also
from ...report.diagnostics import Diagnostic
from ...report.remarks import REMARK
from ...report.source import Source
from ...syntax import tree as syntax
from .silence import read_silences

Said = Counter[tuple[str, str, str]]
"""How often a code is silenced at a line of code, whatever its number, and for what reason."""


def silences_changed(
    before: tuple[Iterable[syntax.File], Iterable[Source]],
    after: tuple[Iterable[syntax.File], Iterable[Source]],
) -> Iterator[Also]:
    """The silences that one side has and the other has not."""
    old, new = _silences(*before), _silences(*after)
    for found, how, first in (
        (new - old, "is silenced now", True),
        (old - new, "is silenced no more", False),
    ):
        for code, line, reason in sorted(found):
            because = f" (`{reason}`)" if reason else ""
            yield Also("silence", f"`{code}` {how} at `{line}`{because}", first)


def _silences(files: Iterable[syntax.File], sources: Iterable[Source]) -> Said:
    found: Said = Counter()
    texts = {each.name: each for each in sources}
    for file in files:
        if not any(REMARK.match(each.text) for each in file.comments):
            continue
        lines = texts[file.span.file].lines()
        remarks: list[Diagnostic] = []
        for silence in read_silences(file, lines, remarks):
            if not silence.has_reason:
                continue  # it silences nothing
            at = silence.lines.stop - 1 if silence.span.line in silence.lines else None
            first = silence.lines.start if at is None or at != silence.span.line else at
            line = lines[first - 1].partition("#")[0].strip()
            found.update((code, line, silence.reason) for code in silence.codes)
    return found
