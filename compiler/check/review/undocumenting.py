"""Lines that begin with `##` and document nothing (AGP6005): what they say is shown nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ...report.diagnostics import Diagnostic, at
from ...syntax import tree as syntax

UNDOCUMENTING: Final = "AGP6005"


def undocumenting(files: Iterable[syntax.File]) -> Iterator[Diagnostic]:
    """Report each text that is about nothing, or says nothing."""
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
