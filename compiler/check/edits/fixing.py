"""Apply the fixes that keep the meaning, as far as they can be shown to.

A fix may show the next mistake, so they are applied in rounds. Of what comes of it nothing is taken that is not read
as the text before was: a file that does not parse then, or that says something else, stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ...format.upgrade import says_the_same
from ...report.diagnostics import Diagnostic, Diagnostics, has_errors
from ...report.fixes import Fix, Replacement, apply, overlap, written_in
from ...report.source import Source
from ...structs import Struct
from ...syntax.parse import parse

ROUNDS = 50
"""More mistakes than this on one line nobody makes."""


class Applied(Struct):
    """A fix that was applied, and to what; its places are those of the text that it was applied to."""

    diagnostic: Diagnostic
    fix: Fix


class Fixed(Struct):
    """A file, what fixes made of it, and which they were, in order."""

    before: Source
    after: Source
    applied: tuple[Applied, ...]


def fixed(
    sources: Sequence[Source], check: Callable[[Sequence[Source]], Iterable[Diagnostic]]
) -> tuple[list[Fixed], list[Source]]:
    """Apply all safe fixes of what a check finds: files that change, and those that cannot be read even so."""
    now = {each.name: each for each in sources}
    done: dict[str, list[Applied]] = {}
    refused: set[str] = set()
    for _ in range(ROUNDS):
        found = list(check(list(now.values())))
        before = dict(now)
        for name, source in before.items():
            text, applied = one_round(source, found)
            if applied and name not in refused:
                now[name] = Source(name, text)
                done.setdefault(name, []).extend(applied)
                if not is_read_alike(source, now[name]):
                    refused.add(name)
        if now == before:
            break
    made, unreadable = [], []
    for source in sources:
        if source.name not in done:
            continue
        after = now[source.name]
        if source.name in refused or not parses(after):
            unreadable.append(source)
        else:
            made.append(Fixed(source, after, tuple(done[source.name])))
    return made, unreadable


def one_round(source: Source, found: Iterable[Diagnostic]) -> tuple[str, list[Applied]]:
    """Apply the first safe fix of each finding in a file, but for those that meet another one."""
    taken: list[Replacement] = []
    applied: list[Applied] = []
    written = written_in(source)
    for each in found:
        safe = (fix for fix in each.fixes if fix.certainty == "safe" and not fix.has_hole)
        fix = next(safe, None)
        if fix is None or fix.edits[0].span.file != source.name:
            continue
        placed = written.replacements(fix)
        if placed is None or overlap(sorted((*taken, *placed))):
            continue
        taken += placed
        applied.append(Applied(each, fix))
    return apply(source.text, taken), applied


def parses(source: Source) -> bool:
    """Whether a text has no mistakes of syntax."""
    found: Diagnostics = []
    parse(source, found)
    return not has_errors(found)


def is_read_alike(before: Source, after: Source) -> bool:
    """Whether a text with mistakes of syntax is read as before; of one without, the check that made the fix knows."""
    found: Diagnostics = []
    was = parse(before, found)
    if not has_errors(found):
        return parses(after)
    now = parse(after, [])
    return was.package == now.package and says_the_same(was, now)
