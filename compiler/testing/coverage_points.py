"""What tests can show of a rule: that it decides, and of each of its parts what that can come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from ..ir import nodes as ir
from ..ir.printing.conditions import condition_text, requirement_text, window_text
from ..ir.walk import Leaf, attributes, leaves
from ..meaning import interpreter
from ..meaning.conditions import Truth, possibly_true, truth
from ..meaning.evidence import is_there
from ..meaning.request import Call
from ..report.source import Span
from ..structs import Struct, field

Kind: TypeAlias = Literal["decides", "overrides", "condition", "atom", "requirement", "time"]
Result: TypeAlias = Literal["decides", "overrides", "true", "false", "unknown", "met", "missing"]
ClauseWord: TypeAlias = Literal["", "when", "unless", "revoke when", "require", "valid", "during"]
Judged: TypeAlias = ir.Condition | ir.Requirement | ir.Validity | ir.Window | None

RESULTS: dict[Kind, tuple[Result, ...]] = {
    "decides": ("decides",),
    "overrides": ("overrides",),
    "condition": ("true", "false", "unknown"),
    "atom": ("true", "false", "unknown"),
    "requirement": ("met", "missing"),
    "time": ("true", "false", "unknown"),
}
OF_TRUTH: dict[Truth, Result] = {True: "true", False: "false", None: "unknown"}


class Point(Struct):
    """A rule itself, or a part of it: a condition, an atom of one, a requirement, a time.

    `counted` are the results that coverage counts, of all that it can come to. `number` tells the parts of
    a clause apart: which condition of the clause, and which atom of it.
    """

    rule: ir.Rule
    kind: Kind
    counted: tuple[Result, ...]
    span: Span
    clause: ClauseWord = ""
    number: tuple[int, int] = (0, 0)
    judged: Judged = None

    @property
    def key(self) -> tuple[str, str, str, tuple[int, int]]:
        """What no other point has."""
        return (self.rule.id, self.kind, self.clause, self.number)

    @property
    def results(self) -> tuple[Result, ...]:
        """All that it can come to."""
        return RESULTS[self.kind]

    @property
    def text(self) -> str:
        """The part as the language writes it; nothing for the rule itself."""
        match self.judged:
            case None:
                return ""
            case ir.Approval() | ir.StepUp() | ir.Confirmation():
                return requirement_text(self.judged)
            case ir.Window():
                return window_text(self.judged)
            case ir.Validity(start, end):
                edges = (("from", start), ("until", end))
                return " ".join(f"{word} {edge}" for word, edge in edges if edge is not None)
            case _:
                return condition_text(self.judged)


class PointRecord(Struct, frozen=False):
    """Which tests showed what of a point, and what none can show, with the reason."""

    point: Point
    shown: dict[Result, list[str]] = field(default_factory=dict)
    never: dict[Result, str] = field(default_factory=dict)
    open: dict[Result, str] = field(default_factory=dict)
    """Of what was not shown, why it is not known whether a test can show it."""

    @property
    def countable(self) -> tuple[Result, ...]:
        """The results that count."""
        return tuple(each for each in self.point.counted if each not in self.never)

    @property
    def covered(self) -> tuple[Result, ...]:
        """Of the results that count those that a test showed."""
        return tuple(each for each in self.countable if each in self.shown)

    def missing(self) -> Iterator[Result]:
        """What counts and was not shown."""
        return (each for each in self.countable if each not in self.shown)


# --- The points of a rule -------------------------------------------------------------------------


def points(rule: ir.Rule) -> Iterator[Point]:
    """All that tests can show of a rule, in the order in which it is written."""
    yield Point(rule, "decides", ("decides",), rule.span)
    if isinstance(rule, ir.Forbid):
        yield Point(rule, "overrides", (), rule.span)
        yield from _of_condition(rule, "when", 0, rule.condition)
        if rule.window is not None:
            yield Point(rule, "time", (), rule.span, "during", judged=rule.window)
        yield from _of_condition(rule, "unless", 0, rule.unless)
        yield from _of_evidence(rule, "unless", rule.unless_evidence)
        return
    yield from _of_condition(rule, "when", 0, rule.condition)
    yield from _of_evidence(rule, "require", rule.requirements)
    for number, condition in enumerate(rule.revoke):
        yield from _of_condition(rule, "revoke when", number, condition)
    if rule.validity is not None:
        yield Point(rule, "time", (), rule.span, "valid", judged=rule.validity)
    if rule.window is not None:
        yield Point(rule, "time", (), rule.span, "during", judged=rule.window)


def _of_condition(
    rule: ir.Rule, clause: ClauseWord, number: int, condition: ir.Condition | None
) -> Iterator[Point]:
    """The condition as a whole, where it is more than one atom, and each atom."""
    if condition is None:
        return
    atoms = list(leaves(condition))
    first = atoms[0].span or rule.span
    if len(atoms) > 1:
        yield Point(rule, "condition", (), first, clause, (number, 0), condition)
    for at, leaf in enumerate(atoms):
        if leaf.span is None and isinstance(leaf, ir.Has):
            continue  # which nobody wrote: a start says all that it has to
        span = leaf.span or rule.span
        yield Point(rule, "atom", _counted(leaf), span, clause, (number, at), leaf)


def _counted(leaf: Leaf) -> tuple[Result, ...]:
    """That an atom is true and false counts; that it is unknown does where the vocabulary says `?`."""
    if not isinstance(leaf, ir.Has) and any(each.optional for each, _ in attributes(leaf)):
        return ("true", "false", "unknown")
    return ("true", "false")


def _of_evidence(
    rule: ir.Rule, clause: ClauseWord, requirements: tuple[ir.Requirement, ...]
) -> Iterator[Point]:
    for number, each in enumerate(requirements):
        span = each.span or rule.span
        yield Point(rule, "requirement", (), span, clause, (number, 0), each)


# --- What a call shows ----------------------------------------------------------------------------


def result(point: Point, call: Call) -> Result | None:
    """What a part of a rule comes to in a call that the rule names; None where it is not asked for.

    The interpreter says. Evidence is asked for where all else of the rule holds.
    """
    match point.judged:
        case None:
            return None  # the decision says
        case ir.Approval() | ir.StepUp() | ir.Confirmation():
            if not _is_asked(point.rule, call):
                return None
            return "met" if is_there(point.judged, call) else "missing"
        case ir.Validity():
            return OF_TRUTH[interpreter.is_valid(point.judged, call.now)]
        case ir.Window():
            return OF_TRUTH[interpreter.in_window(point.judged, call.now)]
        case _:
            return OF_TRUTH[truth(point.judged, call)]


def _is_asked(rule: ir.Rule, call: Call) -> bool:
    if isinstance(rule, ir.Allow):
        return interpreter.allow_applies(rule, call)
    return possibly_true(rule.condition, call)
