"""What files declare: the outline of one, and the names of all that fit what is typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types

from ...compiler.lowering.names.definitions import Target, TargetKind, defined_by
from ...compiler.lowering.names.names import KINDS
from ...compiler.report.source import Span
from ...compiler.syntax import tree as syntax
from ..snapshot import Snapshot
from .completion.names import detail_of

MOST = 200
"""How many names of the workspace are given at once."""

Kind = types.SymbolKind
SYMBOLS: dict[TargetKind, types.SymbolKind] = {
    "package": Kind.Package,
    "agent": Kind.Class,
    "intent": Kind.Event,
    "resource": Kind.Struct,
    "action": Kind.Method,
    "parameter": Kind.Variable,
    "field": Kind.Field,
    "type": Kind.Enum,
    "member": Kind.EnumMember,
    "set": Kind.Constant,
    "condition": Kind.Function,
    "rule": Kind.Object,
    "meter": Kind.Number,
    "source": Kind.Key,
    "group": Kind.Array,
    "terms": Kind.Property,
    "control": Kind.String,
}


# --- The outline of a file ------------------------------------------------------------------------


def document_symbols(snapshot: Snapshot, name: str) -> list[types.DocumentSymbol]:
    """The statements of a file, with what they declare inside."""
    tree = snapshot.tree_of(name)
    package = tree.package_name
    found = [_symbol(snapshot, package, each) for each in tree.statements]
    return [each for each in found if each is not None]


def _symbol(
    snapshot: Snapshot, package: str, node: syntax.Statement
) -> types.DocumentSymbol | None:
    definitions = list(defined_by(package, node, snapshot.names))
    whole = snapshot.range_of(node.span)
    if type(node) in KINDS and definitions:
        (target, name), *inside = definitions
        symbol = types.DocumentSymbol(
            name.text, SYMBOLS[target.kind], whole, snapshot.range_of(name.span),
            detail=detail_of(node) or None,  # type: ignore[arg-type]
        )  # fmt: skip
        _nest(snapshot, symbol, target, inside)
        if isinstance(node, syntax.RuleDeclaration):
            _add_rules(snapshot, symbol, node)
        return symbol
    title = _title(node)
    if title is None:
        return None
    text, kind, at = title
    symbol = types.DocumentSymbol(text, kind, whole, snapshot.range_of(at))
    if isinstance(node, syntax.ContextDeclaration | syntax.ExtendDeclaration):
        _nest(snapshot, symbol, None, definitions)
    return symbol


def _title(node: syntax.Statement) -> tuple[str, types.SymbolKind, Span] | None:
    """What a statement without a name of its own is called."""
    match node:
        case syntax.ContextDeclaration(kind=kind):
            return kind, Kind.Namespace, node.span
        case syntax.ExtendDeclaration(name=name):
            return f"extend {name.text}", Kind.Struct, name.span
        case syntax.TestDeclaration(name=text):
            return text.value or '""', Kind.Boolean, text.span
        case syntax.BindDeclaration(target=name):
            return f"bind {name.text}", Kind.Interface, name.span
        case syntax.SeparateDeclaration(capabilities=capabilities):
            return f"separate {_list(capabilities)}", Kind.Operator, node.span
        case syntax.IsolateDeclaration(left=left, right=right):
            return f"isolate {left.text} from {right.text}", Kind.Operator, node.span
        case syntax.DelegateDeclaration(delegator=one, delegate=other):
            return f"delegate {one.text} to {other.text}", Kind.Operator, node.span
        case syntax.WithinDeclaration(inner=inner, outer=outer):
            return f"assert {inner.text} within {outer.text}", Kind.Operator, node.span
        case syntax.AssertDeclaration(possible=possible, agents=agents, capabilities=capabilities):
            who = "agent" if agents is None else _list(agents)
            no = "" if possible else "no "
            return f"assert {no}{who} can {_list(capabilities)}", Kind.Operator, node.span
        case _:
            return None


def _list(names: Iterable[syntax.Name]) -> str:
    return ", ".join(each.text for each in names)


def _nest(
    snapshot: Snapshot,
    symbol: types.DocumentSymbol,
    target: Target | None,
    inside: Iterable[tuple[Target, syntax.Name]],
) -> None:
    """Put what is declared inside something below what holds it, which the names tell."""
    above: list[tuple[str, types.DocumentSymbol]] = []
    for each, name in inside:
        if isinstance(symbol, types.DocumentSymbol) and each.kind == "rule":
            continue
        where = snapshot.range_of(name.span)
        made = types.DocumentSymbol(name.text or '""', SYMBOLS[each.kind], where, where)
        while above and not each.name.startswith((f"{above[-1][0]}.", f"{above[-1][0]}(")):
            above.pop()
        for _, holder in above:
            holder.range = types.Range(holder.range.start, max(holder.range.end, where.end))
        _add(above[-1][1] if above else symbol, made)
        above.append((each.name, made))


def _add(symbol: types.DocumentSymbol, child: types.DocumentSymbol) -> None:
    symbol.children = [*(symbol.children or ()), child]


def _add_rules(
    snapshot: Snapshot, symbol: types.DocumentSymbol, node: syntax.RuleDeclaration
) -> None:
    """Each `allow` of a grant is a rule, and has a label, or the names of what it allows."""
    for clause in node.clauses:
        if isinstance(clause, syntax.AllowClause):
            named = _list(clause.capabilities)
            at = clause.span if clause.label is None else clause.label.span
            label = named if clause.label is None else clause.label.text
            _add(
                symbol,
                types.DocumentSymbol(
                    label, Kind.Object, snapshot.range_of(clause.span), snapshot.range_of(at),
                    detail=None if clause.label is None else named,
                ),
            )  # fmt: skip


# --- The names of the workspace -------------------------------------------------------------------


def workspace_symbols(snapshots: Iterable[Snapshot], query: str) -> list[types.WorkspaceSymbol]:
    """The names that fit what is typed: its letters in their order, those that begin so first; so many at most."""
    wanted = query.lower()
    fitting: list[tuple[int, str, Snapshot, Target, syntax.Name]] = []
    seen: set[tuple[str, int, int]] = set()
    for snapshot in snapshots:
        for target, name in _declared(snapshot):
            rank = _rank(name.text.lower(), target.name.lower(), wanted)
            place = (snapshot.uri_of(name.span.file), name.span.line, name.span.column)
            if rank is not None and place not in seen:
                seen.add(place)
                fitting.append((rank, target.name, snapshot, target, name))
    fitting.sort(key=lambda each: each[:2])
    return [
        types.WorkspaceSymbol(
            snapshot.location_of(name.span),
            name.text or '""',
            SYMBOLS[target.kind],
            container_name=target.name.rpartition(".")[0] or None,
        )
        for _, _, snapshot, target, name in fitting[:MOST]
    ]


def _declared(snapshot: Snapshot) -> Iterator[tuple[Target, syntax.Name]]:
    for tree in snapshot.compilation.files:
        package = tree.package_name
        for statement in tree.statements:
            for target, name in defined_by(package, statement, snapshot.names):
                if target.kind not in ("parameter", "field"):
                    yield target, name


def _rank(name: str, qualified: str, wanted: str) -> int | None:
    """How well a name fits: 0 is best; None if it does not."""
    if name.startswith(wanted):
        return 0
    if wanted in name:
        return 1
    letters = iter(qualified)
    return 2 if all(each in letters for each in wanted) else None
