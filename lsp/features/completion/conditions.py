"""What may stand in a condition: attributes, facts, named conditions, operators, and constants of the type at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from ....compiler.ir import nodes as ir
from ....compiler.ir.roots import ROOTS
from ....compiler.ir.type_words import in_words
from ....compiler.lowering.conditions.comparisons import EQUALITY, ORDER, ORDERED_SCALARS
from ....compiler.lowering.conditions.sources import holds
from ....compiler.lowering.literals import forms
from ....compiler.lowering.literals.literals import members_of, value_of
from ....compiler.lowering.references.attributes import Environment
from ....compiler.syntax import tree as syntax
from ....compiler.text.field_names import dotted, is_word
from ....compiler.text.strings import quoted
from . import names
from .asked import CompletionPoint
from .offers import Offer
from .scope import Compared

MOST = 2000
"""How many attributes are looked at; a record may have more fields in it than anybody would read a list of."""

Wanted = Callable[[ir.Type], bool]


# --- What is read ---------------------------------------------------------------------------------


def attributes(asked: CompletionPoint, env: Environment, wanted: Wanted) -> Iterator[Offer]:
    """The attributes of a type that is wanted, by their whole paths."""
    typed = asked.cursor.token.typed
    for path, type_, optional in islice(_paths(env, typed), MOST):
        if wanted(type_):
            detail = in_words(ir.value_type(type_)) + (", may be missing" if optional else "")
            yield Offer(path, "attribute", detail, 1 if path.startswith("it.") else 2)


def _paths(env: Environment, typed: str) -> Iterator[tuple[str, ir.Type, bool]]:
    roots = {root: tuple(each.fields.values()) for root, each in env.roots.items()}
    if env.it is not None:
        roots["it"] = env.it.fields
    for root, fields in roots.items():
        row = ROOTS.get(root)
        if row is not None and row.value is not None:
            yield root, row.value, False
            continue
        yield from _within(root, (), fields, False, False, typed)


def _within(
    root: str,
    path: tuple[str, ...],
    fields: tuple[ir.Field, ...],
    is_listed: bool,
    may_lack: bool,
    typed: str,
) -> Iterator[tuple[str, ir.Type, bool]]:
    for each in sorted(fields, key=lambda field: field.name):
        inner = (*path, each.name)
        text = dotted(root, inner)
        goes_on = text.startswith(typed) or typed.startswith(text)
        if typed.startswith(f"{root}.") and not goes_on:
            continue
        optional = may_lack or each.optional
        yield text, _listed(each.type, is_listed), optional
        of = ir.innermost_type(each.type)
        within_list = is_listed or of is not each.type
        if isinstance(of, ir.RecordType):
            yield from _within(root, inner, of.fields, within_list, optional, typed)
        elif isinstance(of, ir.Scalar):
            for part in ir.PARTS.get(of, {}):
                yield f"{text}.{part}", _listed(ir.PartOf(of, part), within_list), optional


def _listed(type_: ir.Type, is_listed: bool) -> ir.Type:
    """A type, or the list of what all lists above it hold of it."""
    return ir.ListType(ir.innermost_type(type_)) if is_listed else type_


def meters(asked: CompletionPoint, env: Environment, wanted: Wanted) -> Iterator[Offer]:
    """The meters that give a type that is wanted: as if the call went ahead, and before it."""
    if env.facts is None:
        return
    for found, written, rank, use in names.in_reach(asked, "meter"):
        meter = env.facts.meters.get(found.name)
        if meter is None:
            continue
        for end, value in (("", "with"), (".before", "before")):
            if not end and not meter.has_with:
                continue
            type_ = meter.read(value).type  # type: ignore[arg-type]
            if wanted(type_):
                detail = f"{in_words(ir.value_type(type_))}, {names.detail_of(found.node)}"
                yield Offer(f"{written}{end}", "meter", detail, rank + bool(end), use=use)


def readable(asked: CompletionPoint, env: Environment, wanted: Wanted) -> Iterator[Offer]:
    """Attributes and meters."""
    yield from attributes(asked, env, wanted)
    yield from meters(asked, env, wanted)


def first(asked: CompletionPoint, env: Environment) -> Iterator[Offer]:
    """What a condition may begin with: what can be compared, and arguments that come from somewhere as a whole."""
    yield from readable(asked, env, is_comparable)
    for offer in attributes(asked, env, lambda type_: not is_comparable(type_) and holds(type_)):
        if offer.label.startswith("args."):
            yield offer


def is_comparable(type_: ir.Type) -> bool:
    """Whether a condition may look at values of a type, and not only ask whether they are there."""
    of = ir.innermost_type(type_)
    return not isinstance(of, ir.RecordType) and of != ir.JSON


def is_list_to_compare(type_: ir.Type) -> bool:
    """Whether a condition may look at the elements of a list of a type."""
    return isinstance(type_, ir.ListType) and is_comparable(type_)


# --- Operators ------------------------------------------------------------------------------------


def operators(type_: ir.Type | None) -> frozenset[str]:
    """The words and signs that may follow what is read, by its type."""
    if isinstance(type_, ir.ListType):
        return frozenset(("contains", "subset", "from") if is_comparable(type_) else ("from",))
    if type_ is None or not is_comparable(type_):
        return frozenset(("from",))
    found = {*EQUALITY, "in", "not", "from"}
    if isinstance(type_, ir.LevelType) or getattr(type_, "name", "") in ORDERED_SCALARS:
        found.update(ORDER)
    if type_ == ir.STRING:
        found.update(("like", "under"))
    if ir.comparable_type(type_) == ir.DOMAIN:
        found.add("under")
    if type_ == ir.IP:
        found.add("within")
    return frozenset(found)


# --- Constants ------------------------------------------------------------------------------------


def right_sides(asked: CompletionPoint, env: Environment, found: Compared) -> Iterator[Offer]:
    """What may stand on the right of an operator."""
    type_, op = found.type, found.op
    if found.constant is not None:
        yield from readable(asked, env, lambda other: _takes(asked, other, op, found.constant))
    elif found.is_listed:
        yield from constants(asked, type_)
    elif op in ("in", "not in", "contains all", "contains any", "subset of"):
        yield from sets(asked, type_)
        yield from readable(asked, env, lambda other: _lists(other, type_))
    elif op == "within":
        yield from sets(asked, ir.IP)
    elif op == "under":
        wanted = ir.DOMAIN if type_ is not None and type_ != ir.STRING else ir.STRING
        yield from readable(asked, env, lambda other: ir.value_type(other) == wanted)
    elif op != "like":
        yield from constants(asked, type_)
        yield from readable(asked, env, lambda other: _compares(other, type_))


def _takes(asked: CompletionPoint, other: ir.Type, op: str, constant: Any) -> bool:
    """Whether what is read may stand on the right of an operator that has a constant on the left."""
    if not is_comparable(other) or (op in ("in", "not in")) != isinstance(other, ir.ListType):
        return False
    if op in ORDER and op not in operators(other):
        return False
    of = ir.innermost_type(ir.value_type(other))
    return value_of(constant, of, asked.package, asked.names) is not None


def _lists(other: ir.Type, type_: ir.Type | None) -> bool:
    if not isinstance(other, ir.ListType) or not is_comparable(other):
        return False
    return type_ is None or ir.comparable_type(other.of) == ir.comparable_type(type_)


def _compares(other: ir.Type, type_: ir.Type | None) -> bool:
    if type_ is None:
        return is_comparable(other) and not isinstance(other, ir.ListType)
    return ir.comparable_type(other) == ir.comparable_type(type_)


def constants(asked: CompletionPoint, type_: ir.Type | None) -> Iterator[Offer]:
    """The members of a level or enum; of all of them where nothing says which."""
    if isinstance(type_, ir.LevelType | ir.EnumType):
        yield from _members(asked, type_.name)
    elif type_ is None:
        for found, *_ in names.in_reach(asked, "type"):
            yield from _members(asked, found.name, in_full=True)


def _members(asked: CompletionPoint, type_name: str, *, in_full: bool = False) -> Iterator[Offer]:
    try:
        members = members_of(type_name, asked.names)
    except KeyError:  # of a type that went with an edit
        return
    package, _, name = type_name.rpartition(".")
    holder = name if package == asked.package else type_name
    for at, member in enumerate(members):
        detail = f"{type_name}, {at + 1} of {len(members)}"
        if not is_word(member):
            yield Offer(quoted(member), "member", detail, 1)
            continue
        yield Offer(member, "member", detail, 1)
        if package and (in_full or asked.cursor.token.typed.startswith(f"{holder}.")):
            yield Offer(f"{holder}.{member}", "member", detail, 2)


def sets(asked: CompletionPoint, type_: ir.Type | None) -> Iterator[Offer]:
    """The named sets of a type."""
    for found, written, rank, use in names.in_reach(asked, "set"):
        constant = asked.known.sets.get(found.name)
        if constant is not None and (type_ is None or _holds(constant, type_)):
            detail = f"set of {len(constant.values)}, [{in_words(constant.type)}]"
            yield Offer(written, "set", detail, rank - 1, use=use)


def _holds(found: ir.ConstantSet, type_: ir.Type) -> bool:
    if found.type in (ir.STRING, ir.IP) and forms.has_form(type_):
        return all(forms.is_formed(each, type_) for each in found.values)
    return found.type == type_ or (found.type == ir.INT and type_ == ir.NUMBER)


# --- Sources --------------------------------------------------------------------------------------


def origins(asked: CompletionPoint, *, is_quoted: bool) -> Iterator[Offer]:
    """Where a value may come from."""
    if not is_quoted:
        yield Offer("said", "keyword", "what the person said", 1)
        yield Offer("task", "keyword", "a field of the task", 1)
        yield from names.declared(asked, "source")
        for found, written, rank, use in names.in_reach(asked, "set"):
            constant = asked.known.sets.get(found.name)
            if constant is not None and holds(constant.type):
                yield Offer(written, "set", names.detail_of(found.node), rank, use=use)
        env = asked.refer.environment(asked.package, None, None, None)
        for path, type_, _ in _within(
            "user", (), tuple(env.roots["user"].fields.values()), False, False, ""
        ):
            if holds(type_):
                yield Offer(path, "attribute", in_words(type_), 4)
    for found, written, rank, use in names.in_reach(asked, "resource"):
        resource = asked.known.resources.get(found.name)
        for action in () if resource is None else resource.actions:
            called = f"{written}.{action.name}"
            if is_quoted:
                yield Offer(called, "action", names.signature(action), rank, use=use)
            of = action.result and ir.innermost_type(action.result)
            if isinstance(of, ir.RecordType):
                for path, type_, _ in islice(
                    _within(called, (), of.fields, False, False, ""), MOST
                ):
                    is_part = ir.part_of(type_) is not None
                    if not is_part and (holds(type_) or (is_quoted and _is_json(type_))):
                        yield Offer(path, "attribute", in_words(type_), rank, use=use)
            elif of is not None and holds(of) and not is_quoted:
                yield Offer(called, "action", names.signature(action), rank, use=use)


def _is_json(type_: ir.Type) -> bool:
    return type_ == ir.JSON or type_ == ir.ListType(ir.JSON)


# --- After an operand -----------------------------------------------------------------------------


def may_follow(
    asked: CompletionPoint, type_: ir.Type | None, node: Any, is_reading: bool, may_ask_origin: bool
) -> Callable[[str], bool]:
    """Which words may follow an operand, by what it is."""
    of_type = operators(type_)
    comparisons = frozenset(
        (*EQUALITY, *ORDER, "in", "contains", "subset", "like", "under", "within", "from")
    )
    if is_reading:
        if not (may_ask_origin and _has_origin(node, type_)):
            of_type -= {"from"}
        if type_ == ir.BOOL:
            return lambda key: key not in comparisons or key in of_type
        return lambda key: key in of_type
    named = isinstance(node, syntax.Name) and asked.names.find(
        "condition", asked.package, node.text
    )
    if named:
        return lambda key: key not in comparisons and key != "not"
    of_constant = frozenset((*EQUALITY, *ORDER, "in"))
    return lambda key: key not in comparisons or key in of_constant


def _has_origin(node: Any, type_: ir.Type | None) -> bool:
    """Whether it can be asked where something comes from: an argument, and no part of one."""
    is_argument = isinstance(node, syntax.Name) and node.text.startswith("args.")
    return is_argument and type_ is not None and holds(type_)
