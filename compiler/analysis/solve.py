"""Whether a cube holds in some request, and what its attributes are there.

Without relations every attribute is by itself. With them, attributes that are equal are merged, and
the rest is a search over candidates that is complete for equality and order: a solution with the
least values has each of them within a few steps of the edge of some interval. What that does not
cover is answered with a solution, or with `Undetermined`, never with a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...runtime.values import NANOSECONDS
from .. import interpreter, ir
from ..interpreter import ABSENT, MALFORMED
from ..walk import NOW, attributes
from .cubes import Cube, Key, key_of
from .effort import Effort, cost_of
from .texts import OneOf, Texts
from .times import candidates_of_time, is_short, windows_exclude_each_other
from .values import V6_START, Finite, Intervals, Lists, Values, after, body_of, holds, intervals
from .verdict import Doubts, Undetermined

MAX_TRIES = 20_000
MANY = 8  # members of one set to try

Model = dict[Key, Any]
"""What each attribute is, in comparable form, or ABSENT or MALFORMED."""


def solve(cube: Cube, policy: ir.Policy, effort: Effort | None = None) -> Model | None:
    """Give values that make a cube hold, or None where there are provably none.

    What it takes is counted. Raises `Undetermined`.
    """
    effort = effort or Effort(rules=0)
    effort.spend(cost_of(cube))
    if any(values.is_empty() for values in cube.values.values()):
        return None
    ties = list(ties_of(cube, policy))
    tied = {key for tie in ties for key in tie.keys}
    model: Model = {
        key: simplest(values)
        for key, values in cube.values.items()
        if key not in tied and not key.aged
    }
    doubts = Doubts()
    for component in components(ties):
        with doubts:  # another component may be provably impossible
            found = Search(cube, policy, component, effort).run()
            if found is None:
                return None
            model.update(found)
    doubts.settle()
    return model


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


@dataclass(frozen=True, slots=True)
class Tie:
    """Something that relates attributes: a leaf, a window of time, or the age of a time."""

    keys: frozenset[Key]
    holds: Callable[[Model], bool]
    leaf: ir.Condition | None = None
    window: ir.Window | None = None
    aged: Key | None = None
    wanted: bool = True


def ties_of(cube: Cube, policy: ir.Policy) -> Iterator[Tie]:
    """What relates the attributes of a cube to each other, or to the calendar."""
    now = key_of(NOW)

    def leaf_tie(leaf: ir.Condition, wanted: bool) -> Tie:
        keys = frozenset(key_of(each) for each, _ in attributes(leaf))
        return Tie(
            keys,
            lambda model: interpreter.truth(leaf, Assigned(policy, model)) is wanted,
            leaf=leaf,
            wanted=wanted,
        )

    def window_tie(window: ir.Window, wanted: bool) -> Tie:
        return Tie(
            frozenset((now,)),
            lambda model: interpreter.in_window(window, known(model[now])) is wanted,
            window=window,
            wanted=wanted,
        )

    def age_tie(key: Key, values: Values) -> Tie:
        time = time_of(key)

        def holds_age(model: Model) -> bool:
            moment, then = known(model[now]), known(model[time])
            if moment is None or then is None or then > moment:
                return values.absent
            return values.body is not None and holds(values.body, moment - then)

        return Tie(frozenset((now, time)), holds_age, aged=key)

    for what, wanted in sorted(cube.relations, key=repr):
        if isinstance(what, ir.Window):
            yield window_tie(what, wanted)
        elif not isinstance(what, ir.Approval | ir.StepUp):
            yield leaf_tie(what, wanted)
    for key, values in cube.values.items():
        if key.aged:
            yield age_tie(key, values)


def known(value: Any) -> int | None:
    """A time, or None where it is absent or malformed."""
    return value if isinstance(value, int) else None


def time_of(aged: Key) -> Key:
    """The time that an age is of."""
    return Key(aged.root, aged.path, ir.TIME)


def components(ties: list[Tie]) -> list[list[Tie]]:
    """The ties in groups that have no attribute in common, so that each is solved by itself."""
    groups: list[tuple[set[Key], list[Tie]]] = []
    for tie in ties:
        keys, members = set(tie.keys), [tie]
        apart = []
        for other_keys, others in groups:
            if keys.isdisjoint(other_keys):
                apart.append((other_keys, others))
            else:
                keys |= other_keys
                members = [*others, *members]
        groups = [*apart, (keys, members)]
    return [members for _, members in groups]


Group = tuple[list[Key], Values]
"""Attributes that have to be equal, and what they may be."""


@dataclass(slots=True)
class Search:
    """A search for values of attributes that are tied together."""

    cube: Cube
    policy: ir.Policy
    ties: list[Tie]
    effort: Effort

    @property
    def leaves(self) -> list[tuple[ir.Condition, bool]]:
        """The leaves among the ties, and whether each is to be true or false."""
        return [(tie.leaf, tie.wanted) for tie in self.ties if tie.leaf is not None]

    @property
    def windows(self) -> list[tuple[ir.Window, bool]]:
        """The windows among the ties, and whether it is to be inside."""
        return [(tie.window, tie.wanted) for tie in self.ties if tie.window is not None]

    @property
    def ages(self) -> list[tuple[Key, Values]]:
        """The times whose ages matter, and what each age may be."""
        return [(time_of(t.aged), self.cube.values[t.aged]) for t in self.ties if t.aged]

    def run(self) -> Model | None:
        """Give a solution, or None if there is provably none."""
        groups = self._merge(sorted({key for tie in self.ties for key in tie.keys}, key=str))
        if groups is None:
            return None
        candidates = self._candidates(groups)
        solution = self._try(list(groups), candidates, groups)
        if solution is not None or self._is_complete(groups, candidates):
            return solution
        raise Undetermined("the procedure found no values for what the rules relate, and no proof")

    def _merge(self, tied: list[Key]) -> dict[Key, Group] | None:
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
        groups: dict[Key, Group] = {}
        for key in tied:
            values = self.cube.values.get(key) or Values(True, True, body_of(key.type, self.policy))
            head = find(key)
            members, so_far = groups.get(head, ([], values))
            both = so_far & values
            groups[head] = ([*members, key], both)
        self._narrow_now(groups)
        if any(values.is_empty() for _, values in groups.values()):
            return None
        return groups

    def _narrow_now(self, groups: dict[Key, Group]) -> None:
        """Keep only the instants at which every time can have the age asked for.

        What is left is exact where nothing else ties these times: each is then free to follow.
        """
        now = key_of(NOW)
        if now not in groups:
            return
        members, values = groups[now]
        for time, age in self.ages:
            if age.absent or values.body is None or age.body is None:
                continue
            then = groups[time][1].body if time in groups else None
            if isinstance(then, Intervals) and isinstance(age.body, Intervals):
                values = values & Values(False, False, later(then, age.body))
        groups[now] = (members, values)

    def _candidates(self, groups: dict[Key, Group]) -> dict[Key, list[Any]]:
        """What to try for each group."""
        found: dict[Key, list[Any]] = {}
        edges = [
            low
            for _, values in groups.values()
            if isinstance(values.body, Intervals)
            for low, _ in values.body.spans
        ]
        for head, (_, values) in groups.items():
            listed: list[Any] = []
            if values.body is not None:
                # One more than there are others, so that one is left that none of them has.
                listed = list(islice(values.body.members(), max(MANY, len(groups) + 1)))
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

    def _add_times(self, groups: dict[Key, Group], found: dict[Key, list[Any]]) -> None:
        """Instants inside the windows, and those that give the ages asked for."""
        now = next((head for head, (keys, _) in groups.items() if key_of(NOW) in keys), None)
        if now is None:
            return
        body = groups[now][1].body
        if body is not None:
            assert isinstance(body, Intervals)
            found[now] = [*candidates_of_time(body, self.windows, self.effort), *found[now]]
        for time, age in self.ages:
            head = next(h for h, (keys, _) in groups.items() if time in keys)
            body = groups[head][1].body
            if not isinstance(body, Intervals):
                continue
            for moment in found[now][:MANY]:
                if isinstance(age.body, Intervals) and isinstance(moment, int):
                    fitting = body & earlier(moment, age.body)
                    found[head] = [*islice(fitting.members(), 2), *found[head]]
                if age.absent and isinstance(moment, int) and body.contains(moment + NANOSECONDS):
                    found[head].insert(0, moment + NANOSECONDS)

    def _share(self, groups: dict[Key, Group], found: dict[Key, list[Any]]) -> None:
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
        groups: dict[Key, Group],
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
                self.effort.spend(1)
                if tries > MAX_TRIES:
                    raise Undetermined("too many combinations of values to try")
                for key in keys:
                    model[key] = value
                if all(
                    tie.holds(model)
                    for tie in self.ties
                    if not tie.keys.isdisjoint(keys) and tie.keys <= model.keys()
                ) and descend(depth + 1):
                    return True
                for key in keys:
                    del model[key]
            return False

        return dict(model) if descend(0) else None

    def _is_complete(self, groups: dict[Key, Group], candidates: dict[Key, list[Any]]) -> bool:
        """Whether the candidates were enough for failure to be a proof."""
        if self.windows:
            excluded = windows_exclude_each_other(self.windows)
            if excluded and any(wanted for _, wanted in self.windows):
                return True
            if self.leaves or any(age.absent for _, age in self.ages):
                return False
            body = groups[key_of(NOW)][1].body
            return excluded or (isinstance(body, Intervals) and is_short(body))
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


def later(times: Intervals, ages: Intervals) -> Intervals:
    """The instants that are by one of some ages after one of some times."""
    spans = (
        (start + least, end + most) for start, end in times.spans for least, most in ages.spans
    )
    return intervals("time", spans)


def earlier(moment: int, ages: Intervals) -> Intervals:
    """The times that have one of some ages at an instant."""
    return intervals("time", ((moment - most, moment - least) for least, most in ages.spans))
