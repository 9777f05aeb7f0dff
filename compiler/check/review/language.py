"""Whether files say which version of the language they are in."""

from __future__ import annotations

from collections.abc import Iterable

from ...report.diagnostics import Diagnostic, at
from ...report.fixes import Edit, Fix
from ...syntax import tree as syntax


def undated(files: Iterable[syntax.File]) -> list[Diagnostic]:
    """Find the files that do not, so that the next change of the language can be made in the open."""
    return [
        at(
            "AGP1018",
            file.package.span,
            "this file does not say which version of the language it is in",
            help="`agpc upgrade` writes `language 2` into it, and says what that changes",
            fixes=(
                Fix(
                    "say that it is in version 2: `language 2`",
                    (Edit(file.package.span, "language 2", "before package"),),
                    "likely",
                ),
            ),
        )
        for file in files
        if file.package is not None and file.language is None
    ]
