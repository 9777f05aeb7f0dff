"""Meters and sources over any vocabulary: every aggregate, key, window and origin that it has the types for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.digests import digested
from agpc.compiler.ir.printing.facts import origin_text
from agpc.compiler.lowering.conditions.meters import GREATEST, SCOPES, SUMMED, after_text
from agpc.compiler.lowering.conditions.sources import at_path, holds
from agpc.compiler.lowering.references.facts import LONGEST

from .conditions import Surroundings, draw_condition, is_comparable
from .starts import starts_of
from .values import BOOLEANS, Draw, chance, integers, pick
from .vocabularies import BUILT_IN, Places, flattened, merged, readable

WINDOWS = (None, None, 1, 600, 86_400)


def draw_facts(draw: Draw, policy: ir.Policy, places: Places) -> ir.Policy:
    """Declare one to three meters, and up to two sources; with some that have no name."""
    meters = [
        draw_meter(draw, policy, places, f"m{number}") for number in range(pick(draw, (1, 2, 3)))
    ]
    sources = [
        draw_source(draw, policy, places, f"s{number}") for number in range(pick(draw, (1, 0, 2)))
    ]
    if draw(BOOLEANS):
        meters += (each for each in [draw_after(draw, policy, places)] if len(each.name) <= LONGEST)
    if chance(draw, 30):
        sources += draw_unnamed(draw, policy, places, sources)
    return replace(policy, meters=by_key(meters), sources=by_key(sources))


def by_key(facts: Iterable[Any]) -> tuple[Any, ...]:
    """Facts in the order of the IR, each once."""
    found = {each.key: each for each in facts}
    return tuple(found[key] for key in sorted(found))


def without_unread(policy: ir.Policy, read: set[str]) -> ir.Policy:
    """Leave out what has no name, and stands in no condition."""

    def is_kept(each: ir.Meter | ir.Source) -> bool:
        return not is_unnamed(each) or each.key in read

    return replace(
        policy,
        meters=tuple(filter(is_kept, policy.meters)),
        sources=tuple(filter(is_kept, policy.sources)),
    )


def is_unnamed(fact: ir.Meter | ir.Source) -> bool:
    """Whether a condition defines it where it reads it."""
    return fact.name.startswith(("after ", "from "))


# --- Meters ---------------------------------------------------------------------------------------


def draw_meter(draw: Draw, policy: ir.Policy, places: Places, name: str) -> ir.Meter:
    """A meter of some aggregate for which the records of its calls have an attribute."""
    capabilities = draw_counted(draw, policy)
    attributes = recorded(policy, capabilities)
    aggregate, attribute = draw_aggregate(draw, attributes)
    package = pick(draw, policy.packages).name
    made = ir.Meter(
        f"{package}.{name}",
        aggregate,
        attribute,
        pick(draw, ("permitted", "permitted", "permitted", "done", "denied", "asked")),
        capabilities,
        draw_when(draw, policy, places, attributes) if chance(draw, 30) else None,
        *draw_keys(draw, policy, attributes),
        "",
        places.next(),
    )
    return digested(made, policy.members_of)


def draw_after(draw: Draw, policy: ir.Policy, places: Places) -> ir.Meter:
    """What an `after` in a condition counts."""
    capabilities = draw_counted(draw, policy)
    attributes = recorded(policy, capabilities)
    made = ir.Meter(
        "",
        "count",
        None,
        pick(draw, ("permitted", "done")),
        capabilities,
        draw_when(draw, policy, places, attributes) if chance(draw, 30) else None,
        *(draw_keys(draw, policy, attributes) if draw(BOOLEANS) else (("task",), (), None)),
        "",
        places.next(),
    )
    meter = digested(made, policy.members_of)
    return replace(meter, name=after_text(meter))


def draw_counted(draw: Draw, policy: ir.Policy) -> tuple[str, ...]:
    """The capabilities whose calls count, written out: one start, or whatever is none."""
    starts = starts_of(policy)
    if starts and chance(draw, 15):
        return (pick(draw, starts),)
    names = tuple(each for each in policy.capabilities if each not in starts)
    kind = draw(integers(0, 5))
    if kind == 5:
        return names
    return tuple(
        sorted({pick(draw, names), pick(draw, names)} if kind > 2 else {pick(draw, names)})
    )


def recorded(policy: ir.Policy, capabilities: tuple[str, ...]) -> list[ir.Attribute]:
    """What is read of the records of calls: of agents and tasks also what only some of them have."""
    found = [
        each
        for each in readable(policy, ir.DECLARED, ir.DECLARED, capabilities)
        if each.root not in ("agent", "task")
    ]
    holders = {
        "agent": [each.attributes for each in (*policy.agents, *policy.families)],
        "task": [each.fields for each in policy.intents],
    }
    for root, declared in holders.items():
        found += flattened(root, merged(declared, by_all=False))  # type: ignore[arg-type]
    return [*found, *(each for each in BUILT_IN if each.root in ("agent", "task"))]


def draw_when(
    draw: Draw, policy: ir.Policy, places: Places, attributes: list[ir.Attribute]
) -> ir.Condition:
    """What is asked of the calls that count."""
    where = Surroundings(attributes, policy.members_of, policy.sets, places, True, False)
    return draw_condition(draw, where, 1)


def draw_aggregate(
    draw: Draw, attributes: list[ir.Attribute]
) -> tuple[ir.Aggregate, ir.Attribute | None]:
    """An aggregate, with an attribute that it can be of."""
    kind: ir.Aggregate = pick(
        draw, ("count", "count", "sum", "max", "distinct", "sum size", "last", "max")
    )
    fitting = [each for each in attributes if fits(kind, each)]
    if not fitting:
        return pick(draw, ("count", "last")), None
    return kind, replace(pick(draw, fitting), optional=False)


def fits(kind: ir.Aggregate, attribute: ir.Attribute) -> bool:
    """Whether an aggregate can be of an attribute."""
    type_ = attribute.type
    if attribute.root == "now" or attribute.path[-1:] == (ir.EACH,):
        return False
    match kind:
        case "sum":
            return type_ in SUMMED
        case "sum size":
            return isinstance(type_, ir.ListType)
        case "max":
            is_scalar = isinstance(type_, ir.Scalar) and type_.name in GREATEST
            return is_scalar or isinstance(type_, ir.LevelType)
        case "distinct":
            return is_comparable(type_.of if isinstance(type_, ir.ListType) else type_)
        case _:
            return False


def draw_keys(
    draw: Draw, policy: ir.Policy, attributes: list[ir.Attribute]
) -> tuple[tuple[ir.Scope, ...], tuple[ir.MeterKey, ...], int | None]:
    """What a record has to share with the call, and how far back the record goes."""
    scopes: set[ir.Scope] = {pick(draw, ("task", "task", *SCOPES))} if chance(draw, 85) else set()
    if chance(draw, 20):
        scopes.add(pick(draw, SCOPES))
    keys: list[ir.MeterKey] = []
    single = [each for each in attributes if is_key(each)]
    if single and chance(draw, 30):
        one = replace(pick(draw, single), optional=False)
        others = [each for each in called(policy) if each.type == one.type]
        other = pick(draw, others) if others and draw(BOOLEANS) else one
        keys.append(ir.MeterKey(one, replace(other, optional=False)))
    within = pick(draw, WINDOWS)
    if within is None and "task" not in scopes:
        within = 600
    return tuple(sorted(scopes)), tuple(keys), within


def is_key(attribute: ir.Attribute) -> bool:
    """Whether records can be told apart by an attribute: by a single, whole value."""
    return (
        is_comparable(attribute.type)
        and ir.part_of(attribute.type) is None
        and ir.EACH not in attribute.path
        and attribute.root != "now"
    )


def called(policy: ir.Policy) -> list[ir.Attribute]:
    """What a call may have that a record is compared with."""
    everything = [
        each
        for capability in policy.capabilities
        for each in readable(policy, ir.DECLARED, ir.DECLARED, (capability,))
    ]
    return [each for each in everything if is_key(each)]


# --- Sources --------------------------------------------------------------------------------------


def draw_source(draw: Draw, policy: ir.Policy, places: Places, name: str) -> ir.Source:
    """A source of one to three origins."""
    package = pick(draw, policy.packages).name
    origins = in_order(draw_origins(draw, policy, places))
    return digested(ir.Source(f"{package}.{name}", origins, "", places.next()), policy.members_of)


def draw_origins(draw: Draw, policy: ir.Policy, places: Places) -> set[ir.Origin]:
    """One to three places where values may have stood."""
    options: list[ir.Origin] = [ir.Origin("said"), ir.Origin("task")]
    options += [
        ir.Origin("set", values=ir.Constants(each.type, each.values, each.name))
        for each in policy.sets
        if holds(each.type)
    ]
    options += [
        ir.Origin("user", attribute=replace(each, optional=False))
        for each in flattened("user", policy.user or ())
        if holds(each.type) and ir.part_of(each.type) is None and each.of is None
    ]
    results = [draw_result(draw, policy, places) for _ in range(2)]
    options += [each for each in results if each is not None]
    return {pick(draw, options) for _ in range(pick(draw, (1, 2, 3)))}


def draw_unnamed(
    draw: Draw, policy: ir.Policy, places: Places, named: list[ir.Source]
) -> list[ir.Source]:
    """A source as a condition defines it where it reads it: of others, and of origins without a `when`."""
    parts = {each.name: each.origins for each in named if draw(BOOLEANS)}
    own = [each for each in draw_origins(draw, policy, places) if each.condition is None]
    parts |= {origin_text(each): (each,) for each in own}
    if not own and len(parts) < 2:
        return []
    origins = {each for part in parts.values() for each in part}
    made = ir.Source(f"from {', '.join(sorted(parts))}", in_order(origins), "", places.next())
    return [] if len(made.name) > LONGEST else [digested(made, policy.members_of)]


def in_order(origins: Iterable[ir.Origin]) -> tuple[ir.Origin, ...]:
    """Origins in the order of the IR."""
    return tuple(sorted(origins, key=repr))


def draw_result(draw: Draw, policy: ir.Policy, places: Places) -> ir.Origin | None:
    """What a call gives back, at a path or quoted from it; with what is asked of the record that holds it."""
    starts = starts_of(policy)
    capability = pick(draw, [each for each in policy.capabilities if each not in starts])
    action = policy.declared_actions[capability]
    if chance(draw, 15):
        return ir.Origin("quoted", capability)
    kind = pick(draw, ("result", "quoted"))
    paths = [
        path
        for path in paths_of(action.result)
        if holds(at_path(action.result, path)[0] or ir.BOOL)
        or (kind == "quoted" and at_path(action.result, path)[0] == ir.JSON)
    ]
    if action.result is None or not paths:
        return ir.Origin("quoted", capability) if draw(BOOLEANS) else None
    path = pick(draw, paths)
    condition = None
    record = at_path(action.result, path)[1]
    if chance(draw, 30):
        attributes = readable(policy, ir.DECLARED, ir.DECLARED, (capability,))
        attributes = [each for each in attributes if each.root in ("args", "resource", "now")]
        fields = flattened("context", record.fields if record else ())
        attributes += map(of_it, fields)
        condition = draw_when(draw, policy, places, attributes)
    return ir.Origin(kind, capability, path, condition)  # type: ignore[arg-type]


def paths_of(type_: ir.Type | None, before: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    """The paths in a result, through lists."""
    if type_ is None:
        return
    yield before
    while isinstance(type_, ir.ListType):
        type_ = type_.of
    if isinstance(type_, ir.RecordType):
        for each in type_.fields:
            yield from paths_of(each.type, (*before, each.name))


def of_it(attribute: ir.Attribute) -> ir.Attribute:
    """An attribute of the record at hand."""
    of = None if attribute.of is None else of_it(attribute.of)
    return replace(attribute, path=("it", *attribute.path), of=of)


def readings(policy: ir.Policy, attributes: list[ir.Attribute]) -> list[ir.Attribute]:
    """What conditions may read of the meters, where calls have these attributes."""
    have = {(each.root, each.path): each.type for each in attributes}
    found: list[ir.Attribute] = []
    for meter in policy.meters:
        if is_unnamed(meter) or not is_kept_here(meter, have):
            continue
        found.append(meter.read("before"))
        if meter.has_with:
            found.append(meter.read("with"))
    return found


def afters(policy: ir.Policy, attributes: list[ir.Attribute]) -> list[ir.Attribute]:
    """What conditions read of the meters without a name."""
    have = {(each.root, each.path): each.type for each in attributes}
    return [
        each.read("before")
        for each in policy.meters
        if is_unnamed(each) and is_kept_here(each, have)
    ]


def is_kept_here(meter: ir.Meter, have: dict[Any, ir.Type]) -> bool:
    """Whether calls with these attributes have all its keys."""
    return all(
        have.get((each.called.root, each.called.path)) == each.recorded.type for each in meter.keys
    )
