"""Words of the language that may stand at a place: those that the grammar takes, without those that names and types rule out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ....compiler.ir import nodes as ir
from ....compiler.lowering.literals.literals import members_of
from ....compiler.lowering.rules.sorted_clauses import (
    ANY_NUMBER,
    KEYWORDS,
    OF_FORBID,
    OF_GRANT,
    OF_TERMS,
)
from ....compiler.syntax import tree as syntax
from .around import Around
from .asked import CompletionPoint
from .conditions import may_follow
from .names import in_reach
from .offers import Offer
from .scope import (
    compared,
    environment,
    listed_type,
    may_ask_origin,
    operand_type,
    rule_clauses,
)
from .snippets import snippets

_CLAUSES = {"grant": OF_GRANT, "forbid": OF_FORBID, "terms": OF_TERMS}
_KINDS = frozenset(ir.KINDS)
_HEAD = ("language", "package")
_NAMES_TOO = (("after",), ("links",), ("age",), ("size",))
"""Words that begin something in a condition, and may be names, too."""


def keywords(asked: CompletionPoint) -> Iterator[Offer]:
    """The words and operators that may stand here, and snippets of what begins with them."""
    expected = asked.cursor.expected
    words = [key for key in expected if key[0].isalpha()]
    if "==" in expected:
        around = asked.around("==")
        assert around is not None
        follows = _follows(asked, around)
        is_alone = _is_word_alone(asked, around)
        for key in expected:
            if key[0] in "=!<>" and not is_alone and follows(key):
                yield Offer(key, "operator", rank=1)
        words = [key for key in words if follows(key)]
    for key in sorted(words):
        around = Around.of(asked.cursor.beginning.before(key))
        if _is_word_alone(asked, around):
            continue
        if _is_right(asked, key, around):
            rank = _rank(asked, key, around)
            yield Offer(_phrase(asked, key), "keyword", rank=rank)
            for snippet in snippets(asked, key, around):
                yield replace(snippet, rank=max(rank, snippet.rank))


def _rank(asked: CompletionPoint, key: str, around: Around) -> int:
    if key in _HEAD and "grant" in asked.cursor.expected and asked.tree.package is None:
        return 1
    if {"operand", "value", "name"} & around.begins:
        return 6
    if "clause" in around.begins and asked.is_line_begun:
        return 6  # what carries on the clause at hand comes before another one
    if key == "within" and "approval" in around.symbols[-3:]:
        return 4
    return 5


def _phrase(asked: CompletionPoint, key: str) -> str:
    """A word with those that have to follow it, as `subset of`."""
    after = asked.cursor.beginning.after(key)
    (only,) = after if len(after) == 1 else ("",)
    return f"{key} {only}" if only.isalpha() else key


def _is_word_alone(asked: CompletionPoint, around: Around) -> bool:
    """Whether a word such as `size` stands before, and would be a name there that nothing has."""
    last, names = asked.cursor.beginning.now.symbols[-1:], asked.names
    if last not in _NAMES_TOO or around.symbols[-1:] == last:
        return False
    (name,) = last
    if names.find("condition", asked.package, name) is not None:
        return False
    types = (found.name for found, *_ in in_reach(asked, "type"))
    return not any(name in members_of(each, names) for each in types)


def _follows(asked: CompletionPoint, around: Around) -> Any:
    node = around.values[-1]
    env = environment(asked, around)
    type_ = operand_type(env, node)
    if around.symbol(len(around.symbols) - 2) in ("every", "some") and isinstance(
        type_, ir.ListType
    ):
        type_ = type_.of
    from ....compiler.lowering.conditions.operands import is_read

    may_ask = may_ask_origin(around, env)
    return may_follow(asked, type_, node, is_read(env, node), may_ask)


def _is_right(asked: CompletionPoint, key: str, around: Around) -> bool:
    """Whether a word that the grammar takes is right by what stands around it."""
    if "field_name" in around.begins and "kind" not in around.begins:
        return False  # it could only be the name of a field
    if key in KEYWORDS.values() and {"clause", "for_all", "allow"} & around.begins:
        return _is_clause(asked, key, around)
    if key in _KINDS and around.symbol(len(around.symbols) - 1) in (
        "name",
        "%WILDCARD",
        "after_named",
    ):
        named = around.values[-1]
        return isinstance(named, syntax.Name) and (named.text == "any" or named.text[-1:] == "*")
    if key in ("after", "links") and "condition" in around.begins:
        env = environment(asked, around)
        return may_ask_origin(around, env) if key == "links" else env.facts is not None
    if key == "no" and "rule_name" in around.begins:
        return False  # `no rule` is offered among the rules
    if "operand" in around.begins:
        return _is_operand(asked, key, around)
    if key in ("true", "false", "null") and "value" in around.begins:
        if key == "null" and {"operator", "set"} & {*around.symbols}:
            return False
        type_ = listed_type(asked, around)
        return key == "null" or type_ is None or type_ in (ir.BOOL, ir.JSON)
    return True


def _is_clause(asked: CompletionPoint, key: str, around: Around) -> bool:
    opened = around.last("{")
    wanted = _CLAUSES.get(around.symbol(opened - 2))
    if wanted is None:
        return True
    kind = next(each for each, keyword in KEYWORDS.items() if keyword == key)
    if kind not in wanted:
        return False
    if kind in ANY_NUMBER:
        return True
    found = rule_clauses(asked, around, opened)
    return not any(isinstance(each, kind) and not asked.is_in(each) for each in found)


def _is_operand(asked: CompletionPoint, key: str, around: Around) -> bool:
    if key in ("null", "true", "false", "age", "size") and "condition" not in around.begins:
        found = compared(environment(asked, around), around)
        if key == "null":
            return False
        if found is None:
            return False
        if key in ("true", "false"):
            return found.constant is None and found.type in (None, ir.BOOL)
        of = ir.DURATION if key == "age" else ir.INT
        return (
            found.type in (None, of, *((ir.NUMBER,) if key == "size" else ()))
            and not found.is_listed
        )
    return key not in ("null", "true", "false")
