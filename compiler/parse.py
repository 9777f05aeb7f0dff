"""Source text to syntax tree; see `agp.lark` for the syntax and `agpc.grammar` for the tables."""

from __future__ import annotations

import gc
import re
from bisect import bisect_right
from typing import Any

from . import syntax
from .build_tree import LEAVES
from .diagnostics import Diagnostics, at
from .lalr import GATHER, PASS, automaton
from .source import Source, Span

MAX_DEPTH = 100

_COMMENTS = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?|(#[^\n]*+)')


def parse(source: Source, diagnostics: Diagnostics) -> syntax.File:
    """Parse one file; what is wrong is reported, and the tree holds all that is right."""
    was_on = gc.isenabled()
    gc.disable()  # a tree of many nodes and no cycles: collecting costs, and frees nothing
    try:
        return _Parser(source, diagnostics).file()
    finally:
        if was_on:
            gc.enable()


def parse_expression(text: str, diagnostics: Diagnostics) -> syntax.Expression | None:
    """Parse a condition by itself, as an option of a command gives it; None if it is wrong."""
    result: syntax.Expression | None = _Parser(Source("<expression>", text), diagnostics).run(
        "expression"
    )
    return result


class _Parser:
    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.line_starts = [0, *(m.end() for m in re.finditer("\n", source.text))]

    def file(self) -> syntax.File:
        text = self.source.text
        package, statements = self.run("file") or (None, ())
        if package is None:
            span = self.span(0, 0)
            self.diagnostics.append(
                at("AGP1009", span, "no package", help="begin the file with `package NAME`")
            )
        comments = tuple(
            syntax.Comment(self.span(m.start(1), m.start(1) + len(m[1].rstrip())), m[1].rstrip())
            for m in (_COMMENTS.finditer(text) if "#" in text else ())
            if m[1] is not None
        )
        return syntax.File(self.span(0, len(text)), package, tuple(statements), comments)

    def span(self, start: int, end: int) -> Span:
        lines = self.line_starts
        line = bisect_right(lines, start)
        end_line = bisect_right(lines, end)
        return Span(
            self.source.name,
            line,
            start - lines[line - 1] + 1,
            end_line,
            end - lines[end_line - 1] + 1,
        )

    def takes(self, states: list[int], key: str) -> bool:
        """Whether a terminal can be shifted from here.

        A row may know it only because LALR merges the look-ahead of states that differ in what
        came before; a word that cannot be shifted is a name.
        """
        machine = automaton()
        rows, gotos, steps = machine.tables.rows, machine.tables.gotos, machine.steps
        kept = len(states)
        above: list[int] = []
        state = states[-1]
        while True:
            action = rows[state].get(key)
            if action is None:
                return False
            if action >= 0:
                return True
            step = steps[-1 - action]
            size = step.size
            if size > len(above):
                kept -= size - len(above)
                above.clear()
            elif size:
                del above[-size:]
            state = gotos[above[-1] if above else states[kept - 1]][step.origin]
            above.append(state)

    def run(self, start_symbol: str) -> Any:
        machine = automaton()
        rows, gotos, steps = machine.tables.rows, machine.tables.gotos, machine.steps
        find, find_here = machine.find, machine.find_here
        text, span = self.source.text, self.span
        states = [machine.tables.starts[start_symbol]]
        last = machine.tables.ends[start_symbol]
        values: list[Any] = []
        starts: list[int] = []
        ends: list[int] = []
        pos = 0
        while True:
            row = rows[states[-1]]
            here = find_here[states[-1]]
            match = here(text, pos) if here is not None else None
            if match is None or not self.takes(states, f"%{match.lastgroup}"):
                match = find(text, pos)
            if match is None:
                self.diagnostics.append(at("AGP1001", self.span(pos, pos), "unexpected character"))
                return None
            kind = match.lastgroup
            assert kind is not None
            start, end = match.span(kind)
            word = text[start:end]
            if kind == "NAME":
                key = word if word in row and self.takes(states, word) else "%NAME"
            elif kind == "SIGN":
                key = word
            elif kind == "END":
                key = "$END"
            else:
                key = "%" + kind
            while True:
                action = row.get(key)
                if action is None:
                    self.diagnostics.append(
                        at("AGP1001", self.span(start, end), f"unexpected `{word}`")
                    )
                    return None
                if action >= 0:
                    leaf = LEAVES.get(key)
                    states.append(action)
                    values.append(word if leaf is None else leaf(span(start, end), word))
                    starts.append(start)
                    ends.append(end)
                    pos = end
                    break
                origin, size, kind_, make, picks, spread, plain = steps[-1 - action]
                if size == 1 and kind_ == PASS:
                    states[-1] = gotos[states[-2]][origin]
                    row = rows[states[-1]]
                    if key == "$END" and states[-1] == last:
                        return values[-1]
                    continue
                if size:
                    parts = values[-size:]
                    first, end_ = starts[-size], ends[-1]
                    del states[-size:], values[-size:], starts[-size:], ends[-size:]
                else:
                    parts, first, end_ = [], start, start
                if kind_ == GATHER and spread == (0,):
                    value = parts[picks[0]]
                    value.extend(parts[i] for i in picks[1:])
                elif kind_ == PASS:
                    value = parts[picks[0]]
                else:
                    if plain:
                        args = [parts[i] for i in picks]
                    else:
                        args = []
                        for n, i in enumerate(picks):
                            if i is None:
                                args.append(None)
                            elif n in spread:
                                args.extend(parts[i])
                            else:
                                args.append(parts[i])
                    value = args if kind_ == GATHER else make(span(first, end_), *args)
                states.append(gotos[states[-1]][origin])
                values.append(value)
                starts.append(first)
                ends.append(end_)
                row = rows[states[-1]]
                if key == "$END" and states[-1] == last:
                    return value
