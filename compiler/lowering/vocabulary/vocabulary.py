"""Declarations to the vocabulary of the IR: packages, agents, intents, resources, types, sets."""

from __future__ import annotations

from collections.abc import Iterable

from ...ir import nodes as ir
from ...ir.roots import ROOTS, reserved
from ...ir.starts import KIND
from ...ir.type_words import in_words
from ...report.diagnostics import Label, at
from ...structs import Struct
from ...syntax import tree as syntax
from ...text.field_names import is_word, segments
from ..literals import literals
from ..literals.forms import spiffe_id
from ..names.controls import check_controls
from ..names.names import Names, PackageTable, twice
from .families import resolve_families
from .starts import add_starts
from .types import fields_of, type_of

LITERALS = ("true", "false", "null")


class Vocabulary(Struct):
    """All that a policy set declares, by qualified name."""

    packages: dict[str, ir.Package]
    agents: dict[str, ir.Agent]
    families: dict[str, ir.Family]
    intents: dict[str, ir.Intent]
    resources: dict[str, ir.Resource]
    levels: dict[str, ir.Enumeration]
    enums: dict[str, ir.Enumeration]
    sets: dict[str, ir.ConstantSet]
    context: dict[str, tuple[ir.Field, ...]]
    """The fields of `context` that each package declares."""
    user: dict[str, tuple[ir.Field, ...]]
    """The fields of `user` that each package with a `user` block declares."""
    startable: frozenset[str] = frozenset()
    """The intents that are types of resources, too: starting a task of them is a call."""

    def action(self, capability: str) -> ir.Action | None:
        """What is declared of a capability, `RESOURCE.ACTION`; None where nothing is."""
        resource, _, name = capability.rpartition(".")
        found = self.resources.get(resource)
        actions = () if found is None else found.actions
        return next((each for each in actions if each.name == name), None)


def lower_vocabulary(names: Names) -> Vocabulary:
    """Turn every declaration that is not a rule into IR."""
    levels: dict[str, ir.Enumeration] = {}
    enums: dict[str, ir.Enumeration] = {}
    for each in names.all("type"):
        assert isinstance(each.node, syntax.LevelDeclaration | syntax.EnumDeclaration)
        target = levels if isinstance(each.node, syntax.LevelDeclaration) else enums
        target[each.name] = ir.Enumeration(each.name, _members(each.node.members, names))
    sets: dict[str, ir.ConstantSet] = {}
    for each in names.all("set"):
        assert isinstance(each.node, syntax.SetDeclaration)
        found = _set(each.name, each.package, each.node, names)
        if found is not None:
            sets[each.name] = found
    agents, families = _agents(names)
    intents: dict[str, ir.Intent] = {}
    for each in names.all("intent"):
        assert isinstance(each.node, syntax.IntentDeclaration)
        fields = fields_of(each.node.fields, each.package, names, reserved=reserved("task"))
        purpose = literals.text(each.node.purpose, names.diagnostics) or ""
        intents[each.name] = ir.Intent(each.name, purpose, fields, each.node.name.span)
    resources: dict[str, ir.Resource] = {}
    for each in names.all("resource"):
        assert isinstance(each.node, syntax.ResourceDeclaration)
        resources[each.name] = _resource(each.name, each.package, each.node, names)
    if any(table.extensions for table in names.packages.values()):
        from .extensions import extend  # which few policies need

        extend(resources, names)
    add_starts(resources, intents, names)
    return Vocabulary(
        packages={each.name: _package(each, names) for each in names.packages.values()},
        agents=agents,
        families=families,
        intents=intents,
        resources=resources,
        levels=levels,
        enums=enums,
        sets=sets,
        context=_request_fields("context", names),
        user=_request_fields("user", names),
        startable=frozenset(name for name, each in resources.items() if each.kind == KIND),
    )


def _package(table: PackageTable, names: Names) -> ir.Package:
    owners = {owner_of(clause, names) for clause in table.owners}
    if len(owners) > 1:
        first, *others = table.owners
        names.diagnostics.append(
            at(
                "AGP1402",
                others[-1].span,
                f"package `{table.name}` has more than one owner",
                also=(Label(first.span, "the first one"),),
                help="one owner answers for a package; a grant or a forbid may name its own",
            )
        )
    owner = owner_of(table.owners[0], names) if table.owners else None
    controls = check_controls(table.controls, names)
    return ir.Package(table.name, owner, controls)


def owner_of(clause: syntax.OwnerClause, names: Names) -> ir.Owner:
    """The owner that a clause names."""
    return ir.Owner(
        literals.text(clause.owner, names.diagnostics) or "",
        literals.text(clause.contact, names.diagnostics) or "",
    )


def _members(nodes: Iterable[syntax.Name], names: Names) -> tuple[str, ...]:
    seen: dict[str, syntax.Name] = {}
    for node in nodes:
        if node.text in seen:
            names.diagnostics.append(twice(node, seen[node.text], "a member"))
        elif node.text in (*ROOTS, *LITERALS):
            what = "a value" if node.text in LITERALS else "read from the request"
            names.diagnostics.append(
                at(
                    "AGP1105",
                    node.span,
                    f"a member cannot be called `{node.text}`",
                    help=f"in a condition this word is {what}: choose another, such as "
                    f"`{node.text}_`",
                )
            )
        seen.setdefault(node.text, node)
    return tuple(segments(text)[0] for text in seen)


def _set(
    name: str, package: str, node: syntax.SetDeclaration, names: Names
) -> ir.ConstantSet | None:
    """A named set; what it is a set of shows in its elements."""
    items = node.values.items
    if not items:
        names.diagnostics.append(
            at("AGP1203", node.values.span, "an empty set has no type", help="give it an element")
        )
        return None
    type_ = _type_of_items(items, package, names)
    if type_ is None:
        return None
    if type_ == ir.IP:
        ranges = [
            literals.network(item, names.diagnostics)
            for item in items
            if isinstance(item, syntax.Text)
        ]
        found: list[ir.Value | None] = list(ranges)
    else:
        found = [literals.value_of(item, type_, package, names) for item in items]
    values = tuple(each for each in found if each is not None)
    return ir.ConstantSet(name, type_, values) if len(values) == len(items) else None


def _type_of_items(
    items: tuple[syntax.Literal_, ...], package: str, names: Names
) -> ir.Type | None:
    if all(isinstance(item, syntax.Text) for item in items):
        texts = [item.value for item in items if isinstance(item, syntax.Text)]
        return ir.IP if all(literals.is_network(each) for each in texts) else ir.STRING
    if all(isinstance(item, syntax.Number) for item in items):
        texts = [item.text for item in items if isinstance(item, syntax.Number)]
        return ir.INT if all(literals.is_whole(each) for each in texts) else ir.NUMBER
    for node_type, type_ in (
        (syntax.Bool, ir.BOOL),
        (syntax.Time, ir.TIME),
        (syntax.Date, ir.DATE),
        (syntax.Duration, ir.DURATION),
    ):
        if all(isinstance(item, node_type) for item in items):
            return type_
    if all(isinstance(item, syntax.Name) or _is_quoted_member(item) for item in items):
        listed = [item for item in items if isinstance(item, syntax.Name | syntax.Text)]
        return _type_of_members(listed, package, names)
    names.diagnostics.append(
        at(
            "AGP1203",
            items[0].span.to(items[-1].span),
            "the elements of a set have one type",
            help="strings, numbers, members of one level or enum, times, dates, durations or ranges",
        )
    )
    return None


def _is_quoted_member(item: syntax.Literal_) -> bool:
    """Whether a text may be a member of an enum, where other elements are members without quotes."""
    return isinstance(item, syntax.Text) and not is_word(item.value)


def _type_of_members(
    items: list[syntax.Name | syntax.Text], package: str, names: Names
) -> ir.Type | None:
    """The level or enum that has all these members."""
    found: list[ir.Type] = []
    for text in names.written("type", package):
        declared = names.find("type", package, text)
        assert declared is not None
        members = literals.members_of(declared.name, names)
        if all(_is_member(item, text, members) for item in items):
            level = isinstance(declared.node, syntax.LevelDeclaration)
            found.append(ir.LevelType(declared.name) if level else ir.EnumType(declared.name))
    if len(found) == 1:
        return found[0]
    span = items[0].span.to(items[-1].span)
    if found:
        several = " and ".join(f"`{in_words(each)}`" for each in found)
        names.diagnostics.append(
            at(
                "AGP1106",
                span,
                f"these are members of {several}",
                help="write the type before the member, as in `currency.EUR`",
            )
        )
    else:
        message = "no level or enum has all these members"
        listed = ".".join(item.text for item in items if isinstance(item, syntax.Name))
        names.miss(listed, at("AGP1101", span, message))
    return None


def _is_member(item: syntax.Name | syntax.Text, type_name: str, members: tuple[str, ...]) -> bool:
    """Whether something is a member of a type, alone or behind the type's name."""
    if isinstance(item, syntax.Text):
        return item.value in members
    prefix, _, last = item.text.rpartition(".")
    return item.text in members or (prefix == type_name and last in members)


def _agents(names: Names) -> tuple[dict[str, ir.Agent], dict[str, ir.Family]]:
    agents: dict[str, ir.Agent] = {}
    families: dict[str, ir.Family] = {}
    by_id: dict[str, syntax.AgentDeclaration] = {}
    for each in names.all("agent"):
        node = each.node
        if not isinstance(node, syntax.AgentDeclaration):
            continue
        id = spiffe_id(node.id, names.diagnostics)
        fields = fields_of(node.attributes, each.package, names, reserved=reserved("agent"))
        if id is not None and id in by_id:
            names.diagnostics.append(
                at(
                    "AGP1102",
                    node.id.span,
                    f"two agents have the identity `{id}`",
                    also=(Label(by_id[id].id.span, "the other one"),),
                    help="one workload is one agent: use the name that is there",
                )
            )
        if id is not None:
            by_id.setdefault(id, node)
            agents[each.name] = ir.Agent(each.name, id, fields, node.name.span)
        else:
            names.lost.update(field.name for field in fields)
    identities = resolve_families(names, agents)
    for each in names.all("agent"):
        node = each.node
        if isinstance(node, syntax.AgentsDeclaration):
            fields = fields_of(node.attributes, each.package, names, reserved=reserved("agent"))
            patterns, ids = identities[each.name].patterns, identities[each.name].ids
            families[each.name] = ir.Family(
                each.name, tuple(sorted(patterns)), tuple(sorted(ids)), fields, node.name.span
            )
    return agents, families


def _resource(
    name: str, package: str, node: syntax.ResourceDeclaration, names: Names
) -> ir.Resource:
    seen: dict[str, syntax.Name] = {}
    actions: list[ir.Action] = []
    for action in node.actions:
        if action.name.text in seen:
            names.diagnostics.append(twice(action.name, seen[action.name.text], "an action"))
            continue
        seen[action.name.text] = action.name
        parameters = fields_of(action.parameters, package, names, keep_order=True, quoted=True)
        given = action.result
        result = None if given is None else type_of(given, package, names, quoted=True)
        said = {each.text for each in action.kinds}
        kinds = tuple(each for each in ir.KINDS if each in said)
        is_open, span = action.others is not None, action.name.span
        actions.append(ir.Action(action.name.text, parameters, span, result, kinds, is_open))
    return ir.Resource(
        name,
        node.kind,
        fields_of(node.attributes, package, names, reserved=reserved("resource")),
        tuple(sorted(actions, key=lambda each: each.name)),
        node.name.span,
    )


def _request_fields(kind: str, names: Names) -> dict[str, tuple[ir.Field, ...]]:
    """What each package declares of `context` or `user`; one name has one type in the whole set."""
    found: dict[str, tuple[ir.Field, ...]] = {}
    types: dict[str, tuple[ir.Field, syntax.Name]] = {}
    for table in names.packages.values():
        blocks = [block for block in table.fields if block.kind == kind]
        if not blocks:
            continue
        nodes = [field for block in blocks for field in block.fields]
        fields = fields_of(nodes, table.name, names, reserved=reserved(kind))
        found[table.name] = fields
        where = {node.name.text: node.name for node in nodes}
        for field in fields:
            first, first_name = types.setdefault(field.name, (field, where[field.name]))
            if first.type != field.type:
                names.diagnostics.append(
                    at(
                        "AGP1102",
                        where[field.name].span,
                        f"`{kind}.{field.name}` is `{in_words(field.type)}` here, "
                        f"and `{in_words(first.type)}` elsewhere",
                        also=(Label(first_name.span, "declared here too"),),
                        help="a request carries one value of this name: give both one type",
                    )
                )
    return found
