"""How boolean expressions become functions of the generated code, line by line.

A condition may be as wide and as deep as the language lets it. What is deep is moved into functions of its
own, and so is what is wide where the parser of the generated code has limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count

from ...compiler.structs import Struct
from .expressions import All, Check, Expression, Opposite, Some, joined, least_length, variables_of

MAX_DEPTH = 6  # of brackets in one function
_NO_LIMIT = 2**62


class Syntax(Struct):
    """How a language writes expressions and functions."""

    conjunction: str
    disjunction: str
    negation: str
    true: str
    false: str
    step: int
    """Columns by which what is inside stands further in."""
    width: int
    """Columns of a line, without what may stand before or behind an expression."""
    definition: Callable[[str, str, str], str]
    """The definition of a function, of its name, the variables that it sets, and what it returns."""
    leads: bool = False
    """Whether an operator stands at the beginning of a line, and not at the end of the one before."""
    spreads: bool = False
    """Whether the parts of an `and` or an `or` always stand one a line, in brackets."""
    yields: bool = False
    """Whether a `not` before a comparison is the opposite of it all."""
    most_parts: int = _NO_LIMIT
    """Parts of one `and` or `or` that its parser takes."""

    def functions(self, name: str, body: Expression) -> tuple[str, ...]:
        """Write the function of an expression, after those of the parts that had to move out of it."""
        moved: list[str] = []
        names = (f"{name}__{number}" for number in count(1))
        shortened, _ = self._shorten(body, names, moved)
        return (*moved, self._defined(name, shortened))

    def in_one_line(self, body: Expression) -> str:
        """Write an expression in one line, where no bracket is needed around it."""
        return replace(self, width=_NO_LIMIT, spreads=False)._alone(body, 0)

    # --- Functions --------------------------------------------------------------------------------

    def _defined(self, name: str, body: Expression) -> str:
        value = self._alone(body, self.step)
        if "\n" in value and (isinstance(body, Check) or not self.spreads):
            inner = self._alone(body, 2 * self.step)
            value = f"(\n{' ' * (2 * self.step)}{inner}\n{' ' * self.step})"
        return self.definition(name, ", ".join(sorted(variables_of(body))), value)

    def _shorten(
        self, body: Expression, names: Iterator[str], moved: list[str]
    ) -> tuple[Expression, int]:
        """Move parts out until the expression is narrow and shallow; also give its depth."""
        if isinstance(body, Check):
            return body, 0
        if isinstance(body, Opposite):
            part, depth = self._shorten(body.part, names, moved)
            return Opposite(part), depth + 1
        kind, parts, depth = type(body), [], 0
        for each in body.parts:
            part, below = self._shorten(each, names, moved)
            if below >= MAX_DEPTH:
                part, below = self._move(part, names, moved), 0
            parts.append(part)
            depth = max(depth, below)
        most = self.most_parts
        while len(parts) > most:
            groups = (joined(kind, parts[at : at + most]) for at in range(0, len(parts), most))
            parts = [self._move(group, names, moved) for group in groups]
        return kind(tuple(parts)), depth + 1

    def _move(self, part: Expression, names: Iterator[str], moved: list[str]) -> Expression:
        """Make a part a function of its own, and give the call of it."""
        name = next(names)
        moved.append(self._defined(name, part))
        return Check((f"{name}(call)",))

    # --- Lines; `indent` is their column ----------------------------------------------------------

    def _alone(self, body: Expression, indent: int) -> str:
        """Write an expression that stands alone, or where nothing but `and` stands around it."""
        match body:
            case Check(parts):
                return self._joined(self.conjunction, parts, indent)
            case All(()):
                return self.true
            case Some(()):
                return self.false
            case Opposite(part) if self.yields:
                operand = self._part(part, indent)
                return self.negation + (operand if operand.endswith(")") else f"({operand})")
            case Opposite(part):
                return self.negation + self._bracketed(part, indent)
            case All() | Some() if self.spreads:
                return self._bracketed(body, indent)
            case All(parts):
                asked = (
                    each.parts if isinstance(each, Check) else (self._part(each, indent),)
                    for each in parts
                )
                written = [part for each in asked for part in each]
                return self._joined(self.conjunction, written, indent)
            case Some(parts):
                written = [self._part(each, indent) for each in parts]
                return self._joined(self.disjunction, written, indent)

    def _part(self, body: Expression, indent: int) -> str:
        """Write an expression where `or` or `not` stands beside it."""
        simple = isinstance(body, Opposite) or len(body.parts) < 2
        return self._alone(body, indent) if simple else self._bracketed(body, indent)

    def _bracketed(self, body: Expression, indent: int) -> str:
        inner = indent + self.step
        if self.spreads and isinstance(body, All):
            parts = [self._alone(part, inner) for part in body.parts]
            written = self._lines(self.conjunction, parts, inner)
        elif self.spreads and isinstance(body, Some):
            parts = [self._part(part, inner) for part in body.parts]
            written = self._lines(self.disjunction, parts, inner)
        else:
            line = self.in_one_line(body) if least_length(body) <= self.width else "\n"
            if "\n" not in line and inner + len(line) <= self.width:
                return f"({line})"
            written = self._alone(body, inner)
        return f"(\n{' ' * inner}{written}\n{' ' * indent})"

    def _joined(self, operator: str, parts: Iterable[str], indent: int) -> str:
        """Join parts in one line, or, if they do not fit, one a line."""
        parts = list(parts)
        line = f" {operator} ".join(parts)
        if "\n" not in line and indent + len(line) <= self.width:
            return line
        return self._lines(operator, parts, indent)

    def _lines(self, operator: str, parts: list[str], indent: int) -> str:
        margin = f"\n{' ' * indent}"
        return (f"{margin}{operator} " if self.leads else f" {operator}{margin}").join(parts)
