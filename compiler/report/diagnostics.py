"""Diagnostics as data: what the compiler, the analysis and the linter have to say.

Only the edge renders them (`compiler.report`). Codes and their default severities stand in
`compiler.codes`.
"""

from __future__ import annotations

from typing import TypeAlias

from ..structs import Struct
from ..text.suggestions import Suggestion
from .codes import CODES, Severity
from .fixes import Edit, Fix
from .source import Span

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


class Label(Struct):
    """A place that a diagnostic points at, and what is there."""

    span: Span
    text: str = ""


class Diagnostic(Struct):
    """One thing that was found.

    The message is one sentence: lower-case start, no final period, user input in backticks. The
    first label is the place; the others explain it. Advice stands in `help`, facts in `notes`.
    `judged` is the severity that a project gives it in place of its code's. `fixes` are ways to mend it, the
    likeliest first.
    """

    code: str
    message: str
    labels: tuple[Label, ...] = ()
    help: str | None = None
    notes: tuple[str, ...] = ()
    judged: Severity | None = None
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        """How serious it is, by its code or as the project judges."""
        return self.judged or CODES[self.code].severity

    @property
    def sort_key(self) -> tuple[Span, str, str]:
        """Order by place, then code; what has no place comes first."""
        start = self.labels[0].span if self.labels else Span("", 0, 0, 0, 0)
        return (start, self.code, self.message)


def at(
    code: str,
    span: Span,
    message: str,
    *,
    label: str = "",
    help: str | None = None,
    also: tuple[Label, ...] = (),
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    """Make a diagnostic about one place; `also` are further places that explain it.

    A name that was probably meant is a fix by itself.
    """
    if isinstance(help, Suggestion) and not fixes:
        edit = Edit(span, help.meant, "word", help.written)
        fixes = (Fix(f"write `{help.meant}`", (edit,), "likely"),)
    return Diagnostic(code, message, (Label(span, label), *also), help, fixes=fixes)


Diagnostics: TypeAlias = list[Diagnostic]
"""What a phase appends to; a phase boundary stops on errors, an exception never does."""


def report(
    diagnostics: Diagnostics,
    code: str,
    span: Span,
    message: str,
    help: str | None = None,
    fixes: tuple[Fix, ...] = (),
) -> None:
    """Add a diagnostic about one place."""
    diagnostics.append(at(code, span, message, help=help, fixes=fixes))


def has_errors(diagnostics: Diagnostics) -> bool:
    """Whether any of them is an error."""
    return any(each.severity == "error" for each in diagnostics)
