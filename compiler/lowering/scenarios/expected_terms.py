"""What an expectation says beside the effect and the rules: what is asked, granted and obliged, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ...ir import nodes as ir
from ...report.diagnostics import Label, at, report
from ...report.source import Span
from ...structs import Struct
from ...syntax import tree as syntax
from ...text.suggestions import did_you_mean
from ..literals import literals
from ..names.names import Names
from ..rules.clauses import audit, credential, needs, obligation
from ..vocabulary.vocabulary import owner_of


class ExpectedTerms(Struct, frozen=False):
    """Lowers what is expected, and reports what no decision of the expected effect could say."""

    names: Names

    def of(self, expect: syntax.Expectation) -> ir.Terms | None:
        """Give what is said; None where nothing is."""
        self._check_effect(expect)
        self._check_twice(expect.terms)
        terms = ir.Terms(
            self._credential(expect.terms),
            self._obligations(expect.terms),
            self._asking(expect.asking),
            self._reasons(expect.because),
            self._owner(expect.terms),
        )
        return None if terms == ir.Terms() else terms

    def _credential(
        self, terms: Iterable[syntax.ExpectedTerm]
    ) -> ir.Credential | Literal["none"] | None:
        for term in terms:
            match term:
                case syntax.CredentialClause():
                    return credential(term, self.names.diagnostics)
                case syntax.AbsentTerm(what="credential"):
                    return "none"
                case _:
                    pass
        return None

    def _obligations(self, terms: Iterable[syntax.ExpectedTerm]) -> tuple[ir.Duty, ...] | None:
        found = []
        said = False
        for term in terms:
            match term:
                case syntax.AuditClause():
                    found.append(_duty(audit(term, self.names.diagnostics)))
                case syntax.ObligeClause(name=name):
                    self._check_obligation(name)
                    found.append(_duty(obligation(term, self.names.diagnostics)))
                case syntax.ObligedTerm(name=name, span=span):
                    self._check_obligation(name)
                    clause = syntax.ObligeClause(span, name, ())
                    found.append(ir.Duty(obligation(clause, self.names.diagnostics).name))
                case syntax.AbsentTerm(what="obligation"):
                    said = True
                case _:
                    pass
        return ir.once(found) if found or said else None

    def _check_obligation(self, name: syntax.Name) -> None:
        if name.text == "audit":
            return  # which `obligation` has its own words for
        known = set()
        for rule in (*self.names.all("rule"), *self.names.all("terms")):
            # as written: one with a mistake in it obliges, too
            assert isinstance(rule.node, syntax.RuleDeclaration | syntax.TermsDeclaration)
            clauses = rule.node.clauses
            known |= {each.name.text for each in clauses if isinstance(each, syntax.ObligeClause)}
        if name.text not in known:
            self.names.miss(
                name.text,
                at(
                    "AGP1101",
                    name.span,
                    f"no allow obliges `{name.text}`",
                    help=did_you_mean(name.text, known),
                ),
            )

    def _asking(
        self, asking: tuple[tuple[syntax.Need, ...], ...]
    ) -> tuple[tuple[ir.Requirement, ...], ...] | None:
        found = [ir.once(needs(each, self.names.diagnostics)) for each in asking]
        return ir.once(found) if found else None

    def _reasons(self, because: tuple[syntax.Text, ...]) -> tuple[str, ...] | None:
        found = [literals.text(each, self.names.diagnostics) for each in because]
        return tuple(sorted({each for each in found if each is not None})) or None

    def _owner(self, terms: Iterable[syntax.ExpectedTerm]) -> ir.Owner | Literal["none"] | None:
        for term in terms:
            match term:
                case syntax.OwnerClause():
                    return owner_of(term, self.names)
                case syntax.AbsentTerm(what="owner"):
                    return "none"
                case _:
                    pass
        return None

    # --- what does not go together ---

    def _check_effect(self, expect: syntax.Expectation) -> None:
        effect = expect.effect
        if effect != "permit":
            for term in expect.terms:
                if _kind(term) != "owner":
                    self._report(
                        term.span,
                        f"a {effect} has no {_kind(term)}, so none can be expected of it",
                        "credentials and obligations go with `expect permit`",
                    )
        if effect != "challenge" and expect.asking:
            self._report(
                expect.asking[0][0].span.to(expect.asking[-1][-1].span),
                f"a {effect} asks for nothing",
                "write `expect challenge asking …`",
            )
        if effect != "deny" and expect.because:
            self._report(
                expect.because[0].span.to(expect.because[-1].span),
                f"a {effect} gives no reason",
                "a reason goes with `expect deny`: it is the `because` of a forbid",
            )
        if effect != "deny" and expect.rules == ():
            self._report(
                expect.span,
                f"a {effect} is always by a rule",
                "`by no rule` goes with `expect deny`: no allow applies, and no forbid does",
            )

    def _check_twice(self, terms: tuple[syntax.ExpectedTerm, ...]) -> None:
        """Report a term that contradicts one before it, or says it again."""
        seen: dict[str, syntax.ExpectedTerm] = {}
        for term in terms:
            kind = _kind(term)
            before = seen.setdefault(kind, term)
            is_listed = kind == "obligation" and not any(
                isinstance(each, syntax.AbsentTerm) for each in (term, before)
            )
            if before is term or is_listed:
                continue
            self.names.diagnostics.append(
                at(
                    "AGP1402",
                    term.span,
                    f"of the {kind} something else is expected already",
                    also=(Label(before.span, "the first one"),),
                )
            )

    def _report(self, span: Span, message: str, help: str) -> None:
        report(self.names.diagnostics, "AGP1501", span, message, help)


def _kind(term: syntax.ExpectedTerm) -> str:
    match term:
        case syntax.CredentialClause():
            return "credential"
        case syntax.OwnerClause():
            return "owner"
        case syntax.AbsentTerm(what=what):
            return what
        case _:
            return "obligation"


def _duty(obligation: ir.Obligation) -> ir.Duty:
    return ir.Duty(obligation.name, obligation.properties)
