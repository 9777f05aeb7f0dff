"""A comparison, by the names of its formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ....compiler.analysis.diff.difference import Difference
    from ....compiler.analysis.diff.joint.sides import Side
    from ....compiler.ir import nodes as ir
    from ....compiler.report.source import PolicyFile

FORMATS = ("text", "json", "markdown", "html", "sarif", "github")


def written(
    found: Difference,
    format: str,
    policies: Mapping[Side, ir.Policy],
    files: Mapping[Side, list[PolicyFile]],
) -> str:
    """A comparison in one of `FORMATS`."""
    if format in ("sarif", "github"):
        from ....compiler.report import Report
        from .findings import Places
        from .github import render as render_github
        from .sarif import render as render_sarif

        reports = {side: Report.of((), as_in_the_tree(each)) for side, each in files.items()}
        places = Places.of(policies, reports)
        render = render_sarif if format == "sarif" else render_github
        return render(found, places)
    if format == "json":
        from ....compiler.telling.difference_json import document

        return f"{document(found)}\n"
    if format == "markdown":
        from ....compiler.telling.difference_markdown import page as markdown_page

        return markdown_page(found)
    if format == "html":
        from .page import page as html_page

        return html_page(found)
    from .text import page as text_page

    return text_page(found)


def as_in_the_tree(files: list[PolicyFile]) -> list[PolicyFile]:
    """The files of a side by the paths that a host knows, which have no revision in them."""
    return [replace(each, path=each.place or each.path) for each in files]
