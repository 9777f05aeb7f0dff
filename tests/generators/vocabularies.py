"""Vocabularies: packages, types, agents, intents and resources, few and alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.roots import ROOTS
from agpc.compiler.ir.spiffe import spiffe_matches, without
from agpc.compiler.ir.starts import KIND
from agpc.compiler.report.source import Span
from agpc.compiler.text.field_names import is_word
from agpc.runtime.values import read_network

from .texts import NAMES, QUOTED_NAMES, hostile_text
from .values import BOOLEANS, Draw, chance, constant_value, integers, network_value, pick

PACKAGES = ("p", "q", "acme.r")
AGENT_IDS = (
    "spiffe://t.example/ns/a/sa/x",
    "spiffe://t.example/ns/a/sa/y",
    "spiffe://t.example/ns/b/sa/x",
    "spiffe://other.example/x",
)
PATTERNS = (
    "spiffe://t.example/ns/a/sa/*",
    "spiffe://t.example/ns/*/sa/x",
    "spiffe://t.example/**",
    "spiffe://t.example/ns/a/**",
    "spiffe://other.example/*",
)
OWNERS = (None, ir.Owner("team", "team@acme.example"), ir.Owner('o"w\nner', "${x}"))
CONTROLS = ("nist-ai-rmf-1.0:GOVERN-1.2", "owasp-agentic-2026:ASI03")
LEVELS = (("low", "mid", "high"), ("public", "internal"), ("only",))
ENUMS = (
    ("EUR", "USD", "low"),
    ("active", "done"),
    ("+1", "author-date", "heart"),
    ("a b", "${x}", "in"),
)
COMPARABLE: tuple[ir.Type, ...] = (
    ir.STRING,
    ir.BOOL,
    ir.INT,
    ir.NUMBER,
    ir.TIME,
    ir.DURATION,
    ir.IP,
    ir.DATE,
    ir.DOMAIN,
    ir.EMAIL,
    ir.URL,
)
SETS = tuple(each for each in COMPARABLE if each not in (ir.DOMAIN, ir.EMAIL, ir.URL))
"""Types of sets: one of domains shows to be one of strings."""
ODD: tuple[ir.Type, ...] = (
    ir.JSON,
    ir.ListType(ir.JSON),
    ir.ListType(ir.ListType(ir.STRING)),
    ir.ListType(ir.RecordType((ir.Field("a", ir.INT), ir.Field("b", ir.STRING, True)))),
)


class Places:
    """Gives every declaration a span of its own."""

    def __init__(self) -> None:
        self.line = 0

    def next(self) -> Span:
        self.line += 1
        return Span(f"dir/{self.line % 3}.agp", self.line, 1 + self.line % 7, self.line + 1, 20)


def draw_members(draw: Draw) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The patterns and the identities of a family, some of whom it may leave out."""
    patterns = {pick(draw, PATTERNS), pick(draw, PATTERNS)}
    ids = {pick(draw, AGENT_IDS)} if draw(BOOLEANS) else set()
    left_out = {
        pick(draw, (*PATTERNS, *AGENT_IDS)) for _ in range(draw(st.sampled_from((0, 0, 1, 2))))
    }
    kept = {each for each in ids if not any(spiffe_matches(one, each) for one in left_out)}
    return tuple(sorted(without(each, left_out) for each in patterns)), tuple(sorted(kept))


def draw_type(draw: Draw, named: tuple[ir.Type, ...], depth: int = 1) -> ir.Type:
    """Any type; lists mostly of things that compare, records of two fields at most."""
    base = (*COMPARABLE, ir.STRING, *named)
    kind = draw(integers(0, 11))
    if kind < 6 or depth == 0:
        return pick(draw, base)
    if kind < 10:
        return ir.ListType(pick(draw, base))
    if kind == 10:
        names = ("a", "b")[: draw(integers(0, 2))]
        return ir.RecordType(
            tuple(
                ir.Field(name, draw_type(draw, named, depth - 1), draw(BOOLEANS)) for name in names
            )
        )
    return pick(draw, ODD)


def draw_fields(
    draw: Draw, table: tuple[ir.Field, ...], ordered: bool = False
) -> tuple[ir.Field, ...]:
    """Some of the fields of a table, some of them optional; sorted unless `ordered`."""
    most = 2 ** len(table) - 1
    left_out = draw(integers(0, most)) & draw(integers(0, most))
    optional = draw(integers(0, most)) & draw(integers(0, most))
    fields = [
        ir.Field(field.name, field.type, bool(optional >> place & 1))
        for place, field in enumerate(table)
        if not left_out >> place & 1
    ]
    return tuple(fields if ordered else sorted(fields, key=lambda each: each.name))


def draw_spelling(draw: Draw) -> dict[str, str]:
    """Other names for some that parameters and the records within them have, all over a policy."""
    if not chance(draw, 40):
        return {}
    first, second = pick(draw, QUOTED_NAMES), pick(draw, QUOTED_NAMES)
    return {"a": first, "b": second} if first != second else {"b": second}


def respelt(field: ir.Field, names: dict[str, str]) -> ir.Field:
    """A parameter under another name, with what is within it."""
    return ir.Field(
        names.get(field.name, field.name), respelt_type(field.type, names), field.optional
    )


def respelt_type(type_: ir.Type, names: dict[str, str]) -> ir.Type:
    """A type with other names for the fields of its records."""
    match type_:
        case ir.ListType(of):
            return ir.ListType(respelt_type(of, names))
        case ir.RecordType(fields):
            return ir.RecordType(by_name(respelt(each, names) for each in fields))
    return type_


def by_name(declared: Iterable[Any]) -> tuple[Any, ...]:
    """Declarations in the order of the IR."""
    return tuple(sorted(declared, key=lambda each: each.name))


def draw_vocabulary(draw: Draw, places: Places, user: bool | None) -> ir.Policy:
    """A policy without rules; `user` says whether there is a `user` block, None for either."""
    packages = PACKAGES[: 1 + draw(integers(0, 2))]

    def qualified(name: str) -> str:
        return f"{pick(draw, packages)}.{name}"

    levels = {qualified("grade"): pick(draw, LEVELS)}
    if draw(BOOLEANS):
        levels[qualified("rank")] = ("low", "high")
    enums = {qualified("currency"): pick(draw, ENUMS)}
    named: tuple[ir.Type, ...] = (*map(ir.LevelType, levels), *map(ir.EnumType, enums))
    table = tuple(ir.Field(name, draw_type(draw, named)) for name in NAMES[:5])
    other = tuple(ir.Field(name, draw_type(draw, named)) for name in NAMES[:2])

    spelt = draw_spelling(draw)

    def parameters() -> tuple[ir.Field, ...]:
        return tuple(respelt(each, spelt) for each in fields(ordered=True))

    def does() -> tuple[ir.ActionKind, ...]:
        said = draw(integers(0, 15)) if chance(draw, 15) else 0
        return tuple(each for place, each in enumerate(ir.KINDS) if said >> place & 1)

    def result() -> ir.Type | None:
        return draw_type(draw, named, 2) if chance(draw, 8) else None

    def fields(ordered: bool = False) -> tuple[ir.Field, ...]:
        return draw_fields(draw, (*other, *table[2:]) if chance(draw, 8) else table, ordered)

    agents = [
        ir.Agent(qualified(name), id, fields(), places.next())
        for name, id in zip(("bot", "crab")[: 1 + draw(integers(0, 1))], AGENT_IDS, strict=False)
    ]
    families = [
        ir.Family(qualified(name), *draw_members(draw), fields(), places.next())
        for name in ("bots", "crew")[: draw(integers(0, 2))]
    ]
    intents = [
        ir.Intent(qualified(name), draw(hostile_text(1)), fields(), places.next())
        for name in ("reconcile", "close")[: 1 + draw(integers(0, 1))]
    ]
    kinds: tuple[Any, ...] = (("ledger", "tool"), ("files", "dataset"))
    resources = [
        ir.Resource(
            qualified(name),
            kind,
            fields(),
            tuple(
                ir.Action(action, parameters(), places.next(), result(), does(), chance(draw, 12))
                for action in ("any", "post", "read")[draw(integers(0, 2)) :]
            ),
            places.next(),
        )
        for name, kind in kinds[: 1 + draw(integers(0, 1))]
    ]
    members = {**levels, **enums}
    sets = [
        draw_set(draw, qualified(name), (*SETS, *named), members)
        for name in ("known", "more")[: draw(integers(0, 2))]
    ]
    return ir.Policy(
        packages=by_name(
            ir.Package(name, pick(draw, OWNERS), CONTROLS[: draw(integers(0, 1))])
            for name in packages
        ),
        agents=by_name(agents),
        families=by_name(families),
        intents=by_name(intents),
        resources=by_name(resources),
        levels=by_name(ir.Enumeration(name, each) for name, each in levels.items()),
        enums=by_name(ir.Enumeration(name, each) for name, each in enums.items()),
        sets=by_name(sets),
        context=fields(),
        user=fields() if (draw(BOOLEANS) if user is None else user) else None,
        bindings=draw_tools(draw, by_name(resources), places),
    )


def draw_tools(
    draw: Draw, resources: tuple[ir.Resource, ...], places: Places
) -> tuple[ir.Binding, ...]:
    """What a server calls the actions, if there is one; a name is at most one action's of a resource."""
    if not chance(draw, 30):
        return ()
    bound = tuple(
        ir.ResourceBinding(
            each.name,
            None,
            tuple(
                ir.ActionBinding(
                    action.name, (f"{action.name}-it", action.name)[: pick(draw, (1, 2))]
                )
                for action in sorted(each.actions, key=lambda action: action.name)
            ),
            (),
            places.next(),
        )
        for each in resources
    )
    return (ir.Binding(ir.TOOLS, bound, (), (), (), places.next()),)


def draw_set(
    draw: Draw, name: str, types: tuple[ir.Type, ...], members: dict[str, tuple[str, ...]]
) -> ir.ConstantSet:
    """A named set; its type is the one that its elements show when they are written."""
    type_ = pick(draw, (*types, ir.STRING, ir.STRING))
    size = 1 + draw(integers(0, 2))
    if type_ == ir.IP and draw(BOOLEANS):
        return ir.ConstantSet(name, ir.IP, tuple(network_value(draw) for _ in range(size)))
    if isinstance(type_, ir.EnumType) and not any(map(is_word, members[type_.name])):
        type_ = ir.STRING  # which members in quotes alone are read as
    values = tuple(constant_value(draw, type_, members) for _ in range(size))
    if isinstance(type_, ir.EnumType) and not any(is_word(str(each)) for each in values):
        values = (*values, next(filter(is_word, members[type_.name])))
    if type_ == ir.NUMBER and all(isinstance(value, int) for value in values):
        type_ = ir.INT
    if type_ == ir.NUMBER and all(float(value).is_integer() for value in values):
        values = (*values, 0.5)  # or it would be read as a set of `int`
    if type_ == ir.STRING and all(read_network(value) for value in values):
        values = (*values, "")
    return ir.ConstantSet(name, type_, values)


# --- What conditions may read ---------------------------------------------------------------------


def merged(holders: Iterable[tuple[ir.Field, ...]], *, by_all: bool = True) -> list[ir.Field]:
    """The fields that holders declare with one type, all of them or some; optional for one is optional."""
    tables = [{field.name: field for field in fields} for fields in holders]
    found = []
    for name in dict.fromkeys(name for table in tables for name in table):
        declared = [table[name] for table in tables if name in table]
        is_lacked = len(declared) < len(tables)
        if len({each.type for each in declared}) == 1 and not (by_all and is_lacked):
            optional = is_lacked or any(each.optional for each in declared)
            found.append(ir.Field(name, declared[0].type, optional))
    return found


def flattened(root: ir.Root, fields: Iterable[ir.Field]) -> list[ir.Attribute]:
    """Attributes for the fields of a root, and for those of records within."""

    def walk(prefix: tuple[str, ...], field: ir.Field, optional: bool) -> Iterable[ir.Attribute]:
        path, optional = (*prefix, field.name), optional or field.optional
        yield ir.Attribute(root, path, field.type, optional)
        yield from (ir.Attribute(root, path, part, optional) for part in parts_of(field.type))
        if isinstance(field.type, ir.RecordType):
            for inner in field.type.fields:
                yield from walk(path, inner, optional)
        if isinstance(field.type, ir.ListType):
            of = ir.Attribute(root, path, field.type, optional)
            yield ir.Attribute(root, (*path, ir.EACH), ir.INT, optional, of)
            yield from within(of, (*path, ir.EACH), field.type.of)

    def within(of: ir.Attribute, path: tuple[str, ...], type_: ir.Type) -> Iterable[ir.Attribute]:
        while isinstance(type_, ir.ListType):
            type_ = type_.of
        if isinstance(type_, ir.RecordType):
            for inner in type_.fields:
                leaf = inner.type
                while isinstance(leaf, ir.ListType):
                    leaf = leaf.of
                found = ir.Attribute(root, (*path, inner.name), ir.ListType(leaf), of.optional, of)
                yield found
                yield ir.Attribute(root, (*found.path, ir.EACH), ir.INT, of.optional, found)

    return [each for field in fields for each in walk((), field, False)]


def parts_of(type_: ir.Type) -> Iterable[ir.Type]:
    """The parts that conditions read of a value, or of each in a list."""
    if isinstance(type_, ir.ListType):
        yield from map(ir.ListType, parts_of(type_.of))
    elif isinstance(type_, ir.Scalar):
        yield from (ir.PartOf(type_, part) for part in ir.PARTS.get(type_, ()))


BUILT_IN: list[ir.Attribute] = [
    *(a for name, row in ROOTS.items() for a in flattened(cast(ir.Root, name), row.built_in)),
    *(
        ir.Attribute(cast(ir.Root, name), (), row.value)
        for name, row in ROOTS.items()
        if row.value is not None
    ),
]


def readable(
    policy: ir.Policy,
    agents: ir.Names,
    intents: ir.Names,
    capabilities: tuple[str, ...],
) -> list[ir.Attribute]:
    """What a condition of a rule that names these may read."""
    everyone = {each.name: each.attributes for each in policy.agents}
    everyone |= {each.name: each.attributes for each in policy.families}
    purposes = {each.name: each.fields for each in policy.intents}
    kinds = {each.name: each.attributes for each in policy.resources}
    calls = {
        f"{each.name}.{action.name}": action.parameters
        for each in policy.resources
        for action in each.actions
    }
    expanded = policy.expand(capabilities)
    starts = {each.name for each in policy.resources if each.kind == KIND}
    # Starts say what can be read only where there is nothing else.
    expanded = tuple(e for e in expanded if e.rpartition(".")[0] not in starts) or expanded
    touched = {each.rpartition(".")[0] for each in expanded}
    return [
        *flattened("args", merged(calls[each] for each in expanded)),
        *flattened("resource", merged(kinds[each] for each in sorted(touched))),
        *flattened("context", policy.context),
        *flattened(
            "agent",
            merged(
                everyone[each] for each in (everyone if isinstance(agents, ir.Unnamed) else agents)
            ),
        ),
        *flattened("task", merged(purposes[each] for each in policy.purposes(intents))),
        *flattened("user", policy.user or ()),
        *BUILT_IN,
    ]
