"""The beginning of a text, up to a place in it: what has been read there, and what may come next.

The parser reads it, with its own recovery from mistakes; what it would take next is looked up in its tables. So
whoever offers what may be written at a place needs no other knowledge of the syntax.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ...grammar import END
from ..garbage import uncollected
from ..report.diagnostics import Diagnostics
from ..report.offsets import Offsets
from ..report.source import Source
from ..structs import Struct
from .automaton import automaton
from .machine import CLOSERS, Bracket, Machine, Token
from .stacks import Stack

if TYPE_CHECKING:
    from .mistakes.recover import Recovery

WRITTEN = {
    "%NAME": "x",
    "%PATH": "x.x",
    "%WILDCARD": "x.*",
    "%QUOTED_NAME": '"x-x"',
    "%QUOTED_PATH": 'x."x-x"',
    "%STRING": '""',
    "%NUMBER": "0",
    "%DURATION": "1m",
    "%DATE": "2026-01-01",
    "%TIME": "2026-01-01T00:00:00Z",
    "%CLOCK": "00:00",
    "%CONTROL_ID": "x:x",
    "%PLATFORM_NAME": "x:x",
    "%_ARROW": "->",
}
"""A token of each terminal that is no word and no sign."""


class Read(Struct):
    """What stands before a token, as the grammar has it: symbols, outermost first, and the value of each."""

    symbols: tuple[str, ...]
    values: tuple[Any, ...]
    begins: frozenset[str]
    """The rules that may begin with the token."""


class Beginning:
    """A text that the parser has read up to its end, but for the end itself."""

    def __init__(self, text: str, start: str = "file") -> None:
        """Read a text; mistakes in it are passed over as the parser does, but what is open stays open."""
        self._source = Source("", text)
        self._places = Offsets(self._source)
        self._machine = self._begun([])
        self._machine.begin(start)
        self.mistakes = 0
        """How often something could not stand where it does."""

        with uncollected():
            self.is_readable = self._read()
        self.expected = frozenset(self._machine.stack.expected if self.is_readable else ())
        """The terminals that may come next: words and signs as they are, others by name, as in `%STRING`."""
        self._known: dict[str, Read] = {}

    def before(self, key: str) -> Read:
        """What stands before the next token, if that is one of the expected."""
        if key not in self._known:
            self._known[key] = self._before(key)
        return self._known[key]

    def _begun(self, diagnostics: Diagnostics) -> Machine:
        return Machine(self._source, self._places, diagnostics)

    @property
    def now(self) -> Read:
        """What has been read, as it stands: nothing is put together that the next token could still change."""
        machine = self._machine
        names = symbols()
        return Read(
            tuple(names[each.state] for each in machine.stacks[1:]),
            tuple(machine.values),
            frozenset(machine.stack.begun),
        )

    def after(self, key: str) -> frozenset[str]:
        """The terminals that may come behind one of the expected."""
        machine = self._copy()
        end = machine.pos
        machine.feed(Token(key, WRITTEN.get(key, key), end, end))
        return frozenset(machine.stack.expected)

    def _copy(self) -> Machine:
        machine = self._begun([])
        _Stacks.of(self._machine).put_back(machine)
        machine.pos = self._machine.pos
        return machine

    def _before(self, key: str) -> Read:
        machine = self._copy()
        end = machine.pos
        if not machine.feed(Token(key, WRITTEN.get(key, key), end, end)):
            return Read((), (), frozenset())
        *stacks, _ = machine.stacks
        names = symbols()
        return Read(
            tuple(names[each.state] for each in stacks[1:]),
            tuple(machine.values[:-1]),
            frozenset(stacks[-1].begun),
        )

    def _read(self) -> bool:
        machine = self._machine
        recovery: Recovery | None = None
        while True:
            token = machine.scan(machine.stack, machine.pos)
            if token.key == END or machine.too_deep:
                return not machine.too_deep
            if machine.stack.takes(token.key):
                machine.feed(token)
                continue
            if recovery is None:
                from .mistakes.recover import Recovery  # only a mistake pays for its tables

                recovery = Recovery(machine, [], [])
            self.mistakes += 1
            before = _Stacks.of(machine)
            goes_on = recovery.go_on(token)
            if not goes_on or machine.pos >= len(machine.text):
                passed = recovery.passed_over and recovery.passed_over[-1][1] >= token.end
                if not goes_on or passed:
                    before.put_back(machine)
                    if not self._reopen(recovery, token):
                        return False

    def _reopen(self, recovery: Recovery, token: Token) -> bool:
        """Go on behind a mistake from which nothing in the text leads back: at the last item that begins a line.

        Where there is none, that is at the end of the text, in the block that is open there.
        """
        machine = self._machine
        anchors = recovery.anchors()
        opened = [CLOSERS[each.key] for each in machine.brackets]
        wrong = token.start
        found: tuple[int, int] | None = None
        while token.key != END:
            if token.start > wrong and recovery.begins_item(token):
                for index, level in anchors:
                    if level == len(opened) and machine.stacks[index].takes(token.text):
                        found = index, token.start
                        break
            if token.key in CLOSERS:
                opened.append(CLOSERS[token.key])
            elif opened and token.key == opened[-1]:
                opened.pop()
            token = machine.scan(machine.stacks[0], token.end)
        if found is None:
            found = next(
                ((index, token.start) for index, level in anchors if level <= len(opened)), None
            )
        if found is None:
            return False
        machine.cut(found[0] + 1)
        machine.pos = found[1]
        return True


class _Stacks(Struct):
    """The stacks of a machine at one moment."""

    stack: Stack
    values: list[Any]
    starts: list[int]
    ends: list[int]
    brackets: list[Bracket]

    @classmethod
    def of(cls, machine: Machine) -> _Stacks:
        return cls(machine.stack, *(list(getattr(machine, name)) for name in _LISTS))

    def put_back(self, machine: Machine) -> None:
        machine.stack = self.stack
        for name in _LISTS:
            getattr(machine, name)[:] = getattr(self, name)


_LISTS = ("values", "starts", "ends", "brackets")


@cache
def symbols() -> tuple[str, ...]:
    """The symbol by which the automaton comes to each of its states; there is one."""
    data = automaton().tables
    found = [""] * len(data.gotos)
    for state, goto in enumerate(data.gotos):
        for key, action in data.rows[state].items():
            if action >= 0:
                found[action] = key
        for name, target in goto.items():
            found[target] = name
    return tuple(found)
