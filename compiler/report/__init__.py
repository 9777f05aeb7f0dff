"""What is reported: sources and spans, diagnostics with their codes, and a renderer for each form that they take.

A renderer is a function from a `Report` to text, for people or for one kind of machine, in a module of its own.

Begin with `diagnostics.py`, `codes.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from json import loads  # the module `json` here is a renderer
from typing import Any, TypeAlias, cast

from ..structs import Struct, field
from .codes import Severity
from .diagnostics import SEVERITIES, Diagnostic
from .fixes import Fix, written_in
from .source import PolicyFile, Source, Span

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")


def _unknown(place: Span) -> str:
    return ""


class Report(Struct):
    """Diagnostics in the order to show them, and the files that they speak of.

    `lines` are those of each file, `paths` what to call it here, both by the source's name; `silenced`
    counts what remarks in the policies took out.
    """

    diagnostics: tuple[Diagnostic, ...]
    lines: Mapping[str, Sequence[str]]
    paths: Mapping[str, str]
    silenced: int = 0
    pages: str | None = None
    """The address below which a project has the pages of diagnostics, if it says so."""

    suppressed: tuple[tuple[Diagnostic, str], ...] = ()
    """What remarks in the policies took out, each with the reason that the remark gives."""

    known: tuple[Diagnostic, ...] | None = None
    """What a baseline took out; None where there is none."""

    gone: tuple[tuple[int, str], ...] = ()
    """What a baseline has and nobody finds any more: how many, and what it was."""

    statement: Callable[[Span], str] = _unknown
    """Names the statement of a policy that a place is in."""

    sources: Mapping[str, Source] = field(default_factory=dict)
    """The files that fixes may change, by name."""

    @classmethod
    def of(
        cls,
        diagnostics: Iterable[Diagnostic],
        files: Iterable[PolicyFile],
        silenced: int = 0,
        pages: str | None = None,
        suppressed: Iterable[tuple[Diagnostic, str]] = (),
        statement: Callable[[Span], str] = _unknown,
    ) -> Report:
        """Put diagnostics in order and look their files up."""
        ordered = tuple(sorted(diagnostics, key=lambda each: each.sort_key))
        taken_out = tuple(sorted(suppressed, key=lambda each: each[0].sort_key))
        shown = (*ordered, *(each for each, _ in taken_out))
        wanted = {label.span.file for each in shown for label in each.labels}
        listed = list(files)
        return cls(
            ordered,
            {
                each.source.name: each.source.lines()
                for each in listed
                if each.source.name in wanted
            },
            {each.source.name: each.path for each in listed},
            silenced,
            pages,
            taken_out,
            statement=statement,
            sources={each.source.name: each.source for each in listed},
        )

    def page(self, code: str) -> str | None:
        """Give the address of the page of a code."""
        return None if self.pages is None else f"{self.pages.rstrip('/')}/{code}.md"

    def path(self, name: str) -> str:
        """Give the path of a file, by the name that spans give it."""
        return self.paths.get(name, name)

    def place(self, span: Span) -> str:
        """Name the file and the line where something stands."""
        return f"{self.path(span.file)}:{span.line}"

    def line(self, name: str, number: int) -> str:
        """Give one line of a file, counted from 1; empty where there is none."""
        lines = self.lines.get(name, ())
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def fixes(self, diagnostic: Diagnostic) -> Iterator[tuple[Fix, tuple[tuple[Span, str], ...]]]:
        """The fixes of a diagnostic that the texts have places for, with what each writes where."""
        for fix in diagnostic.fixes:
            file = fix.edits[0].span.file
            if file not in self.sources:
                continue
            written = written_in(self.sources[file])
            if (found := written.replacements(fix)) is not None:
                yield fix, tuple((written.span(each), each[2]) for each in found)

    def count(self) -> dict[Severity, int]:
        """Count the diagnostics of each severity."""
        counted = Counter(each.severity for each in self.diagnostics)
        return {severity: counted[severity] for severity in SEVERITIES}


WITNESS = "witness: "
"""What a note starts with that holds a request as JSON."""


def witnesses(diagnostic: Diagnostic) -> list[Any]:
    """The requests that prove a finding, as JSON data."""
    return [
        loads(note.removeprefix(WITNESS)) for note in diagnostic.notes if note.startswith(WITNESS)
    ]


def full_text(diagnostic: Diagnostic) -> str:
    """Join what some formats have one place for: the message, the notes and the advice."""
    advice = [f"help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join([diagnostic.message, *diagnostic.notes, *advice])


Renderer: TypeAlias = Callable[[Report], str]


def renderer(format: str) -> Renderer:
    """Give the renderer of one of `FORMATS`."""
    return cast(Renderer, import_module(f".{format}", __name__).render)
