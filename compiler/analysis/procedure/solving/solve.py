"""Whether a cube holds in some request, and what its attributes are there.

Without relations every attribute is by itself. With them, what ties attributes together becomes facts
about single values (`facts`): equal ones are merged, numbers and times are solved as differences, and
texts are told apart. What was found is asked of the interpreter, leaf by leaf; where a leaf asks more
than the facts say, failing that is answered with `Undetermined`, never with a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, assert_never

from ....ir import nodes as ir
from ....ir.walk import attributes
from ....meaning import interpreter
from ....meaning.conditions import truth
from ....meaning.request import ABSENT, MALFORMED, Call
from ....structs import Struct
from ..cubes.costs import cost_of
from ..cubes.cube import NOW_KEY, Cube, CubeKey, Growth, clock_of, key_of
from ..domains.values import (
    V6_START,
    Intervals,
    Lists,
    Values,
    body_of,
    holds,
)
from ..effort import Effort
from ..verdict import Doubts, Undetermined
from .assignment import Assignment
from .single_values import FUTURE, ValueFacts
from .sizes import size_of_as_many, with_sizes_together
from .value_parts import with_parts_together

Model = dict[CubeKey, Any]
"""What each attribute is, in comparable form, or ABSENT or MALFORMED."""


def solve(cube: Cube, policy: ir.Policy, effort: Effort | None = None) -> Model | None:
    """Give values that make a cube hold, or None where there are provably none.

    What it takes is counted. Raises `Undetermined`.
    """
    effort = effort or Effort(rules=0)
    effort.spend(cost_of(cube))
    if any(values.is_empty() for values in cube.values.values()):
        return None
    cube = with_sizes_together(with_parts_together(cube))
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
            found = solve_component(cube, policy, component, effort)
            if found is None:
                return None
            model.update(found)
    doubts.settle()
    for key in model.keys() - tied:
        if key.of is not None and (enough := size_of_as_many(cube, key, model)) is not None:
            model[key] = enough
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


class Assigned(Call):
    """A call whose attributes are given, so that the interpreter judges a relation."""

    def __init__(self, policy: ir.Policy, model: Model) -> None:
        """Take what each attribute is."""
        self.policy = policy
        self.model = model
        now = model.get(NOW_KEY, ABSENT)
        self.now = now if isinstance(now, int) else None
        self._collections = {}

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
        case ir.PartOf():
            return spread(value, type_.type, policy)
        case ir.Scalar() | ir.LevelType() | ir.RecordType() | ir.OrNothing():
            pass
        case _:
            assert_never(type_)
    return value


class Tie(Struct):
    """Something that relates attributes: a leaf, a window of time, the age of a time, or a growth."""

    keys: frozenset[CubeKey]
    holds: Callable[[Model], bool]
    leaf: ir.Condition | None = None
    window: ir.Window | None = None
    aged: CubeKey | None = None
    growth: Growth | None = None
    wanted: bool | None = True

    @property
    def is_of_time(self) -> bool:
        """Whether it is a window, or an age."""
        return self.leaf is None and self.growth is None


def ties_of(cube: Cube, policy: ir.Policy) -> Iterator[Tie]:
    """What relates the attributes of a cube to each other, or to the calendar."""

    def leaf_tie(leaf: ir.Condition, wanted: bool | None) -> Tie:
        keys = frozenset(key_of(each) for each, _ in attributes(leaf))
        return Tie(
            keys,
            lambda model: truth(leaf, Assigned(policy, model)) is wanted,
            leaf=leaf,
            wanted=wanted,
        )

    def window_tie(window: ir.Window, wanted: bool | None) -> Tie:
        return Tie(
            frozenset((NOW_KEY,)),
            lambda model: (interpreter.in_window(window, known(model[NOW_KEY])) is True) is wanted,
            window=window,
            wanted=wanted,
        )

    def growth_tie(growth: Growth) -> Tie:
        before, after = key_of(growth.before), key_of(growth.after)
        return Tie(
            frozenset((before, after)),
            lambda model: growth.least <= model[after] - model[before] <= growth.most,
            growth=growth,
        )

    def age_tie(key: CubeKey, values: Values) -> Tie:
        clock = clock_of(key)

        def holds_age(model: Model) -> bool:
            moment, then = (known(model[each]) for each in clock)
            if moment is None or then is None or then > moment:
                return values.absent
            return values.body is not None and holds(values.body, moment - then)

        return Tie(frozenset(clock), holds_age, aged=key)

    for what, wanted in sorted(cube.relations, key=repr):
        if isinstance(what, ir.Window):
            yield window_tie(what, wanted)
        elif isinstance(what, Growth):
            yield growth_tie(what)
        elif not isinstance(what, ir.Requirement):
            yield leaf_tie(what, wanted)
    for key, values in cube.values.items():
        if key.aged:
            yield age_tie(key, values)


def known(value: Any) -> int | None:
    """A time, or None where it is absent or malformed."""
    return value if isinstance(value, int) else None


def components(ties: list[Tie]) -> list[list[Tie]]:
    """The ties in groups that have no attribute in common, so that each is solved by itself."""
    groups: list[tuple[set[CubeKey], list[Tie]]] = []
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


def solve_component(cube: Cube, policy: ir.Policy, ties: list[Tie], effort: Effort) -> Model | None:
    """Give values of what is tied together, or None if there are provably none.

    Raises `Undetermined`.
    """
    keys = sorted({key for tie in ties for key in tie.keys}, key=str)
    values = {
        key: cube.values.get(key) or Values(True, True, body_of(key.type, policy)) for key in keys
    }
    model, left = without_unknown(cube, values, ties)
    facts = ValueFacts(policy, {})
    for key in keys:
        if key in model:
            continue
        body = values[key].body
        if body is None:
            return None
        facts.bodies[key] = body
    windows = []
    for tie in left:
        if tie.window is not None:
            windows.append((tie.window, tie.wanted is True))
        elif tie.aged is not None:
            facts.limits.append((*clock_of(tie.aged), ages_of(cube.values[tie.aged])))
        elif tie.growth is not None:
            grown = key_of(tie.growth.after), key_of(tie.growth.before)
            facts.limits.append((*grown, ((tie.growth.least, tie.growth.most),)))
        elif tie.leaf is not None:
            facts.ask(tie.leaf, tie.wanted)
    facts.settle()
    if facts.is_impossible:
        return None
    found = Assignment(facts, windows, effort).run()
    if found is None:
        return None
    for key in keys:
        if key in model:
            continue
        if isinstance(values[key].body, Lists):
            model[key] = once([found[each] for each in facts.members.get(key, ())])
        else:
            model[key] = found[key]
    if all(tie.holds(model) for tie in ties):
        return model
    raise Undetermined("the procedure found no values for what the rules relate, and no proof")


def without_unknown(
    cube: Cube, values: dict[CubeKey, Values], ties: list[Tie]
) -> tuple[Model, list[Tie]]:
    """Make unknown what may be and is in no leaf: that settles its ages and windows, or nothing does."""
    model: Model = {}
    read = {key for tie in ties if not tie.is_of_time for key in tie.keys}

    def unknown(key: CubeKey, ties: list[Tie]) -> bool:
        may_be = values[key]
        if key in read or not (may_be.absent or may_be.malformed):
            return False
        if not all(
            not tie.wanted if tie.aged is None else cube.values[tie.aged].absent for tie in ties
        ):
            return False
        model[key] = ABSENT if may_be.absent else MALFORMED
        return True

    about_time = [tie for tie in ties if tie.is_of_time]
    if NOW_KEY in values and unknown(NOW_KEY, about_time):
        for tie in about_time:
            for key in tie.keys - read - model.keys():
                model[key] = simplest(values[key])
        return model, [tie for tie in ties if not tie.is_of_time]
    left = []
    for tie in ties:
        time = None if tie.aged is None else clock_of(tie.aged)[1]
        if time in (None, NOW_KEY) or not (time in model or unknown(time, [tie])):
            left.append(tie)
    if not any(NOW_KEY in tie.keys for tie in left) and NOW_KEY in values:
        model[NOW_KEY] = simplest(values[NOW_KEY])
    return model, left


def ages_of(values: Values) -> list[tuple[float, float]]:
    """What `now` minus a time may be, where both are known."""
    spans: list[tuple[float, float]] = [FUTURE] if values.absent else []
    if isinstance(values.body, Intervals):
        spans += values.body.spans
    return spans


def once(values: list[Any]) -> list[Any]:
    """The values without repetition, in order."""
    found: list[Any] = []
    for value in values:
        if not any(
            value is each or (type(value) is type(each) and value == each) for each in found
        ):
            found.append(value)
    return found
