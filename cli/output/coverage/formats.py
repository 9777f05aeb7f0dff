"""The reports on coverage, by the names of their formats, and where each goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ....compiler.report import Report
    from ....compiler.report.source import PolicyFile
    from ....compiler.testing.coverage import Coverage


def render(format: str, coverage: Coverage, report: Report, files: Sequence[PolicyFile]) -> str:
    """Render coverage in a format."""
    match format:
        case "text":
            from .words import render_text

            return render_text(coverage, report)
        case "json":
            from .words import render_json

            return render_json(coverage, report)
        case "lcov":
            from .lcov import render as render_lcov

            return render_lcov(coverage, report)
        case "cobertura":
            from .cobertura import render as render_cobertura

            return render_cobertura(coverage, report)
        case _:
            from .page import page

            return page(coverage, report, files)
