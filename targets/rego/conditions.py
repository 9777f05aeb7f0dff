"""Conditions as Rego: statements that hold where one is *definitely true*, or *definitely false*.

In Rego what is undefined spreads, but its negation is true. So nothing that may be undefined is ever
negated: each condition is written in the form that is wanted, and what is unknown satisfies neither.
"""

from __future__ import annotations

from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.definite import (
    All,
    Asked,
    Elements,
    Question,
    Sign,
    Some,
    comparison,
    elements,
)
from ...compiler.ir.walk import Leaf
from ...compiler.structs import Struct, field
from ...runtime.glob import parse_glob
from . import text
from .attributes import Attributes, place
from .clauses import Clause, clause, clause_head
from .constants import Constants

Statements = list[str]
"""Lines of a rule's body, which hold together."""

MOST_STATEMENTS = 12  # in one body; Regal wants rules of at most 30 lines
_WILDCARDS = {"*": r"[\s\S]*", "?": r"[\s\S]"}  # `.` with a flag is not in every dialect


class ConditionWriter(Struct, frozen=False):
    """Writes the conditions of one rule, and collects the clauses that they need."""

    rule: str
    attributes: Attributes
    constants: Constants
    clauses: list[Clause] = field(default_factory=list)

    def statements(self, question: Question) -> Statements:
        """Write what holds where a question is answered with yes."""
        match question:
            case All(parts):
                return [line for part in parts for line in self.statements(part)]
            case Some(parts):
                return [self._clause([self.closed(part) for part in parts])]
            case Asked(leaf, wanted):
                return [self._leaf(leaf, wanted)]
            case _:
                assert_never(question)

    def alternatives(self, question: Question) -> list[Statements]:
        """Write bodies, of which one holds where a question is answered with yes."""
        if isinstance(question, Some):
            return [body for part in question.parts for body in self.alternatives(part)]
        return [self.closed(question)]

    def closed(self, question: Question) -> Statements:
        """Write a body that is not too long to read: what is, is split into clauses."""
        return self.shortened(self.statements(question))

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

    def _leaf(self, leaf: Leaf, wanted: bool) -> str:
        match leaf:
            case ir.Compare():
                return self._comparison(*comparison(leaf, wanted))
            case ir.In(item, of):
                return self._membership(item, of, wanted)
            case ir.ListTest(op, attribute, of):
                return self._list_test(op, attribute, of, wanted)
            case ir.Like(item, pattern):
                match_ = f"regex.match({glob_pattern(pattern)}, {self._term(item)})"
                return match_ if wanted else f"{match_} == false"
            case ir.Under(item, domain) if ir.comparable_type(item.type) == ir.DOMAIN:
                function = "below" if wanted else "not_below"
                outer = text.string(domain) if isinstance(domain, str) else self._term(domain)
                return f"hosts.{function}({self._term(item)}, {outer})"
            case ir.Under(item, path):
                if isinstance(path, ir.Attribute):
                    function = "under_path" if wanted else "not_under_path"
                    return f"values.{function}({self._term(item)}, {self._term(path)})"
                folder = "/" if path == "/" else f"{path}/"
                kind = "under" if path.startswith("/") else "under_relative"
                function = kind if wanted else f"not_{kind}"
                return f"values.{function}({self._term(item)}, {text.string(folder)})"
            case ir.Within(item, ranges):
                inside = f"values.within({self._term(item)}, {self.constants.ranges(ranges)})"
                return inside if wanted else f"{inside} == false"
            case ir.Has(attribute):
                name = self.attributes.present if wanted else self.attributes.absent
                return name(attribute)
            case ir.Quantified():
                return self._quantified(elements(leaf, wanted))
            case _:
                assert_never(leaf)

    def _quantified(self, of: Elements) -> str:
        values = self.attributes.value(of.list)
        lines = self.statements(of.asked)
        if of.every:
            return f"every element in {values} {{ {'; '.join(lines)} }}"
        return self._clause([[f"some element in {values}", *lines]])

    def _comparison(self, left: ir.Term, sign: Sign, right: ir.Term) -> str:
        """Write a comparison, of the input as it stands where what fits is well-formed anyway."""
        match left, right:
            case ir.Attribute(type=read), ir.Constant() if not isinstance(
                read, ir.OrNothing | ir.PartOf
            ):
                members = self.constants.that_compare(sign, right)
                if members is not None:
                    return text.among(place(left), members)
            case ir.Attribute(type=ir.STRING), ir.Attribute(type=ir.STRING) if sign == "==":
                return f"{self._term(left)} == {place(right)}"
        return f"{self._term(left)} {sign} {self._term(right)}"

    def _membership(self, item: ir.Term, of: ir.Collection, wanted: bool) -> str:
        if isinstance(item, ir.NameOf):
            name, members = text.string(item.name), self._collection(of)
            test = f"{name} in {members}" if wanted else f"values.not_in({name}, {members})"
            return self._clause([[self.attributes.present(item.of), test]])
        if isinstance(of, ir.Constants):
            if isinstance(item, ir.Attribute) and not (item.of or isinstance(item.type, ir.PartOf)):
                line = self.constants.membership(place(item), of, wanted)
                if line is not None:
                    return line
            only = self.constants.only_member(of)
            if only is not None:
                return f"{self._term(item)} {'==' if wanted else '!='} {only}"
        term, members = self._term(item), self._collection(of)
        if wanted and term.startswith("-"):  # which would go on with the line before
            return f"count({{{term}}} - {members}) == 0"
        return f"{term} in {members}" if wanted else f"values.not_in({term}, {members})"

    def _list_test(
        self, op: ir.ListOp, attribute: ir.Attribute, of: ir.Collection, wanted: bool
    ) -> str:
        have, want = self.attributes.value(attribute), self._collection(of)
        none, some = ("== 0", "> 0") if wanted else ("> 0", "== 0")
        match op:
            case "subset of":
                return f"count({have} - {want}) {none}"
            case "contains all":
                return f"count({want} - {have}) {none}"
            case "contains any":
                return f"count({have} & {want}) {some}"
            case _:
                assert_never(op)

    def _term(self, term: ir.Term) -> str:
        match term:
            case ir.Attribute():
                return self.attributes.value(term)
            case ir.Constant(type_, value):
                return self.constants.constant(type_, value)
            case ir.Element():
                return "element"
            case ir.NameOf():
                raise TypeError("the name of an argument is only looked for in a list")
            case ir.Age(of):
                return f"values.age({self._term(of)})"
            case _:
                assert_never(term)

    def _collection(self, of: ir.Collection) -> str:
        match of:
            case ir.Attribute():
                return self.attributes.value(of)
            case ir.Constants():
                return self.constants.constants(of)
            case _:
                assert_never(of)


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
