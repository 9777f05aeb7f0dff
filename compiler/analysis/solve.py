"""Whether a cube holds in some request, and what its attributes are there.

Without relations every attribute is by itself. With them, attributes that are equal are merged, and
the rest is a search over candidates that is complete for equality and order: a solution with the
least values has each of them within a few steps of the edge of some interval. What that does not
cover is answered with a solution, or with `Undetermined`, never with a proof.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ...runtime.values import NANOSECONDS
from .. import interpreter, ir
from ..interpreter import ABSENT, MALFORMED
from ..walk import NOW, attributes
from .cubes import Cube, Key, key_of
from .texts import OneOf, Texts
from .times import candidates_of_time, windows_exclude_each_other
from .values import V6_START, Body, Finite, Intervals, Lists, Values, after, body_of, holds
from .verdict import Undetermined

MAX_TRIES = 20_000
MANY = 8  # members of one set to try

Model = dict[Key, Any]
"""What each attribute is, in comparable form, or ABSENT or MALFORMED."""


def solve(cube: Cube, policy: ir.Policy) -> Model | None:
    """Give values that make a cube hold, or None where there are provably none.

    Raises `Undetermined`.
    """
    if any(values.is_empty() for values in cube.values.values()):
        return None
    search = Search(cube, policy)
    if not search.tests:
        return {key: simplest(values) for key, values in cube.values.items()}
    return search.run()


def simplest(values: Values) -> Any:
    """The value that makes the smallest witness."""
    if values.absent:
        return ABSENT
    if values.body is not None:
        member = next(iter(values.body.members()), None)
        if member is not None:
            return member
    return MALFORMED


class Assigned(interpreter.Call):
    """A call whose attributes are given, so that the interpreter judges a relation."""

    def __init__(self, policy: ir.Policy, model: Model) -> None:
        """Take what each attribute is."""
        self.policy = policy
        self.model = model
        now = model.get(key_of(NOW), ABSENT)
        self.now = now if isinstance(now, int) else None

    def read_attribute(self, attribute: ir.Attribute) -> Any:
        """What the model says."""
        value = self.model.get(key_of(attribute), ABSENT)
        return spread(value, attribute.type, self.policy)


def spread(value: Any, type_: ir.Type, policy: ir.Policy) -> Any:
    """A member of a set as the interpreter has it: enum members by name, addresses as pairs."""
    if value is ABSENT or value is MALFORMED:
        return value
    match type_:
        case ir.EnumType(name):
            return policy.members_of[name][value]
        case ir.Scalar("bool"):
            return bool(value)
        case ir.Scalar("ip"):
            return (32, int(value)) if value < V6_START else (128, int(value) - V6_START)
        case ir.ListType(of):
            return [spread(each, of, policy) for each in value]
    return value


@dataclass(slots=True)
class Search:
    """A search for values of the attributes that relations tie together."""

    cube: Cube
    policy: ir.Policy
    tests: list[tuple[frozenset[Key], Callable[[Model], bool]]] = field(default_factory=list)
    leaves: list[tuple[ir.Condition, bool]] = field(default_factory=list)
    windows: list[tuple[ir.Window, bool]] = field(default_factory=list)
    ages: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sort the relations by what they need."""
        for what, truth in sorted(self.cube.relations, key=repr):
            if isinstance(what, ir.Window):
                self.windows.append((what, truth))
            elif not isinstance(what, ir.Approval | ir.StepUp):
                self.leaves.append((what, truth))
        self.ages = [key for key in self.cube.values if key.aged]
        for leaf, truth in self.leaves:
            keys = frozenset(key_of(each) for each, _ in attributes(leaf))
            self.tests.append((keys, self._leaf_test(leaf, truth)))
        for window, truth in self.windows:
            self.tests.append((frozenset((key_of(NOW),)), self._window_test(window, truth)))
        for key in self.ages:
            time = Key(key.root, key.path, ir.TIME)
            values = self.cube.values[key]
            self.tests.append((frozenset((key_of(NOW), time)), self._age_test(time, values)))

    def _leaf_test(self, leaf: ir.Condition, wanted: bool) -> Callable[[Model], bool]:
        return lambda model: interpreter.truth(leaf, Assigned(self.policy, model)) is wanted

    def _window_test(self, window: ir.Window, wanted: bool) -> Callable[[Model], bool]:
        def test(model: Model) -> bool:
            now = model[key_of(NOW)]
            known = now if isinstance(now, int) else None
            return interpreter.in_window(window, known) is wanted

        return test

    def _age_test(self, time: Key, values: Values) -> Callable[[Model], bool]:
        def test(model: Model) -> bool:
            now, then = model[key_of(NOW)], model[time]
            if not isinstance(now, int) or not isinstance(then, int) or then > now:
                return values.absent
            return values.body is not None and holds(values.body, now - then)

        return test

    # --- the search ---

    def run(self) -> Model | None:
        """Give a solution, or None if there is provably none."""
        tied = sorted({key for keys, _ in self.tests for key in keys}, key=str)
        groups = self._merge(tied)
        if groups is None:
            return None
        model: Model = {
            key: simplest(values)
            for key, values in self.cube.values.items()
            if key not in tied and not key.aged
        }
        candidates = self._candidates(groups)
        solution = self._try(list(groups), candidates, groups)
        if solution is not None:
            return {**model, **solution}
        if self._is_complete(groups, candidates):
            return None
        raise Undetermined("the procedure found no values for what the rules relate, and no proof")

    def _merge(self, tied: list[Key]) -> dict[Key, tuple[list[Key], Values]] | None:
        """Put attributes that have to be equal into one group; None if a group can have no value."""
        leader = {key: key for key in tied}

        def find(key: Key) -> Key:
            while leader[key] != key:
                key = leader[key]
            return key

        for leaf, truth in self.leaves:
            if truth and is_equality(leaf):
                left, right = (find(key_of(each)) for each, _ in attributes(leaf))
                leader[max(left, right, key=str)] = min(left, right, key=str)
        groups: dict[Key, tuple[list[Key], Values]] = {}
        for key in tied:
            values = self.cube.values.get(key) or Values(True, True, self._whole(key))
            head = find(key)
            members, so_far = groups.get(head, ([], values))
            both = so_far & values
            groups[head] = ([*members, key], both)
        if any(values.is_empty() for _, values in groups.values()):
            return None
        return groups

    def _whole(self, key: Key) -> Body:
        return body_of(key.type, self.policy)

    def _candidates(self, groups: dict[Key, tuple[list[Key], Values]]) -> dict[Key, list[Any]]:
        """What to try for each group."""
        found: dict[Key, list[Any]] = {}
        edges = [
            low
            for _, values in groups.values()
            if isinstance(values.body, Intervals)
            for low, _ in values.body.spans
        ]
        for head, (_, values) in groups.items():
            listed: list[Any] = (
                [] if values.body is None else list(islice(values.body.members(), MANY))
            )
            body = values.body
            if isinstance(body, Intervals):
                for edge in edges:
                    at = edge
                    for _step in range(len(groups) + 1):
                        if body.contains(at):
                            listed.append(at)
                        at = after(at, body.kind)
            if isinstance(body, Finite):
                listed = list(body.members())
            found[head] = listed
        self._add_times(groups, found)
        self._share(groups, found)
        for head, (_, values) in groups.items():
            if values.absent:
                found[head].append(ABSENT)
            if values.malformed and not values.absent:
                found[head].append(MALFORMED)
            found[head] = once(found[head])
        return found

    def _add_times(
        self, groups: dict[Key, tuple[list[Key], Values]], found: dict[Key, list[Any]]
    ) -> None:
        """Instants inside the windows, and those that give the ages asked for."""
        now = next((head for head, (keys, _) in groups.items() if key_of(NOW) in keys), None)
        if now is None:
            return
        body = groups[now][1].body
        if body is not None:
            assert isinstance(body, Intervals)
            found[now] = [*candidates_of_time(body, self.windows), *found[now]]
        for key in self.ages:
            time = Key(key.root, key.path, ir.TIME)
            head = next(h for h, (keys, _) in groups.items() if time in keys)
            values, ages = groups[head][1], self.cube.values[key]
            steps = [] if ages.body is None else list(islice(ages.body.members(), MANY))
            for moment in found[now][:MANY]:
                for step in (*steps, *((-NANOSECONDS,) if ages.absent else ())):
                    if values.body is not None and holds(values.body, moment - step):
                        found[head].insert(0, moment - step)

    def _share(
        self, groups: dict[Key, tuple[list[Key], Values]], found: dict[Key, list[Any]]
    ) -> None:
        """Let related attributes try each other's values, and lists each other's elements."""
        for leaf, _ in self.leaves:
            heads = [
                next(h for h, (keys, _) in groups.items() if key_of(each) in keys)
                for each in dict.fromkeys(attribute for attribute, _ in attributes(leaf))
            ]
            pool: list[Any] = []
            for head in heads:
                for value in found[head][:MANY]:
                    pool.extend(value if isinstance(value, list) else (value,))
            pool = once(pool)
            for head in heads:
                body = groups[head][1].body
                if isinstance(body, Lists):
                    more: list[Any] = [[each] for each in pool]
                    more += [[*base, each] for base in found[head][:3] for each in pool]
                    more += [pool[:2], pool[:3], pool]
                    more.append([])
                    found[head] += [each for each in more if body.contains(each)]
                elif body is not None:
                    found[head] += [each for each in pool if body.contains(each)]

    def _try(
        self,
        heads: list[Key],
        candidates: dict[Key, list[Any]],
        groups: dict[Key, tuple[list[Key], Values]],
    ) -> Model | None:
        """Go through the candidates depth first, and test what is known as soon as it is."""
        heads = sorted(heads, key=lambda head: len(candidates[head]))
        tries = 0
        model: Model = {}

        def descend(depth: int) -> bool:
            nonlocal tries
            if depth == len(heads):
                return True
            keys, _ = groups[heads[depth]]
            for value in candidates[heads[depth]]:
                tries += 1
                if tries > MAX_TRIES:
                    raise Undetermined("too many combinations of values to try")
                for key in keys:
                    model[key] = value
                if all(
                    test(model)
                    for needed, test in self.tests
                    if not needed.isdisjoint(keys) and needed <= model.keys()
                ) and descend(depth + 1):
                    return True
                for key in keys:
                    del model[key]
            return False

        return dict(model) if descend(0) else None

    def _is_complete(
        self, groups: dict[Key, tuple[list[Key], Values]], candidates: dict[Key, list[Any]]
    ) -> bool:
        """Whether the candidates were enough for failure to be a proof."""
        if self.windows:
            return not self.ages and not self.leaves and windows_exclude_each_other(self.windows)
        if self.ages or not all(is_comparison(leaf) for leaf, _ in self.leaves):
            return False
        for head, (_, values) in groups.items():
            if isinstance(values.body, Texts):
                # So many that each of the others can be told from, or all that there are.
                few = any(isinstance(each, OneOf) for each in values.body.inside)
                if not few and len(candidates[head]) < len(groups):
                    return False
        return True


def is_comparison(leaf: ir.Condition) -> bool:
    """Whether a leaf compares two attributes, and no age."""
    return (
        isinstance(leaf, ir.Compare)
        and isinstance(leaf.left, ir.Attribute)
        and isinstance(leaf.right, ir.Attribute)
    )


def is_equality(leaf: ir.Condition) -> bool:
    """Whether a leaf says that two attributes are equal."""
    return is_comparison(leaf) and isinstance(leaf, ir.Compare) and leaf.op == "=="


def once(values: list[Any]) -> list[Any]:
    """The values without repetition, in order."""
    found: list[Any] = []
    for value in values:
        if not any(
            value is each or (type(value) is type(each) and value == each) for each in found
        ):
            found.append(value)
    return found
