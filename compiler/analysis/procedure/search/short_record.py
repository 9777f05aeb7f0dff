"""A short record that gives the facts of a request: what was said, what calls gave back, and the calls that count.

The reference function says in the end whether it does; what is looked for here may be missed, and is never made up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from .....runtime.characters import can_be_quoted
from .....runtime.time_text import format_time
from .....runtime.values import NANOSECONDS, is_identity, read_time
from ....ir import nodes as ir
from ....meaning.facts import facts
from ....meaning.facts.sources import arguments, values_of
from ....meaning.request import ABSENT, BELOW_ALL, MALFORMED, Call, comparable
from ....structs import Struct, changed, field
from ..cubes.conditions import Cubes
from ..cubes.cube import Cube, conjunction, key_of
from ..cubes.facts_read import FACTS, has_facts
from ..domains.values import Lists, Values, body_of, one_of
from ..solving.solve import Model, solve
from ..verdict import Undetermined
from .witness import USER_ID, build, sample, to_json

MOST = 12  # calls of a record that is short
TIME = "2026-01-01T00:00:00Z"  # of a witness that may be of any: without one nothing is known of before
STARTED, SPOKEN, ANSWERED, CALLED = 4, 3, 2, 1  # seconds before the request

Lines = list[dict[str, Any]]
Request = dict[str, Any]


def as_recorded(
    policies: Sequence[ir.Policy], request: Request, holds: Callable[[Request], bool]
) -> Request:
    """Give a request the facts of a short record under some policies, if it still holds; else give it as it is."""
    if not has_facts(request):
        return request
    filled = _filled(policies, request)
    lines = short_record(policies, filled)
    for attempt in (lines,) if lines is not None else (_Past(policies, filled).lines, None):
        if attempt is None:
            return request
        whole = with_facts(policies, attempt, filled)
        if holds(whole):
            fewer = _only(whole, request)
            return fewer if holds(fewer) and short_record(policies, fewer) is not None else whole
    return request


def short_record(policies: Sequence[ir.Policy], request: Request) -> Lines | None:
    """A record that gives every fact that a request has; None where none was found."""
    if read_time(request.get("context", {}).get("time")) is None:
        return None
    past = _Past(policies, request)
    try:
        return past.lines if past.make() else None
    except (Undetermined, OverflowError, ValueError):
        return None


def with_facts(policies: Sequence[ir.Policy], lines: Lines, request: Request) -> Request:
    """A request with the facts of a record, as each of some policies defines them."""
    made = [facts(each, lines, request) for each in policies]
    context = dict(made[0]["context"])
    for kind in FACTS:
        found: dict[str, Any] = {}
        for each in made:
            found.update(each["context"].get(kind, {}))
        context.pop(kind, None)
        if found:
            context[kind] = found
    return {**made[0], "context": context}


def _filled(policies: Sequence[ir.Policy], request: Request) -> Request:
    """A request with what a monitor needs to say anything of it: a time, and what its meters are kept by."""
    context = {"time": TIME, **request["context"]}
    action = request["action"]
    for policy in policies:
        for key in context.get("meters", ()):
            meter = policy.meters_by_key.get(key)
            if meter is None:
                continue
            if "user" in meter.scopes and not isinstance(context.get("user", {}).get("id"), str):
                context["user"] = {"id": USER_ID, **context.get("user", {})}
            for each in meter.keys:
                path = each.called.path
                if each.called.root == "args" and len(path) == 1 and path[0] not in action.get("properties", {}):  # fmt: skip
                    value = sample(each.called.type, policy)
                    action = {**action, "properties": {**action.get("properties", {}), path[0]: value}}  # fmt: skip
    return {**request, "action": action, "context": context}


def _only(whole: Request, like: Request) -> Request:
    """A request with those of its facts alone that another one has."""
    context = dict(whole["context"])
    for kind in FACTS:
        wanted = like["context"].get(kind, {})
        kept = {key: value for key, value in context.pop(kind, {}).items() if key in wanted}
        if kept:
            context[kind] = kept
    return {**whole, "context": context}


class _Past(Struct, frozen=False):
    """What happened before a request: made longer until it gives the facts of it."""

    policies: Sequence[ir.Policy]
    request: Request
    lines: Lines = field(default_factory=list)
    calls: int = 0
    now: int = 0
    _narrow: list[ir.Policy] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the task that was started."""
        context = self.request["context"]
        self.now = read_time(context.get("time")) or 0
        line = {
            "time": self._ago(STARTED),
            "event": "task",
            "agent": self.request["subject"]["id"],
            "task": context.get("task"),
        }
        user = context.get("user")
        if isinstance(user, dict) and is_identity(user.get("id")):
            line["user"] = {"id": user["id"]}
        self.lines = [line]
        wanted = {key for kind in FACTS for key in context.get(kind, ())}
        self._narrow = [
            changed(
                policy,
                meters=tuple(each for each in policy.meters if each.key in wanted),
                sources=tuple(each for each in policy.sources if each.key in wanted),
            )
            for policy in self.policies
        ]

    def make(self) -> bool:
        """Whether it gives all facts that are wanted, made as long as that needs."""
        for policy in self._narrow:
            for source in policy.sources:
                self._vouch(policy, source)
        for policy in self._narrow:
            for meter in policy.meters:
                if not self._count(policy, meter):
                    return False
        context, given = self.request["context"], self._given()
        return all(
            _gives(given.get(kind, {}).get(key), value, kind)
            for kind in FACTS
            for key, value in context.get(kind, {}).items()
        )

    def _given(self) -> dict[str, Any]:
        found: dict[str, Any] = with_facts(self._narrow, self._ordered(), self.request)["context"]
        return found

    def _ordered(self) -> Lines:
        self.lines.sort(key=lambda line: read_time(line["time"]) or 0)
        return self.lines

    def _ago(self, seconds: float) -> str:
        return format_time(self.now - int(seconds * NANOSECONDS))

    # --- sources ---

    def _vouch(self, policy: ir.Policy, source: ir.Source) -> None:
        """Let the values of the arguments that a source lists stand in one of its origins."""
        listed = self.request["context"].get("sources", {}).get(source.key)
        call = Call.read(policy, self.request)
        if call is None or not isinstance(listed, list):
            return
        for name, type_, value in arguments(policy, call):
            if {name, f"{name}#links"}.isdisjoint(listed):
                continue
            if name in self._given().get("sources", {}).get(source.key, ()):
                continue
            for each in values_of(value, type_):
                self._say(policy, source, each)

    def _say(self, policy: ir.Policy, source: ir.Source, value: Any) -> None:
        task = self.request["context"].get("task", {}).get("id")
        is_long = not isinstance(value, str) or can_be_quoted(value)
        if is_long and any(each.kind == "said" for each in source.origins):
            text = value if isinstance(value, str) else repr(value)
            line = {"time": self._ago(SPOKEN), "event": "said", "task": task, "text": text}
            if line not in self.lines:
                self.lines.append(line)
            return
        for origin in source.origins:
            if origin.capability is None or (origin.kind == "quoted" and not is_long):
                continue
            model = self._model(policy, origin.condition, ())
            action = policy.declared_actions.get(origin.capability)
            if model is None or action is None:
                continue
            shown = value if origin.kind == "result" else str(value)
            it = {key.path[1]: to_json(each, key.type, policy) for key, each in model.items() if key.root == "context" and key.path[:1] == ("it",)}  # fmt: skip
            kept = {key: each for key, each in model.items() if key.root != "context"}
            given = _result(action.result, origin.path, shown, it, policy)
            self._call(policy, origin.capability, kept, ANSWERED, "permit", ("done", given))
            return

    # --- meters ---

    def _count(self, policy: ir.Policy, meter: ir.Meter) -> bool:
        """Make the calls that a meter has to have counted."""
        wanted = self.request["context"]["meters"][meter.key]
        if not isinstance(wanted, dict):
            return False
        reading = "before" if "before" in wanted else "with"
        target = comparable(wanted.get(reading), meter.type, policy)
        found = self._given().get("meters", {}).get(meter.key, {}).get(reading)
        have = comparable(found, meter.type, policy) if found is not None else MALFORMED
        if target == have:
            return True
        if target is MALFORMED or have is MALFORMED or target == BELOW_ALL or target < have:
            return False
        return all(self._counted(policy, meter, each) for each in self._values(meter, target, have))

    def _values(self, meter: ir.Meter, target: Any, have: Any) -> Iterator[Any]:
        """The value of each call that is to count; None where calls count as such."""
        match meter.aggregate:
            case "count":
                yield from [None] * min(target - have, MOST + 1)
            case "sum":
                missing = Decimal(repr(target)) - Decimal(repr(have))
                yield int(missing) if meter.type == ir.INT else float(missing)
            case "sum size" | "distinct":
                yield target - have
            case "max" | "last":
                yield target

    def _counted(self, policy: ir.Policy, meter: ir.Meter, value: Any) -> bool:
        at = CALLED
        cubes: list[Cube] = []
        call = Call.read(policy, self.request)
        assert call is not None
        for key in meter.keys:
            cubes.append(_exactly(key.recorded, call.read_attribute(key.called), policy))
        attribute = meter.attribute
        if attribute is not None and meter.aggregate in ("sum size", "distinct"):
            return self._several(policy, meter, attribute, value, cubes)
        if attribute is not None:
            cubes.append(_exactly(attribute, value, policy))
        ago = (self.now - value) / NANOSECONDS if meter.aggregate == "last" else at
        return ago >= 0 and self._made(policy, meter, cubes, ago)

    def _several(
        self, policy: ir.Policy, meter: ir.Meter, attribute: ir.Attribute, number: int, cubes: list[Cube]
    ) -> bool:  # fmt: skip
        """Calls with as many different values, or one with a list of as many."""
        of = ir.element_type(attribute.type)
        if isinstance(of, ir.ListType | ir.RecordType) or of == ir.JSON:
            return False  # of which no set of values is made, as none are compared
        found: list[Any] = []
        for each in body_of(of, policy).members():
            if len(found) == min(number, MOST):
                break
            found.append(each)
        if len(found) < number:
            return False
        if isinstance(attribute.type, ir.ListType):
            ones = [one_of((_spread(each, of, policy),), of, policy) for each in found]
            every = one_of([_spread(each, of, policy) for each in found], of, policy)
            listed = Cube({key_of(attribute): Values(False, False, Lists(every, tuple(ones)))})
            return self._made(policy, meter, [*cubes, listed], CALLED)
        return all(
            self._made(policy, meter, [*cubes, _exactly(attribute, _spread(each, of, policy), policy)], CALLED)
            for each in found
        )  # fmt: skip

    def _made(self, policy: ir.Policy, meter: ir.Meter, cubes: Sequence[Cube], ago: float) -> bool:
        """Make one call that counts, of the capability that the fewest other facts are about."""
        model = self._model(policy, meter.condition, cubes)
        if model is None:
            return False
        others = [each for one in self._narrow for each in one.meters if each.key != meter.key]
        capability = min(
            meter.capabilities,
            key=lambda name: (sum(name in each.capabilities for each in others), name),
        )
        effect = {"denied": "deny", "asked": "challenge"}.get(meter.counted, "permit")
        outcome = ("done", None) if meter.counted == "done" else None
        self._call(policy, capability, model, ago, effect, outcome)
        return self.calls <= MOST

    # --- calls ---

    def _model(
        self, policy: ir.Policy, condition: ir.Condition | None, cubes: Sequence[Cube]
    ) -> Model | None:
        """What the attributes of a call are that fulfils a condition."""
        asked = conjunction([Cubes(policy).of(condition, "true"), *([each] for each in cubes)])
        for each in asked:
            model = solve(each, policy)
            if model is not None:
                return model
        return None

    def _call(
        self,
        policy: ir.Policy,
        capability: str,
        model: Model,
        ago: float,
        effect: str,
        outcome: tuple[str, Any] | None,
    ) -> None:
        self.calls += 1
        context = self.request["context"]
        made = build(policy, capability, self.request["subject"]["id"], None, model, ())
        made["resource"]["id"] = self.request["resource"]["id"]
        made["context"] = {
            **{name: each for name, each in made["context"].items() if name != "task"},
            **{name: context[name] for name in ("task", "user") if name in context},
            "time": self._ago(ago),
        }
        name = f"c-{self.calls}"
        self.lines.append(
            {
                "time": self._ago(ago),
                "event": "call",
                "id": name,
                "effect": effect,
                "request": made,
            }
        )
        if outcome is not None:
            line = {
                "time": self._ago(ago),
                "event": "outcome",
                "call": name,
                "outcome": outcome[0],
            }
            self.lines.append(line if outcome[1] is None else {**line, "result": outcome[1]})


def _gives(found: Any, wanted: Any, kind: str) -> bool:
    """Whether what a record gives has what is wanted of a fact: the readings, or the names."""
    if kind == "sources":
        return isinstance(wanted, list) and found is not None and set(wanted) <= set(found)
    if not isinstance(wanted, dict) or not isinstance(found, dict):
        return False
    return all(name in found and found[name] == value for name, value in wanted.items())


def _exactly(attribute: ir.Attribute, value: Any, policy: ir.Policy) -> Cube:
    """The cube in which an attribute is one value."""
    if value is ABSENT or value is MALFORMED or (isinstance(value, float) and math.isinf(value)):
        raise Undetermined("a call lacks what it is counted by")
    return Cube({key_of(attribute): Values(False, False, one_of((value,), attribute.type, policy))})


def _spread(value: Any, type_: ir.Type, policy: ir.Policy) -> Any:
    """A member of a set of values in the form that conditions compare."""
    return comparable(to_json(value, type_, policy), type_, policy)


def _result(
    type_: ir.Type | None, path: tuple[str, ...], value: Any, it: dict[str, Any], policy: ir.Policy
) -> Any:
    """What a call gives back with a value at a path, in a record that is as an origin asks."""
    match type_:
        case ir.ListType(of):
            return [_result(of, path, value, it, policy)]
        case ir.RecordType(fields) if path:
            found = {each.name: sample(each.type, policy) for each in fields if not each.optional}
            inner = next((each.type for each in fields if each.name == path[0]), None)
            if len(path) == 1:
                found.update(it)
            return {**found, path[0]: _result(inner, path[1:], value, it, policy)}
        case ir.RecordType(fields):
            return {each.name: value if each.type == ir.STRING else sample(each.type, policy) for each in fields}  # fmt: skip
        case _:
            return value
