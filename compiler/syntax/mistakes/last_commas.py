"""A comma behind the last member of a list that no bracket closes, which version 1 of the language took.

What follows it is read as one member more, and so the mistake shows only at the token after that, or
later. The machine is set back to before the comma and goes on with what follows it. Three pairs of words
show no mistake at all; in a file that does not say that it is in version 2 they are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from ....grammar import END
from ...report.diagnostics import Diagnostics, at
from ...report.fixes import written
from ...report.offsets import Offsets
from ...report.source import Span
from .. import tree as syntax
from ..machine import Machine, Token
from ..stacks import Stack
from .messages import OPENERS

_GAP = r"(?:[ \t\r\n]|#[^\n]*+\n)*+"
_APART = rf"(?=[ \t\r\n#]){_GAP}"
_ACTION = re.compile(rf",{_GAP}(action){_GAP}\Z")


class Fits(Protocol):
    """Says whether made-up tokens, and then so many that follow in the text, can be taken."""

    def __call__(self, stack: Stack, keys: Sequence[str], pos: int, count: int, /) -> bool:
        """Look ahead from an offset, as if the machine had this stack."""


def read_without_comma(machine: Machine, token: Token, fits: Fits, commas: list[Span]) -> bool:
    """Report such a comma before a token that cannot stand, and let the machine go on without it."""
    for height in (1, 2):  # tokens since before the comma
        if len(machine.values) <= height or machine.values[-height] != "," or token.key == ",":
            continue
        begin = token.start if height == 1 else machine.starts[-1]
        is_last = token.key == END or (height == 2 and token.key in OPENERS)
        place, kept = machine.starts[-height], machine.stacks[:-height]
        if fits(kept[-1], [], begin, 1 if is_last else 2):
            machine.cut(len(kept))
            _go_on(machine, place, begin, commas)
            return True
        if fits(kept[-1], ["with"], begin, 2):  # which is the mistake here, and told of next
            machine.cut(len(kept))
            machine.pos = begin
            return True
    return _before_action(machine, commas)


def _before_action(machine: Machine, commas: list[Span]) -> bool:
    """Go back to an `action` behind a comma, which was read as an action of that name."""
    name, items = machine.values[-1:], machine.values[-2:-1]
    if not (name and isinstance(name[0], syntax.Name) and items and isinstance(items[0], list)):
        return False
    actions = items[0][-1] if items[0] else None
    if not isinstance(actions, tuple) or len(actions) < 2:
        return False
    last = actions[-1]
    if not isinstance(last, syntax.ActionDeclaration) or last.name.text != "action":
        return False
    between = _ACTION.search(machine.text, 0, machine.starts[-1])
    if between is None:
        return False
    machine.cut(len(machine.values))
    items[0][-1] = actions[:-1]
    _go_on(machine, between.start(), between.start(1), commas)
    return True


def _go_on(machine: Machine, comma: int, begin: int, commas: list[Span]) -> None:
    machine.pos = begin
    report_comma(machine.places.span(comma, comma + 1), machine.diagnostics, commas)


def report_comma(span: Span, diagnostics: Diagnostics, commas: list[Span]) -> None:
    """Say that a comma has to go."""
    commas.append(span)
    message = "a comma stands behind the last member of a list only inside brackets"
    help = "leave it out, as `agpc fmt` and `agpc upgrade` do"
    fixes = written(span, "", "safe")
    diagnostics.append(at("AGP1001", span, message, help=help, fixes=fixes))


_READ_ON = re.compile(
    r'"(?:[^"\\\r\n]|\\[^\r\n])*+"?|#[^\n]*+|'
    rf"(,)(?={_GAP}(?:revoke{_APART}when(?!\w)|asking{_APART}(?:approval|confirmation|step_up)(?!\w)|"
    rf"(?:context|user){_GAP}\{{))"
)


def check_former_commas(
    text: str, places: Offsets, diagnostics: Diagnostics, commas: list[Span]
) -> None:
    """Report commas of a file in version 1 that are no mistake now, and part other members than then.

    `to a, revoke when E` would name an agent `revoke`, `agents f = a, user { … }` a member `user`.
    """
    for found in _READ_ON.finditer(text):
        span = places.span(found.start(), found.end())
        if found[1] and span not in commas:
            report_comma(span, diagnostics, commas)
