"""Suggested tests as files of the language, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...compiler.testing.suggestions import Gap, Suggestions

HEAD = "# Suggested by `agpc test --suggest`. Read each one, and keep those whose answer is the right one.\n"


def render(found: Suggestions) -> str:
    """Render a file for each package, one after the other, and as comments what no test can show."""
    from dataclasses import replace

    from ...compiler.testing.suggest import page

    commented = [
        replace(each.test, text="".join(_comments("also shows", each.closes[1:])) + each.test.text)
        for each in found.tests
    ]
    tests = f"{HEAD}{page(commented)}" if commented else ""
    rest = [*_comments("never", found.never), *_comments("undetermined", found.open)]
    return "\n".join(filter(None, (tests, "".join(rest))))


def _comments(word: str, gaps: tuple[Gap, ...]) -> Iterator[str]:
    """A line for each gap; nothing in it ends the line or hides what it says."""
    from ...compiler.text.visible import visible

    for each in gaps:
        why = f": {each.why}" if each.why else ""
        yield f"# {word}: {visible(f'{each.point.rule.id}: {each.text}{why}')}\n"


def document(found: Suggestions) -> dict[str, Any]:
    """The suggestions as data."""
    return {
        "tests": [
            {
                "name": each.test.test.name,
                "package": each.test.package,
                "uses": list(each.test.uses),
                "text": each.test.text,
                "request": each.test.test.request,
                "shows": [_gap(gap) for gap in each.closes],
            }
            for each in found.tests
        ],
        "never": [{**_gap(each), "why": each.why} for each in found.never],
        "undetermined": [{**_gap(each), "why": each.why} for each in found.open],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    point = gap.point
    return {
        "rule": point.rule.id,
        "kind": point.kind,
        "clause": point.clause or None,
        "text": point.text or None,
        "result": gap.result,
    }
