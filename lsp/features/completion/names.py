"""Names of what packages declare: their own as they are, those of other packages with the package before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....compiler.ir import nodes as ir
from ....compiler.ir.printing.conditions import is_name
from ....compiler.ir.roots import SCALARS
from ....compiler.ir.type_words import in_words
from ....compiler.lowering.names.names import Declaration, Declared, Kind
from ....compiler.syntax import tree as syntax
from ....compiler.text.field_names import written as written_name
from ....compiler.text.strings import quoted
from .asked import CompletionPoint
from .offers import Offer, Sort

_SORTS: dict[Kind, Sort] = {
    "agent": "agent", "intent": "intent", "resource": "resource", "type": "type", "set": "set",
    "condition": "condition", "rule": "rule", "meter": "meter", "source": "source", "group": "group",
    "terms": "terms",
}  # fmt: skip
OWN, USED, UNUSED = 3, 4, 7
"""How names of the package itself rank, of those that it uses, and of those that it does not."""


def declared(
    asked: CompletionPoint,
    kind: Kind,
    wanted: Callable[[Declared[Declaration]], bool] | None = None,
) -> Iterator[Offer]:
    """The declarations of a kind, as they are written here."""
    for found, written, rank, use in in_reach(asked, kind):
        if wanted is None or wanted(found):
            yield Offer(written, _SORTS[kind], detail_of(found.node), rank, use=use)


def in_reach(
    asked: CompletionPoint, kind: Kind
) -> Iterator[tuple[Declared[Declaration], str, int, str | None]]:
    """Each declaration of a kind, how it is written here, its rank, and the package that would have to be used."""
    visible = asked.names.visible(asked.package)
    in_full = asked.cursor.token.typed.startswith(f"{asked.package}.")
    for package, table in asked.names.packages.items():
        is_own, is_used = package == asked.package, package in visible
        rank = OWN if is_own else USED if is_used else UNUSED
        for name, found in table.declared[kind].items():
            if is_own and (kind, name) == asked.declaring:
                continue  # nothing is made of itself
            written = name if is_own and not in_full else f"{package}.{name}"
            yield found, written, rank, None if is_used else package


def detail_of(node: Declaration) -> str:
    """What is said of a declaration in a line."""
    match node:
        case syntax.AgentDeclaration(id=id):
            return id.value
        case syntax.AgentsDeclaration(members=members):
            return ", ".join(
                each.value if isinstance(each, syntax.Text) else each.text for each in members
            )
        case syntax.IntentDeclaration(purpose=purpose):
            return purpose.value
        case syntax.ResourceDeclaration(kind=kind, actions=actions):
            return f"{kind}: {', '.join(each.name.text for each in actions)}"
        case syntax.LevelDeclaration(members=members):
            return " < ".join(each.text for each in members)
        case syntax.EnumDeclaration(members=members):
            return ", ".join(each.text for each in members)
        case syntax.RuleDeclaration(kind=kind):
            return kind
        case syntax.MeterDeclaration(aggregate=aggregate, capabilities=capabilities):
            of = ", ".join(each.text for each in capabilities)
            return f"meter: {aggregate.kind} of {of}"
        case syntax.GroupDeclaration(capabilities=capabilities):
            return ", ".join(each.text for each in capabilities)
        case syntax.SetDeclaration(values=values):
            return f"set of {len(values.items)}"
        case syntax.LetDeclaration():
            return "condition"
        case syntax.SourceDeclaration():
            return "source"
        case syntax.TermsDeclaration():
            return "terms"


# --- Kinds of names -------------------------------------------------------------------------------


def agents(asked: CompletionPoint, *, families: bool = True, alone: bool = True) -> Iterator[Offer]:
    """Agents and families, or one of the two."""

    def wanted(found: Declared[Declaration]) -> bool:
        is_family = isinstance(found.node, syntax.AgentsDeclaration)
        return families if is_family else alone

    return declared(asked, "agent", wanted)


def types(asked: CompletionPoint) -> Iterator[Offer]:
    """The types of the language, and declared levels and enums."""
    for each in SCALARS:
        yield Offer(each, "type", "", 4)
    yield from declared(asked, "type")


def packages(asked: CompletionPoint) -> Iterator[Offer]:
    """The packages that could be used."""
    for each in asked.names.packages:
        if each != asked.package:
            is_used = each in asked.names.visible(asked.package)
            yield Offer(each, "package", "used already" if is_used else "", 5 + is_used)


def capabilities(asked: CompletionPoint, *, single: bool) -> Iterator[Offer]:
    """What may be done: an action, and where it needs not be a `single` one, all of a resource, groups and `any`."""
    for found, written, rank, use in in_reach(asked, "resource"):
        resource = asked.known.resources.get(found.name)
        if resource is None:
            continue
        for action in resource.actions:
            kinds = " ".join(action.kinds)
            yield Offer(
                f"{written}.{action.name}", "action", signature(action), rank, use=use,
                documentation=f"marked `{kinds}`" if kinds else "",
            )  # fmt: skip
        if not single and resource.actions:
            count = len(resource.actions)
            yield Offer(f"{written}.*", "action", f"all {count} actions", rank + 1, use=use)
    for found, written, rank, use in in_reach(asked, "intent"):
        if found.name in asked.known.startable:
            yield Offer(f"{written}.start", "action", "starts a task", rank + 1, use=use)
            if not single:
                yield Offer(f"{written}.*", "action", "starts a task", rank + 2, use=use)
    if not single:
        yield Offer("any", "keyword", "all capabilities", 6)
        yield from declared(asked, "group")


def signature(action: ir.Action) -> str:
    """The parameters of an action, as they are declared."""
    inner = [parameter(each) for each in action.parameters]
    result = "" if action.result is None else f" -> {in_words(action.result)}"
    return f"({', '.join([*inner, *(['...'] if action.is_open else [])])}){result}"


def parameter(field: ir.Field) -> str:
    """A parameter, as it is declared."""
    return f"{written_name(field.name)}{'?' if field.optional else ''}: {in_words(field.type)}"


def rules(asked: CompletionPoint, *, is_first_of_deny: bool) -> Iterator[Offer]:
    """Rules as a test names them: by their last part where that is enough, and in full; of a deny that none is."""
    ids = asked.rule_ids or tuple(_written_rules(asked))
    ends: dict[str, int] = {}
    for id in ids:
        parts = id.split(".")
        for at in range(len(parts)):
            end = ".".join(parts[at:])
            ends[end] = ends.get(end, 0) + 1
    for id in ids:
        own = id.removeprefix(f"{asked.package}.")
        label = own.partition(".")[2]
        short = label if label and ends[label] == 1 else own
        yield Offer(_as_rule(short), "rule", id, OWN if own != id else UNUSED)
        if own != short:
            yield Offer(_as_rule(own), "rule", id, USED if own != id else UNUSED)
    if is_first_of_deny:
        yield Offer("no rule", "keyword", "nothing applies", 6)


def _as_rule(name: str) -> str:
    """A rule as a test writes it: in quotes where its name is no path, as that of an allow of several actions."""
    return name if is_name(name) else quoted(name)


def _written_rules(asked: CompletionPoint) -> Iterator[str]:
    """The identities of rules as far as they can be seen without making sense of them."""
    for found in asked.names.all("rule"):
        assert isinstance(found.node, syntax.RuleDeclaration)
        if found.node.kind == "forbid":
            yield found.name
            continue
        for clause in found.node.clauses:
            if isinstance(clause, syntax.AllowClause):
                label = clause.label or clause.capabilities[0]
                yield f"{found.name}.{label.text}"
