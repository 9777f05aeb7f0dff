"""What kind of name stands at a place: by the rules of the grammar that may begin there, and the word before."""

from __future__ import annotations

from collections.abc import Iterator

from ....compiler.ir import nodes as ir
from ....compiler.ir.roots import reserved
from ....compiler.ir.times import DAYS
from ....compiler.lowering.conditions.meters import EVERYONE, GREATEST, SCOPES, SUMMED
from ....compiler.lowering.conditions.sources import holds
from ....compiler.lowering.rules.bindings import PLATFORMS, TAGS
from ....compiler.syntax import tree as syntax
from ....compiler.text.field_names import written
from . import conditions, names
from .around import Around
from .asked import CompletionPoint
from .offers import Offer
from .scope import CALLS, compared, environment, fields_at, listed_type
from .strings import obligations


def names_at(asked: CompletionPoint) -> Iterator[Offer]:
    """The names that may stand here."""
    around = asked.of_name
    if around is None:
        return
    begins, word = around.begins, around.word
    if {"condition", "operand"} & begins:
        yield from _operands(asked, around)
    elif "value" in begins:
        if "set" in around.symbols:
            yield from conditions.constants(asked, None)
        else:
            yield from conditions.constants(asked, listed_type(asked, around) or ir.JSON)
    elif "type" in begins:
        yield from names.types(asked)
    elif {"_capability", "after_capability", "after_named"} & begins:
        single = word in CALLS
        yield from names.capabilities(asked, single=single)
    elif "pair" in begins:
        yield from _pairs(asked, around)
    elif {"origin", "origin_name"} & begins or word == "quoted":
        yield from conditions.origins(asked, is_quoted=word == "quoted")
    elif {"attribute", "_link_attribute"} & begins or "%QUOTED_PATH" in asked.cursor.expected:
        yield from _attributes(asked, around, word)
    elif "_control" in begins:
        for id, title in asked.names.catalogue.titles.items():
            yield Offer(id, "control", title)
    elif "day" in begins or (word == ".." and "during" in around.symbols):
        for at, day in enumerate(DAYS):
            yield Offer(day, "member", "", 2 + at)
    elif "rule_name" in begins:
        yield from names.rules(asked, is_first_of_deny=around.symbols[-2:] == ("deny", "by"))
    else:
        yield from _by_word(asked, around, word)


def _operands(asked: CompletionPoint, around: Around) -> Iterator[Offer]:
    env = environment(asked, around)
    if "condition" in around.begins:
        yield from conditions.first(asked, env)
        if env.it is None:
            yield from names.declared(asked, "condition")
        return
    found = compared(env, around)
    if found is not None:
        yield from conditions.right_sides(asked, env, found)
    elif around.word in ("every", "some"):
        yield from conditions.attributes(asked, env, conditions.is_list_to_compare)


def _attributes(asked: CompletionPoint, around: Around, word: str) -> Iterator[Offer]:
    env = environment(asked, around)
    symbols = around.symbols
    if word == "has":
        yield from conditions.attributes(asked, env, lambda type_: True)
    elif word == "only":
        for offer in conditions.attributes(asked, env, lambda type_: True):
            if offer.label.startswith("args.") and len(offer.label.split(".")) == 2:
                yield offer
    elif word == "(" and around.symbol(len(symbols) - 2) == "age":
        yield from conditions.attributes(asked, env, lambda type_: type_ == ir.TIME)
    elif word == "size":
        yield from conditions.attributes(asked, env, lambda type_: isinstance(type_, ir.ListType))
    elif word == "links":
        for offer in conditions.attributes(
            asked, env, lambda type_: holds(type_, texts_alone=True)
        ):
            if offer.label.startswith("args."):
                yield offer
    elif word in ("per", "as"):
        if word == "per":
            for scope in (*SCOPES, EVERYONE):
                yield Offer(scope, "keyword", "", 2)
        yield from conditions.attributes(asked, env, _is_key)
    elif word in ("sum", "max", "distinct"):
        yield from conditions.attributes(asked, env, _AGGREGATED[word])


def _is_key(type_: ir.Type) -> bool:
    return conditions.is_comparable(type_) and not isinstance(type_, ir.ListType)


_AGGREGATED = {
    "sum": lambda type_: type_ in SUMMED,
    "max": lambda type_: isinstance(type_, ir.LevelType) or getattr(type_, "name", "") in GREATEST,
    "distinct": conditions.is_comparable,
}


def _pairs(asked: CompletionPoint, around: Around) -> Iterator[Offer]:
    """The names of arguments and attributes that have no value yet."""
    opened = around.introducer()
    if opened < 0 or around.symbol(opened) not in ("(", "{"):
        return
    given = {each.name.text for each in _given(around, opened) if isinstance(each, syntax.Pair)}
    if around.symbol(opened - 2) == "oblige":
        known = obligations(asked).get(around.values[opened - 1].text, {})
        for name in known:
            if name not in given:
                yield Offer(name, "attribute", "", 2)
        return
    for field in fields_at(asked, around, opened):
        if written(field.name) not in given:
            rank = 2 if not field.optional else 3
            yield Offer(written(field.name), "attribute", names.parameter(field), rank)


def _given(around: Around, opened: int) -> Iterator[object]:
    for value in around.values[opened + 1 :]:
        yield from value if isinstance(value, list | tuple) else (value,)


def _by_word(asked: CompletionPoint, around: Around, word: str) -> Iterator[Offer]:
    """What stands behind a word where the grammar wants no more than a name."""
    symbols = around.symbols
    at = around.introducer()
    before = around.symbol(at - 1)
    in_rule = "{" in symbols and bool({"grant", "forbid"} & set(symbols))
    in_bind = "bind" in symbols and "{" in symbols
    in_test = "test" in symbols and "{" in symbols
    if "_agent_member" in around.begins or {"agent_list", "subjects"} & around.begins:
        yield from names.agents(asked)
    elif "chain_link" in around.begins:
        yield from names.agents(asked, families=False)
    elif (
        word in ("to", "isolate", "delegate", "assert")
        or (word == "no" and "assert" in symbols)
        or (word == "from" and "isolate" in symbols)
    ):
        yield from names.agents(asked)
    elif word == "within":
        yield from names.declared(asked, "intent") if "for" in symbols else names.agents(asked)
    elif word == "except":
        yield from names.agents(asked)
    elif word == "for" or "intent_list" in around.begins:
        yield from names.declared(asked, "intent")
    elif word == "in" and "expect" in symbols:
        yield from names.agents(asked, alone=False)
    elif word == "use":
        yield from names.packages(asked)
    elif word == "extend":
        yield from names.declared(asked, "resource")
    elif word == "terms" and in_rule:
        yield from names.declared(asked, "terms")
    elif word == "agent" and (in_test or in_bind):
        yield from names.agents(asked, families=False)
    elif word == "resource" and in_bind:
        yield from names.declared(asked, "resource")
    elif word == "audit":
        yield from (Offer(each, "member", "", 2) for each in ("full", "metadata"))
    elif word == "oblige":
        yield from (Offer(each, "value", "", 3) for each in obligations(asked))
    elif word == "bind":
        yield from (Offer(each, "value", "", 3) for each in PLATFORMS)
    elif in_bind:
        yield from _bound(asked, around, word)
    elif (
        word == "action" and "extend" in symbols and before in ("{", *ir.KINDS, *_gathered(before))
    ):
        yield from _actions_of(asked, around)


def _gathered(symbol: str) -> tuple[str, ...]:
    """A symbol that stands for several kinds of an action, before the word."""
    return (symbol,) if symbol.startswith("__") or symbol == "kind" else ()


def _bound(asked: CompletionPoint, around: Around, word: str) -> Iterator[Offer]:
    """What a binding names: actions and attributes of the resource, tags, and fields of the context."""
    if word == "tag":
        yield from (Offer(each, "value", "", 2) for each in TAGS)
    elif word == "context":
        fields = asked.refer.environment(asked.package, None, None, None).roots["context"].fields
        for name in (*fields, *reserved("context")):
            yield Offer(name, "attribute", "", 2)
    elif {"bind_name", "bind_next_name"} & around.begins or word == "attribute":
        at = around.last("resource")
        named = around.values[at + 1] if at >= 0 else None
        found = (
            asked.names.find("resource", asked.package, named.text)
            if isinstance(named, syntax.Name)
            else None
        )
        resource = None if found is None else asked.known.resources.get(found.name)
        if resource is None:
            return
        if word == "attribute":
            for field in resource.attributes:
                yield Offer(field.name, "attribute", names.parameter(field), 2)
        else:
            for action in resource.actions:
                yield Offer(action.name, "action", names.signature(action), 2)


def _actions_of(asked: CompletionPoint, around: Around) -> Iterator[Offer]:
    """The actions of the resource that is extended."""
    name = around.values[around.last("extend") + 1]
    found = asked.names.find("resource", asked.package, name.text)
    resource = None if found is None else asked.known.resources.get(found.name)
    for action in () if resource is None else resource.actions:
        yield Offer(action.name, "action", names.signature(action), 2)
