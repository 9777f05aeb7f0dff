"""What follows the keyword of a clause: of a rule, and of a test."""

from __future__ import annotations

from collections.abc import Sequence

from ..report.source import Span
from ..syntax import tree as syntax
from .columns import keyword
from .inline import bare
from .layout import Group, Item, Part
from .sheet import Sheet, start_only


class ClauseWriter(Sheet):
    """Writes clauses on a page."""

    def signature(self, node: syntax.OwnerClause | syntax.Controls) -> tuple[Part, ...]:
        """Write who answers for something, or for which controls it is there."""
        write = self.write
        if isinstance(node, syntax.OwnerClause):
            return (f"{write.string(node.owner)} contact {write.string(node.contact)}",)
        return (bare([Item((write.control(each),), each.span) for each in node.ids]),)

    def clause(self, node: syntax.Clause) -> tuple[Part, ...]:
        """Write what follows a clause's keyword."""
        write = self.write
        match node:
            case syntax.ToClause(names=names):
                return ("any agent" if names is None else write.names(names),)
            case syntax.ForClause(names=names):
                return ("any intent" if names is None else write.names(names),)
            case syntax.DenyClause(capabilities=capabilities):
                return (write.names(capabilities),)
            case syntax.WhenClause(condition=condition):
                return write.expression(condition)
            case syntax.RevokeClause(condition=condition):
                return ("when ", *write.expression(condition))
            case syntax.UnlessClause(condition=unless, needs=needs):
                return (write.needs(needs),) if unless is None else write.expression(unless)
            case syntax.RequireClause(needs=needs):
                return (write.needs(needs),)
            case syntax.CredentialClause(ttl=ttl, renew=renew):
                return (f"ttl {ttl.text}" + (f" renew {write.number(renew)}" if renew else ""),)
            case syntax.ValidClause(start=start, end=end):
                words = [f"from {start.text}"] if start else []
                return (" ".join([*words, f"until {end.text}"] if end else words),)
            case syntax.DuringClause(days=days, start=start, end=end, zone=zone):
                listed = ", ".join(a.text if a is b else f"{a.text}..{b.text}" for a, b in days)
                return (f"{listed} {start.text}..{end.text} {write.string(zone)}",)
            case syntax.AuditClause(level=level):
                return (level.text,)
            case syntax.ObligeClause(name=name, properties=properties):
                return (name.text, self.arguments(properties, name.span))
            case syntax.BecauseClause(text=text):
                return (write.string(text),)
            case syntax.TermsClause(name=name):
                return (name.text,)
            case syntax.OwnerClause() | syntax.Controls():
                return self.signature(node)
            case syntax.AllowClause():
                raise AssertionError("an allow takes several lines")

    def arguments(self, pairs: Sequence[syntax.Pair], after: Span) -> Group:
        """Write `(name: value, …)`, which follows a name."""
        span = self.page.brackets("(", pairs, ")", after=after)
        return self.write.pairs("(", pairs, ")", span)

    def values(self, pairs: Sequence[syntax.Pair], after: Span) -> Group:
        """Write `{ name: value, … }`."""
        span = self.page.brackets("{", pairs, "}", after=after)
        return self.write.pairs("{", pairs, "}", span)

    def subject(self, node: syntax.SubjectClause) -> tuple[Part, ...]:
        """Write an agent and what its task is for, of a test or of a link of its chain."""
        parts: list[Part] = [self.write.string_or_name(node.agent)]
        if node.attributes:
            parts += [" ", self.values(node.attributes, node.agent.span)]
        if node.intent is not None:
            parts.append(f"{'  ' if node.attributes else ' '}for {node.intent.text}")
        if node.intent is not None and node.fields:
            parts += [" ", self.values(node.fields, node.intent.span)]
        return tuple(parts)

    def test_clause(self, node: syntax.TestClause) -> tuple[Part, ...]:
        """Write what follows the keyword of a test's clause."""
        write = self.write
        match node:
            case syntax.SubjectClause():
                return self.subject(node)
            case syntax.ChainClause(links=links):
                span = self.page.brackets("[", links, "]", after=start_only(node.span))
                items = tuple(Item(self.subject(each), each.span) for each in links)
                return (Group("[", items, "]", span),)
            case syntax.CallClause(capability=capability, arguments=arguments, expect=expect):
                rest = (" expect ", *self.expectation(expect)) if expect else ()
                return (capability.text, self.arguments(arguments, capability.span), *rest)
            case syntax.ValuesClause(values=values):
                return (self.values(values, start_only(node.span)),)
            case syntax.AtClause(time=time):
                return (time.text,)
            case syntax.SaidClause(text=said, ago=then):
                return (write.string(said), f" {then.text} ago" if then else "")
            case syntax.RecordedClause(capability=capability, arguments=arguments, gave=gave):
                called = (capability.text, self.arguments(arguments, capability.span))
                on: tuple[Part, ...] = ()
                if node.resource is not None:
                    on = (" with resource ", *write.literal(node.resource))
                given = () if gave is None else (" gave ", *write.literal(gave))
                return (*called, *on, *given, f" {node.ago.text} ago")
            case syntax.ApprovedClause(by=by, roles=roles, ago=ago):
                as_roles = f" as {write.strings(roles)}" if roles else ""
                return (f"by {write.string(by)}{as_roles} {ago.text} ago",)
            case syntax.ConfirmedClause(ago=ago):
                return (f"{ago.text} ago",)
            case syntax.SteppedUpClause(method=method, ago=ago):
                return (f"{write.string(method)} {ago.text} ago",)
            case syntax.Expectation():
                return self.expectation(node)

    def expectation(self, node: syntax.Expectation) -> tuple[Part, ...]:
        """Write what follows `expect`."""
        write = self.write
        parts: list[Part] = [node.effect]
        if node.rules is not None:
            parts += [" by ", write.rules(node.rules) if node.rules else "no rule"]
        if node.asking:
            parts += [" asking ", write.alternatives(node.asking)]
        if node.terms:
            parts += [" with ", self.terms(node.terms)]
        if node.because:
            parts.append(f" because {write.strings(node.because)}")
        if node.family:
            parts.append(f" for each agent in {node.family.text}")
        return tuple(parts)

    def terms(self, nodes: Sequence[syntax.ExpectedTerm]) -> Group:
        """Write what follows `with`."""
        return bare([Item(self.term(node), node.span) for node in nodes])

    def term(self, node: syntax.ExpectedTerm) -> tuple[Part, ...]:
        """Write one of them."""
        match node:
            case syntax.ObligedTerm(name=name):
                return (f"oblige {name.text}",)
            case syntax.AbsentTerm(what=what):
                return (f"no {what}",)
            case _:
                return (f"{keyword(node)} ", *self.clause(node))
