"""What a condition may read at a place, and of what type is what stands before it or has to stand there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....compiler.ir import nodes as ir
from ....compiler.ir.roots import ROOTS
from ....compiler.lowering.conditions.operands import is_read, read_term, type_of
from ....compiler.lowering.conditions.sources import at_path
from ....compiler.lowering.references.attributes import Environment
from ....compiler.lowering.references.capabilities import capabilities_of
from ....compiler.report.source import Span
from ....compiler.structs import Struct, changed
from ....compiler.syntax import tree as syntax
from ....compiler.text.field_names import segments
from .around import Around
from .asked import CompletionPoint

NOWHERE = Span("", 1, 1, 1, 1)
RULES = ("grant", "forbid", "terms")


# --- What can be read -----------------------------------------------------------------------------


def environment(asked: CompletionPoint, around: Around) -> Environment:
    """What the condition at a place may read, as far as what it is about can be made sense of."""
    is_of_call = around.word == "as"  # of a key, what the call at hand has
    if not is_of_call and (counted := _counted(around, "after")):
        return _of_records(asked, counted)
    opened = around.last("{")
    head = around.symbol(opened - 2)
    if opened > 1 and head in RULES:
        return _of_rule(asked, around, opened, head)
    statement = next((each for each in around.symbols if each in _STATEMENTS), "")
    if statement == "meter" and not is_of_call:
        node = asked.statement
        behind = node.capabilities if isinstance(node, syntax.MeterDeclaration) else ()
        return _of_records(asked, _counted(around, "of") or behind)
    if statement == "source":
        return _of_origin(asked, around.values[around.last("when") - 1])
    if statement == "assert":
        no = around.last("no", "assert")
        agents = around.values[no + 1] if no + 1 < len(around.values) else None
        capabilities = around.follows("can") or ()
        is_denied = "no" in around.symbols
        intents = around.follows("for")
        return _of(asked, agents, intents, capabilities, ir.DECLARED, unmarked=is_denied)
    return asked.refer.anywhere(asked.package)


_STATEMENTS = ("meter", "source", "assert", "let")


def _of_rule(asked: CompletionPoint, around: Around, opened: int, head: str) -> Environment:
    if head == "terms":
        return asked.refer.anywhere(asked.package)
    clauses = rule_clauses(asked, around, opened)
    to = next((each for each in clauses if isinstance(each, syntax.ToClause)), None)
    for_ = next((each for each in clauses if isinstance(each, syntax.ForClause)), None)
    allow = around.last("allow")
    if allow > opened:
        capabilities = around.values[allow + 1]
    else:
        wanted = syntax.AllowClause | syntax.DenyClause
        named = [each.capabilities for each in clauses if isinstance(each, wanted)]
        capabilities = [name for each in named for name in each]
    unnamed = ir.DECLARED if head == "grant" else ir.ANYONE
    agents = to.names if to else None if head == "forbid" else ()
    intents = for_.names if for_ else None if head == "forbid" else ()
    return _of(asked, agents, intents, capabilities, unnamed, unmarked=head == "forbid")


def rule_clauses(asked: CompletionPoint, around: Around, opened: int) -> list[syntax.Clause]:
    """The clauses of the rule at hand: those before the token, and those that the tree has behind it."""
    found = around.gathered(opened)
    node = asked.statement
    if isinstance(node, syntax.RuleDeclaration | syntax.TermsDeclaration):
        kinds = {type(each) for each in found}
        found += [each for each in node.clauses if type(each) not in kinds]
    return found


def _of(
    asked: CompletionPoint,
    agents: Any,
    intents: Any,
    capabilities: Any,
    unnamed: Any,
    *,
    unmarked: bool = True,
) -> Environment:
    """Where the conditions stand of what names these; of what is not known nothing is said.

    `unmarked` is whether actions without a kind are of every kind here.
    """
    refer, package = asked.refer, asked.package
    if (
        package not in refer.names.packages
    ):  # the file names none yet, so that nothing is known in it
        return refer.environment(package, None, None, None)
    who = _known(agents, unnamed, lambda names: refer.agents(package, names))
    why = _known(intents, unnamed, lambda names: refer.intents(package, names))
    what = _capabilities(asked, capabilities, unmarked=unmarked)
    return refer.environment(package, who, why, what or None)


def _known(names: Any, unnamed: Any, look_up: Any) -> Any:
    if names is None:
        return unnamed
    found: set[str] = set()
    for each in names if isinstance(names, Iterable) else (names,):
        found.update(look_up((each,)) or ())
    return tuple(sorted(found)) or None


def _capabilities(
    asked: CompletionPoint, named: Iterable[Any], *, unmarked: bool = True
) -> tuple[str, ...]:
    found: set[str] = set()
    for each in named:
        if isinstance(each, syntax.Name):
            one = capabilities_of(asked.refer, asked.package, (each,), unmarked=unmarked)
            found.update(one or ())
    return tuple(sorted(found))


def _of_records(asked: CompletionPoint, named: Iterable[Any]) -> Environment:
    """Where the condition of a meter stands, or that of an `after`."""
    capabilities = asked.refer.expand(_capabilities(asked, named))
    if not capabilities:  # which may be written last
        return changed(asked.refer.anywhere(asked.package), refer=None)
    return asked.refer.records_environment(asked.package, capabilities)


def _counted(around: Around, word: str) -> Any:
    """The capabilities behind the innermost of a word; none where there are none yet."""
    at = around.last(word)
    rest = around.values[at + 1 :] if at >= 0 else ()
    return next((each for each in rest if isinstance(each, list | tuple)), ())


def may_ask_origin(around: Around, env: Environment) -> bool:
    """Whether a condition may ask at a place where a value comes from: where truth is demanded, of a request."""
    at = around.last("when", "unless", "let")
    if env.refer is None or around.symbol(at - 1) == "revoke" or "assert" in around.symbols:
        return False
    word, rule = around.symbol(at), around.symbol(around.last("{") - 2)
    turned = around.symbols[at + 1 :].count("not") % 2 == 1
    return word == "let" or turned == (word == "when" and rule == "forbid")


def _of_origin(asked: CompletionPoint, name: Any) -> Environment:
    """Where the condition of an origin stands, which reads the record that holds the value."""
    found = result_of(asked, name)
    if found is None:
        return asked.refer.environment(asked.package, None, None, None)
    capability, path, result = found
    return asked.refer.result_environment(asked.package, capability, at_path(result, path)[1], "")


def result_of(
    asked: CompletionPoint, name: Any
) -> tuple[str, tuple[str, ...], ir.Type | None] | None:
    """The capability that an origin names, the path behind it, and what the call gives back."""
    parts = segments(name.text) if isinstance(name, syntax.Name) else []
    for at in range(1, len(parts)):
        if asked.names.find("resource", asked.package, ".".join(parts[:at])) is not None:
            written = ".".join(parts[: at + 1])
            capability = asked.refer.capability(asked.package, syntax.Name(NOWHERE, written))
            action = None if capability is None else asked.known.action(capability)
            if capability is None or action is None:
                return None
            return capability, tuple(parts[at + 1 :]), action.result
    return None


# --- Operands -------------------------------------------------------------------------------------


class Compared(Struct):
    """What a comparison asks for on its right side."""

    type: ir.Type | None
    """Of the values that are compared; None where the left side is a constant, or unknown."""
    op: str
    is_listed: bool = False
    """Whether the values stand in brackets."""
    constant: syntax.Operand | None = None
    """The left side, where it is one."""


def operand_type(env: Environment, node: Any) -> ir.Type | None:
    """The type of an operand that is read from the request; None of a constant, and of what is not known."""
    if node is None or isinstance(node, str) or not is_read(env, node):
        return None
    term = read_term(env, node, "")
    return None if term is None else type_of(term)


def compared(env: Environment, around: Around) -> Compared | None:
    """The comparison whose right side is at hand."""
    at = around.introducer()
    is_listed = around.symbol(at) == "["
    if is_listed:
        at -= 1
    if around.symbol(at) != "operator":
        return None
    left = around.values[at - 1]
    type_, constant = operand_type(env, left), None if is_read(env, left) else left
    op = around.values[at]
    if around.symbol(at - 2) in ("every", "some") and isinstance(type_, ir.ListType):
        type_ = ir.value_type(type_.of)
    elif op in ("contains", "contains all", "contains any", "subset of"):
        type_ = ir.value_type(type_.of) if isinstance(type_, ir.ListType) else None
    return Compared(type_, op, is_listed, constant)


# --- Values of tests ------------------------------------------------------------------------------


def fields_at(asked: CompletionPoint, around: Around, opened: int) -> tuple[ir.Field, ...]:
    """The fields that may stand behind an opening bracket at a place: of a call, an attribute block, a record."""
    before = around.symbol(opened - 1)
    if around.symbol(opened) == "(":
        action = called(asked, around, opened)
        return () if action is None else action.parameters
    if before == "resource":
        return _resource_fields(asked, around, opened)
    if before in ("context", "user"):
        return _sorted(
            asked.refer.environment(asked.package, None, None, None).roots[before].fields
        )
    if before == "task":
        return _intent_fields(asked, around, None)
    if before in ("gave", ":", "[", ",") or before.startswith("__"):
        type_ = value_type_at(asked, around, opened - 1)
        return type_.fields if isinstance(type_, ir.RecordType) else ()
    named_by = around.symbol(opened - 2)
    name = around.values[opened - 1] if opened else None
    if named_by == "for":
        return _intent_fields(asked, around, name)
    names = (name,) if isinstance(name, syntax.Name) else None
    env = _of(asked, names or (), (), (), ir.DECLARED)
    return _sorted(env.roots["agent"].fields) if "agent" in env.roots else ()


def value_type_at(asked: CompletionPoint, around: Around, at: int | None = None) -> ir.Type | None:
    """The declared type of a value that stands behind a place; None where nothing declares it."""
    at = around.introducer(at)
    symbol = around.symbol(at)
    if symbol == "[":
        outer = value_type_at(asked, around, at - 1)
        return outer.of if isinstance(outer, ir.ListType) else None
    if symbol == "gave":
        action = called(asked, around, around.last("did", "failed") + 2)
        return None if action is None else action.result
    if symbol != ":":
        return None
    name = name_of(around.values[at - 1])
    opened = around.introducer(at - 2)
    if around.symbol(opened) not in ("(", "{") or not isinstance(name, syntax.Name):
        return None
    wanted = segments(name.text)[0]
    fields = fields_at(asked, around, opened)
    return next((each.type for each in fields if each.name == wanted), None)


CALLS = ("call", "did", "failed", "tried", "asked")
"""The words of a test before a capability and its arguments."""


def called(asked: CompletionPoint, around: Around, opened: int) -> ir.Action | None:
    """The action whose arguments stand in the parentheses that are opened at a place."""
    named = _capabilities(asked, (name_of(around.values[opened - 1]),))
    return asked.known.action(named[0]) if len(named) == 1 else None


def name_of(value: Any) -> Any:
    """A name, also where the grammar gathers it in a list."""
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def listed_type(asked: CompletionPoint, around: Around) -> ir.Type | None:
    """The type of a value in a list of a condition, or in a test."""
    if around.word == "[" and "operator" in around.symbols:
        found = compared(environment(asked, around), around)
        return None if found is None else found.type
    return value_type_at(asked, around)


def _resource_fields(asked: CompletionPoint, around: Around, opened: int) -> tuple[ir.Field, ...]:
    if around.symbol(opened - 2) == "with":
        start = around.last(*CALLS[1:])
        named: list[Any] = [name_of(around.values[start + 1])]
    else:
        named = [*calls_of(asked, around)]
    env = _of(asked, (), (), named, ir.DECLARED)
    return _sorted(env.roots["resource"].fields) if "resource" in env.roots else ()


def calls_of(asked: CompletionPoint, around: Around) -> list[syntax.Name]:
    """The capabilities that the test at hand calls."""
    clauses = test_clauses(asked, around)
    return [each.capability for each in clauses if isinstance(each, syntax.CallClause)]


def test_clauses(asked: CompletionPoint, around: Around) -> list[Any]:
    """The clauses of the test at hand, before the token and behind it."""
    at = around.last("test")
    found = around.gathered(at + 2) if at >= 0 else []
    node = asked.statement
    return found + (list(node.clauses) if isinstance(node, syntax.TestDeclaration) else [])


def _intent_fields(asked: CompletionPoint, around: Around, name: Any) -> tuple[ir.Field, ...]:
    if name is None:
        subjects = [
            each for each in test_clauses(asked, around) if isinstance(each, syntax.SubjectClause)
        ]
        name = subjects[0].intent if subjects else None
    env = _of(asked, (), () if name is None else (name,), (), ir.DECLARED)
    fields = env.roots["task"].fields if "task" in env.roots else {}
    return _sorted({**{each.name: each for each in ROOTS["task"].built_in}, **fields})


def _sorted(fields: dict[str, ir.Field]) -> tuple[ir.Field, ...]:
    return tuple(fields[name] for name in sorted(fields))
