"""The one layout that every policy has: a statement a line, aligned with its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeVar

from ..report.diagnostics import Diagnostics, has_errors
from ..report.source import Source, Span
from ..syntax import tree as syntax
from .columns import (
    BLOCKS,
    bound,
    bound_family,
    bound_name,
    clause_family,
    family,
    head_of,
    item_family,
    keyword,
    lines_of_actions,
    padded,
    test_keyword,
    widths_of,
)
from .inline import Writer, bare
from .layout import (
    Group,
    Item,
    Page,
    Part,
    end_of,
    start_of,
)
from .mend import parse_mended

N = TypeVar("N", bound=syntax.Node)

KINDS = ("read", "write", "send", "destroy")
UNLESS = len("unless")  # in a forbid, what clauses say begins in the column that it gives


class UnformattableError(Exception):
    """A source has errors, so there is no telling what its layout should be."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        """Keep what was found."""
        super().__init__("\n".join(each.message for each in diagnostics))
        self.diagnostics = tuple(diagnostics)


def format_source(source: Source, tree: syntax.File | None = None) -> str:
    """Lay a file out; what it means stays as it is, and so do its comments.

    `tree` is what it is parsed to, if that is known. Raises `UnformattableError` if it has an error of syntax
    beside commas behind lists that no bracket closes.
    """
    if tree is not None:
        return _Formatter(source, tree).text()
    diagnostics: Diagnostics = []
    source, file = parse_mended(source, diagnostics)
    if has_errors(diagnostics):
        raise UnformattableError(diagnostics)
    return _Formatter(source, file).text()


class _Formatter:
    def __init__(self, source: Source, file: syntax.File) -> None:
        self.file = file
        self.page = Page(source, file)
        lengths = (len(line) + 1 for line in source.text.split("\n"))
        self.write = Writer(source, [0, *accumulate(lengths)])

    def text(self) -> str:
        if self.file.language is not None:
            number = self.file.language
            self.page.line(0, ["language 2"], start_of(number.span), end_of(number.span))
        if self.file.package is not None:
            name = self.file.package
            self.page.line(0, [f"package {name.text}"], start_of(name.span), end_of(name.span))
        before: syntax.Statement | None = None
        for run in self.runs(self.file.statements, family):
            widths = widths_of([head_of(each) for each in run])
            for statement in run:
                apart = isinstance(statement, BLOCKS) or isinstance(before, BLOCKS)
                self.statement(statement, widths, apart)
                before = statement
        self.page.comments(0, end_of(self.file.span), apart=isinstance(before, BLOCKS))
        return "".join(f"{line}\n" for line in self.page.lines)

    def runs(self, nodes: Sequence[N], family: Callable[[N], str]) -> list[list[N]]:
        """Part nodes into those that are aligned: of one family, on lines that follow each other."""
        found: list[list[N]] = []
        for node in nodes:
            last = found[-1][-1] if found else None
            if (
                last is not None
                and family(node)
                and family(node) == family(last)
                and self.page.are_neighbours(last.span, node.span)
            ):
                found[-1].append(node)
            else:
                found.append([node])
        return found

    def put(self, depth: int, node: syntax.Node, *parts: Part, apart: bool = False) -> None:
        self.page.line(depth, parts, start_of(node.span), end_of(node.span), apart=apart)

    def block(
        self, depth: int, node: syntax.Node, head: str, after: Span, *, apart: bool = False
    ) -> None:
        """Open a block, whose `{` is the first one after some part of its head."""
        brace = self.page.after(end_of(after), "{")
        self.page.line(depth, [f"{head} {{"], start_of(node.span), brace, apart=apart)
        self.page.open()

    # --- statements -------------------------------------------------------------------------------

    def statement(self, node: syntax.Statement, widths: Sequence[int], apart: bool) -> None:
        head = padded(head_of(node), widths)
        write = self.write
        match node:
            case syntax.OwnerClause() | syntax.Controls():
                self.put(0, node, f"{head} ", *self.signature(node))
            case syntax.Use(package=package):
                self.put(0, node, f"use {package.text}", apart=apart)
            case syntax.AgentDeclaration(id=id, attributes=attributes):
                fields = self.fields_behind(attributes, id.span)
                self.put(0, node, f"{head} = {write.string(id)}", *fields, apart=apart)
            case syntax.AgentsDeclaration(attributes=attributes, excepted=excepted):
                last = (*node.members, *excepted)[-1]
                left_out = (" except ", write.strings_and_names(excepted)) if excepted else ()
                members = (write.strings_and_names(node.members), *left_out)
                fields = self.fields_behind(attributes, last.span)
                self.put(0, node, f"{head} = ", *members, *fields, apart=apart)
            case syntax.IntentDeclaration(name=name, purpose=purpose, fields=declared):
                fields = self.fields_behind(declared, purpose.span)
                text = f"intent {name.text} {write.string(purpose)}"
                self.put(0, node, text, *fields, apart=apart)
            case syntax.LevelDeclaration(members=members):
                items = [Item((each.text,), each.span) for each in members]
                self.put(0, node, f"{head} = ", bare(items, "<"), apart=apart)
            case syntax.EnumDeclaration(members=members):
                self.put(0, node, f"{head} = ", write.names(members), apart=apart)
            case syntax.GroupDeclaration(capabilities=capabilities):
                self.put(0, node, f"{head} = ", write.names(capabilities), apart=apart)
            case syntax.SetDeclaration(values=values):
                self.put(0, node, f"{head} = ", *write.literal(values), apart=apart)
            case syntax.LetDeclaration(expression=expression):
                self.put(0, node, f"{head} = ", *write.expression(expression), apart=apart)
            case syntax.MeterDeclaration():
                self.put(0, node, f"{head} = ", *write.meter(node), apart=apart)
            case syntax.SourceDeclaration(origins=origins):
                self.put(0, node, f"{head} = ", write.origins(origins), apart=apart)
            case syntax.SeparateDeclaration(capabilities=capabilities, per_task=per_task):
                per = " per task" if per_task else ""
                self.put(0, node, f"{head} ", write.names(capabilities), per, apart=apart)
            case syntax.IsolateDeclaration(left=left, right=right, excepted=excepted):
                text = f"{head} {left.text} from {right.text}"
                rest = (" except ", write.names(excepted)) if excepted else ()
                self.put(0, node, text, *rest, apart=apart)
            case syntax.DelegateDeclaration(delegator=left, delegate=right):
                sides = f"{left.text} for {node.intent.text} to {right.text}"
                self.put(0, node, f"{head} {sides} for {node.delegate_intent.text}", apart=apart)
            case syntax.WithinDeclaration(inner=inner, outer=outer):
                text = f"{head} {inner.text} within {outer.text}"
                if node.inner_intent is not None and node.outer_intent is not None:
                    text += f" for {node.inner_intent.text} within {node.outer_intent.text}"
                self.put(0, node, text, apart=apart)
            case syntax.AssertDeclaration():
                self.put(0, node, f"{head} ", *self.assertion(node), apart=apart)
            case syntax.ContextDeclaration(kind=kind, fields=declared):
                self.block(0, node, kind, start_only(node.span), apart=apart)
                self.fields(declared)
                self.page.close(0, end_of(node.span))
            case syntax.ResourceDeclaration(kind=kind, name=name):
                self.block(0, node, f"{kind} {name.text}", name.span, apart=apart)
                self.resource_items(node)
                self.page.close(0, end_of(node.span))
            case syntax.ExtendDeclaration(name=name):
                self.block(0, node, f"extend {name.text}", name.span, apart=apart)
                self.resource_items(node)
                self.page.close(0, end_of(node.span))
            case syntax.TermsDeclaration(name=name, clauses=clauses):
                self.block(0, node, f"terms {name.text}", name.span, apart=apart)
                self.clauses("grant", clauses)
                self.page.close(0, end_of(node.span))
            case syntax.RuleDeclaration(kind=kind, name=name, clauses=clauses):
                self.block(0, node, f"{kind} {name.text}", name.span, apart=apart)
                self.clauses(kind, clauses)
                self.page.close(0, end_of(node.span))
            case syntax.TestDeclaration(name=title, clauses=cases):
                self.block(0, node, f"test {write.string(title)}", title.span, apart=apart)
                self.test_clauses(cases)
                self.page.close(0, end_of(node.span))
            case syntax.BindDeclaration(target=target):
                self.block(0, node, f"bind {target.text}", target.span, apart=apart)
                self.bindings(node)
                self.page.close(0, end_of(node.span))

    def signature(self, node: syntax.OwnerClause | syntax.Controls) -> tuple[Part, ...]:
        write = self.write
        if isinstance(node, syntax.OwnerClause):
            return (f"{write.string(node.owner)} contact {write.string(node.contact)}",)
        return (bare([Item((write.control(each),), each.span) for each in node.ids]),)

    def fields_behind(
        self, fields: Sequence[syntax.FieldDeclaration], after: Span
    ) -> tuple[Part, ...]:
        """Write the fields of an agent or an intent, if it has any."""
        if not fields:
            return ()
        span = self.page.brackets("{", fields, "}", after=after)
        return (" ", self.write.fields("{", fields, "}", span))

    def fields(self, fields: Sequence[syntax.FieldDeclaration]) -> None:
        for run in self.runs(fields, lambda _: "field"):
            self.field_run(run)

    def field_run(self, run: Sequence[syntax.FieldDeclaration]) -> None:
        width = max(len(self.write.field_name(each)) for each in run) + 1
        for node in run:
            self.put(1, node, *self.write.field(node, width))

    def resource_items(self, node: syntax.ResourceDeclaration | syntax.ExtendDeclaration) -> None:
        items: list[syntax.FieldDeclaration | syntax.ActionDeclaration] = sorted(
            (*node.attributes, *node.actions), key=lambda each: each.span
        )
        for run in self.runs(items, item_family):
            actions = [each for each in run if isinstance(each, syntax.ActionDeclaration)]
            fields = [each for each in run if isinstance(each, syntax.FieldDeclaration)]
            if fields:
                self.field_run(fields)
            for line in lines_of_actions(actions):
                names = bare([Item(self.action(each), each.span) for each in line])
                kinds = tuple(dict.fromkeys(each.text for each in line[0].kinds))
                words = " ".join((*sorted(kinds, key=KINDS.index), "action"))
                self.page.line(1, [f"{words} ", names], start_of(names.span), end_of(names.span))

    def action(self, node: syntax.ActionDeclaration) -> tuple[Part, ...]:
        result = () if node.result is None else (" -> ", *self.write.type(node.result))
        listed = (*node.parameters, *(() if node.others is None else (node.others,)))
        if not listed:
            return (node.name.text, *result)
        span = self.page.brackets("(", listed, ")", after=node.name.span)
        return (node.name.text, self.write.parameters(listed, span), *result)

    def assertion(self, node: syntax.AssertDeclaration) -> tuple[Part, ...]:
        write = self.write
        parts: list[Part] = [] if node.possible else ["no "]
        any_agent = "any agent" if node.possible else "agent"
        parts.append(any_agent if node.agents is None else write.names(node.agents))
        parts += [" can ", write.names(node.capabilities)]
        if node.intents is not None:
            parts += [" for ", write.names(node.intents)]
        if node.when is not None:
            parts += [" when ", *write.expression(node.when)]
        if node.without:
            parts += [" without ", write.needs(node.without)]
        return tuple(parts)

    # --- rules ------------------------------------------------------------------------------------

    def clauses(self, kind: str, clauses: Sequence[syntax.Clause]) -> None:
        for run in self.runs(clauses, clause_family):
            words = [keyword(each) for each in run]
            width = max(map(len, words)) if kind == "grant" else UNLESS
            for node, word in zip(run, words, strict=True):
                if isinstance(node, syntax.AllowClause):
                    self.allow(node)
                else:
                    self.put(1, node, f"{word.ljust(width)} ", *self.clause(node))

    def allow(self, node: syntax.AllowClause) -> None:
        names = self.write.names(node.capabilities)
        label = f" as {node.label.text}" if node.label else ""
        end = end_of(node.label.span if node.label else names.span)
        self.page.line(1, ["allow ", names, label], start_of(node.span), end)
        if node.when is not None:
            self.put(2, node.when, "when ", *self.write.expression(node.when))
        if node.require:
            needs = self.write.needs(node.require)
            self.page.line(2, ["require ", needs], start_of(needs.span), end_of(needs.span))

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

    # --- tests ------------------------------------------------------------------------------------

    def test_clauses(self, clauses: Sequence[syntax.TestClause]) -> None:
        for run in self.runs(clauses, family):
            words = [test_keyword(each) for each in run]
            width = max(map(len, words))
            for node, word in zip(run, words, strict=True):
                self.put(1, node, f"{word.ljust(width)} ", *self.test_clause(node))

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
        match node:
            case syntax.ObligedTerm(name=name):
                return (f"oblige {name.text}",)
            case syntax.AbsentTerm(what=what):
                return (f"no {what}",)
            case _:
                return (f"{keyword(node)} ", *self.clause(node))

    # --- bindings ---------------------------------------------------------------------------------

    def bindings(self, node: syntax.BindDeclaration) -> None:
        for run in self.runs(node.items, bound_family):
            width = max(len(bound(each)) for each in run)
            for item in run:
                head = bound(item).ljust(width)
                match item:
                    case syntax.BindResource():
                        self.bound_resource(item)
                    case syntax.BindAgent(identity=identity):
                        self.put(1, item, f"{head} {self.write.string(identity)}")
                    case syntax.BindTag(key=key) | syntax.BindContext(key=key):
                        self.put(1, item, f"{head} = {self.write.string_or_name(key)}")

    def bound_resource(self, node: syntax.BindResource) -> None:
        location = f" {self.write.string(node.location)}" if node.location else ""
        head = f"resource {node.resource.text}{location}"
        if not node.items:
            self.put(1, node, head)
            return
        self.block(1, node, head, node.location.span if node.location else node.resource.span)
        for run in self.runs(node.items, lambda each: type(each).__name__):
            width = max(len(bound_name(each)) for each in run)
            for item in run:
                self.put(2, item, f"{bound_name(item).ljust(width)} = ", *self.names_of(item))
        self.page.close(1, end_of(node.span))

    def names_of(self, node: syntax.BindAction | syntax.BindAttribute) -> tuple[Part, ...]:
        write = self.write
        if isinstance(node, syntax.BindAttribute):
            return (write.string_or_name(node.key),)
        names = bare([Item((write.string_or_name(each),), each.span) for each in node.names])
        return (names, f" on {write.string(node.on)}") if node.on else (names,)


def start_only(span: Span) -> Span:
    """Give the empty span at the start of another."""
    return Span(span.file, span.line, span.column, span.line, span.column)
