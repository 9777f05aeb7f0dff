"""The temporal conditions of Dogwood, by its documented grammar and meaning, as far as AgentCore documents them.

It holds each block against the rules of both (what is read is bound before, windows are no longer than a day, a
predicate says `eventResource: resource`, three operators at most) and evaluates it over the events of a session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lark import Lark, Token, Tree

GRAMMAR = r"""
start: condition
?condition: conjunct ("&&" conjunct)*
?conjunct: "!" atom -> negation | atom
?atom: "(" condition ")"
     | "formerly" window atom -> formerly
     | "exists" binder "." condition -> exists
     | "tp" "(" NAME ")" -> timepoint
     | predicate
     | term SIGN term -> comparison
?term: INT -> integer | NAME -> variable | "(" aggregate ")" | aggregate
?aggregate: "count" "for" binders "." "where" condition -> count
          | "sum" NAME "for" binders "." "where" condition -> sum
binders: binder ("," binder)*
binder: "(" NAME ":" NAME ")"
predicate: ACTION "::" NAME "{" field ("," field)* "}"
field: PATH ":" NAME
window: "within" INT UNIT
ACTION: /AgentCore::Action::"(\\.|[^"\\])*"/
PATH: /[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*/
NAME: /[A-Za-z_][A-Za-z0-9_]*/
INT: /-?[0-9]+/
SIGN: "<=" | ">=" | "==" | "<" | ">"
UNIT: /[smhd](?![A-Za-z0-9_])/
%ignore /\s+/
"""
PARSER = Lark(GRAMMAR, parser="earley", maybe_placeholders=False)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MOST_OPERATORS = 3
SCOPE = ("resource", "principal")
SIGNS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """What was asked for in a session at a second, of one gateway."""

    at: int
    tool: str
    input: Mapping[str, Any]


def blocks(text: str) -> list[Tree[Token]]:
    """The temporal blocks of policies, parsed and checked; of a policy there is one at most."""
    found = []
    for policy in text.split(";\n"):
        written = re.findall(r"when temporal \{\n(.*?)\n\}$", policy.strip(), re.DOTALL)
        assert len(written) <= 1
        for each in written:
            tree = PARSER.parse(each)
            check(tree)
            found.append(tree)
    return found


def check(tree: Tree[Token]) -> None:
    """Hold a block against what is documented beside the grammar."""
    names = [each.data for each in tree.iter_subtrees()]
    assert sum(names.count(each) for each in ("formerly", "count", "sum")) <= MOST_OPERATORS
    for each in tree.iter_subtrees():
        if each.data == "predicate":
            fields = {str(field.children[0]): str(field.children[1]) for field in trees(each)}
            assert fields["eventResource"] == "resource"
        if each.data == "window":
            assert 0 < seconds(each) <= SECONDS["d"]
    bind(tree, frozenset(), frozenset())


def bind(node: Any, declared: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    """What is known behind a condition; what only filters reads what is known before it."""
    match node:
        case Tree("start" | "condition", parts):
            for part in parts:
                known = bind(part, declared, known)
        case Tree("negation", [inner]):
            bind(inner, declared, known)
            assert free(inner) <= known
        case Tree("formerly", [_, inner]):
            return bind(inner, declared, known)
        case Tree("exists", [binder, inner]):
            name = str(binder.children[0])
            assert name in bind(inner, declared | {name}, known - {name})
        case Tree("timepoint", [name]):
            assert name in declared
            return known | {str(name)}
        case Tree("predicate", [_, kind, *fields]):
            assert kind == "request"
            used = {str(each.children[1]) for each in fields} - set(SCOPE)
            assert used <= declared
            return known | used
        case Tree("comparison", [left, sign, right]):
            if sign == "==" and isinstance(right, Tree) and right.data == "variable":
                assert left.data in ("count", "sum")  # nothing else is written so here
                aggregated(left, known)
                assert str(right.children[0]) in declared
                return known | {str(right.children[0])}
            assert free(node) <= known
        case _:
            raise AssertionError(node)
    return known


def aggregated(node: Tree[Token], known: frozenset[str]) -> None:
    *value, binders, inner = node.children
    names = {str(each.children[0]) for each in trees(binders)}
    assert {str(each) for each in value} <= names
    assert names <= bind(inner, frozenset(names), known)


def free(node: Any) -> set[str]:
    """The variables that are read and not bound inside."""
    match node:
        case Tree("variable", [name]):
            return {str(name)}
        case Tree("exists", [binder, inner]):
            return free(inner) - {str(binder.children[0])}
        case Tree("predicate", [_, _, *fields]):
            return {str(each.children[1]) for each in fields} - set(SCOPE)
        case Tree(_, children):
            return set().union(*(free(each) for each in children)) if children else set()
    return set()


def trees(node: Any) -> list[Tree[Token]]:
    return [each for each in node.children if isinstance(each, Tree)]


def seconds(window: Tree[Token]) -> int:
    amount, unit = window.children
    return int(str(amount)) * SECONDS[str(unit)]


def holds(block: Tree[Token], events: Sequence[Event]) -> bool:
    """Whether a block holds when the last of the events is decided, which is the request at hand."""
    return any(True for _ in rows(block, events, len(events) - 1, {}))


def rows(node: Any, events: Sequence[Event], at: int, known: Row) -> Iterator[Row]:
    """How a condition can hold at an event, given what is known."""
    match node:
        case Tree("start" | "condition", [first, *others]):
            for row in rows(first, events, at, known):
                if others:
                    yield from rows(Tree("condition", others), events, at, row)
                else:
                    yield row
        case Tree("negation", [inner]):
            if not any(True for _ in rows(inner, events, at, known)):
                yield known
        case Tree("formerly", [window, inner]):
            for earlier in range(at + 1):
                if events[at].at - events[earlier].at <= seconds(window):
                    yield from rows(inner, events, earlier, known)
        case Tree("exists", [_, inner]):
            yield from rows(inner, events, at, known)
        case Tree("timepoint", [name]):
            yield from unified(known, str(name), at)
        case Tree("predicate", [action, _, *fields]):
            event = events[at]
            if action != f'AgentCore::Action::"{event.tool}"':
                return
            row: Row | None = known
            for each in fields:
                path, name = map(str, each.children)
                if name in SCOPE or row is None:
                    continue
                value = event.input.get(path.removeprefix("input."))
                row = None if value is None else next(unified(row, name, value), None)
            if row is not None:
                yield row
        case Tree("comparison", [left, sign, right]):
            one = term(left, events, at, known)
            if sign == "==" and right.data == "variable":
                yield from unified(known, str(right.children[0]), one)
            elif SIGNS[str(sign)](one, term(right, events, at, known)):
                yield known
        case _:
            raise AssertionError(node)


def unified(row: Row, name: str, value: Any) -> Iterator[Row]:
    if row.get(name, value) == value:
        yield {**row, name: value}


def term(node: Tree[Token], events: Sequence[Event], at: int, known: Row) -> Any:
    match node:
        case Tree("integer", [digits]):
            return int(str(digits))
        case Tree("variable", [name]):
            return known[str(name)]
        case Tree("count" | "sum" as kind, [*value, binders, inner]):
            names = [str(each.children[0]) for each in trees(binders)]
            outer = {name: each for name, each in known.items() if name not in names}
            found = {tuple(row[name] for name in names) for row in rows(inner, events, at, outer)}
            if kind == "count":
                return len(found)
            return sum(row[names.index(str(value[0]))] for row in found)
    raise AssertionError(node)
