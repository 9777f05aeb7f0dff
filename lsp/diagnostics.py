"""What a check found, as the editor shows it."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from lsprotocol import types

from ..compiler.report import WITNESS, witnesses
from ..compiler.report.diagnostics import Diagnostic, Label
from ..compiler.report.source import Span
from ..compiler.text.visible import visible_lines
from .snapshot import Snapshot
from .uris import uri_of

SOURCE = "agpc"
ANALYSIS = "agpc analysis"
"""Who says it: the compiler, at once; or the analysis, a moment later."""

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
UNNECESSARY = ("AGP2101", "AGP2104", "AGP2105", "AGP6002", "AGP6101")
"""What says of its place that it could go; editors fade it."""

DEPRECATED = ("AGP1018",)
MAX_MESSAGE = 4_000
"""Characters; nobody reads further."""


def shown(diagnostic: Diagnostic, snapshot: Snapshot, source: str = SOURCE) -> types.Diagnostic:
    """A diagnostic as the protocol has it; what a quick fix wants to know is in its `data`."""
    first, *others = diagnostic.labels or (Label(Span(snapshot.files[0].source.name, 1, 1, 1, 1)),)
    facts = [each for each in diagnostic.notes if not each.startswith(WITNESS)]
    advice = [f"help: {diagnostic.help}"] if diagnostic.help else []
    label = [first.text] if first.text else []
    text = visible_lines("\n".join([diagnostic.message, *label, *facts, *advice]))
    related = [
        types.DiagnosticRelatedInformation(
            snapshot.location_of(each.span), visible_lines(each.text) or "here"
        )
        for each in others
    ]
    page = page_of(diagnostic.code, snapshot.settings.docs_url)
    return types.Diagnostic(
        range=snapshot.range_of(first.span),
        message=text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "…",
        severity=SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        code_description=None if page is None else types.CodeDescription(page),
        source=source,
        tags=tags_of(diagnostic.code),
        related_information=related or None,
        data={
            "help": diagnostic.help,
            "notes": list(diagnostic.notes),
            "witnesses": witnesses(diagnostic),
        },
    )


def tags_of(code: str) -> list[types.DiagnosticTag] | None:
    """How an editor draws what a code is about."""
    if code in UNNECESSARY:
        return [types.DiagnosticTag.Unnecessary]
    return [types.DiagnosticTag.Deprecated] if code in DEPRECATED else None


def page_of(code: str, docs_url: str | None) -> str | None:
    """The address of the page of a code: the project's, or that which the package carries."""
    return _carried(code) if docs_url is None else f"{docs_url.rstrip('/')}/{code}.md"


@cache
def _carried(code: str) -> str | None:
    package = resources.files(__package__.rpartition(".")[0])
    page = package.joinpath("diagnostics", f"{code}.md")
    return uri_of(str(page)) if isinstance(page, Path) and page.is_file() else None


def trouble(message: str, range: types.Range | None = None) -> types.Diagnostic:
    """What is wrong with a file beside its text: it cannot be read, or its settings cannot."""
    start = types.Position(0, 0)
    return types.Diagnostic(
        range=range or types.Range(start, start),
        message=visible_lines(message),
        severity=types.DiagnosticSeverity.Error,
        source=SOURCE,
    )
