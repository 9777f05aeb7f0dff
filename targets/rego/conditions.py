"""Conditions as Rego: statements that hold where one is *definitely true*, or *definitely false*.

In Rego what is undefined spreads, but its negation is true. So nothing that may be undefined is ever
negated: each condition is written in the form that is wanted, and what is unknown satisfies neither.
"""

from __future__ import annotations

from dataclasses import field
from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.records import dataclass
from ...runtime.glob import parse_glob
from ...runtime.values import path_segments
from . import text
from .attributes import Attributes, place
from .clauses import Clause, clause, clause_head
from .vocabulary import Vocabulary

Statements = list[str]
"""Lines of a rule's body, which hold together."""

MOST_STATEMENTS = 12  # in one body; Regal wants rules of at most 30 lines
_WILDCARDS = {"*": r"[\s\S]*", "?": r"[\s\S]"}  # `.` with a flag is not in every dialect
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"==": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(slots=True)
class ConditionWriter:
    """Writes the conditions of one rule, and collects the clauses that they need."""

    rule: str
    attributes: Attributes
    vocabulary: Vocabulary
    clauses: list[Clause] = field(default_factory=list)

    def statements(self, condition: ir.Condition, wanted: bool) -> Statements:
        """Write what holds where a condition is definitely `wanted`."""
        match condition:
            case ir.Not(part):
                return self.statements(part, not wanted)
            case ir.And(parts) | ir.Or(parts):
                if isinstance(condition, ir.And) is wanted:
                    return [line for part in parts for line in self.statements(part, wanted)]
                return [self._clause([self.closed(part, wanted) for part in parts])]
            case ir.Compare(op, left, right):
                sign = op if wanted else _OPPOSITE[op]
                if isinstance(left, ir.Constant):
                    left, sign, right = right, _MIRRORED[sign], left
                return [self._comparison(left, sign, right)]
            case ir.In(item, of):
                return [self._membership(item, of, wanted)]
            case ir.ListTest(op, attribute, of):
                return [self._list_test(op, attribute, of, wanted)]
            case ir.Like(item, pattern):
                match_ = f"regex.match({glob_pattern(pattern)}, {self._term(item)})"
                return [match_ if wanted else f"{match_} == false"]
            case ir.Under(item, path):
                folder = "/" if path_segments(path) is None else f"{path}/"
                function = "under" if wanted else "not_under"
                return [f"values.{function}({self._term(item)}, {text.string(folder)})"]
            case ir.Within(item, ranges):
                inside = f"values.within({self._term(item)}, {self.vocabulary.ranges(ranges)})"
                return [inside if wanted else f"{inside} == false"]
            case ir.Has(attribute):
                name = self.attributes.present if wanted else self.attributes.absent
                return [name(attribute)]
            case ir.Quantified(kind, attribute, test):
                return [self._quantified(kind, attribute, test, wanted)]
            case _:
                assert_never(condition)

    def alternatives(self, condition: ir.Condition, wanted: bool) -> list[Statements]:
        """Write bodies, of which one holds where a condition is definitely `wanted`."""
        match condition:
            case ir.Not(part):
                return self.alternatives(part, not wanted)
            case ir.And(parts) | ir.Or(parts) if isinstance(condition, ir.Or) is wanted:
                return [body for part in parts for body in self.alternatives(part, wanted)]
            case _:
                return [self.closed(condition, wanted)]

    def closed(self, condition: ir.Condition, wanted: bool) -> Statements:
        """Write a body that is not too long to read: what is, is split into clauses."""
        return self.shortened(self.statements(condition, wanted))

    def shortened(self, statements: Statements) -> Statements:
        """Put statements that are too many into clauses of their own, and loops behind the others."""
        statements = loops_last(statements)
        while len(statements) > MOST_STATEMENTS:
            chunks = range(0, len(statements), MOST_STATEMENTS)
            statements = [self._clause([statements[at : at + MOST_STATEMENTS]]) for at in chunks]
        return statements

    def _clause(self, bodies: list[Statements]) -> str:
        head = clause_head(self.rule, str(len(self.clauses) + 1))
        self.clauses.append(clause(head, bodies))
        return head

    def _quantified(
        self, kind: str, attribute: ir.Attribute, test: ir.Condition, wanted: bool
    ) -> str:
        elements = self.attributes.value(attribute)
        lines = self.statements(test, wanted)
        if (kind == "every") is wanted:
            return f"every element in {elements} {{ {'; '.join(lines)} }}"
        return self._clause([[f"some element in {elements}", *lines]])

    def _comparison(self, left: ir.Term, sign: str, right: ir.Term) -> str:
        """Write a comparison, of the input as it stands where what fits is well-formed anyway."""
        match left, right:
            case ir.Attribute(), ir.Constant():
                members = self.vocabulary.that_compare(sign, right)
                if members is not None:
                    return text.among(place(left), members)
            case ir.Attribute(type=ir.STRING), ir.Attribute(type=ir.STRING) if sign == "==":
                return f"{self._term(left)} == {place(right)}"
        return f"{self._term(left)} {sign} {self._term(right)}"

    def _membership(self, item: ir.Term, of: ir.Collection, wanted: bool) -> str:
        if isinstance(of, ir.Constants):
            if isinstance(item, ir.Attribute):
                line = self.vocabulary.membership(place(item), of, wanted)
                if line is not None:
                    return line
            only = self.vocabulary.only_member(of)
            if only is not None:
                return f"{self._term(item)} {'==' if wanted else '!='} {only}"
        term, members = self._term(item), self._collection(of)
        if wanted and term.startswith("-"):  # which would go on with the line before
            return f"count({{{term}}} - {members}) == 0"
        return f"{term} in {members}" if wanted else f"values.not_in({term}, {members})"

    def _list_test(self, op: str, attribute: ir.Attribute, of: ir.Collection, wanted: bool) -> str:
        have, want = self.attributes.value(attribute), self._collection(of)
        if op == "contains any":
            return f"count({have} & {want}) {'> 0' if wanted else '== 0'}"
        left, right = (have, want) if op == "subset of" else (want, have)
        return f"count({left} - {right}) {'== 0' if wanted else '> 0'}"

    def _term(self, term: ir.Term) -> str:
        match term:
            case ir.Attribute():
                return self.attributes.value(term)
            case ir.Constant(type_, value):
                return self.vocabulary.constant(type_, value)
            case ir.Element():
                return "element"
            case ir.Age(of):
                return f"values.age({self._term(of)})"
            case _:
                assert_never(term)

    def _collection(self, of: ir.Collection) -> str:
        if isinstance(of, ir.Attribute):
            return self.attributes.value(of)
        return self.vocabulary.constants(of)


def glob_pattern(pattern: str) -> str:
    r"""Write a glob as a regular expression, in a raw string.

    >>> print(glob_pattern("a.?*"))
    `^a\.[\s\S][\s\S]*$`
    """
    parts = (
        text.regex(part) if isinstance(part, str) else _WILDCARDS[part.value]
        for part in parse_glob(pattern)
    )
    return f"`^{''.join(parts)}$`"


def loops_last(statements: Statements) -> Statements:
    """Put what looks at each element of a list behind what may make that needless."""
    return sorted(statements, key=lambda each: each.startswith("every "))
