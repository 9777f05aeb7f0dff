"""Make the parser's tables from `agp.lark`, which takes Lark; to use them takes nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lark import Lark
from lark.common import ParserConf
from lark.grammar import Rule, Symbol, Terminal
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import IntParseTable, LALR_Analyzer, Shift

STARTS = ("file", "expression")
EDGE = r'(?!\w|\.(?:[^\W\d]|[*"]))'  # in agp.lark: what stands behind each word
CONTEXTUAL_PRIORITY = 6  # in agp.lark: a terminal of this priority is tried only where it may stand


def generate(grammar: str) -> str:
    """Turn the text of `agp.lark` into that of `tables.json`; `agpc.grammar.Tables` explains it."""
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
            ["%" + each.name, each.pattern.to_regexp(), each.priority >= CONTEXTUAL_PRIORITY]
            for each in sorted(lark.terminals, key=lambda each: -each.priority)
            if _key(each) == "%" + each.name and each.name not in lark.ignore_tokens
        ],
        "rules": [_rule(each) for each in lark.rules],
        "starts": {start: order[tables.start_states[start]] for start in STARTS},
        "ends": {start: order[tables.end_states[start]] for start in STARTS},
        **_rows(tables.states, order, keys, numbers),
    }
    return _lines(data)


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
    rows: dict[str, int] = {}
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
            [action, sets.setdefault(tuple(each), len(sets))] for action, each in before.items()
        ]
        text = json.dumps([shifts, *reductions])
        row_of.append(rows.setdefault(text, len(rows)))
        gotos.append(dict(sorted(goto.items())))
    return {"row_of": row_of, "rows": [*map(json.loads, rows)], "sets": [*sets], "gotos": gotos}


def _rule(rule: Rule) -> list[Any]:
    """[origin, how many symbols, action, what the action gets]; see `agpc.grammar.Reduction`."""
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
    return [origin, len(rule.expansion), action, picks, spread]


def _is_dropped(symbol: Symbol) -> bool:
    return isinstance(symbol, Terminal) and bool(symbol.filter_out)


def _is_spread(symbol: Symbol) -> bool:
    return not symbol.is_term and symbol.name.startswith("_")


def _lines(data: dict[str, Any]) -> str:
    """Write JSON with a line for each rule and row, so that a change can be read."""
    parts = []
    for name, value in data.items():
        if isinstance(value, list) and value and not isinstance(value[0], int):
            inner = ",\n".join(json.dumps(each, separators=(",", ":")) for each in value)
            parts.append(f"{json.dumps(name)}: [\n{inner}\n]")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
