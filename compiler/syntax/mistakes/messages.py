"""What is said of a token that cannot stand where it does."""

from __future__ import annotations

from ....grammar import END
from ...report.diagnostics import Label, at
from ..machine import (
    CLOSERS,
    Bracket,
    Machine,
    Token,
)
from .expected import (
    either,
    found,
    how_to_write,
    phrases,
)
from .habits import NEAR
from .shapes import shape
from .unreadable import NONSENSE

AHEAD = 3  # tokens that have to fit for a change to be believed
OPENERS = {closer: opener for opener, closer in CLOSERS.items()}


def unexpected(machine: Machine, token: Token, expected: set[str]) -> None:
    """Report a token that cannot stand, with what could have stood there."""
    wanted = phrases(expected)
    shown = either(wanted[:5]) if wanted else "nothing"
    stands = found(token.key, token.text)
    advice = how_to_write(wanted)
    if token.key in ("%PATH", "%WILDCARD") and "%NAME" in expected and "%PATH" not in expected:
        advice = "a name that is declared here has no dots"
    elif token.text == "package" and "grant" in expected:
        advice = "a file has one `package`, which comes first"
    elif token.text == "language" and "grant" in expected:
        advice = "a file has one `language 2`, which comes first, before its `package`"
    elif token.key in OPENERS and not machine.brackets:
        advice = f"no `{OPENERS[token.key]}` waits for it"
    elif "==" in expected and machine.values[-1] in ("true", "false"):
        advice = "a condition compares something; leave out what is always so"
    elif advice is None and token.key != END:
        before = machine.text[max(0, token.start - NEAR) : token.start]
        advice = shape(before, expected)
    also: tuple[Label, ...] = ()
    brackets = machine.brackets
    if brackets and token.key != CLOSERS[brackets[-1].key]:
        is_closer = token.key == END or token.key in OPENERS
        is_list = brackets[-1].key != "{" and CLOSERS[brackets[-1].key] in expected
        if is_closer or (is_list and begins_line(machine, token)):
            also = (opening(machine, brackets[-1]),)
    span = machine.places.span(token.start, token.end)
    if follows_nonsense(machine, token) or any(
        each.labels[0].span == span for each in machine.diagnostics[-AHEAD:]
    ):
        return  # as of text that is not a token, and of which something was made up
    machine.diagnostics.append(
        at(
            "AGP1001",
            span,
            f"expected {shown}, found {stands}",
            help=advice,
            also=also,
        )
    )


def follows_nonsense(machine: Machine, token: Token) -> bool:
    """Whether text that is not a token was just reported, and this stands right behind it."""
    if not machine.diagnostics:
        return False
    last = machine.diagnostics[-1]
    place, here = last.labels[0].span, machine.places.span(token.start, token.start)
    gap = here.column - place.end_column
    return (
        last.message.endswith(NONSENSE)
        and place.end_line == here.line
        and gap >= 0
        and not machine.text[token.start - gap : token.start].strip()
    )


def unclosed(machine: Machine, token: Token, bracket: Bracket) -> None:
    """Report a block that is left open before a token."""
    machine.diagnostics.append(
        at(
            "AGP1001",
            machine.places.span(token.start, token.end),
            f"expected `}}`, found {found(token.key, token.text)}",
            help="close the block before this",
            also=(opening(machine, bracket),),
        )
    )


def opening(machine: Machine, bracket: Bracket) -> Label:
    """Show where a bracket was opened."""
    place = machine.places.span(bracket.start, bracket.start + 1)
    return Label(place, "this is not closed")


def report(machine: Machine, code: str, token: Token, message: str, help: str) -> None:
    """Report a token."""
    span = machine.places.span(token.start, token.end)
    machine.diagnostics.append(at(code, span, message, help=help))


def begins_line(machine: Machine, token: Token) -> bool:
    """Whether only blanks stand before a token on its line."""
    text, place = machine.text, token.start - 1
    while place >= 0 and text[place] in " \t":
        place -= 1
    return place < 0 or text[place] in "\n\ufeff"
