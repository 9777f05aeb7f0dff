"""Expressions to conditions: every name looked up, every comparison typed.

A function that answers None has reported why, and its caller adds nothing.
"""

from __future__ import annotations

from typing import Literal, assert_never

from ...ir import nodes as ir
from ...ir.type_words import in_words
from ...report.diagnostics import Diagnostics, report
from ...structs import Struct
from ...syntax import tree as syntax
from ..references.attributes import Environment
from .comparisons import EQUALITY, ORDER, lower_comparison, lower_comparison_of
from .matches import lower_match
from .memberships import LIST_TESTS, lower_contains, lower_list_test, lower_member, lower_member_of
from .one_mistake import used
from .operands import attributes_like, read_attribute, read_term, reads, report_no_attribute

FOREIGN_ROOTS = frozenset(
    [
        "request",
        "req",
        "input",
        "params",
        "principal",
        "subject",
        "action",
        "data",
        "event",
        "ctx",
        "env",
        "self",
    ]
)
"""What a request is called in other languages."""


class ConditionReader(Struct):
    """Turns expressions into conditions in one environment."""

    env: Environment
    open_lets: tuple[str, ...] = ()
    user: str = ""
    """Whose conditions they are, in the words of a message."""

    def lower(self, node: syntax.Expression) -> ir.Condition | None:
        """Give the condition that an expression states."""
        match node:
            case syntax.Comparison():  # first, as what most are
                return self._comparison(node)
            case syntax.Any_(parts=parts):
                lowered = [self.lower(part) for part in parts]
                found = tuple(each for each in lowered if each is not None)
                return ir.Or(found) if len(found) == len(parts) else None
            case syntax.All_(parts=parts):
                lowered = [self.lower(part) for part in parts]
                found = tuple(each for each in lowered if each is not None)
                return ir.And(found) if len(found) == len(parts) else None
            case syntax.Not(part=part):
                inner = self.lower(part)
                return None if inner is None else ir.Not(inner)
            case syntax.Has(name=name, span=span):
                attribute = read_attribute(self.env, name, "`has` asks for an attribute")
                if attribute is not None and ir.is_fact(attribute):
                    message = f"`{name.text}` is a fact, and there is no `has` for facts"
                    help = "one that nobody says is unknown, and no condition can tell"
                    report(self.env.diagnostics, "AGP1603", name.span, message, help)
                    return None
                return None if attribute is None else ir.Has(attribute, span)
            case syntax.HasOnly(names=names):
                from .only import lower_has_only

                return lower_has_only(self.env, names, node)
            case syntax.After():
                from .meters import lower_after  # which lowers conditions, too

                return lower_after(self.env, node)
            case syntax.From():
                from .sources import lower_from

                return lower_from(self.env, node)
            case syntax.Name():
                return self._alone(node)
            case _:
                assert_never(node)

    def _alone(self, name: syntax.Name) -> ir.Condition | None:
        """A name as a condition: a `bool` attribute, or a named condition."""
        if reads(self.env, name.text):
            attribute = read_attribute(self.env, name, "")
            if attribute is None:
                return None
            if attribute.type == ir.BOOL:
                return ir.Compare("==", attribute, ir.Constant(ir.BOOL, True), name.span)
            report(
                self.env.diagnostics,
                "AGP1205",
                name.span,
                f"`{name.text}` is a `{in_words(attribute.type)}`, and no condition",
                "compare it with something"
                if ir.is_fact(attribute)
                else f"compare it with something, or ask whether it is there: `has {name.text}`",
            )
            return None
        names, package = self.env.names, self.env.package
        prefix = name.text.rpartition(".")[0]
        is_foreign = prefix.partition(".")[0] in FOREIGN_ROOTS or attributes_like(self.env, name)
        if prefix and prefix not in names.packages and is_foreign:  # as in `request.urgent`
            report_no_attribute(self.env, name, "")
            return None
        declared = names.resolve("condition", package, name)
        if declared is None:
            return None
        if declared.name in self.open_lets:
            if declared.name == self.open_lets[0]:  # a cycle further in is reported where it starts
                cycle = " → ".join((*self.open_lets, declared.name))
                report(
                    self.env.diagnostics,
                    "AGP1107",
                    name.span,
                    f"conditions use each other: {cycle}",
                )
            return None
        node = declared.node
        assert isinstance(node, syntax.LetDeclaration)
        problem = self.env.names.extents.problem(declared.name)
        if problem is not None:
            code, message = problem
            report(
                self.env.diagnostics,
                code,
                name.span,
                f"`{name.text}` {message}",
                "name less in one condition",
            )
            return None
        # Names inside a `let` are those of its own package, wherever it is used.
        found: Diagnostics = []
        env = self.env.of(declared.package, found)
        within = ConditionReader(env, (*self.open_lets, declared.name), f"`{declared.name}`")
        condition = within.lower(node.expression)
        self.env.diagnostics.extend(used(found, name.span, self.user))
        return condition

    def _comparison(self, node: syntax.Comparison) -> ir.Condition | None:
        if node.quantifier is not None:
            return self._quantified(node, node.quantifier)
        op = node.op
        if op in EQUALITY or op in ORDER:
            return lower_comparison(self.env, node.left, node.right, op, node.span)
        if op in ("in", "not in"):
            return negated_if(op == "not in", lower_member(self.env, node))
        if op == "contains":
            return lower_contains(self.env, node)
        if op in LIST_TESTS:
            return lower_list_test(self.env, node)
        term = read_term(self.env, node.left, f"`{op}` asks something of an attribute")
        return None if term is None else lower_match(self.env, term, node)

    def _quantified(
        self, node: syntax.Comparison, kind: Literal["every", "some"]
    ) -> ir.Condition | None:
        if not isinstance(node.left, syntax.Name):
            report(
                self.env.diagnostics,
                "AGP1202",
                node.left.span,
                f"`{kind}` asks something of a list",
            )
            return None
        is_variable = node.op in ("in", "not in") and "." not in node.left.text
        if is_variable and isinstance(node.right, syntax.Name) and reads(self.env, node.right.text):
            help = f"write `{kind} {node.right.text} == …`, without `{node.left.text} in`"
            report(
                self.env.diagnostics, "AGP1010", node.left.span, f"`{kind}` names no variable", help
            )
            return None
        attribute = read_attribute(self.env, node.left, f"`{kind}` asks something of a list")
        if attribute is None:
            return None
        if not isinstance(attribute.type, ir.ListType):
            report(
                self.env.diagnostics,
                "AGP1202",
                node.left.span,
                f"`{kind}` needs a list, and `{node.left.text}` is `{in_words(attribute.type)}`",
                f"leave out `{kind}`",
            )
            return None
        element = ir.Element(attribute.type.of)
        op = node.op
        if op in LIST_TESTS or op == "contains":
            report(
                self.env.diagnostics,
                "AGP1202",
                node.span,
                f"`{op}` looks at a whole list, not at elements",
                f"leave out `{kind}`",
            )
            return None
        test: ir.Condition | None
        if op in EQUALITY or op in ORDER:
            test = lower_comparison_of(self.env, element, node.left, node.right, op, node.span)
        elif op in ("in", "not in"):
            test = negated_if(op == "not in", lower_member_of(self.env, element, node))
        else:
            test = lower_match(self.env, element, node)
        return None if test is None else ir.Quantified(kind, attribute, test, node.span)


def negated_if(negated: bool, condition: ir.Condition | None) -> ir.Condition | None:
    """The opposite of a condition where its operator says `not`."""
    return ir.Not(condition) if negated and condition is not None else condition
