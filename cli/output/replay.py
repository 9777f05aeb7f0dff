"""What became of recorded answers, as text for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ...compiler.text.visible import visible

if TYPE_CHECKING:
    from ...compiler.analysis.diff.order import Direction
    from ...compiler.replay.tally import AnswerCause, AnswerGroup, Lines, Tally

SHOWN = 20
"""Changes and lines of a kind that text shows; JSON has more."""
ORDER = {"more": 0, "incomparable": 1, "less": 2}


def verdict(found: Tally, problem: str | None) -> str:
    """What it comes to, as a comparison says it."""
    from ...compiler.analysis.diff.order import verdict_of

    seen = {each.direction for each in found.changes} | {*found.more_changes}
    is_open = found.unknown or found.malformed.count or found.doubtful.count or not found.records
    return verdict_of(seen, bool(problem or is_open))


def in_order(found: Tally) -> list[tuple[AnswerCause, AnswerGroup]]:
    """The changes: more before less, many before few, the first in the log before others."""
    return sorted(
        found.changes.items(),
        key=lambda each: (ORDER[each[0].direction], -each[1].count, each[1].line),
    )


def render_text(found: Tally, problem: str | None, seconds: float) -> str:
    """Render the verdict, then what changed by what makes it change, and what could not be told."""
    return "".join(f"{visible(line)}\n" for line in _lines(found, problem, seconds))


def _lines(found: Tally, problem: str | None, seconds: float) -> Iterator[str]:
    yield f"{verdict(found, problem)}: {found.changed:,} of {found.records:,} answers would change"
    changes = in_order(found)
    for cause, group in changes[:SHOWN]:
        yield ""
        yield from _change(cause, group)
    if len(changes) > SHOWN:
        rest = sum(group.count for _, group in changes[SHOWN:])
        yield ""
        yield f"and {len(changes) - SHOWN} more kinds of change, of {rest:,} answers (--format json)"
    for direction, count in sorted(found.more_changes.items()):
        yield f"and {direction} in {count:,} answers, of too many kinds to tell apart"
    if found.not_replayable or found.doubtful.count or found.malformed.count or problem:
        yield ""
    for reason, (count, line) in _by_count(found):
        yield f"not replayable: {count:,} records, first on line {line}: {reason}"
    yield from _of_lines("undetermined", found.doubtful)
    yield from _of_lines("malformed", found.malformed)
    if problem:
        yield f"error: the log is read as far as here: {problem}"
    yield ""
    yield f"{found.records:,} records in {seconds:.1f} s: {_speed(found, seconds):,} a second"


def _change(cause: AnswerCause, group: AnswerGroup) -> Iterator[str]:
    what = ", ".join(cause.what)
    yield f"{cause.direction} ({what}): {cause.agent}, {_answers(group.count)}"
    yield f"    was {_by(cause.before, cause.base)}"
    yield f"    now {_by(cause.after, cause.head)}"
    request = "too long to show" if group.request is None else json.dumps(group.request)
    yield f"    line {group.line}: {request}"


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count:,} answers"


def _by(answer: str, rules: tuple[str, ...]) -> str:
    return f"{answer} by {', '.join(rules)}" if rules else answer


def _by_count(found: Tally) -> list[tuple[str, tuple[int, int]]]:
    return sorted(found.not_replayable.items(), key=lambda each: (-each[1][0], each[1][1]))


def _of_lines(word: str, lines: Lines) -> Iterator[str]:
    for line, text in lines.shown[:SHOWN]:
        yield f"{word}: line {line}: {text}"
    if lines.count > SHOWN:
        yield f"{word}: and {lines.count - SHOWN:,} more"


def _speed(found: Tally, seconds: float) -> int:
    return round(found.records / seconds) if seconds > 0 else 0


def render_json(found: Tally, problem: str | None, seconds: float) -> str:
    """Render all that was counted, as one object."""
    document = {
        "verdict": verdict(found, problem),
        "records": found.records,
        "same": found.same,
        "changed": found.changed,
        "changes": [_change_json(cause, group) for cause, group in in_order(found)],
        "not_told_apart": _counts(found.more_changes),
        "not_replayable": [
            {"reason": reason, "count": count, "line": line}
            for reason, (count, line) in _by_count(found)
        ],
        "undetermined": _lines_json(found.doubtful),
        "malformed": _lines_json(found.malformed),
        "problem": problem,
        "seconds": round(seconds, 3),
        "records_per_second": _speed(found, seconds),
    }
    return json.dumps(document, indent=2) + "\n"


def _change_json(cause: AnswerCause, group: AnswerGroup) -> dict[str, Any]:
    return {
        "change": cause.direction,
        "what": list(cause.what),
        "agent": cause.agent,
        "rules": {"base": list(cause.base), "head": list(cause.head)},
        "count": group.count,
        "example": {
            "line": group.line,
            "request": group.request,
            "base": cause.before,
            "head": cause.after,
        },
    }


def _counts(more: dict[Direction, int]) -> dict[str, int]:
    return {direction: count for direction, count in sorted(more.items())}


def _lines_json(lines: Lines) -> dict[str, Any]:
    return {
        "count": lines.count,
        "lines": [{"line": line, "problem": text} for line, text in lines.shown],
    }


RENDERERS: dict[str, Callable[[Tally, str | None, float], str]] = {
    "text": render_text,
    "json": render_json,
}
