"""What a condition may read: the attributes that each root has, for what a rule names.

A rule that names several agents, intents or capabilities may read what all of them declare, with
the same type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from ...ir import nodes as ir
from ...ir.roots import ROOTS
from ...ir.type_words import in_words
from ...report.diagnostics import Diagnostics, at
from ...structs import Struct, changed
from ...syntax import tree as syntax
from ...text.field_names import dotted, segments, written
from ...text.suggestions import did_you_mean
from ..names.mentions import NOBODY
from ..names.names import Names

if TYPE_CHECKING:
    from .facts import Facts
    from .references import References

Holder: TypeAlias = tuple[str, tuple[ir.Field, ...]]
"""Something that declares fields: what to call it in a message, and the fields."""


class Readable(Struct):
    """What one root offers: the fields that all holders agree on, and why others are refused."""

    fields: dict[str, ir.Field]
    refused: dict[str, str]
    holders: tuple[str, ...]
    declarers: tuple[str, ir.Names] = NOBODY
    """The root, and the names of what declares the fields."""


def merge(root: str, holders: Iterable[Holder], *, by_all: bool = True) -> Readable:
    """Find the fields that all holders declare with one type; optional in one is optional.

    Unless they have to be declared `by_all`, one that some lack is optional.
    """
    listed = list(holders)
    fields: dict[str, ir.Field] = {}
    refused: dict[str, str] = {}
    for name in {each.name for _, declared in listed for each in declared}:
        found = [next((f for f in declared if f.name == name), None) for _, declared in listed]
        present = [(who[0], f) for who, f in zip(listed, found, strict=True) if f is not None]
        lacking = [who[0] for who, f in zip(listed, found, strict=True) if f is None]
        first_who, first = present[0]
        other = next(((who, f) for who, f in present if f.type != first.type), None)
        if lacking and by_all:
            refused[name] = f"{lacking[0]} does not declare it, and {first_who} does"
        elif other is not None:
            refused[name] = (
                f"it is `{in_words(first.type)}` for {first_who} "
                f"and `{in_words(other[1].type)}` for {other[0]}"
            )
        else:
            fields[name] = ir.Field(
                name, first.type, bool(lacking) or any(f.optional for _, f in present)
            )
    for each in ROOTS[root].built_in:
        fields[each.name] = each
    return Readable(fields, refused, tuple(who for who, _ in listed))


def together(holders: Iterable[Iterable[ir.Field]]) -> tuple[ir.Field, ...]:
    """The fields that any holder declares, by name; optional in one is optional."""
    fields: dict[str, ir.Field] = {}
    for each in (field for declared in holders for field in declared):
        before = fields.get(each.name)
        optional = each.optional or (before is not None and before.optional)
        fields[each.name] = changed(each, optional=optional)
    return tuple(fields[name] for name in sorted(fields))


class Environment(Struct):
    """Where a condition stands: its package, and what each root offers there.

    A root that is missing from `roots` is not judged: what it would be has been reported already,
    or is not known yet.
    """

    package: str
    names: Names
    sets: Mapping[str, ir.ConstantSet]
    roots: dict[str, Readable]
    refer: References | None = None
    """What knows the facts that may be read here; None where none may."""
    it: ir.RecordType | None = None
    """The record of a result that is read as `it`, where there is one."""
    it_holder: str = ""
    """What declares its fields."""

    @property
    def facts(self) -> Facts | None:
        """The facts that may be read here."""
        return None if self.refer is None else self.refer.facts

    @property
    def diagnostics(self) -> Diagnostics:
        """Where findings go."""
        return self.names.diagnostics

    def of(self, package: str, diagnostics: Diagnostics) -> Environment:
        """The same for a condition of another package, whose findings go elsewhere."""
        return changed(self, package=package, names=self.names.reporting_to(diagnostics))

    def read(self, name: syntax.Name) -> ir.Attribute | None:
        """Give the attribute that a path such as `args.to` names; else say what is wrong."""
        root, *path = segments(name.text)
        if root == "it":
            return self._read_it(name, path)
        value = ROOTS[root].value
        if value is not None:
            if path:
                self._unknown(name, f"`{root}` is a {in_words(value)}, and has no fields", WINDOW)
                return None
            return ir.Attribute(cast(ir.Root, root), (), value)
        if not path:
            self._unknown(
                name,
                f"`{root}` by itself has no value",
                f"{_NAMED[root]}; or read a field of it, as in "
                f"`{dotted(root, (next(iter(self._fields(root)), 'id'),))}`"
                if root in _NAMED
                else f"read a field of it, as in `{dotted(root, (next(iter(self._fields(root)), 'id'),))}`",
            )
            return None
        readable = self.roots.get(root)
        if readable is None:
            return None
        return self._follow(name, root, path, readable)

    def _read_it(self, name: syntax.Name, path: list[str]) -> ir.Attribute | None:
        """A field of the record that holds a value."""
        fields = self.it.fields if self.it is not None else ()
        by_name = {each.name: each for each in fields}
        readable = Readable(by_name, {}, ("this record",), ("it", (self.it_holder,)))
        if not path:
            self._unknown(name, "`it` by itself has no value", "read a field of it")
            return None
        found = self._follow(name, "it", path, readable)
        return None if found is None else _of_it(found)

    def _follow(
        self, name: syntax.Name, root: str, path: list[str], readable: Readable
    ) -> ir.Attribute | None:
        first = readable.fields.get(path[0])
        if first is None:
            if path[0] in readable.refused:
                self.diagnostics.append(
                    at(
                        "AGP1110",
                        name.span,
                        f"`{dotted(root, path[:1])}` is not the same for all that this rule names: "
                        f"{readable.refused[path[0]]}",
                        help="declare it for all of them, or write a rule for each",
                    )
                )
            else:
                where = self._where(root, readable)
                self._unknown(
                    name,
                    f"{where} declares no `{written(path[0])}`",
                    did_you_mean(
                        written(path[0]), map(written, (*readable.fields, *readable.refused))
                    )
                    or self._how_to_declare(root, readable, path[0]),
                    path[0],
                )
            return None
        self.names.mentions.noted.append((name, "path", readable.declarers))
        type_, optional = first.type, first.optional
        steps = [path[0]]
        listed: ir.Attribute | None = None  # the list of records that the rest is read of
        for at_, step in enumerate(path[1:], start=1):
            if at_ == len(path) - 1 and (part := _part_type(type_, step)) is not None:
                type_ = part
                continue
            of_list = _records_of(type_)
            if of_list is not None:
                if listed is None:
                    listed = ir.Attribute(cast(ir.Root, root), tuple(steps), type_, optional)
                steps.append(ir.EACH)
                type_ = of_list
            if not isinstance(type_, ir.RecordType):
                help = f"compare it as a whole: `{dotted(root, path[:-1])}`"
                if parts := ir.PARTS.get(ir.element_type(type_)):
                    help = f"it has {', '.join(f'`.{each}`' for each in parts)}"
                elif isinstance(type_, ir.ListType):
                    help = "a list is looked into with `some NAME == …`, `every NAME == …` or `contains`"
                elif type_ == ir.JSON:
                    help = "declare it as a record, as in `{ name: string }`, to read its fields"
                type_words = in_words(type_)
                article = "an" if type_words[0] in "aeio" else "a"
                self._unknown(name, f"{article} `{type_words}` has no fields", help)
                return None
            inner = next((each for each in type_.fields if each.name == step), None)
            if inner is None:
                self._unknown(
                    name,
                    f"`{in_words(type_)}` has no field `{written(step)}`",
                    did_you_mean(written(step), (written(each.name) for each in type_.fields)),
                    step,
                )
                return None
            steps.append(step)
            type_, optional = inner.type, optional or (inner.optional and listed is None)
        if listed is None:
            return ir.Attribute(cast(ir.Root, root), tuple(steps), type_, optional)
        of_all = ir.ListType(ir.innermost_type(type_))  # lists within it are read as one
        return ir.Attribute(listed.root, tuple(steps), of_all, optional, listed)

    def _fields(self, root: str) -> dict[str, ir.Field]:
        """The fields that a root has here."""
        return self.roots[root].fields if root in self.roots else {}

    def _how_to_declare(self, root: str, readable: Readable, name: str) -> str | None:
        """What to write where nothing near is declared."""
        if root == "context" and name in _CLOCK:
            return _CLOCK[name]
        if root == "task" and name in ("intent", "purpose", "name", "goal"):
            return _NAMED["task"]
        if root != "it" and ROOTS[root].declared_by == "block":
            type_ = "[string]" if re.search(r"[^su]s$", name) else "string"
            return f"declare it, with its type: `{root} {{ {name[:40]}: {type_} }}`"
        if root == "agent" and any(who.startswith("family") for who in readable.holders):
            return "a family declares its own attributes; it has none from its members"
        if readable.fields and len(readable.fields) <= 8:
            return f"it has {', '.join(f'`{dotted(root, (each,))}`' for each in sorted(readable.fields))}"
        return None

    def _where(self, root: str, readable: Readable) -> str:
        if root != "it" and ROOTS[root].declared_by == "block":
            return f"the `{root}` block"
        if not readable.holders:
            return "nothing that this rule names"
        more = len(readable.holders) - 1
        return readable.holders[0] + (f" (and {more} more)" if more else "")

    def _unknown(
        self, name: syntax.Name, message: str, help: str | None, missing: str = ""
    ) -> None:
        """Report a name that cannot be read; `missing` is the part of it that nobody declares."""
        self.names.miss(missing, at("AGP1109", name.span, message, help=help))


def _part_type(type_: ir.Type, step: str) -> ir.Type | None:
    """The type of a part that a value has, or each in a list; None if there is no such part."""
    if isinstance(type_, ir.ListType):
        inner = _part_type(type_.of, step)
        return None if inner is None else ir.ListType(inner)
    parts = ir.PARTS.get(type_, {})
    name = next((each for each in parts if each == step), None)
    return ir.PartOf(type_, name) if name is not None and isinstance(type_, ir.Scalar) else None


def _of_it(attribute: ir.Attribute) -> ir.Attribute:
    """An attribute of the record at hand, as conditions read it."""
    of = None if attribute.of is None else _of_it(attribute.of)
    return changed(attribute, root="context", path=("it", *attribute.path), of=of)


def _records_of(type_: ir.Type) -> ir.RecordType | None:
    """The records in a list of them, or in a list of such lists; None where it is none."""
    of = ir.innermost_type(type_)
    return of if isinstance(of, ir.RecordType) and of is not type_ else None


_NAMED = {
    "agent": "agents are named after `to`, as in `to some_agent`",
    "task": "intents are named after `for`, as in `for some_intent`",
    "resource": "resources are named after `allow` or `deny`, as in `deny resource.action`",
}
"""Where a rule names what other languages compare a root with."""

WINDOW = 'write `during mon..fri 09:00..17:00 "Europe/Berlin"` in the grant'
_CLOCK = {
    **dict.fromkeys(("hour", "minute", "weekday", "day", "day_of_week", "time_of_day"), WINDOW),
    **dict.fromkeys(("time", "now", "timestamp", "date", "current_time"), "write `now`"),
}
"""What other languages read from a request, and this one has of itself."""
