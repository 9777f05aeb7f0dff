"""Syntax tree to canonical text, for what stands within a line: expressions, literals, types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, assert_never

from ..report.source import Source, Span
from ..structs import Struct
from ..syntax import tree as syntax
from ..text.strings import canonical_string, quoted
from .layout import Group, Item, Part

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_CONTROL_ID = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_.-]*:[A-Za-z0-9](?:[A-Za-z0-9_.:/-]|\([A-Za-z0-9]+\))*"
)


N = TypeVar("N", bound=syntax.Node)


class Writer(Struct):
    """Writes the parts of lines; numbers keep the digits that the source has."""

    source: Source
    line_starts: Sequence[int]

    def expression(self, node: syntax.Expression) -> tuple[Part, ...]:
        """Write a condition that stands by itself."""
        match node:
            case syntax.Any_(parts=parts):
                return (Group("", self._operands(parts), "", node.span, "or"),)
            case syntax.All_(parts=parts):
                return (Group("", self._operands(parts), "", node.span, "and"),)
            case _:
                return self._operand(node)

    def _operands(self, nodes: tuple[syntax.Expression, ...]) -> tuple[Item, ...]:
        return tuple(Item(self._operand(node), node.span) for node in nodes)

    def _operand(self, node: syntax.Expression) -> tuple[Part, ...]:
        """Write a condition as a part of another one."""
        words = []
        while isinstance(node, syntax.Not):
            words.append("not ")
            node = node.part
        return ("".join(words), *self._negated(node))

    def _negated(self, node: syntax.Expression) -> tuple[Part, ...]:
        match node:
            case syntax.Any_(parts=parts):
                return (Group("(", self._operands(parts), ")", node.span, "or"),)
            case syntax.All_(parts=parts):
                return (Group("(", self._operands(parts), ")", node.span, "and"),)
            case syntax.Comparison(quantifier=quantifier, left=left, op=op, right=right):
                first = f"{quantifier} " if quantifier else ""
                return (first, *self.literal(left), f" {op} ", *self.literal(right))
            case syntax.Has(name=name):
                return (f"has {name.text}",)
            case syntax.HasOnly(names=names):
                return ("has only ", bare([Item((each.text,), each.span) for each in names]))
            case syntax.After():
                return self._after(node)
            case syntax.From(links=links, attributes=attributes, origins=origins):
                items = [Item(self.literal(each), each.span) for each in attributes]
                return ("links " if links else "", bare(items), " from ", self.origins(origins))
            case syntax.Name(text=text):
                return (text,)
            case syntax.Not():
                return self._operand(node)

    def _after(self, node: syntax.After) -> tuple[Part, ...]:
        done = "done " if node.done else ""
        names = self.names(node.capabilities)
        window = self._window(node.when, node.keys, node.within)
        if node.when is None and node.within is None:
            return (f"after {done}", names, *window)
        return (f"after {done}(", names, *window, ")")

    def _window(
        self,
        when: syntax.Expression | None,
        keys: Sequence[syntax.Key],
        within: syntax.Duration | None,
    ) -> tuple[Part, ...]:
        """Write what follows the capabilities of a meter."""
        parts: list[Part] = []
        if when is not None:
            parts += [" when ", *self.expression(when)]
        if keys:
            items = [Item((self._key(each),), each.span) for each in keys]
            parts += [" per ", bare(items)]
        if within is not None:
            parts.append(f" within {within.text}")
        return tuple(parts)

    def _key(self, node: syntax.Key) -> str:
        return node.attribute.text + (f" as {node.called.text}" if node.called else "")

    def meter(self, node: syntax.MeterDeclaration) -> tuple[Part, ...]:
        """Write what follows the `=` of a meter."""
        aggregate = node.aggregate
        words = [aggregate.kind, *["size"] * aggregate.size]
        words += [aggregate.attribute.text] if aggregate.attribute else []
        words += ["of", *[node.outcome or ""]]
        head = " ".join(filter(None, words))
        names = self.names(node.capabilities)
        return (f"{head} ", names, *self._window(node.when, node.keys, node.within))

    def origins(self, nodes: Sequence[syntax.Origin]) -> Group:
        """Write where values come from."""
        return bare([Item(self._origin(each), each.span) for each in nodes])

    def _origin(self, node: syntax.Origin) -> tuple[Part, ...]:
        when = () if node.when is None else (" when ", *self.expression(node.when))
        return (f"{'quoted ' if node.quoted else ''}{node.of.text}", *when)

    def literal(self, node: syntax.Operand) -> tuple[Part, ...]:
        """Write a value, or `age(…)`."""
        match node:
            case syntax.Text():
                return (self.string(node),)
            case syntax.Number():
                return (self.number(node),)
            case syntax.Bool(value=value):
                return ("true" if value else "false",)
            case syntax.Null():
                return ("null",)
            case syntax.ListLiteral(items=items):
                return (_bracketed("[", items, "]", node.span, self.literal),)
            case syntax.RecordLiteral(items=pairs):
                return (self.pairs("{", pairs, "}", node.span),)
            case syntax.AgeOf(of=of):
                return (f"age({of.text})",)
            case syntax.SizeOf(of=of):
                return (f"size {of.text}",)
            case _:
                return (node.text,)

    def pairs(self, open: str, nodes: Sequence[syntax.Pair], close: str, span: Span) -> Group:
        """Write `name: value` pairs between brackets."""
        return _bracketed(open, nodes, close, span, self._pair)

    def _pair(self, node: syntax.Pair) -> tuple[Part, ...]:
        return (f"{node.name.text}: ", *self.literal(node.value))

    def fields(
        self, open: str, nodes: Sequence[syntax.FieldDeclaration], close: str, span: Span
    ) -> Group:
        """Write fields and their types between brackets."""
        return _bracketed(open, nodes, close, span, self.field)

    def parameters(
        self, nodes: Sequence[syntax.FieldDeclaration | syntax.OtherArguments], span: Span
    ) -> Group:
        """Write the parameters of an action, and the `...` of one that is open."""
        return _bracketed("(", nodes, ")", span, self._parameter)

    def _parameter(self, node: syntax.FieldDeclaration | syntax.OtherArguments) -> tuple[Part, ...]:
        return ("...",) if isinstance(node, syntax.OtherArguments) else self.field(node)

    def field(self, node: syntax.FieldDeclaration, width: int = 0) -> tuple[Part, ...]:
        """Write a field, its type at a column or right behind it."""
        return (f"{self.field_name(node)} ".ljust(width), *self.type(node.type))

    def field_name(self, node: syntax.FieldDeclaration) -> str:
        """Write what stands before a field's type."""
        return f"{node.name.text}{'?' if node.optional else ''}:"

    def type(self, node: syntax.TypeExpression) -> tuple[Part, ...]:
        """Write a type."""
        match node:
            case syntax.Name(text=text):
                return (text,)
            case syntax.ListOf(of=of):
                return ("[", *self.type(of), "]")
            case syntax.RecordOf(fields=fields):
                return (self.fields("{", fields, "}", node.span),)

    def names(self, nodes: Sequence[syntax.Name]) -> Group:
        """Write a bare list of names."""
        return bare([Item((node.text,), node.span) for node in nodes])

    def rules(self, nodes: Sequence[syntax.Name]) -> Group:
        """Write the identities of rules, in quotes where one is not a name."""
        return bare(
            [
                Item((node.text if _NAME.fullmatch(node.text) else quoted(node.text),), node.span)
                for node in nodes
            ]
        )

    def strings(self, nodes: Sequence[syntax.Text]) -> str:
        """Write strings with commas between them."""
        return ", ".join(map(self.string, nodes))

    def needs(self, nodes: Sequence[syntax.Need]) -> Group:
        """Write `approval …`, `step_up …` and `confirmation`, with `and` between them."""
        return bare([Item((self._need(node),), node.span) for node in nodes], "and")

    def alternatives(self, nodes: Sequence[Sequence[syntax.Need]]) -> Group:
        """Write needs with `or` between those that stand for one another."""
        groups = [self.needs(each) for each in nodes]
        return bare([Item((each,), each.span) for each in groups], "or")

    def _need(self, node: syntax.Need) -> str:
        within = f" within {node.within.text}" if node.within else ""
        match node:
            case syntax.ApprovalNeed(per_task=per_task, by=by, count=count):
                per = " per task" if per_task else ""
                number = f" count {self.number(count)}" if count else ""
                return f"approval{per} by {self.strings(by)}{number}{within}"
            case syntax.StepUpNeed(method=method):
                return f"step_up {self.string(method)}{within}"
            case syntax.ConfirmationNeed():
                return f"confirmation{within}"
            case _:
                assert_never(node)

    def number(self, node: syntax.Number) -> str:
        """Write a number with the digits and underscores that it has."""
        starts, span = self.line_starts, node.span
        start = starts[span.line - 1] + span.column - 1
        return self.source.text[start : starts[span.end_line - 1] + span.end_column - 1]

    def string(self, node: syntax.Text) -> str:
        """Write a string, its escapes in their canonical form."""
        return canonical_string(node.raw)

    def string_or_name(self, node: syntax.Text | syntax.Name) -> str:
        """Write what may be either."""
        return self.string(node) if isinstance(node, syntax.Text) else node.text

    def strings_and_names(self, nodes: Sequence[syntax.Text | syntax.Name]) -> Group:
        """Write a bare list of what may be either."""
        return bare([Item((self.string_or_name(each),), each.span) for each in nodes])

    def control(self, node: syntax.Name) -> str:
        """Write a control's identifier, in quotes if it cannot stand without."""
        return node.text if _CONTROL_ID.fullmatch(node.text) else quoted(node.text)


def bare(items: Sequence[Item], word: str = "") -> Group:
    """Group items that no brackets hold together; there is at least one."""
    return Group("", tuple(items), "", items[0].span.to(items[-1].span), word)


def _bracketed(
    open: str,
    nodes: Iterable[N],
    close: str,
    span: Span,
    write: Callable[[N], tuple[Part, ...]],
) -> Group:
    return Group(open, tuple(Item(write(node), node.span) for node in nodes), close, span)
