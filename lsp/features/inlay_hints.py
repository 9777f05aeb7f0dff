"""Few hints between the words of a policy: days left, how long credentials live, whom and what `any` stands for."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from ...compiler.ir.printing.conditions import duration_text
from ...compiler.ir.type_words import in_words
from ...compiler.lowering.literals import times
from ...compiler.report.source import Span
from ...compiler.syntax import tree as syntax
from ...compiler.text.counted import counted
from ...runtime.values import NANOSECONDS, read_duration
from ..preferences import Preferences
from ..snapshot import Snapshot
from .days import left_in_words, seconds_left


def inlay_hints(
    snapshot: Snapshot, name: str, within: Span, shown: Preferences, now: float
) -> list[types.InlayHint]:
    """The hints in a stretch of a file."""
    tree = snapshot.tree_of(name)
    package = tree.package.text if tree.package is not None else ""
    found: list[types.InlayHint] = []
    hints = Hints(snapshot, package, now)
    for statement in tree.statements:
        if statement.span.end_line < within.line or statement.span.line > within.end_line:
            continue
        for kind, span, text, why in hints.of(statement):
            if shown.hints(kind) and within.line <= span.end_line <= within.end_line:
                found.append(_hint(snapshot, span, text, why))
    return found


def _hint(snapshot: Snapshot, span: Span, text: str, why: str) -> types.InlayHint:
    """A hint behind a place."""
    return types.InlayHint(
        snapshot.range_of(span).end, text, tooltip=why, padding_left=not text.startswith(":")
    )


Hint = tuple[str, Span, str, str]
"""Its kind, what it stands behind, what it says, and what that means."""


class Hints:
    """The hints of one file."""

    def __init__(self, snapshot: Snapshot, package: str, now: float) -> None:
        """Take the set, and the moment."""
        self.snapshot, self.package, self.now = snapshot, package, now

    def of(self, statement: syntax.Statement) -> Iterator[Hint]:
        """The hints in a statement."""
        match statement:
            case syntax.RuleDeclaration(clauses=clauses) | syntax.TermsDeclaration(clauses=clauses):
                for clause in clauses:
                    yield from self._of_clause(clause, clauses)
            case syntax.SetDeclaration(name=name):
                known = self.snapshot.refer.vocabulary.sets.get(f"{self.package}.{name.text}")
                if known is not None:
                    yield "types", name.span, f": [{in_words(known.type)}]", "What the set holds."
            case syntax.GroupDeclaration(capabilities=capabilities):
                yield from self._of_capabilities(capabilities)
            case _:
                pass

    def _of_clause(
        self, clause: syntax.Clause, clauses: tuple[syntax.Clause, ...]
    ) -> Iterator[Hint]:
        match clause:
            case syntax.ValidClause(end=syntax.Node() as end):
                moment = _moment(end)
                if moment is not None:
                    why = f"It holds until {moment}."
                    yield "daysLeft", end.span, left_in_words(moment, self.now), why
            case syntax.CredentialClause():
                yield from self._of_credential(clause, clause, clauses)
            case syntax.TermsClause():
                yield from self._of_terms(clause, clauses)
            case syntax.ToClause(names=None):
                known = self.snapshot.refer.vocabulary
                agents, families = len(known.agents), len(known.families)
                text = f"= {counted(agents, 'agent')}, {counted(families, 'family', 'families')}"
                yield "meant", clause.span, text, "All that are declared."
            case (
                syntax.AllowClause(capabilities=capabilities)
                | syntax.DenyClause(capabilities=capabilities)
            ):
                yield from self._of_capabilities(capabilities)
            case _:
                pass

    def _of_capabilities(self, names: tuple[syntax.Name, ...]) -> Iterator[Hint]:
        """How many calls a name stands for that names several."""
        known = self.snapshot.refer.vocabulary.resources
        for name in names:
            number = None
            if name.text == "any":
                number = sum(len(each.actions) for each in known.values())
            elif name.text.endswith(".*"):
                found = self.snapshot.names.find("resource", self.package, name.text[:-2])
                resource = None if found is None else known.get(found.name)
                number = None if resource is None else len(resource.actions)
            else:
                group = self.snapshot.names.find("group", self.package, name.text)
                meant = group and self.snapshot.refer.groups.get((group.name, False))
                number = None if not meant else len(meant)
            if number is not None:
                text = f"= {counted(number, 'capability', 'capabilities')}"
                yield "meant", name.span, text, "What it stands for now."

    def _of_terms(
        self, clause: syntax.TermsClause, clauses: tuple[syntax.Clause, ...]
    ) -> Iterator[Hint]:
        """The credential that a grant takes from elsewhere."""
        found = self.snapshot.names.find("terms", self.package, clause.name.text)
        own = any(isinstance(each, syntax.CredentialClause) for each in clauses)
        if found is None or own or not isinstance(found.node, syntax.TermsDeclaration):
            return
        for each in found.node.clauses:
            if isinstance(each, syntax.CredentialClause):
                has_validity = any(isinstance(one, syntax.ValidClause) for one in clauses)
                validity = clauses if has_validity else found.node.clauses
                yield "credentials", clause.span, f"ttl {each.ttl.text}", "From these terms."
                yield from self._of_credential(clause, each, validity)

    def _of_credential(
        self,
        place: syntax.Node,
        credential: syntax.CredentialClause,
        clauses: tuple[syntax.Clause, ...],
    ) -> Iterator[Hint]:
        """How long what is issued lives in all; shorter where the validity ends before."""
        ttl, renew = read_duration(credential.ttl.text), _number(credential.renew)
        if ttl is None or renew is None:
            return
        whole = ttl // NANOSECONDS * (renew + 1)
        left = min(filter(None, map(self._left, clauses)), default=None)
        if left is not None and left < whole:
            shown = duration_text(max(0, int(left)) // 60 * 60)
            yield (
                "credentials",
                place.span,
                f"at most {shown}: the validity ends",
                "A lease ends with it.",
            )
        elif renew:
            text = f"at most {duration_text(whole)} in all"
            yield "credentials", place.span, text, "The first time, and each renewal."

    def _left(self, clause: syntax.Clause) -> float | None:
        if not isinstance(clause, syntax.ValidClause) or clause.end is None:
            return None
        moment = _moment(clause.end)
        return None if moment is None else seconds_left(moment, self.now)


def _moment(end: syntax.Node) -> str | None:
    """The instant at which a validity is over."""
    match end:
        case syntax.Date():
            return times.day(end, [], next_day=True)
        case syntax.Time():
            return times.instant(end, [])
        case _:
            return None


def _number(node: syntax.Number | None) -> int | None:
    if node is None:
        return 0
    return int(node.text) if node.text.isdigit() and len(node.text) < 7 else None
