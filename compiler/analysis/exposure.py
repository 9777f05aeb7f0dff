"""What somebody who steers an agent chooses: the arguments of calls with an effect that no condition of an allow binds.

An argument is *bound* where what has to be true for the allow leaves it the values that the policy, the task or the
platform chose: it equals a constant or an attribute that is no argument, is in a list of these, comes from a source, or is
absent. It is *partly bound* where a condition reads it otherwise: a pattern, a folder, a limit (of a meter that sums it, too), another argument. It is
*free* where nothing reads it. Of an `or` the weakest side counts, of an `and` the strongest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, assert_never

from ..ir import nodes as ir
from ..ir.definite import All, Asked, Question, Some, definitely, elements
from ..ir.walk import attributes
from ..structs import Struct
from ..text.field_names import dotted

Bound: TypeAlias = Literal["free", "partly", "bound"]
RANK: dict[Bound, int] = {"free": 0, "partly": 1, "bound": 2}
REST = "..."
"""What an open action takes beside its parameters."""


class Exposure(Struct):
    """One argument of a call that an allow permits, with the type of its elements, and how it is bound.

    What an open action takes beside its parameters has no type.
    """

    allow: ir.Allow
    capability: str
    argument: str
    path: tuple[str, ...]
    type: ir.Type | None
    bound: Bound

    @property
    def is_seen(self) -> bool:
        """Whether a person sees the call before it is made."""
        return is_seen(self.allow)


def is_seen(allow: ir.Allow) -> bool:
    """Whether a person sees a call before it is made: an approval of the task is none of the call."""
    for each in allow.requirements:
        match each:
            case ir.Approval(per_task=per_task):
                if not per_task:
                    return True
            case ir.Confirmation():
                return True
            case ir.StepUp():
                pass
            case _:
                assert_never(each)
    return False


def exposures(policy: ir.Policy) -> Iterator[Exposure]:
    """Every argument of a call with an effect that an allow leaves free, or binds in part."""
    for allow in policy.allows:
        yield from exposed(policy, allow)


def exposed(policy: ir.Policy, allow: ir.Allow) -> Iterator[Exposure]:
    """The arguments that one allow leaves free, or binds in part."""
    for capability in sorted(policy.expand(allow.capabilities)):
        action = policy.declared_actions[capability]
        if has_effect(action):
            for path, argument, type_ in arguments(action):
                bound = how_bound(policy, allow, path)
                if bound != "bound":
                    yield Exposure(allow, capability, argument, path, type_, bound)


def has_effect(action: ir.Action) -> bool:
    """Whether a call writes, sends or destroys; one without a kind writes."""
    return not action.kinds or any(kind != "read" for kind in action.kinds)


Argument: TypeAlias = tuple[tuple[str, ...], str, "ir.Type | None"]
"""As attributes have it, as it is written, and the type of its elements."""


def arguments(action: ir.Action) -> Iterator[Argument]:
    """The arguments of an action, through records and lists of them."""
    for field in action.parameters:
        yield from _leaves((field.name,), field.type)
    if action.is_open:
        yield (ir.EACH,), REST, None


def _leaves(path: tuple[str, ...], type_: ir.Type) -> Iterator[Argument]:
    inner = ir.innermost_type(type_)
    through = path if inner is type_ else (*path, ir.EACH)
    if isinstance(inner, ir.RecordType) and inner.fields:
        for field in inner.fields:
            yield from _leaves((*through, field.name), field.type)
    else:
        yield path, dotted("args", path), inner


def how_bound(policy: ir.Policy, allow: ir.Allow, path: tuple[str, ...]) -> Bound:
    """How much what has to be so for an allow binds an argument."""
    asked = [] if allow.condition is None else [definitely(allow.condition, True)]
    asked += [definitely(each, False) for each in allow.revoke]
    return max((_of(policy, each, path) for each in asked), key=RANK.__getitem__, default="free")


def _of(policy: ir.Policy, question: Question, path: tuple[str, ...]) -> Bound:
    match question:
        case All(parts):
            return max((_of(policy, each, path) for each in parts), key=RANK.__getitem__)
        case Some(parts):
            return min((_of(policy, each, path) for each in parts), key=RANK.__getitem__)
        case Asked(leaf, wanted):
            return _of_leaf(policy, leaf, wanted, path)


def _of_leaf(policy: ir.Policy, leaf: ir.Condition, wanted: bool, path: tuple[str, ...]) -> Bound:
    match leaf:
        case ir.ListTest("subset of", ir.Attribute("args", (ir.EACH,)), ir.Constants(values=names)):
            left_out = wanted and path[0] not in names
            return "bound" if left_out else "free"  # what is named may be there, and be anything
        case _:
            pass
    read = [_measured(policy, each) for each, _ in attributes(leaf)]
    if not any(is_about(each, path) for each in read):
        return "free"
    match leaf:
        case ir.Has(attribute) if not wanted and _covers(attribute, path):
            return "bound"  # it is not there
        case ir.Compare("==", left, right) if wanted:
            if any(
                _is(one, path) and not _is_argument(other)
                for one, other in ((left, right), (right, left))
            ):
                return "bound"
        case ir.In(ir.NameOf(of, links), _) if wanted and not links and _covers(of, path):
            return "bound"
        case ir.In(item, of) if wanted and _is(item, path) and not _is_argument(of):
            return "bound"
        case ir.ListTest("subset of", attribute, of) if wanted and not _is_argument(of):
            if attribute.path == path:
                return "bound"
        case ir.Quantified(list=attribute) if attribute.path == path:
            found = elements(leaf, wanted)
            if found.every and _binds_element(found.asked):
                return "bound"
        case _:
            pass
    return "partly"


def _measured(policy: ir.Policy, attribute: ir.Attribute) -> ir.Attribute:
    """What a meter sums or compares, in place of the meter: a limit on the sum is one on the call's own value."""
    if ir.is_fact(attribute) and attribute.path[0] == "meters" and attribute.path[-1] == "with":
        meter = policy.meters_by_key.get(attribute.path[1])
        if meter is not None and meter.attribute is not None:
            return meter.attribute
    return attribute


def _binds_element(asked: Question) -> bool:
    """Whether a test leaves an element the values that somebody else chose."""
    match asked:
        case Asked(ir.Compare("==", left, right), True):
            return not _is_argument(left) and not _is_argument(right)
        case Asked(ir.In(_, of), True):
            return not _is_argument(of)
        case _:
            return False


def _is(term: ir.Term | ir.Collection, path: tuple[str, ...]) -> bool:
    return (
        isinstance(term, ir.Attribute)
        and term.root == "args"
        and term.path == path
        and ir.part_of(term.type) is None
    )


def _is_argument(term: ir.Term | ir.Collection) -> bool:
    """Whether the agent says it itself."""
    return isinstance(term, ir.Attribute) and term.root == "args"


def _covers(attribute: ir.Attribute, path: tuple[str, ...]) -> bool:
    """Whether an argument is another one, or a record or list that holds it."""
    return attribute.root == "args" and path[: len(attribute.path)] == attribute.path


def is_about(attribute: ir.Attribute, path: tuple[str, ...]) -> bool:
    """Whether an attribute is an argument, a part of it, or something that holds it."""
    if attribute.root != "args":
        return False
    short, long = sorted((attribute.path, path), key=len)
    if path == (ir.EACH,):
        return attribute.path == path
    if attribute.path[-1] == ir.EACH and len(attribute.path) < len(path):
        return False  # how many there are says nothing of what stands in them
    return long[: len(short)] == short
