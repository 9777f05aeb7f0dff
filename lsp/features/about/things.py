"""What there is to say about a thing that a policy declares, by what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ....compiler.ir import nodes as ir
from ....compiler.ir.printing.conditions import plain_text, value_text
from ....compiler.ir.spiffe import is_member
from ....compiler.ir.type_words import in_words
from ....compiler.lowering.names.definitions import Target, TargetKind
from ....compiler.syntax import tree as syntax
from ....compiler.text.counted import counted
from ....compiler.text.field_names import segments, written
from ...markup import Block, Code, Item, Items, Line, Listing, Strong, Text, codes, item, said
from ...snapshot import Snapshot
from ..shown import declared, slice_of
from . import bound
from .facts import about_meter, about_source
from .fields import field_of, name_in_comments, read_as
from .rules import about_rules, answering, rules_of, short, short_capability

MOST_VALUES = 12
_OF_THE_POLICY: tuple[TargetKind, ...] = (
    "rule",
    "action",
    "agent",
    "intent",
    "resource",
    "field",
)
"""Of these something is said that only a policy that compiles tells."""

_STALE = "There are errors now: what rules do and what is bound is of when it last compiled."


class About:
    """Answers about things, as a file of some package sees them."""

    def __init__(self, snapshot: Snapshot, package: str, now: float) -> None:
        """Take what is asked about, and for what moment."""
        self.snapshot, self.package, self.now = snapshot, package, now
        self.known = snapshot.refer.vocabulary
        self.policy = snapshot.policy

    def blocks(self, target: Target) -> list[Block]:
        """All that there is to say: how it is declared, what comments say of it, and what it means."""
        tell: Callable[[str], Iterator[Block]] = getattr(self, f"_{target.kind}")
        found: list[Block] = []
        listing = self._declaration(target)
        if listing is not None:
            found.append(listing)
        found += self._comments(target)
        found += tell(target.name)
        if self.snapshot.is_stale and self.policy is not None and target.kind in _OF_THE_POLICY:
            found.append(said(_STALE))
        return found

    # --- how it is written, and what comments say ---

    def _declaration(self, target: Target) -> Listing | None:
        if target.kind in ("parameter", "field"):
            return self._field_listing(target)
        node = declared(self.snapshot, target)
        if node is None:
            return None
        text = slice_of(self.snapshot, node.span)
        if isinstance(node, syntax.ActionDeclaration):
            text = " ".join((*self._kinds(target.name), "action", text))
        if isinstance(node, syntax.RuleDeclaration) and self._rules(target.name):
            text = f"{node.kind} {node.name.text}"  # and what it does follows in words
        return Listing(text)

    def _rules(self, name: str) -> list[ir.Rule]:
        return [] if self.policy is None else rules_of(self.policy, name)

    def _kinds(self, capability: str) -> tuple[str, ...]:
        action = self.known.action(capability)
        return () if action is None else action.kinds

    def _comments(self, target: Target) -> Iterator[Block]:
        text = self.snapshot.compilation.docs_of(target.kind, name_in_comments(target))
        if text:
            yield Text(text)

    # --- names ---

    def _package(self, name: str) -> Iterator[Block]:
        yield Listing(f"package {name}")
        table = self.snapshot.names.packages.get(name)
        package = self.known.packages.get(name)
        files = [
            each
            for each in self.snapshot.compilation.files
            if each.package and each.package.text == name
        ]
        lines = [item(counted(len(files), "file"))]
        if table is not None and table.uses:
            lines.append(item("uses ", *codes(table.uses)))
        if package is not None:
            lines += answering(package, self.snapshot.names.catalogue)
        yield Items(tuple(lines))

    def _agent(self, name: str) -> Iterator[Block]:
        lines: list[Item] = []
        agent, family = self.known.agents.get(name), self.known.families.get(name)
        if agent is not None:
            of = [each.name for each in self.known.families.values() if is_member(agent.id, each)]
            if of:
                lines.append(item("is one of ", *self._names(of)))
        if family is not None:
            members = [
                each.name for each in self.known.agents.values() if is_member(each.id, family)
            ]
            lines.append(
                item("of the declared agents it has ", *(self._names(members) or ("none",)))
            )
        if self.policy is not None:
            named = [
                each.id
                for each in self.policy.rules
                if isinstance(each.agents, tuple) and name in each.agents
            ]
            lines.append(item(counted(len(named), "rule names", "rules name"), " it"))
            lines += bound.bound_agent(self.policy, name)
        yield Items(tuple(lines))

    def _intent(self, name: str) -> Iterator[Block]:
        intent = self.known.intents.get(name)
        if intent is None:
            return
        yield Text(intent.purpose)
        if self.policy is not None:
            named = [
                each.id
                for each in self.policy.rules
                if isinstance(each.intents, tuple) and name in each.intents
            ]
            yield Items((item(counted(len(named), "rule names", "rules name"), " it"),))

    def _resource(self, name: str) -> Iterator[Block]:
        resource = self.known.resources.get(name)
        if resource is None:
            return
        lines = [item(counted(len(resource.actions), "action"))]
        if self.policy is not None:
            lines += bound.bound_resource(self.policy, name)
        yield Items(tuple(lines))

    def _action(self, name: str) -> Iterator[Block]:
        found = self.known.action(name)
        if found is None:
            return
        lines: list[Item] = []
        if not found.kinds:
            lines.append(item("without a kind: of every kind in a forbid, of none in an allow"))
        if found.is_open:
            lines.append(item("open: it takes arguments that nobody declared"))
        if found.result is not None:
            lines.append(item("gives back ", Code(in_words(found.result))))
        if self.policy is not None:
            lines += bound.bound_action(self.policy, name)
        yield Items(tuple(lines))

    # --- types and fields ---

    def _type(self, name: str) -> Iterator[Block]:
        level = self.known.levels.get(name)
        if level is not None:
            yield said("From least to most: ", *_row(level.members, " < "))
        elif name in self.known.enums:
            yield said("Members, without an order: ", *_row(self.known.enums[name].members, ", "))

    def _member(self, name: str) -> Iterator[Block]:
        *holder, last = segments(name)
        type_ = ".".join(holder)
        level, enum = self.known.levels.get(type_), self.known.enums.get(type_)
        of = level or enum
        if of is None:
            return
        if level is not None:
            at = level.members.index(last) + 1 if last in level.members else 0
            yield said(
                "Member ",
                f"{at} of {len(level.members)} of ",
                Code(short(type_, self.package)),
                ", from least to most: ",
                *_row(level.members, " < ", last),
            )
        else:
            yield said(
                "A member of ",
                Code(short(type_, self.package)),
                ": ",
                *_row(of.members, ", ", last),
            )

    def _field_listing(self, target: Target) -> Listing | None:
        field = field_of(self.snapshot, target.name)
        if field is None:
            return None
        read = read_as(target)
        return Listing(f"{read}{'?' if field.optional else ''}: {in_words(field.type)}")

    def _field(self, name: str) -> Iterator[Block]:
        field = field_of(self.snapshot, name)
        if field is None:
            return
        lines: list[Item] = [item("declared by ", *self._holder(name))]
        if field.optional:
            lines.append(
                item("optional: leaving it out is normal, and a comparison is unknown then")
            )
        lines += self._members(field.type)
        if self.policy is not None:
            parts = segments(name)
            if parts[0] == "context":
                lines += bound.bound_context(self.policy, parts[-1])
            elif len(parts) > 2 and parts[-2] == "resource":
                lines += bound.bound_attribute(self.policy, ".".join(parts[:-2]), parts[-1])
        yield Items(tuple(lines))

    _parameter = _field

    def _holder(self, name: str) -> Line:
        call, is_result, _ = name.partition("().")
        if is_result:
            return ("what ", Code(short_capability(call, self.package)), " gives back")
        parts = [written(each) for each in segments(name)]
        if parts[0] in ("context", "user"):
            return ("the ", Code(parts[0]), " block")
        for word in ("args", "agent", "resource", "task"):
            if word in parts[1:]:
                at = len(parts) - 1 - parts[::-1].index(word)
                holder = ".".join(parts[:at])
                is_call = word == "args"
                return (Code((short_capability if is_call else short)(holder, self.package)),)
        return (Code(".".join(parts[:-1])),)

    def _members(self, type_: ir.Type) -> Iterator[Item]:
        type_ = ir.innermost_type(type_)
        if isinstance(type_, ir.LevelType) and type_.name in self.known.levels:
            yield item("from least to most: ", *_row(self.known.levels[type_.name].members, " < "))
        elif isinstance(type_, ir.EnumType) and type_.name in self.known.enums:
            yield item("one of ", *_row(self.known.enums[type_.name].members, ", "))

    def _set(self, name: str) -> Iterator[Block]:
        found = self.known.sets.get(name)
        if found is None:
            return
        values = [_value(found.type, each) for each in found.values]
        yield said(
            Code(f"[{in_words(found.type)}]"),
            f", {counted(len(values), 'value')}: ",
            *codes(values, MOST_VALUES),
        )

    # --- what reads and decides ---

    def _condition(self, name: str) -> Iterator[Block]:
        yield said("A named condition: a ", Code("bool"), " wherever a condition may stand.")

    def _rule(self, name: str) -> Iterator[Block]:
        rules = self._rules(name)
        if rules:
            yield from about_rules(rules, self.package, self.snapshot.names.catalogue, self.now)

    def _meter(self, name: str) -> Iterator[Block]:
        meter = self.snapshot.refer.facts.meters.get(name)
        if meter is not None:
            yield from about_meter(meter, self.package)

    def _source(self, name: str) -> Iterator[Block]:
        source = self.snapshot.refer.facts.sources.get(name)
        if source is not None:
            yield from about_source(source, self.package)

    def _group(self, name: str) -> Iterator[Block]:
        found = self.snapshot.refer.groups.get((name, False))
        if found is not None:
            names = sorted(short_capability(each, self.package) for each in found)
            yield said(
                counted(len(names), "capability", "capabilities"), ": ", *codes(names, MOST_VALUES)
            )

    def _terms(self, name: str) -> Iterator[Block]:
        yield said(
            "Clauses that a grant takes with ", Code(f"terms {short(name, self.package)}"), "."
        )

    def _control(self, name: str) -> Iterator[Block]:
        catalogue = self.snapshot.names.catalogue
        framework_id, _, id = name.partition(":")
        for framework in catalogue.frameworks:
            if framework.id == framework_id and id in framework.controls:
                yield said(Strong(framework.controls[id]))
                source = () if framework.source is None else (", from ", Code(framework.source))
                yield said(
                    Code(id), " of ", framework.name, ", version ", framework.version, *source
                )

    def _names(self, names: Iterable[str]) -> Line:
        return codes(short(each, self.package) for each in names)


def _row(members: tuple[str, ...], between: str, marked: str | None = None) -> Line:
    found: list[str | Code | Strong] = []
    for each in members:
        if found:
            found.append(between)
        found.append(Strong(each) if each == marked else Code(written(each)))
    return tuple(found)


def _value(type_: ir.Type, value: ir.Value) -> str:
    try:
        return value_text(type_, value)
    except ValueError:
        return plain_text(value)
