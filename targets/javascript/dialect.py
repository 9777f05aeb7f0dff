"""How JavaScript writes tests, and how it lays expressions out."""

from __future__ import annotations

from ..code.dialect import Dialect, camel
from ..code.layout import Syntax
from ..code.literals import WIDTH
from .literals import literal


def _definition(name: str, variables: str, value: str) -> str:
    declared = f"  let {variables};\n" if variables else ""
    return f"function {name}(call) {{\n{declared}  return {value};\n}}"


SYNTAX = Syntax(
    conjunction="&&",
    disjunction="||",
    negation="!",
    true="true",
    false="false",
    step=2,
    width=WIDTH - 3,  # for what closes a line
    definition=_definition,
)

DIALECT = Dialect(
    syntax=SYNTAX,
    literal=literal,
    name=camel,
    listing=literal,
    signs={"==": "===", "!=": "!==", "<": "<", "<=": "<=", ">": ">", ">=": ">="},
    known="({name} = {source}) !== undefined",
    present="{source} !== undefined",
    asked="{call} === {value}",
    in_set=("{of}.has({item})", "!{of}.has({item})"),
    in_list=("{of}.includes({item})", "!{of}.includes({item})"),
    contains=("{item}.includes({text})", "!{item}.includes({text})"),
    starts_with=("{item}.startsWith({text})", "!{item}.startsWith({text})"),
    ends_with=("{item}.endsWith({text})", "!{item}.endsWith({text})"),
    matches=("globMatch({glob}, {item})", "!globMatch({glob}, {item})"),
    every="elements.every((element) => {test})",
    some="elements.some((element) => {test})",
    none_or="(elements.length === 0 || {test})",
    raw_equal=("{item} === {value}",),
    raw_in_set=("{of}.has({item})",),
    raw_among=("{of}.includes({item})",),
)
