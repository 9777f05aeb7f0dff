"""Values for what facts are about: equal ones merged, numbers as differences, texts told apart."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

from .....runtime.values import NANOSECONDS
from ....ir import nodes as ir
from ....meaning.request import BELOW_ALL
from ....structs import Struct, field
from ..cubes.cube import NOW_KEY
from ..domains.texts import OneOf, Texts
from ..domains.values import (
    Body,
    Finite,
    Intervals,
    Kind,
    Lists,
    OrNothing,
    everything,
    is_empty,
    meet,
)
from ..effort import Effort
from ..verdict import Undetermined
from .differences import (
    UNEQUAL,
    ZERO,
    Differences,
    Limit,
    Spans,
    Sum,
)
from .instants import instant
from .single_values import Term, ValueFacts

MAX_TRIES = 20_000


class Assignment(Struct, frozen=False):
    """A search for a value of each term that facts speak of, lists aside."""

    facts: ValueFacts
    windows: list[tuple[ir.Window, bool]]
    effort: Effort
    _head: dict[Term, Term] = field(default_factory=dict)
    _bodies: dict[Term, Body] = field(default_factory=dict)

    def run(self) -> dict[Term, Any] | None:
        """Give values, or None if there are provably none. Raises `Undetermined`."""
        if not self._merge():
            return None
        found = self._numbers()
        if found is None:
            return None
        texts = self._texts()
        if texts is None:
            return None
        found |= texts
        return {term: found[self.head(term)] for term in self._head}

    def head(self, term: Term) -> Term:
        """The one that stands for all that are equal to a term."""
        while self._head[term] != term:
            term = self._head[term]
        return term

    def _merge(self) -> bool:
        scalars = {
            term: body for term, body in self.facts.bodies.items() if not isinstance(body, Lists)
        }
        self._head = {term: term for term in scalars}
        for one, other in self.facts.equal:
            if self._are_alike(one, other):
                self._head[self.head(other)] = self.head(one)
        for term, body in scalars.items():
            head = self.head(term)
            self._bodies[head] = meet(self._bodies[head], body) if head in self._bodies else body
        return not any(
            not isinstance(each, Texts | Lists) and is_empty(each) for each in self._bodies.values()
        )

    def _are_alike(self, one: Term, other: Term) -> bool:
        """Whether equal ones have one value: those of a type, and all texts."""
        bodies = self.facts.bodies
        return one.type == other.type or all(
            isinstance(bodies[each], Texts) for each in (one, other)
        )

    # --- numbers, ranks and times ---

    def _numbers(self) -> dict[Term, Any] | None:
        differences = Differences(self.effort)
        at: dict[Term, int] = {}
        for term, body in self._bodies.items():
            if isinstance(body, Texts):
                continue
            pick: Callable[[Spans], float | None] = partial(nicest, body)
            if NOW_KEY in self._head and self.head(NOW_KEY) == term:
                pick = partial(instant, windows=self.windows, effort=self.effort)
            coarse = _kind_of(body) == "duration"
            at[term] = differences.variable(pick, coarse=coarse)
            differences.limits.append(Limit(at[term], ZERO, on_line(body)))
        if NOW_KEY in self._head:
            differences.first.append(at[self.head(NOW_KEY)])
        limits = list(self.facts.limits)
        for one, other in self.facts.equal:
            if not self._are_alike(one, other):
                limits.append((one, other, ((0, 0),)))
        for one, other in self.facts.unequal:
            if self.head(one) in at:
                limits.append((one, other, UNEQUAL))
        for one, other, spans in limits:
            left, right = at[self.head(one)], at[self.head(other)]
            differences.limits.append(Limit(left, right, spans))
        for whole, one, other in self.facts.sums:
            differences.sums.append(Sum(*(at[self.head(each)] for each in (whole, one, other))))
        found = differences.solve() if at else []
        if found is None:
            return None
        return {term: off_line(self._bodies[term], found[number]) for term, number in at.items()}

    # --- texts ---

    def _texts(self) -> dict[Term, str] | None:
        terms = [term for term, body in self._bodies.items() if isinstance(body, Texts)]
        others: dict[Term, set[Term]] = {term: set() for term in terms}
        for one, other in self.facts.unequal:
            left, right = self.head(one), self.head(other)
            if left in others:
                if left == right:
                    return None
                others[left].add(right)
                others[right].add(left)
        tried: dict[Term, list[str]] = {}
        few = set()
        for term in terms:
            body = self._bodies[term]
            assert isinstance(body, Texts)
            # One more than it has to differ from, so that one is left that none of them is.
            tried[term] = list(islice(body.members(), len(others[term]) + 1))
            if not tried[term]:
                return None
            if len(tried[term]) <= len(others[term]) and not any(
                isinstance(each, OneOf) for each in body.inside
            ):
                few.add(term)
        terms.sort(key=lambda term: len(tried[term]) - len(others[term]))
        found = self._told_apart(terms, tried, others)
        if found is None and few:
            raise Undetermined("too few texts are known of those that have to differ")
        return found

    def _told_apart(
        self, terms: list[Term], tried: dict[Term, list[str]], others: dict[Term, set[Term]]
    ) -> dict[Term, str] | None:
        found: dict[Term, str] = {}
        choices = [iter(tried[term]) for term in terms[:1]]
        tries = 0
        while choices:
            term = terms[len(choices) - 1]
            found.pop(term, None)
            text = next(choices[-1], None)
            tries += 1
            self.effort.spend(1)
            if tries > MAX_TRIES:
                raise Undetermined("too many combinations of values to try")
            if text is None:
                choices.pop()
            elif all(found.get(each) != text for each in others[term]):
                found[term] = text
                if len(found) == len(terms):
                    return found
                choices.append(iter(tried[terms[len(choices)]]))
        return None if terms else {}


def on_line(body: Body) -> Spans:
    """Where the values of a set are on a line of whole numbers."""
    match body:
        case Finite():
            return [(rank, rank) for rank in body.members()]
        case Intervals("number", spans):
            return [(order_of(low), order_of(high)) for low, high in spans]
        case Intervals(_, spans):
            return spans
        case OrNothing(nothing, values):
            below = [(below_all(values), below_all(values))] if nothing else []
            return [*below, *on_line(values)]
        case _:
            pass
    raise AssertionError(f"no numbers: {body}")


def off_line(body: Body, place: float) -> Any:
    """The value at a place."""
    if isinstance(body, OrNothing) and place == below_all(body.values):
        return BELOW_ALL
    return double_of(int(place)) if _kind_of(body) == "number" else int(place)


def below_all(values: Finite | Intervals) -> float:
    """The place of nothing: the last one below all values of the type."""
    low = on_line(everything(values))[0][0]
    return low - (NANOSECONDS if _kind_of(values) == "duration" else 1)


def nicest(body: Body, spans: Spans) -> float | None:
    """Of the places in spans the one that makes the most readable value."""
    if isinstance(body, OrNothing):
        if spans[0][0] == below_all(body.values):
            return spans[0][0]
        return nicest(body.values, spans)
    if isinstance(body, Finite):
        return spans[0][0]
    assert isinstance(body, Intervals)
    kind: Kind = body.kind
    if kind == "number":
        doubles = tuple((double_of(int(low)), double_of(int(high))) for low, high in spans)
        return order_of(next(Intervals(kind, doubles).members()))
    return next(Intervals(kind, tuple(spans)).members())


def _kind_of(body: Body) -> Kind | None:
    values = body.values if isinstance(body, OrNothing) else body
    return values.kind if isinstance(values, Intervals) else None


def order_of(number: float) -> int:
    """The place of a double among all, zero at zero."""
    (bits,) = struct.unpack("<q", struct.pack("<d", abs(number)))
    return int(bits) if number >= 0 else -int(bits)


def double_of(place: int) -> float:
    """The double at a place."""
    (number,) = struct.unpack("<d", struct.pack("<q", abs(place)))
    return float(number) if place >= 0 else -float(number)
