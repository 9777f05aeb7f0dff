"""How Python writes tests, and how it lays expressions out."""

from __future__ import annotations

from ..code.dialect import Dialect
from ..code.layout import Syntax
from .literals import literal

SYNTAX = Syntax(
    conjunction="and",
    disjunction="or",
    negation="not ",
    true="True",
    false="False",
    step=4,
    width=96,
    definition=lambda name, _, value: f"def {name}(call: Call) -> bool:\n    return {value}\n",
    leads=True,
    spreads=True,
    yields=True,
    most_parts=40,
)

_IS_INT = "(type(whole := {item}) is int or (whole := read_int(whole)) is not None)"

DIALECT = Dialect(
    syntax=SYNTAX,
    literal=literal,
    name=str,
    listing=lambda texts: f"{{{', '.join(map(literal, texts))}}}",
    signs={each: each for each in ("==", "!=", "<", "<=", ">", ">=")},
    known="({name} := {source}) is not None",
    present="{source} is not None",
    asked="{call} is {value}",
    in_set=("{item} in {of}", "{item} not in {of}"),
    in_list=("{item} in {of}", "{item} not in {of}"),
    contains=("{text} in {item}", "{text} not in {item}"),
    starts_with=("{item}.startswith({text})", "not {item}.startswith({text})"),
    ends_with=("{item}.endswith({text})", "not {item}.endswith({text})"),
    matches=("glob_match({glob}, {item})", "not glob_match({glob}, {item})"),
    every="all({test} for element in elements)",
    some="any({test} for element in elements)",
    none_or="(not elements or {test})",
    raw_equal=("type(text := {item}) is str", "text == {value}"),
    raw_in_set=("type(text := {item}) is str", "text in {of}"),
    raw_among=("type(text := {item}) is str", "text in {of}"),
    raw_int={
        "==": (_IS_INT, "whole == {value}"),
        "<": (_IS_INT, "-(2**53) < whole < {value}"),
        "<=": (_IS_INT, "-(2**53) < whole <= {value}"),
        ">": (_IS_INT, "{value} < whole < 2**53"),
        ">=": (_IS_INT, "{value} <= whole < 2**53"),
    },
    raw_hold=("type(text := {item}) is str", "{of}.hold(text) is {value}"),
)
