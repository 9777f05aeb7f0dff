"""Why a condition is not what it should be: the tests in it that are to blame, and what they saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ..ir import nodes as ir
from ..ir.definite import Asked, Question, answer, definitely
from ..ir.printing.conditions import condition_text, term_text
from ..ir.walk import Leaf, attributes
from ..structs import Struct
from .conditions import Truth, truth
from .observed import (
    age_flaw,
    path_flaw,
    raw,
    seen,
    shown,
)
from .request import Call

MOST_ELEMENTS = 3  # of a list that are to blame and are shown
WORDS = {True: "true", False: "false", None: "unknown"}


class BlamedPart(Struct):
    """A part of a clause, its truth, and the tests in it that are to blame, each with its own."""

    condition: ir.Condition
    truth: Truth
    tests: tuple[SeenTest, ...]

    @property
    def text(self) -> str:
        """The part as the language writes it."""
        return condition_text(self.condition)

    @property
    def seen(self) -> tuple[str, ...]:
        """What is said of it: of a test alone what it saw, of several what each is and saw."""
        return tuple(
            line if self._is_one_test else f"`{each.text}` is {WORDS[each.truth]}: {line}"
            for each in self.tests
            for line in each.saw
        )

    @property
    def _is_one_test(self) -> bool:
        inner = self.condition.part if isinstance(self.condition, ir.Not) else self.condition
        return not isinstance(inner, ir.And | ir.Or | ir.Not)


class SeenTest(Struct):
    """One test of a condition, without the `not` before it, its truth, and what it saw."""

    leaf: Leaf
    truth: Truth
    saw: tuple[str, ...]

    @property
    def text(self) -> str:
        """The test as the language writes it."""
        return condition_text(self.leaf)


def blamed(condition: ir.Condition, call: Call, wanted: bool) -> Iterator[BlamedPart]:
    """The parts that keep a condition from being what is wanted.

    INVARIANT: each is what is wanted, or the condition is not. So a condition is taken apart only where
    all parts have to be what is wanted: at an `and` that has to be true, at an `or` that has to be
    false, and at the negation of the other one. What is left is shown whole, with its `not`.
    """
    found = truth(condition, call)
    if found is wanted:
        return
    match condition:
        case ir.And(parts) if wanted:
            for part in parts:
                yield from blamed(part, call, wanted)
        case ir.Or(parts) if not wanted:
            for part in parts:
                yield from blamed(part, call, wanted)
        case ir.Not(ir.Or(parts)) if wanted:
            for part in parts:
                yield from blamed(negated(part), call, wanted)
        case ir.Not(ir.And(parts)) if not wanted:
            for part in parts:
                yield from blamed(negated(part), call, wanted)
        case ir.Not(ir.Not(part)):
            yield from blamed(part, call, wanted)
        case _:
            yield BlamedPart(condition, found, tuple(tests(definitely(condition, wanted), call)))


def negated(condition: ir.Condition) -> ir.Condition:
    """The negation of a condition; of one with `not`, what stands behind it."""
    return condition.part if isinstance(condition, ir.Not) else ir.Not(condition)


def tests(question: Question, call: Call) -> Iterator[SeenTest]:
    """The leaves that keep a question from being answered with yes, from left to right."""
    if answer(question, lambda leaf, wanted: truth(leaf, call) is wanted, all, any):
        return
    if isinstance(question, Asked):
        leaf = question.leaf
        yield SeenTest(leaf, truth(leaf, call), tuple(seen_by(leaf, call)))
        return
    for part in question.parts:
        yield from tests(part, call)


def seen_by(leaf: Leaf, call: Call) -> Iterator[str]:
    """The value of each attribute that a test reads, and why it is unknown where the value is there."""
    once = dict.fromkeys(attribute for attribute, _ in attributes(leaf))
    remarks = dict(remarks_on(leaf, call))
    for attribute in once:
        yield seen(attribute, call) + remarks.get(attribute, "")
    if isinstance(leaf, ir.Quantified):
        yield from elements(leaf, call)


def remarks_on(leaf: Leaf, call: Call) -> Iterator[tuple[ir.Attribute, str]]:
    """What is odd about a value that is of its type, and still gives a test nothing to compare."""
    if (
        isinstance(leaf, ir.Under)
        and isinstance(leaf.item, ir.Attribute)
        and leaf.item.type == ir.STRING
    ):
        outer = _outer(leaf.path, call)
        flaw = path_flaw(raw(leaf.item, call), outer)
        if flaw is not None:
            yield leaf.item, f": {flaw}"
    if isinstance(leaf, ir.Under) and isinstance(leaf.path, ir.Attribute):
        outer = _outer(leaf.path, call)
        flaw = None if outer == "/" else path_flaw(outer, outer)
        if flaw is not None and leaf.path.type == ir.STRING:
            yield leaf.path, f": {flaw}"
    if isinstance(leaf, ir.Compare):
        for term in (leaf.left, leaf.right):
            if isinstance(term, ir.Age) and isinstance(term.of, ir.Attribute):
                flaw = age_flaw(call.read_attribute(term.of), call)
                if flaw is not None:
                    yield term.of, f": {flaw}"


def _outer(path: str | ir.Attribute, call: Call) -> object:
    return path if isinstance(path, str) else raw(path, call)


def elements(leaf: ir.Quantified, call: Call) -> Iterator[str]:
    """The elements that make the test of a list what it is, where not all of them do together."""
    values = call.read_attribute(leaf.list)
    if not isinstance(values, list):
        return
    name, written = term_text(leaf.list), raw(leaf.list, call)
    found = [truth(leaf.test, call, each) for each in values]
    whole = truth(leaf, call)
    if whole is leaf.is_every:
        return
    deciding = [at for at, each in enumerate(found) if each is whole]
    for at in deciding[:MOST_ELEMENTS]:
        flaw = element_flaw(leaf.test, written[at], values[at], call)
        why = "" if flaw is None else f": {flaw}"
        yield f"for `{name}[{at}]`, {shown(written[at])}, it is {WORDS[whole]}{why}"
    if len(deciding) > MOST_ELEMENTS:
        yield f"and so it is for {len(deciding) - MOST_ELEMENTS} more"


def element_flaw(test: ir.Condition, written: object, value: object, call: Call) -> str | None:
    """Say why the test of one element is unknown, where the element is why."""
    match test:
        case ir.Not(inner):
            return element_flaw(inner, written, value, call)
        case ir.Under(ir.Element(ir.STRING), path):
            return path_flaw(written, _outer(path, call))
        case ir.Compare(_, ir.Age(ir.Element()), _) | ir.Compare(_, _, ir.Age(ir.Element())):
            return age_flaw(value, call)
        case (
            ir.And()
            | ir.Or()
            | ir.Compare()
            | ir.In()
            | ir.ListTest()
            | ir.Like()
            | ir.Under()
            | ir.Within()
            | ir.Has()
            | ir.Quantified()
        ):
            pass
        case _:
            assert_never(test)
    return None
