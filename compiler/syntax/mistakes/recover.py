"""Go on after a mistake, so that one does not hide the next.

The mistake is reported, and then the smallest change that lets the parser read on is made up: a
word that was meant, a sign that is missing, a token too many. Else what is broken is passed over,
up to where the next clause or statement begins, and what is whole still reaches the tree.
"""

from __future__ import annotations

from ....grammar import END
from ...report.diagnostics import at
from ...report.fixes import Certainty, Edit, Fix, apart, written
from ...report.source import Span
from ...structs import changed
from ...text.suggestions import Suggestion
from .. import tree as syntax
from ..characters import MAX_ERRORS
from ..machine import (
    CLOSERS,
    Machine,
    Token,
)
from ..stacks import Stack
from . import habits
from .ahead import ITEMS, Ahead
from .expected import (
    CLAUSES,
    STATEMENTS,
    TEST_CLAUSES,
    either,
    phrases,
)
from .idioms import FoundIdiom, idiom
from .last_commas import read_without_comma
from .messages import (
    AHEAD,
    OPENERS,
    begins_line,
    follows_nonsense,
    report,
    unclosed,
    unexpected,
)
from .misplaced import beyond
from .substitutes import substitute

KEYWORDS = STATEMENTS | CLAUSES | TEST_CLAUSES
INSERTABLE = (",", ")", "]", ":", "=", "(", "{", "}")


class Recovery:
    """The mistakes of one parse."""

    def __init__(
        self, machine: Machine, passed_over: list[tuple[int, int]], commas: list[Span]
    ) -> None:
        """Watch over a machine, and note stretches that it does not read, and needless commas."""
        self.machine = machine
        self.passed_over = passed_over
        self.commas = commas
        self.errors = 0
        self._told = False
        self._ahead = Ahead(machine)

    def go_on(self, token: Token) -> bool:
        """Report a token that cannot stand, and let the machine go on; False to give up."""
        self.errors += 1
        if self.errors > MAX_ERRORS:
            return False
        machine = self.machine
        if read_without_comma(machine, token, self._ahead.fits, self.commas):
            return True
        if self._beyond_allow(token):
            return True
        expected = machine.stack.expected
        phrase = idiom(machine.text, token.start, expected)
        if phrase is not None:
            return self._instead_of(phrase, token)
        if self._replace(token, expected) or self._close(token):
            return True
        habit = self._habit(token, expected)
        if habit is not None:
            if not follows_nonsense(self.machine, token):
                report(self.machine, "AGP1010", token, habit.message, habit.help)
            return self._pass_over_quietly(token)
        if self._misspelt(token, expected):
            return True
        elif (taken := self._taken_for_name()) is not None:
            unexpected(self.machine, taken, machine.stacks[-2].expected)
            machine.cut(len(machine.values))
            return self._pass_over(taken)
        else:
            told = len(machine.diagnostics)
            unexpected(self.machine, token, expected)
            self._told = len(machine.diagnostics) > told
            if self._insert(token, expected) or self._leave_out(token):
                return True
        return self._pass_over(token)

    def too_deep(self) -> bool:
        """Report nesting that goes too deep, and pass over what holds it."""
        machine = self.machine
        machine.too_deep = False
        token = machine.scan(machine.stack, machine.pos)
        report(
            self.machine,
            "AGP1007",
            Token("", "", machine.starts[-1], machine.ends[-1]),
            f"this is nested more than {machine.deepest} deep",
            "name parts of it with `let`",
        )
        return self._pass_over(token)

    # --- small changes ----------------------------------------------------------------------------

    def _beyond_allow(self, token: Token) -> bool:
        """Take a `when` or `require` that an `allow` cannot take any more for the whole grant's."""
        machine = self.machine
        if token.text not in ("when", "require") or not self._ahead.completes("}"):
            return False
        self._complete()
        below = machine.stack.below
        if below is None or machine.stack.state != below.begun.get("_clauses_to_allow"):
            return False
        allow = machine.values[-1][-1]
        if not isinstance(allow, syntax.AllowClause):
            return False
        span = machine.places.span(token.start, token.end)
        machine.diagnostics.append(beyond(token.text, span, allow))
        machine.stack = below.after("_clauses")  # as after any other clause
        return True

    def _instead_of(self, phrase: FoundIdiom, token: Token) -> bool:
        """Report a phrase of another language once, and go on after it."""
        machine = self.machine
        span = machine.places.span(phrase.start, phrase.end)
        machine.odd.mute(token.start)
        if not follows_nonsense(self.machine, token):
            fixes: tuple[Fix, ...] = ()
            if phrase.fix is not None:
                start, end, text = phrase.fix
                fixes = written(machine.places.span(start, end), text, "likely")
            found = at("AGP1010", span, phrase.message, help=phrase.help, fixes=fixes)
            machine.diagnostics.append(found)
        if phrase.instead is None:
            return self._pass_over_quietly(token)
        for key, text in phrase.instead:
            if not machine.feed(Token(key, text, token.start, token.start)):
                break
        machine.pos = token.start if phrase.keeps else phrase.end
        return True

    def _replace(self, token: Token, expected: set[str]) -> bool:
        """Take a habit of another language for what it means."""
        machine = self.machine
        found = substitute(machine.text, token, expected)
        if found is None:
            return False
        span = machine.places.span(found.start, found.end)
        last = machine.diagnostics[-1] if machine.diagnostics else None
        if last is None or last.labels[0].span != span:  # else it has been reported as no token
            again = last is not None and last.message == found.message
            if not (again and last is not None and last.labels[0].span.line == span.line):
                edits = tuple(
                    Edit(machine.places.span(start, end), apart(machine.text, start, end, text))
                    for start, end, text in found.edits
                )
                certainty: Certainty = "safe" if found.is_read_so else "likely"
                title = f"write `{edits[0].text}`" if edits and edits[0].text else found.help
                fixes = (Fix(title, edits, certainty),) if edits else ()
                machine.diagnostics.append(
                    at("AGP1010", span, found.message, help=found.help, fixes=fixes)
                )
        for key, text in found.instead:
            if not machine.feed(Token(key, text, token.start, found.end)):
                break
        machine.pos = found.end if found.after is None else found.after
        return True

    def _misspelt(self, token: Token, expected: set[str]) -> bool:
        """Take a misspelt keyword for the keyword."""
        if token.key != "%NAME" or "%NAME" in expected:
            return False
        from difflib import get_close_matches  # a policy without mistakes does not pay for it

        words = [key for key in expected if key[0].isalpha()]
        count = 1 if begins_line(self.machine, token) else AHEAD
        for word in get_close_matches(token.text.lower(), words, n=2, cutoff=0.7):
            if self._ahead.fits(self.machine.stack, [word], token.end, count):
                message = f"expected {either(phrases(expected)[:4])}, found `{token.text}`"
                report(self.machine, "AGP1001", token, message, Suggestion.of(token.text, word))
                return self.machine.feed(token._replace(key=word, text=word))
        return False

    def _taken_for_name(self) -> Token | None:
        """Find the keyword that was read as a name, since something is missing before it."""
        machine = self.machine
        if not machine.values:
            return None
        start, end = machine.starts[-1], machine.ends[-1]
        token = Token("", machine.text[start:end], start, end)
        is_keyword = token.text in KEYWORDS
        is_name = isinstance(machine.values[-1], syntax.Name)
        return token if is_keyword and is_name and begins_line(self.machine, token) else None

    def _insert(self, token: Token, expected: set[str]) -> bool:
        """Make up a sign that is missing, also in the place of another one."""
        machine = self.machine
        for sign in INSERTABLE:
            if sign not in expected:
                continue
            if self._ahead.fits(machine.stack, [sign], token.start, 2):
                end = machine.ends[-1] if machine.ends else token.start
                self._offer(end, end, f" {sign}" if sign in "={" else sign)
                return machine.feed(Token(sign, sign, end, end))
            if token.key in ("=", ":", "==", ".", ",") and self._ahead.fits(
                machine.stack, [sign], token.end, 2
            ):
                return machine.feed(token._replace(key=sign, text=sign))
        return False

    def _leave_out(self, token: Token) -> bool:
        """Pass over one token."""
        if token.key == END or token.key in CLOSERS:
            return False
        closes_nothing = token.key in OPENERS and not self.machine.brackets
        if not closes_nothing and not self._ahead.fits(self.machine.stack, [], token.end):
            return False
        self.machine.pos = token.end
        self.passed_over.append((token.start, token.end))
        self._offer(token.start, token.end, "")
        return True

    def _offer(self, start: int, end: int, text: str) -> None:
        """Give what was just reported the fix that parsing goes on with."""
        if self._told:
            found = self.machine.diagnostics
            fixes = written(self.machine.places.span(start, end), text, "likely")
            found[-1] = changed(found[-1], fixes=fixes)

    def _close(self, token: Token) -> bool:
        """Close blocks that were left open, where the next statement or the end of the file is."""
        machine = self.machine
        is_statement = token.text in STATEMENTS and begins_line(self.machine, token)
        if not is_statement and token.key != END:
            return False
        opened = [each for each in machine.brackets if each.key == "{"]
        count = len(machine.brackets)
        if not opened or len(opened) != count or not self._ahead.at_item():
            return False
        if not self._ahead.fits(machine.stack, ["}"] * count, token.start):
            return False
        unclosed(self.machine, token, opened[-1])
        self._close_all()
        return True

    # --- passing over -----------------------------------------------------------------------------

    def _pass_over_quietly(self, token: Token) -> bool:
        """Skip what belongs to a mistake that has been reported, with all that is odd in it."""
        odd = self.machine.odd
        odd.is_quiet = True
        goes_on = self._pass_over(token)
        odd.is_quiet = False
        return goes_on

    def _pass_over(self, token: Token) -> bool:
        """Skip to where a clause or a statement begins, or ends."""
        machine = self.machine
        began = token.start
        after_block = bool(machine.values) and machine.values[-1] == "}"
        taken = machine.ends[-1] if machine.ends else 0
        on_next_line = "\n" in machine.text[taken : token.start]  # also after tokens left out
        if after_block or (token.start >= machine.pos and on_next_line):
            self._complete()
        anchors = self.anchors()
        if not anchors:
            return False
        stacks = machine.stacks
        outermost = stacks[anchors[-1][0]]
        closers = [CLOSERS[each.key] for each in machine.brackets]
        pos = token.start
        while True:
            token = machine.scan(stacks[0], pos)
            if token.key == "}" and "}" in closers:
                while closers[-1] != "}":
                    closers.pop()
            for anchor, level in anchors:
                moved = token.start > began or anchor + 1 < len(stacks)
                inside = level == len(closers) or self._left_open(token, level, closers)
                # a keyword that begins a line is believed sooner, or a second mistake would hide
                count = 2 if token.text in KEYWORDS and begins_line(self.machine, token) else AHEAD
                if moved and inside and self._ahead.fits(stacks[anchor], [], token.start, count):
                    self._give_up(anchor + 1, began, token.start)
                    machine.pos = token.start
                    return True
            if token.key == END or self._is_next_statement(token, outermost, token.start > began):
                self._give_up(anchors[0][0] + 1, began, token.start)
                self._close_all()
                machine.pos = token.start
                return True
            if token.key in CLOSERS:
                closers.append(CLOSERS[token.key])
            elif closers and token.key == closers[-1]:
                closers.pop()
            pos = token.end

    def _give_up(self, height: int, began: int, end: int) -> None:
        """Forget what is above a height of the stack, and what follows up to an offset."""
        machine = self.machine
        start = machine.starts[height - 1] if height <= len(machine.starts) else began
        self.passed_over.append((start, end))
        machine.cut(height)

    def anchors(self) -> list[tuple[int, int]]:
        """Find where on the stack an item may begin, innermost first: (index, open brackets)."""
        machine = self.machine
        innermost: dict[int, int] = {}
        for index, stack in enumerate(machine.stacks):
            if stack.begins(ITEMS):
                innermost[sum(each.height <= index for each in machine.brackets)] = index
        return sorted(((index, level) for level, index in innermost.items()), reverse=True)

    def begins_item(self, token: Token) -> bool:
        """Whether a token is a keyword of statements or clauses that begins a line."""
        return token.text in KEYWORDS and begins_line(self.machine, token)

    def _left_open(self, token: Token, level: int, closers: list[str]) -> bool:
        """Whether a clause begins a line, with only parentheses or lists left open before it."""
        return (
            token.text in KEYWORDS
            and level < len(closers)
            and begins_line(self.machine, token)
            and "}" not in closers[level:]
        )

    def _is_next_statement(self, token: Token, stack: Stack, moved: bool) -> bool:
        """Whether a line begins with what begins a statement, or should."""
        machine = self.machine
        if machine.places.span(token.start, token.start).column != 1:
            return False
        if moved and habits.at_statement(machine.text, token.start):
            return True
        return token.text in STATEMENTS and self._ahead.fits(stack, [], token.start, 1)

    def _complete(self) -> None:
        """Reduce a clause or a statement that is whole, so that it is not lost."""
        machine = self.machine
        place = machine.ends[-1] if machine.ends else 0
        _ = machine.complete("}", place, ITEMS) or machine.complete(END, place, ITEMS)

    def _close_all(self) -> None:
        machine = self.machine
        while machine.brackets:
            place = machine.ends[-1]
            if not machine.stack.takes("}"):
                self._give_up(machine.brackets[-1].height, place, place)
            else:
                machine.feed(Token("}", "}", place, place))

    # --- messages ---------------------------------------------------------------------------------

    def _habit(self, token: Token, expected: set[str]) -> habits.Habit | None:
        text, start = self.machine.text, token.start
        is_call = token.text == "(" and bool(self.machine.starts)  # as in `forbid(`
        if "grant" in expected or is_call:
            habit = habits.at_statement(text, self.machine.starts[-1] if is_call else start)
            if habit is not None:
                return habit
        if "allow" in expected:
            habit = habits.at_clause(text, start)
            if habit is not None:
                return habit
        return habits.at_declaration(text, start, expected) or habits.at_condition(
            text, start, expected
        )
