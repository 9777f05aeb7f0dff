"""What is said of files whatever they mean: that one does not say its version of the language, or documents nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ...report.diagnostics import Diagnostic, at
from ...report.fixes import Edit, Fix
from ...syntax import tree as syntax

UNDOCUMENTING: Final = "AGP6005"


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


def undocumenting(files: Iterable[syntax.File]) -> Iterator[Diagnostic]:
    """Report each text of `##` that is about nothing, or says nothing: it is shown nowhere."""
    for file in files:
        for each in file.documentation:
            if each.about is None:
                yield at(
                    UNDOCUMENTING,
                    each.span,
                    "nothing that can be documented begins right below"
                    if each.text
                    else "this documentation says nothing",
                    help="a comment that is meant to be only that begins with one `#`",
                )
