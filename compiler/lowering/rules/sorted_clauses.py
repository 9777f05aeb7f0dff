"""The clauses of a grant, a forbid or terms by their kinds: which there may be, and how often."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, TypeVar

from ...report.diagnostics import Label, at, report
from ...report.fixes import Edit, Fix
from ...syntax import tree as syntax
from ..names.names import Names

ANY_NUMBER = (syntax.AllowClause, syntax.ObligeClause, syntax.RevokeClause)
OF_AN_ALLOW = (syntax.WhenClause, syntax.RequireClause)
OF_GRANT = (
    syntax.ToClause, syntax.ForClause, syntax.AllowClause, syntax.WhenClause,
    syntax.RequireClause, syntax.CredentialClause, syntax.RevokeClause, syntax.ValidClause,
    syntax.DuringClause, syntax.AuditClause, syntax.ObligeClause, syntax.OwnerClause,
    syntax.Controls, syntax.TermsClause,
)  # fmt: skip
OF_FORBID = (
    syntax.ToClause, syntax.ForClause, syntax.DenyClause, syntax.WhenClause,
    syntax.UnlessClause, syntax.BecauseClause, syntax.OwnerClause, syntax.Controls,
    syntax.ValidClause, syntax.DuringClause,
)  # fmt: skip
OF_TERMS = (
    syntax.CredentialClause, syntax.RevokeClause, syntax.ValidClause, syntax.DuringClause,
    syntax.AuditClause, syntax.ObligeClause, syntax.RequireClause, syntax.OwnerClause,
    syntax.Controls,
)  # fmt: skip
KEYWORDS: dict[type[syntax.Node], str] = {
    syntax.ToClause: "to", syntax.ForClause: "for", syntax.AllowClause: "allow",
    syntax.DenyClause: "deny", syntax.WhenClause: "when", syntax.UnlessClause: "unless",
    syntax.RequireClause: "require", syntax.CredentialClause: "credential",
    syntax.RevokeClause: "revoke", syntax.ValidClause: "valid", syntax.DuringClause: "during",
    syntax.AuditClause: "audit", syntax.ObligeClause: "oblige", syntax.BecauseClause: "because",
    syntax.OwnerClause: "owner", syntax.Controls: "controls", syntax.TermsClause: "terms",
}  # fmt: skip
NO_SUCH_CLAUSE = {
    "grant": "a grant has no `{}`",
    "forbid": "a forbid has no `{}`",
    "terms": "terms have no `{}`",
}
ELSEWHERE: dict[str, dict[str, str]] = {
    "grant": {
        "deny": "a grant opens: write `allow`, or a `forbid` of its own",
        "unless": "in a grant, write `when not …`",
        "because": "a reason belongs to a forbid; here write a comment: `# …`",
    },
    "forbid": {
        "allow": "a forbid closes: write `deny`, or a `grant` of its own",
        "require": "a forbid always closes: write `unless approval by …`, or `unless step_up …`",
        "revoke": "a forbid is not withdrawn: write its condition after `when`",
        "credential": "a forbid gives none: write it in the grant",
        "audit": "every decision has a record: write it in the grant",
        "oblige": "a forbid permits nothing: write it in the grant",
        "terms": "they say how what is permitted is held: name them in the grant",
    },
    "terms": {
        "to": "whom a grant is for stands in the grant",
        "for": "what a grant is for stands in the grant",
        "allow": "what is allowed stands in the grant that names the terms",
        "deny": "what is denied stands in a `forbid`",
        "when": "a condition of a whole grant stands in the grant; one that two have is a `let`",
        "terms": "terms name no others: write the clauses themselves",
        "unless": "an exception belongs to a forbid",
        "because": "a reason belongs to a forbid; here write a comment: `# …`",
    },
}
"""Where what does not belong is written."""

C = TypeVar("C", bound=syntax.Node)


def sorted_clauses(
    node: syntax.RuleDeclaration | syntax.TermsDeclaration,
    allowed: tuple[type[syntax.Node], ...],
    names: Names,
) -> Clauses:
    """Sort the clauses by kind; report those that do not belong, and those that stand twice."""
    clauses = Clauses(node)
    kind_of = node.kind if isinstance(node, syntax.RuleDeclaration) else "terms"
    for clause in node.clauses:
        kind = type(clause)
        keyword = KEYWORDS[kind]
        if kind not in allowed:
            report(
                names.diagnostics,
                "AGP1403",
                clause.span,
                NO_SUCH_CLAUSE[kind_of].format(keyword),
                ELSEWHERE[kind_of].get(keyword),
            )
            continue
        before = clauses.by_kind[kind]
        if before and kind not in ANY_NUMBER:
            above = node.span.to(clause.span)
            if kind in OF_AN_ALLOW and names.is_unreadable(above):
                continue  # one of them may belong to an `allow` that could not be read
            names.diagnostics.append(
                at(
                    "AGP1402",
                    clause.span,
                    f"`{keyword}` stands twice in `{node.name.text}`",
                    also=(Label(before[0].span, "the first one"),),
                    help="join the two with `and`"
                    if kind in (syntax.WhenClause, syntax.RequireClause)
                    else "keep one of them",
                    fixes=tuple(
                        Fix(f"leave out the {which} one", (Edit(each.span, "", "gone"),))
                        for which, each in (("second", clause), ("first", before[0]))
                        if kind not in (syntax.WhenClause, syntax.RequireClause)
                    ),
                )
            )
            continue
        before.append(clause)
    return clauses


class Clauses:
    """The clauses of one grant, forbid or block of terms, by kind; and those of the terms that a grant names."""

    def __init__(self, node: syntax.RuleDeclaration | syntax.TermsDeclaration) -> None:
        """Start with none."""
        self.node = node
        self.by_kind: dict[type[syntax.Node], list[Any]] = defaultdict(list)
        self.terms: Clauses | None = None
        self.terms_of = ""
        """The package that the terms stand in."""

    def one(self, kind: type[C]) -> C | None:
        """The clause of a kind that stands at most once."""
        found: list[C] = self.by_kind[kind]
        return found[0] if found else None

    def all(self, kind: type[C]) -> list[C]:
        """All clauses of a kind, in the order written."""
        return self.by_kind[kind]

    def own(self, kind: type[C]) -> C | None:
        """The clause of a kind that stands at most once: the one in the terms only where there is no other."""
        found = self.one(kind)
        return found if found is not None or self.terms is None else self.terms.one(kind)

    def together(self, kind: type[C]) -> list[C]:
        """All clauses of a kind that adds up, those in the terms behind the others."""
        return self.all(kind) + ([] if self.terms is None else self.terms.all(kind))
