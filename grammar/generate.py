"""Make the parser's tables from `agp.lark`, which takes Lark; to use them takes nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from lark import Lark
from lark.common import ParserConf
from lark.grammar import Rule, Symbol, Terminal
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, LALR_Analyzer, Shift

STARTS = ("file", "expression")
EDGE = r'(?!\w|\.(?:[^\W\d]|[*"]))'  # in agp.lark: what stands behind each word
HEAD = '''"""The parser's tables, which `python -m agpc.grammar` makes from `agp.lark`."""

# mypy: ignore-errors
# ruff: noqa
# fmt: off

'''
CONTEXTUAL_PRIORITY = 6  # in agp.lark: a terminal of this priority is tried only where it may stand


def generate(grammar: str) -> str:
    """Turn the text of `agp.lark` into that of `lalr.py`; `agpc.grammar.Tables` explains it."""
    lark = Lark(grammar, parser="lalr", start=list(STARTS))
    analyzer = LALR_Analyzer(ParserConf(lark.rules, {}, list(STARTS)))
    analyzer.compute_lalr()  # type: ignore[no-untyped-call]
    tables = IntParseTable.from_ParseTable(analyzer.parse_table)
    order = _order(tables.states, [tables.start_states[start] for start in STARTS])
    keys = {terminal.name: _key(terminal) for terminal in lark.terminals} | {"$END": "$END"}
    numbers = {rule: number for number, rule in enumerate(lark.rules)}
    data = {
        "grammar": hashlib.sha256(grammar.encode()).hexdigest(),
        "terminals": [
            ("%" + each.name, each.pattern.to_regexp(), each.priority >= CONTEXTUAL_PRIORITY)
            for each in sorted(lark.terminals, key=lambda each: -each.priority)
            if _key(each) == "%" + each.name and each.name not in lark.ignore_tokens
        ],
        "rules": [_rule(each) for each in lark.rules],
        "starts": {start: order[tables.start_states[start]] for start in STARTS},
        "ends": {start: order[tables.end_states[start]] for start in STARTS},
        **_rows(tables.states, order, keys, numbers),
    }
    return HEAD + "".join(_constant(name.upper(), value) for name, value in data.items())


def _key(terminal: TerminalDef) -> str:
    """A word or a sign itself, or else the name of the terminal."""
    if isinstance(terminal.pattern, PatternStr):
        return terminal.pattern.value
    word = terminal.pattern.value.removesuffix(EDGE)
    return word if word.isidentifier() else "%" + terminal.name


def _order(states: dict[int, dict[str, Any]], starts: list[int]) -> dict[int, int]:
    """Number the states as they are reached; Lark's numbers differ from run to run."""
    order: dict[int, int] = {}
    waiting = list(starts)
    for state in waiting:
        if state not in order:
            order[state] = len(order)
            targets = sorted(
                (symbol, argument)
                for symbol, (action, argument) in states[state].items()
                if action is Shift
            )
            waiting += [target for _, target in targets]
    return order


def _rows(
    states: dict[int, dict[str, Any]],
    order: dict[int, int],
    keys: dict[str, str],
    numbers: dict[Rule, int],
) -> dict[str, Any]:
    """The distinct rows of actions, which row each state has, the sets of terminals in rows, and the states' gotos."""
    rows: list[tuple[Any, ...]] = []
    numbered: dict[str, int] = {}
    sets: dict[tuple[str, ...], int] = {}
    gotos: list[dict[str, int]] = []
    row_of: list[int] = []
    for state in order:
        row: dict[str, int] = {}
        goto: dict[str, int] = {}
        for symbol, (action, argument) in states[state].items():
            if symbol in keys:
                # INVARIANT: of two terminals for one word a state accepts one
                assert keys[symbol] not in row, symbol
                row[keys[symbol]] = order[argument] if action is Shift else -1 - numbers[argument]
            else:
                goto[symbol] = order[argument]
        shifts = {key: row[key] for key in sorted(row) if row[key] >= 0}
        before: dict[int, list[str]] = {}
        for key in sorted(row.keys() - shifts.keys()):
            before.setdefault(row[key], []).append(key)
        reductions = [
            (action, sets.setdefault(tuple(each), len(sets))) for action, each in before.items()
        ]
        made = (shifts, *reductions)
        row_of.append(numbered.setdefault(repr(made), len(rows)))
        if row_of[-1] == len(rows):
            rows.append(made)
        gotos.append(dict(sorted(goto.items())))
    return {"row_of": row_of, "rows": rows, "sets": [*sets], "gotos": gotos}


def _rule(rule: Rule) -> tuple[Any, ...]:
    """(origin, how many symbols, action, what the action gets); see `agpc.grammar.Reduction`."""
    picks: list[int | None] = []
    spread: list[int] = []
    empty = list(rule.options.empty_indices) or [False] * len(rule.expansion)
    at = 0
    for is_empty in empty:
        if is_empty:
            picks.append(None)
            continue
        symbol = rule.expansion[at]
        if not _is_dropped(symbol):
            if _is_spread(symbol):
                spread.append(len(picks))
            picks.append(at)
        at += 1
    origin = str(rule.origin.name)
    if origin.startswith("_"):
        action = ""
    elif rule.options.expand1 and rule.alias is None and len(picks) == 1:
        action = "="
    else:
        action = rule.alias or origin
    return origin, len(rule.expansion), action, tuple(picks), tuple(spread)


def _is_dropped(symbol: Symbol) -> bool:
    return isinstance(symbol, Terminal) and bool(symbol.filter_out)


def _is_spread(symbol: Symbol) -> bool:
    return not symbol.is_term and symbol.name.startswith("_")


def _constant(name: str, value: Any) -> str:
    """Write a constant with a line for each rule and row, so that a change can be read."""
    if not isinstance(value, list):
        return f"{name} = {value!r}\n"
    if isinstance(value[0], int):
        return f"{name} = {tuple(value)!r}\n"
    return f"{name} = (\n" + "".join(f"    {each!r},\n" for each in value) + ")\n"
