"""Silences: remarks in a policy that a finding is meant to be there, and why.

`# agpc: allow AGP2101, AGP4104 -- REASON` behind code holds for what starts or ends on its line; on a line
of its own, for what starts on the next line with code. That may be one clause, or a whole grant, forbid
or declaration, and the remark holds for all of its lines. A finding stands where its first label does.

Without a reason it silences nothing. What is wrong with a silence is itself a finding (AGP6001 to
AGP6004), and those cannot be silenced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product

from ...report.codes import CODES
from ...report.diagnostics import Diagnostic, at
from ...report.fixes import HOLE, Certainty, Edit, Fix, end_of, replaced, start_of
from ...report.remarks import REMARK
from ...report.source import Source, Span
from ...structs import Struct, field
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from ..project.settings import can_be_ignored

SILENCE = re.compile(
    r"#+[ \t]*agpc:[ \t]*allow[ \t]+(?P<codes>[^ \t,]+(?:[ \t]*,[ \t]*[^ \t,]+)*)[ \t]*"
    r"(?:--(?P<reason>.*))?"
)
CODE = re.compile(r"[^ \t,]+")
FORM = "write `# agpc: allow AGP4104 -- REASON`, with a comma between several codes"
OWN = ("AGP6001", "AGP6002", "AGP6003", "AGP6004")


class Silence(Struct, frozen=False):
    """One remark: its codes and where each stands, its reason, the lines that it holds for."""

    span: Span
    codes: dict[str, Span]
    reason: str
    lines: range
    used: set[str] = field(default_factory=set)

    @property
    def has_reason(self) -> bool:
        """Whether it says why; marks alone say nothing."""
        return any(each.isalnum() for each in self.reason)


class Quieted(Struct):
    """What is left to say, how much was silenced, and what is wrong with the silences."""

    diagnostics: tuple[Diagnostic, ...]
    silenced: int
    remarks: tuple[Diagnostic, ...]
    suppressed: tuple[tuple[Diagnostic, str], ...] = ()
    """What was silenced, each with the reason."""


def can_be_silenced(code: str) -> bool:
    """Whether a remark may silence a finding."""
    return can_be_ignored(code) and code not in OWN


def quiet(
    diagnostics: Sequence[Diagnostic],
    files: Iterable[syntax.File],
    sources: Iterable[Source],
    looked_for: Callable[[str], bool],
) -> Quieted:
    """Take out what is silenced. `looked_for` tells which findings there would be if they were true.

    Only of those can a silence be said to silence nothing.
    """
    lines = {each.name: each for each in sources}
    remarks: list[Diagnostic] = []
    silences: list[Silence] = []
    for file in files:
        if any(REMARK.match(each.text) for each in file.comments):
            silences += read_silences(file, lines[file.span.file].lines(), remarks)
    by_place: dict[tuple[str, int, str], list[Silence]] = {}
    for silence in silences:
        if silence.has_reason:
            for line, code in product(silence.lines, silence.codes):
                by_place.setdefault((silence.span.file, line, code), []).append(silence)
    reasons = [_silenced_by(each, by_place) for each in diagnostics]
    judged = list(zip(diagnostics, reasons, strict=True))
    kept = tuple(each for each, reason in judged if reason is None)
    suppressed = tuple((each, reason) for each, reason in judged if reason is not None)
    for silence in silences:
        remarks.extend(_judge(silence, looked_for))
    return Quieted(kept, len(diagnostics) - len(kept), tuple(remarks), suppressed)


def _silenced_by(
    diagnostic: Diagnostic, by_place: Mapping[tuple[str, int, str], list[Silence]]
) -> str | None:
    """The reason for which a diagnostic is silenced; None where it is not."""
    if not diagnostic.labels or not can_be_silenced(diagnostic.code):
        return None
    place = diagnostic.labels[0].span
    holding = by_place.get((place.file, place.line, diagnostic.code), ())
    for each in holding:
        each.used.add(diagnostic.code)
    return holding[0].reason if holding else None


def read_silences(
    file: syntax.File, lines: Sequence[str], remarks: list[Diagnostic]
) -> Iterator[Silence]:
    """Read the silences among the comments of a file; what is not a silence and looks like one is reported."""
    starting, ending = extents(file)
    for comment in file.comments:
        if not REMARK.match(comment.text):
            continue
        match = SILENCE.fullmatch(comment.text)
        if match is None:
            remarks.append(
                at("AGP6004", comment.span, "this is not a remark that agpc understands", help=FORM)
            )
            continue
        codes = {
            found[0]: _part(comment.span, found.start(), found.end())
            for found in CODE.finditer(comment.text, match.start("codes"), match.end("codes"))
        }
        line = line_of(comment.span, lines)
        first = ending.get(line, line) if line == comment.span.line else line
        last = starting.get(line, line)
        reason = (match["reason"] or "").strip()
        yield Silence(comment.span, codes, reason, range(first, last + 1))


def _part(span: Span, start: int, end: int) -> Span:
    """A stretch of a comment, which stands on one line."""
    return Span(span.file, span.line, span.column + start, span.line, span.column + end)


def line_of(comment: Span, lines: Sequence[str]) -> int:
    """The line that a comment speaks of: its own if there is code, else the next that has some."""
    if lines[comment.line - 1][: comment.column - 1].strip():
        return comment.line
    for index in range(comment.line, len(lines)):
        if lines[index].strip() and not lines[index].lstrip().startswith("#"):
            return index + 1
    return comment.line


def extents(file: syntax.File) -> tuple[dict[int, int], dict[int, int]]:
    """Where the longest thing that starts on a line ends, and where the one that ends there starts."""
    starting: dict[int, int] = {}
    ending: dict[int, int] = {}
    for node in _parts(file):
        first, last = node.span.line, node.span.end_line
        starting[first] = max(starting.get(first, first), last)
        ending[last] = min(ending.get(last, last), first)
    return starting, ending


def _parts(file: syntax.File) -> Iterator[syntax.Node]:
    """What a remark can stand above: statements, clauses of rules, actions and fields."""
    for statement in file.statements:
        yield statement
        match statement:
            case syntax.RuleDeclaration(clauses=clauses) | syntax.TermsDeclaration(clauses=clauses):
                yield from clauses
            case syntax.ResourceDeclaration() | syntax.ExtendDeclaration():
                yield from (*statement.attributes, *statement.actions)
            case _:
                pass


def _judge(silence: Silence, looked_for: Callable[[str], bool]) -> Iterator[Diagnostic]:
    """Say what is wrong with a silence."""
    if not silence.has_reason:
        yield at(
            "AGP6001",
            silence.span,
            "a silence without a reason silences nothing",
            help="say why the finding is meant to be there: `-- REASON`",
            fixes=()
            if silence.reason
            else replaced("say why: `-- …`", end_of(silence.span), f" -- {HOLE}"),
        )
    for code, span in silence.codes.items():
        if code not in CODES:
            yield at(
                "AGP6003",
                span,
                f"there is no code `{code}`",
                help=did_you_mean(code, CODES) or FORM,
            )
        elif not can_be_silenced(code):
            yield at(
                "AGP6003",
                span,
                f"`{code}` cannot be silenced",
                help="errors, what is undetermined, and what is wrong with silences stay visible",
                fixes=_without(silence, code, "likely"),
            )
        elif silence.has_reason and code not in silence.used and looked_for(code):
            yield at(
                "AGP6002",
                span,
                f"there is no `{code}` here to silence",
                help="take it out, or put it on the line of the finding",
                fixes=_without(silence, code, "safe"),
            )


def _without(silence: Silence, code: str, certainty: Certainty) -> tuple[Fix, ...]:
    """A remark without one of its codes, or none where it has no other."""
    codes = list(silence.codes)
    if len(codes) == 1:
        edit = Edit(silence.span, "", "gone")
    else:
        number = codes.index(code)
        span = silence.codes[code]
        if number + 1 < len(codes):
            end = start_of(silence.codes[codes[number + 1]])
            edit = Edit(span.to(end), "")
        else:
            edit = Edit(end_of(silence.codes[codes[number - 1]]).to(end_of(span)), "")
    return (Fix("take it out", (edit,), certainty),)


def silencing(diagnostic: Diagnostic) -> Fix | None:
    """The remark that silences a finding, for its author to say why; None where none may."""
    if not diagnostic.labels or not can_be_silenced(diagnostic.code):
        return None
    place = start_of(diagnostic.labels[0].span)
    edit = Edit(place, f"# agpc: allow {diagnostic.code} -- {HOLE}", "remark before")
    return Fix(f"silence `{diagnostic.code}` here, and say why", (edit,))
