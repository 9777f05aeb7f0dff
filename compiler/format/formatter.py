"""The one layout that every policy has: a statement a line, aligned with its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from ..report.diagnostics import Diagnostics, has_errors
from ..report.source import Source
from ..syntax import tree as syntax
from .clauses import ClauseWriter
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
from .inline import bare
from .layout import (
    Item,
    Part,
    end_of,
    start_of,
)
from .mend import parse_mended
from .sheet import start_only

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


class _Formatter(ClauseWriter):
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

    # --- tests ------------------------------------------------------------------------------------

    def test_clauses(self, clauses: Sequence[syntax.TestClause]) -> None:
        for run in self.runs(clauses, family):
            words = [test_keyword(each) for each in run]
            width = max(map(len, words))
            for node, word in zip(run, words, strict=True):
                self.put(1, node, f"{word.ljust(width)} ", *self.test_clause(node))

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
