"""Suggested tests as a file of the language, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.testing.suggestions import Gap, Suggestion, Suggestions

HEAD = "# Suggested by `agpc test --suggest`. Read each one, and keep those whose answer is the right one."


def render(found: Suggestions, policy: ir.Policy) -> str:
    """Render a file, in the standard layout, with what no test can show as comments at its end.

    It is of the package that most of it is about, and uses the others that it names.
    """
    from ...compiler.format.formatter import format_source
    from ...compiler.report.source import Source

    package = _package(found, policy)
    blocks = ["\n".join(_block(each, policy, package)) for each in found.tests]
    text = "\n\n".join(blocks)
    uses = [
        f"use {each.name}"
        for each in policy.packages
        if each.name != package and f"{each.name}." in text
    ]
    head = [HEAD, *([f"package {package}"] if package is not None else [])]
    parts = ["\n".join(head), "\n".join(uses), text, "\n".join(_rest(found))]
    return format_source(Source("suggested.agp", "\n\n".join(filter(None, parts)) + "\n"))


def is_writable(test: ir.Test, policy: ir.Policy) -> bool:
    """Whether a `test` block can make the request of a test."""
    try:
        written(test, policy, "")
    except ValueError:
        return False
    return True


def written(test: ir.Test, policy: ir.Policy, package: str) -> list[str]:
    """A test as source text. Raises `ValueError` where none makes its request."""
    from dataclasses import replace

    from ...compiler.ir.print_page import Page
    from ...compiler.ir.print_scenarios import write_scenario

    page = Page()
    write_scenario(page, 0, replace(policy, tests=(test,)), package)
    return page.lines


def _block(suggestion: Suggestion, policy: ir.Policy, package: str | None) -> Iterator[str]:
    yield from _comment("also shows", suggestion.also)
    yield from written(suggestion.test, policy, package or "")


def _rest(found: Suggestions) -> Iterator[str]:
    for word, gaps in (("never", found.never), ("undetermined", found.open)):
        yield from _comment(word, gaps)


def _comment(word: str, gaps: tuple[Gap, ...]) -> Iterator[str]:
    """A line for each gap; nothing in it ends the line or hides what it says."""
    from ...compiler.text.visible import visible

    for each in gaps:
        why = f": {each.why}" if each.why else ""
        yield f"# {word}: {visible(f'{each.point.rule.id}: {each.text}{why}')}"


def _package(found: Suggestions, policy: ir.Policy) -> str | None:
    """The package of most rules that tests are suggested for; else the first one."""
    names = [each.name for each in policy.packages]
    owners = Counter(
        max((name for name in names if each.test.name.startswith(f"{name}.")), key=len)
        for each in found.tests
    )
    if not owners:
        return min(names, default=None)
    return min(owners, key=lambda name: (-owners[name], name))


def document(found: Suggestions, policy: ir.Policy) -> dict[str, Any]:
    """The suggestions as data."""
    package = _package(found, policy) or ""
    return {
        "tests": [
            {
                "name": each.test.name,
                "request": each.test.request,
                "effect": each.test.effect,
                "rules": list(each.test.rules or ()),
                "text": "\n".join(written(each.test, policy, package)) + "\n",
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
