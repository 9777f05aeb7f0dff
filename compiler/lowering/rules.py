"""Grants and forbids to rules: each `allow` and each `forbid` is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar, cast

from ..ir import nodes as ir
from ..ir.walk import attributes, leaves
from ..records import changed, dataclass
from ..report.diagnostics import Diagnostics, Label, at, report
from ..syntax import tree as syntax
from ..text.field_names import dotted
from . import literals
from .clauses import audit as lower_audit
from .clauses import credential as lower_credential
from .clauses import needs
from .clauses import obligation as lower_obligation
from .clauses import validity as lower_validity
from .clauses import window as lower_window
from .conditions import ConditionReader
from .controls import check_controls
from .one_mistake import used
from .references import References
from .vocabulary import owner_of

ANY_NUMBER = (syntax.AllowClause, syntax.ObligeClause, syntax.RevokeClause)
OF_AN_ALLOW = (syntax.WhenClause, syntax.RequireClause)
OF_GRANT = (
    syntax.ToClause, syntax.ForClause, syntax.AllowClause, syntax.WhenClause,
    syntax.RequireClause, syntax.CredentialClause, syntax.RevokeClause, syntax.ValidClause,
    syntax.DuringClause, syntax.AuditClause, syntax.ObligeClause, syntax.OwnerClause,
    syntax.Controls,
)  # fmt: skip
OF_FORBID = (
    syntax.ToClause, syntax.ForClause, syntax.DenyClause, syntax.WhenClause,
    syntax.UnlessClause, syntax.BecauseClause, syntax.OwnerClause, syntax.Controls,
)  # fmt: skip
KEYWORDS: dict[type[syntax.Node], str] = {
    syntax.ToClause: "to", syntax.ForClause: "for", syntax.AllowClause: "allow",
    syntax.DenyClause: "deny", syntax.WhenClause: "when", syntax.UnlessClause: "unless",
    syntax.RequireClause: "require", syntax.CredentialClause: "credential",
    syntax.RevokeClause: "revoke", syntax.ValidClause: "valid", syntax.DuringClause: "during",
    syntax.AuditClause: "audit", syntax.ObligeClause: "oblige", syntax.BecauseClause: "because",
    syntax.OwnerClause: "owner", syntax.Controls: "controls",
}  # fmt: skip

C = TypeVar("C", bound=syntax.Node)


def rules_of(
    package: str, node: syntax.RuleDeclaration, refer: References, diagnostics: Diagnostics
) -> Sequence[ir.Rule]:
    """Turn a grant or forbid into its rules; what is mistaken gives none."""
    rules = Rules(refer.reporting_to(diagnostics))
    if node.kind == "grant":
        return rules.grant(package, node)
    forbid = rules.forbid(package, node)
    return () if forbid is None else (forbid,)


@dataclass(slots=True)
class Rules:
    """Turns the rules of a policy set into IR."""

    refer: References

    @property
    def diagnostics(self) -> Diagnostics:
        """Where findings go."""
        return self.refer.names.diagnostics

    def grant(self, package: str, node: syntax.RuleDeclaration) -> list[ir.Allow]:
        """The rules of a grant, one for each `allow`."""
        clauses = self._clauses(node, OF_GRANT)
        to, for_ = clauses.one(syntax.ToClause), clauses.one(syntax.ForClause)
        allows = clauses.all(syntax.AllowClause)
        for found, keyword in ((to, "to"), (for_, "for"), (allows, "allow")):
            if not found:
                self._missing(node, keyword)
        if to is None or for_ is None or not allows:
            return []
        shared = self._shared(package, clauses)
        rules = []
        for allow in allows:
            scope = self.refer.scope(package, ir.DECLARED, to.names, for_.names, allow.capabilities)
            conditions = ConditionReader(scope.env, user=f"grant `{package}.{node.name.text}`")
            rule = self._allow(allow, clauses, conditions, shared)
            if scope.is_known:
                rules.append(
                    changed(
                        rule,
                        agents=scope.agents,
                        intents=scope.intents,
                        capabilities=scope.capabilities,
                    )
                )
        return self._identify(package, node, allows, rules) if len(rules) == len(allows) else []

    def _shared(self, package: str, clauses: Clauses) -> ir.Allow:
        """What all allows of a grant have in common, as a rule that has nothing else."""
        terms = clauses.one(syntax.CredentialClause)
        valid, during = clauses.one(syntax.ValidClause), clauses.one(syntax.DuringClause)
        require = clauses.one(syntax.RequireClause)
        return ir.Allow(
            id="",
            agents=(),
            intents=(),
            capabilities=(),
            condition=None,
            requirements=needs(require.needs, self.diagnostics) if require else (),
            revoke=(),
            credential=lower_credential(terms, self.diagnostics) if terms else None,
            validity=lower_validity(valid, self.diagnostics) if valid else None,
            window=lower_window(during, self.diagnostics) if during else None,
            obligations=self._obligations(clauses),
            owner=self._owner(package, clauses),
            controls=self._controls(package, clauses),
            span=clauses.node.span,
        )

    def _allow(
        self,
        allow: syntax.AllowClause,
        clauses: Clauses,
        conditions: ConditionReader,
        shared: ir.Allow,
    ) -> ir.Allow:
        when = clauses.one(syntax.WhenClause)
        parts = [each for each in (allow.when, when.condition if when else None) if each]
        lowered = [conditions.lower(part) for part in parts]
        found = tuple(each for each in lowered if each is not None)
        revoke = [conditions.lower(each.condition) for each in clauses.all(syntax.RevokeClause)]
        return changed(
            shared,
            condition=joined(found),
            requirements=(*needs(allow.require, self.diagnostics), *shared.requirements),
            revoke=tuple(each for each in revoke if each is not None),
            span=allow.span,
        )

    def forbid(self, package: str, node: syntax.RuleDeclaration) -> ir.Forbid | None:
        """The rule of a forbid."""
        clauses = self._clauses(node, OF_FORBID)
        deny = clauses.one(syntax.DenyClause)
        if deny is None:
            self._missing(node, "deny")
            return None
        to, for_ = clauses.one(syntax.ToClause), clauses.one(syntax.ForClause)
        named = (to.names if to else None, for_.names if for_ else None, deny.capabilities)
        scope = self.refer.scope(package, ir.ANYONE, *named)
        conditions = ConditionReader(scope.env, user=f"forbid `{package}.{node.name.text}`")
        when, unless = clauses.one(syntax.WhenClause), clauses.one(syntax.UnlessClause)
        condition = conditions.lower(when.condition) if when else None
        exception = conditions.lower(unless.condition) if unless and unless.condition else None
        because = clauses.one(syntax.BecauseClause)
        if not scope.is_known:
            return None
        self._warn_of_optional(package, node, condition, exception)
        return ir.Forbid(
            id=f"{package}.{node.name.text}",
            agents=scope.agents,
            intents=scope.intents,
            capabilities=scope.capabilities,
            condition=condition,
            unless=exception,
            unless_evidence=needs(unless.needs, self.diagnostics) if unless else (),
            because=literals.text(because.text, self.diagnostics) if because else None,
            owner=self._owner(package, clauses),
            controls=self._controls(package, clauses),
            span=node.span,
        )

    def _warn_of_optional(
        self, package: str, node: syntax.RuleDeclaration, *conditions: ir.Condition | None
    ) -> None:
        """Warn where a forbid will apply because something optional is absent."""
        present = [each for each in conditions if each is not None]
        asked = {
            (leaf.attribute.root, leaf.attribute.path)
            for condition in present
            for leaf in leaves(condition)
            if isinstance(leaf, ir.Has)
        }
        warned: set[tuple[str, tuple[str, ...]]] = set()
        for condition in present:
            for attribute, leaf in attributes(condition):
                key = (attribute.root, attribute.path)
                prefixes = {(key[0], key[1][:end]) for end in range(1, len(key[1]) + 1)}
                if not attribute.optional or key in warned or prefixes & asked:
                    continue
                warned.add(key)
                written = dotted(attribute.root, attribute.path)
                if leaf.span is not None:
                    found = at(
                        "AGP1206",
                        leaf.span,
                        f"the forbid applies whenever the optional `{written}` is absent",
                        help=f"if that is not meant, write `has {written} and …`; if it is, "
                        f"say so with `not has {written} or …`",
                    )
                    user = f"forbid `{package}.{node.name.text}`"
                    is_here = leaf.span.lies_in(node.span)
                    self.diagnostics.extend(
                        [found] if is_here else used([found], node.name.span, user)
                    )

    # --- clauses ---

    def _clauses(
        self, node: syntax.RuleDeclaration, allowed: tuple[type[syntax.Node], ...]
    ) -> Clauses:
        """Sort the clauses by kind; report those that do not belong, and those that stand twice."""
        clauses = Clauses(node)
        for clause in node.clauses:
            kind = type(clause)
            keyword = KEYWORDS[kind]
            if kind not in allowed:
                report(
                    self.diagnostics,
                    "AGP1403",
                    clause.span,
                    f"a {node.kind} has no `{keyword}`",
                    {
                        "deny": "a grant opens: write `allow`, or a `forbid` of its own",
                        "allow": "a forbid closes: write `deny`, or a `grant` of its own",
                        "unless": "in a grant, write `when not …`",
                        "because": "a reason belongs to a forbid; here write a comment: `# …`",
                        "require": "a forbid always closes: write `unless approval by …`, or "
                        "`unless step_up …`",
                        "during": "a forbid holds at any time: write a `when` that asks `now`",
                        "valid": "a forbid holds at any time: write a `when` that asks `now`",
                        "revoke": "a forbid is not withdrawn: write its condition after `when`",
                        "credential": "a forbid gives none: write it in the grant",
                        "audit": "every decision has a record: write it in the grant",
                        "oblige": "a forbid permits nothing: write it in the grant",
                    }.get(keyword),
                )
                continue
            before = clauses.by_kind[kind]
            if before and kind not in ANY_NUMBER:
                above = node.span.to(clause.span)
                if kind in OF_AN_ALLOW and self.refer.names.is_unreadable(above):
                    continue  # one of them may belong to an `allow` that could not be read
                self.diagnostics.append(
                    at(
                        "AGP1402",
                        clause.span,
                        f"`{keyword}` stands twice in `{node.name.text}`",
                        also=(Label(before[0].span, "the first one"),),
                        help="join the two with `and`"
                        if kind in (syntax.WhenClause, syntax.RequireClause)
                        else "keep one of them",
                    )
                )
                continue
            before.append(clause)
        return clauses

    def _missing(self, node: syntax.RuleDeclaration, keyword: str) -> None:
        if self.refer.names.is_unreadable(node.span):
            return  # the clause may be the one that could not be read
        taken_for = {"allow": syntax.DenyClause, "deny": syntax.AllowClause}.get(keyword)
        if taken_for is not None and any(isinstance(each, taken_for) for each in node.clauses):
            return  # it has been told what to write in its place
        report(
            self.diagnostics,
            "AGP1401",
            node.name.span,
            f"{node.kind} `{node.name.text}` has no `{keyword}`",
            {
                "to": "say to whom: `to some_agent`, or `to any agent`",
                "for": "say for what purpose: `for some_intent`, or `for any intent`",
                "allow": "say what is allowed: `allow resource.action`",
                "deny": "say what is denied: `deny resource.action`, or `deny any`",
            }[keyword],
        )

    def _owner(self, package: str, clauses: Clauses) -> ir.Owner | None:
        own = clauses.one(syntax.OwnerClause)
        return (
            owner_of(own, self.refer.names)
            if own
            else self.refer.vocabulary.packages[package].owner
        )

    def _controls(self, package: str, clauses: Clauses) -> tuple[str, ...]:
        named = clauses.all(syntax.Controls)
        own = check_controls(named, self.refer.names.catalogue, self.diagnostics)
        return tuple(sorted({*self.refer.vocabulary.packages[package].controls, *own}))

    def _obligations(self, clauses: Clauses) -> tuple[ir.Obligation, ...]:
        found = [
            lower_obligation(node, self.diagnostics) for node in clauses.all(syntax.ObligeClause)
        ]
        audit = clauses.one(syntax.AuditClause)
        if audit is not None:
            found.append(lower_audit(audit, self.diagnostics))
        once = {repr(each): each for each in found}  # by repr, for which 1 is not true
        return tuple(once[key] for key in sorted(once))

    # --- identities ---

    def _identify(
        self,
        package: str,
        node: syntax.RuleDeclaration,
        allows: list[syntax.AllowClause],
        rules: list[ir.Allow],
    ) -> list[ir.Allow]:
        """Name each rule by its label, else its capabilities; number only twins."""
        groups: dict[str, list[ir.Allow]] = defaultdict(list)
        labels: dict[str, syntax.Name] = {}
        found = []
        for allow, rule in zip(allows, rules, strict=True):
            if allow.label is None:
                name = "+".join(each.removeprefix(f"{package}.") for each in rule.capabilities)
                groups[name].append(rule)
                continue
            label = allow.label.text
            if label in labels:
                self.diagnostics.append(
                    at(
                        "AGP1102",
                        allow.label.span,
                        f"two allows of `{node.name.text}` have the label `{label}`",
                        also=(Label(labels[label].span, "the other one"),),
                    )
                )
                continue
            labels[label] = allow.label
            found.append(changed(rule, id=f"{package}.{node.name.text}.{label}"))
        for name, twins in groups.items():
            # By what they say and not by where they stand, so that moving one changes nothing.
            for number, rule in enumerate(sorted(twins, key=repr) if twins[1:] else twins, start=1):
                suffix = f".{number}" if twins[1:] else ""
                found.append(changed(rule, id=f"{package}.{node.name.text}.{name}{suffix}"))
        return found


class Clauses:
    """The clauses of one grant or forbid, by kind."""

    def __init__(self, node: syntax.RuleDeclaration) -> None:
        """Start with none."""
        self.node = node
        self.by_kind: dict[type[syntax.Node], list[syntax.Node]] = defaultdict(list)

    def one(self, kind: type[C]) -> C | None:
        """The clause of a kind that stands at most once."""
        found = self.all(kind)
        return found[0] if found else None

    def all(self, kind: type[C]) -> list[C]:
        """All clauses of a kind, in the order written."""
        return cast("list[C]", self.by_kind[kind])


def joined(conditions: tuple[ir.Condition, ...]) -> ir.Condition | None:
    """All of the conditions; None if there are none."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return ir.And(conditions)
