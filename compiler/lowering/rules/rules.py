"""Grants and forbids to rules: each `allow` and each `forbid` is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from ...ir import nodes as ir
from ...ir.walk import Leaf, attributes, leaves
from ...report.diagnostics import Diagnostics, Label, at, report
from ...report.fixes import Edit, Fix, end_of, start_of
from ...structs import Struct, changed
from ...syntax import tree as syntax
from ...text.field_names import dotted
from ..conditions.conditions import ConditionReader
from ..conditions.one_mistake import used
from ..literals import literals
from ..names.controls import check_controls
from ..references.capabilities import is_written_out, words_of
from ..references.facts import misplaced, report_misplaced
from ..references.references import References, StatementScope
from ..vocabulary.starts import with_whole_fields
from ..vocabulary.vocabulary import owner_of
from .clauses import audit as lower_audit
from .clauses import check_approvals, needs, while_valid
from .clauses import credential as lower_credential
from .clauses import obligation as lower_obligation
from .clauses import validity as lower_validity
from .clauses import window as lower_window
from .sorted_clauses import OF_FORBID, OF_GRANT, OF_TERMS, Clauses, sorted_clauses


def rules_of(
    package: str, node: syntax.RuleDeclaration, refer: References, diagnostics: Diagnostics
) -> Sequence[ir.Rule]:
    """Turn a grant or forbid into its rules; what is mistaken gives none."""
    rules = Rules(refer.reporting_to(diagnostics))
    if node.kind == "grant":
        return rules.grant(package, node)
    forbid = rules.forbid(package, node)
    return () if forbid is None else (forbid,)


class Rules(Struct, frozen=False):
    """Turns the rules of a policy set into IR."""

    refer: References

    @property
    def diagnostics(self) -> Diagnostics:
        """Where findings go."""
        return self.refer.names.diagnostics

    def grant(self, package: str, node: syntax.RuleDeclaration) -> list[ir.Allow]:
        """The rules of a grant, one for each `allow`."""
        clauses = sorted_clauses(node, OF_GRANT, self.refer.names)
        to, for_ = clauses.one(syntax.ToClause), clauses.one(syntax.ForClause)
        allows = clauses.all(syntax.AllowClause)
        for found, keyword in ((to, "to"), (for_, "for"), (allows, "allow")):
            if not found:
                self._missing(node, keyword)
        if to is None or for_ is None or not allows:
            return []
        if clauses.one(syntax.TermsClause) and not self._take_terms(package, clauses):
            return []
        shared = self._shared(package, clauses)
        subject = self.refer.subject(package, ir.DECLARED, to.names, for_.names)
        rules = []
        for allow in allows:
            scope = self.refer.scope(package, subject, allow.capabilities, unmarked=False)
            conditions = ConditionReader(scope.env, user=f"grant `{package}.{node.name.text}`")
            id = "" if allow.label is None else f"{package}.{node.name.text}.{allow.label.text}"
            rule = self._allow(id, allow, scope, clauses, conditions, shared)
            if scope.is_known:
                known = self.refer.vocabulary
                whole: ir.Allow | None = rule
                if known.startable:
                    whole = with_whole_fields(rule, known.resources, self.refer.names)
                if whole is not None:
                    rules.append(whole)
        return self._identify(package, node, allows, rules) if len(rules) == len(allows) else []

    def _take_terms(self, package: str, clauses: Clauses) -> bool:
        """Let a grant have what the terms say that it names; whether there are such terms."""
        named = clauses.one(syntax.TermsClause)
        found = None if named is None else self.refer.names.resolve("terms", package, named.name)
        if found is None or named is None:
            return False
        assert isinstance(found.node, syntax.TermsDeclaration)
        clauses.terms = sorted_clauses(found.node, OF_TERMS, self.refer.names)
        clauses.terms_of = found.package
        return True

    def check_terms(self, package: str, node: syntax.TermsDeclaration) -> None:
        """Report what is wrong with terms, whoever names them."""
        clauses = sorted_clauses(node, OF_TERMS, self.refer.names)
        self._shared(package, clauses)
        reader = ConditionReader(self.refer.environment(package, None, None, None))
        for each in clauses.all(syntax.RevokeClause):
            reader.lower(each.condition)

    def _shared(self, package: str, clauses: Clauses) -> ir.Allow:
        """What all allows of a grant have in common, as a rule that has nothing else."""
        terms = clauses.own(syntax.CredentialClause)
        valid, during = clauses.own(syntax.ValidClause), clauses.own(syntax.DuringClause)
        requires = clauses.together(syntax.RequireClause)
        return ir.Allow(
            id="",
            agents=(),
            intents=(),
            capabilities=(),
            condition=None,
            requirements=tuple(
                need for each in requires for need in needs(each.needs, self.diagnostics)
            ),
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
        id: str,
        allow: syntax.AllowClause,
        scope: StatementScope[Literal[ir.Unnamed.DECLARED]],
        clauses: Clauses,
        conditions: ConditionReader,
        shared: ir.Allow,
    ) -> ir.Allow:
        when = clauses.one(syntax.WhenClause)
        parts = [each for each in (allow.when, when.condition if when else None) if each]
        lowered = [conditions.lower(part) for part in parts]
        found = tuple(each for each in lowered if each is not None)
        revoke = [conditions.lower(each.condition) for each in clauses.all(syntax.RevokeClause)]
        if clauses.terms is not None:
            revoke += self._revoked_by_terms(clauses, clauses.terms, conditions)
        for condition in found:
            report_misplaced(self.diagnostics, misplaced(condition, True))
        for ended in revoke:
            report_misplaced(self.diagnostics, misplaced(ended, None))
        requirements = (*needs(allow.require, self.diagnostics), *shared.requirements)
        check_approvals(requirements, allow.span, self.diagnostics)
        return changed(
            shared,
            id=id,
            agents=scope.agents,
            intents=scope.intents,
            capabilities=scope.capabilities,
            condition=joined(found),
            requirements=requirements,
            revoke=tuple(each for each in revoke if each is not None),
            span=allow.span,
        )

    def _revoked_by_terms(
        self, clauses: Clauses, terms: Clauses, conditions: ConditionReader
    ) -> list[ir.Condition | None]:
        """What the `revoke`s of terms say for what a grant names: their names are those of their own package."""
        named = clauses.one(syntax.TermsClause)
        assert named is not None
        told: Diagnostics = []
        reader = ConditionReader(conditions.env.of(clauses.terms_of, told), user=conditions.user)
        found = [reader.lower(each.condition) for each in terms.all(syntax.RevokeClause)]
        self.diagnostics.extend(used(told, named.span, conditions.user))
        return found

    def forbid(self, package: str, node: syntax.RuleDeclaration) -> ir.Forbid | None:
        """The rule of a forbid."""
        clauses = sorted_clauses(node, OF_FORBID, self.refer.names)
        deny = clauses.one(syntax.DenyClause)
        if deny is None:
            self._missing(node, "deny")
            return None
        to, for_ = clauses.one(syntax.ToClause), clauses.one(syntax.ForClause)
        named = (to.names if to else None, for_.names if for_ else None)
        subject = self.refer.subject(package, ir.ANYONE, *named)
        scope = self.refer.scope(package, subject, deny.capabilities, unmarked=True)
        conditions = ConditionReader(scope.env, user=f"forbid `{package}.{node.name.text}`")
        when, unless = clauses.one(syntax.WhenClause), clauses.one(syntax.UnlessClause)
        valid, during = clauses.one(syntax.ValidClause), clauses.one(syntax.DuringClause)
        frozen = () if valid is None else while_valid(valid, self.diagnostics)
        asked = conditions.lower(when.condition) if when else None
        condition = joined((*(() if asked is None else (asked,)), *frozen))
        exception = conditions.lower(unless.condition) if unless and unless.condition else None
        because = clauses.one(syntax.BecauseClause)
        report_misplaced(self.diagnostics, misplaced(condition, False))
        report_misplaced(self.diagnostics, misplaced(exception, True))
        lifting = needs(unless.needs, self.diagnostics) if unless else ()
        check_approvals(lifting, node.span, self.diagnostics)
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
            unless_evidence=lifting,
            because=literals.text(because.text, self.diagnostics) if because else None,
            owner=self._owner(package, clauses),
            controls=self._controls(package, clauses),
            span=node.span,
            window=lower_window(during, self.diagnostics) if during else None,
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
                        fixes=_asked_first(written, leaf, condition),
                    )
                    user = f"forbid `{package}.{node.name.text}`"
                    is_here = leaf.span.lies_in(node.span)
                    self.diagnostics.extend(
                        [found] if is_here else used([found], node.name.span, user)
                    )

    # --- clauses ---

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
        own = clauses.own(syntax.OwnerClause)
        return (
            owner_of(own, self.refer.names)
            if own
            else self.refer.vocabulary.packages[package].owner
        )

    def _controls(self, package: str, clauses: Clauses) -> tuple[str, ...]:
        named = clauses.all(syntax.Controls)
        if not named and clauses.terms is not None:
            named = clauses.terms.all(syntax.Controls)
        own = check_controls(named, self.refer.names)
        return tuple(sorted({*self.refer.vocabulary.packages[package].controls, *own}))

    def _obligations(self, clauses: Clauses) -> tuple[ir.Obligation, ...]:
        found = [
            lower_obligation(node, self.diagnostics)
            for node in clauses.together(syntax.ObligeClause)
        ]
        audit = clauses.own(syntax.AuditClause)
        if audit is not None:
            found.append(lower_audit(audit, self.diagnostics))
        if len(found) < 2:
            return tuple(found)
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
        """Name each rule that has no label by its capabilities; number only twins."""
        groups: dict[str, list[ir.Allow]] = defaultdict(list)
        labels: dict[str, syntax.Name] = {}
        found = []
        written: set[str] = set()  # names that are words, and stay so where they are numbered
        for allow, rule in zip(allows, rules, strict=True):
            if allow.label is None:
                if any(is_written_out(self.refer, package, e) for e in allow.capabilities):
                    written.add(name := words_of(allow.capabilities))
                else:
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
            found.append(rule)  # which has its name
        for name, twins in groups.items():
            # By what they say and not by where they stand, so that moving one changes nothing.
            for number, rule in enumerate(sorted(twins, key=repr) if twins[1:] else twins, start=1):
                dot = "_" if name in written else "."
                suffix = f"{dot}{number}" if twins[1:] else ""
                found.append(changed(rule, id=f"{package}.{node.name.text}.{name}{suffix}"))
        return found


def _asked_first(written: str, leaf: Leaf, condition: ir.Condition) -> tuple[Fix, ...]:
    """Ask whether an attribute is there before a test reads it, in both ways."""
    if leaf.span is None:
        return ()
    parts = condition.parts if isinstance(condition, ir.And) else (condition,)
    is_part = any(each is leaf for each in parts)
    start, end = start_of(leaf.span), end_of(leaf.span)
    asks = f"has {written} and "
    alone = (Edit(start, asks),) if is_part else (Edit(start, f"({asks}"), Edit(end, ")"))
    return (
        Fix(f"only where it is there: `has {written} and …`", alone),
        Fix(
            f"also where it is not there: `not has {written} or …`",
            (Edit(start, f"(not has {written} or "), Edit(end, ")")),
        ),
    )


def joined(conditions: tuple[ir.Condition, ...]) -> ir.Condition | None:
    """All of the conditions; None if there are none."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return ir.And(conditions)
