"""`grammar/agp.lark` as a grammar for tree-sitter: the JSON that `tree-sitter generate` takes.

Rule for rule it is the same grammar. Our rules that stand for their only part are hidden here (`_name`), what stands
behind `->` names a node, and a word is a keyword where the grammar has it and else a name, which is what
tree-sitter does with the keywords of a `word`. Its patterns cannot look ahead: what such a look keeps apart is taken
here by the longest match, or not kept apart, so that tree-sitter accepts a little more than we do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import Lark, Tree
from lark.grammar import NonTerminal, Terminal
from lark.lexer import PatternStr, TerminalDef
from lark.load_grammar import load_grammar

from agpc.grammar.generate import EDGE, STARTS

Json = dict[str, Any]

NAMED_BY_THEIR_RULE = ("kind",)
"""Rules whose words stand for themselves, though our tree shows them as names."""

DECLARING = (
    "action", "agent", "agents", "bind", "enum", "extend", "field", "group", "intent", "let", "level", "meter",
    "resource", "rule", "set", "source", "terms_of_grants", "test",
)  # fmt: skip
"""Rules whose first name, or text, is the name of what they declare: it gets a field."""

ANY_TEXT = r'"(?:[^"\\\r\n]|\\[^\r\n])*"'
NO_WORD = r'(?![A-Za-z_][A-Za-z0-9_]*")'
TEXT_THAT_IS_NO_WORD = (
    r'"(?:(?:[^A-Za-z_"\\\r\n]|\\[^\r\n]|[A-Za-z_][A-Za-z0-9_]*(?:[^A-Za-z0-9_"\\\r\n]|\\[^\r\n]))'
    r'(?:[^"\\\r\n]|\\[^\r\n])*)?"'
)
NOT_A_WORD = re.compile(r"\(\?!(\w+)\(\?!(\[[^]]*\])\)\)(\[[^]]*\])\2\*")
"""Any text of these signs but one word, as the name of a thing of a platform is."""


def tree_sitter_grammar(text: str) -> str:
    """Turn the text of `agp.lark` into that of `src/grammar.json`, ready to be written."""
    import json

    return json.dumps(_Conversion(text).grammar(), indent=1, ensure_ascii=False) + "\n"


class _Conversion:
    def __init__(self, text: str) -> None:
        lark = Lark(text, parser="lalr", start=list(STARTS))
        self.terminals = {each.name: each for each in lark.terminals}
        self.ignored = [
            each for each in lark.ignore_tokens if each != "BYTE_ORDER_MARK"
        ]  # it skips that itself
        loaded, _ = load_grammar(text, "agp.lark", [], True)
        self.sources = {
            str(name): (tree, options.expand1) for name, _, tree, options in loaded.rule_defs
        }
        del self.sources["start"]
        self.rules: dict[str, Json] = {}
        self.aliases: set[str] = set()

    def grammar(self) -> Json:
        """The whole grammar."""
        for name in self.sources:
            self._rule(name)
        # Where a rule could end or go on, it goes on: so does Lark, and tree-sitter wants to be told.
        self.rules = {
            name: {"type": "PREC_RIGHT", "value": 0, "content": rule}
            for name, rule in self.rules.items()
        }
        used = {each["name"] for rule in self.rules.values() for each in _symbols(rule)}
        for terminal in self.terminals.values():
            if _word_or_sign(terminal) is None and _node(terminal.name) in {
                *used,
                *map(_node, self.ignored),
            }:
                self.rules[_node(terminal.name)] = {"type": "PATTERN", "value": _pattern(terminal)}
        extras = [
            {"type": "SYMBOL", "name": "comment"}
            if name == "COMMENT"
            else self.rules.pop(_node(name))
            for name in sorted(self.ignored, reverse=True)
        ]
        return {
            "$schema": "https://tree-sitter.github.io/tree-sitter/assets/schemas/grammar.schema.json",
            "name": "agp",
            "word": "name",
            "rules": {name: self.rules[name] for name in sorted(self.rules, key=self._order)},
            "extras": extras,
            "conflicts": [],
            "precedences": [],
            "externals": [],
            "inline": [],
            "supertypes": [],
            "reserved": {},
        }

    def _order(self, name: str) -> tuple[int, int]:
        """Of two patterns for the same text the first is taken: what may stand in few places goes before the others."""
        first = ("quoted_path", "quoted_name", "platform_name")
        return (name != "file", first.index(name) if name in first else len(first))

    def _rule(self, name: str) -> None:
        tree, is_only_part = self.sources[name]
        alternatives = [_alternative(each) for each in tree.children]
        declares = name in DECLARING
        if self._is_visible(name):
            self.rules[name] = _choice([self._content(each, declares) for each, _ in alternatives])
            return
        found, own = [], []
        for each, alias in alternatives:
            if alias is not None and not name.startswith("_"):
                found.append(self._aliased(name, self._content(each, declares), alias))
            elif is_only_part or name.startswith("_"):
                found.append(self._content(each, declares))
            else:
                own.append(self._content(each, declares))
        if own:
            self.rules[name] = _choice(own)
            found.insert(0, {"type": "SYMBOL", "name": name})
        self.rules[self._reference(name)] = _choice(found)

    def _is_visible(self, name: str) -> bool:
        """Whether a rule is a node by its own name, and nothing else."""
        tree, is_only_part = self.sources[name]
        if name in NAMED_BY_THEIR_RULE:
            return True
        aliases = [alias for _, alias in map(_alternative, tree.children)]
        only_one_name = len(aliases) == 1 and not is_only_part
        return not name.startswith("_") and not is_only_part and (only_one_name or not any(aliases))

    def _reference(self, name: str) -> str:
        return name if name.startswith("_") or self._is_visible(name) else f"_{name}"

    def _aliased(self, rule: str, content: Json, alias: str) -> Json:
        """A node with the name behind `->`, which may be one of a rule or of another alternative too."""
        if alias == "keyword_as_name":
            return _map_words(
                content,
                lambda word: {"type": "ALIAS", "content": word, "named": True, "value": "name"},
            )
        if content["type"] == "STRING":
            return {"type": "ALIAS", "content": content, "named": True, "value": alias}
        if alias not in self.sources and alias not in self.rules:
            self.rules[alias] = content
            return {"type": "SYMBOL", "name": alias}
        hidden = f"_{rule}_{alias}"
        assert hidden not in self.rules, hidden
        self.rules[hidden] = content
        return {
            "type": "ALIAS",
            "content": {"type": "SYMBOL", "name": hidden},
            "named": True,
            "value": alias,
        }

    def _content(self, node: Any, declares: bool = False) -> Json:
        """What an alternative consists of; the first name gets a field where it `declares`."""
        if isinstance(node, Terminal):
            return self._terminal(str(node.name))
        if isinstance(node, NonTerminal):
            return {"type": "SYMBOL", "name": self._reference(str(node.name))}
        assert isinstance(node, Tree), node
        if node.data == "literal":
            return {"type": "STRING", "value": str(node.children[0])[1:-1]}
        if node.data == "value":
            return self._content(node.children[0])
        if node.data == "maybe":
            return _choice([self._content(node.children[0]), {"type": "BLANK"}])
        if node.data == "expr":
            content, operator = self._content(node.children[0]), str(node.children[1])
            if operator == "?":
                return _choice([content, {"type": "BLANK"}])
            return {"type": {"*": "REPEAT", "+": "REPEAT1"}[operator], "content": content}
        if node.data == "expansions":
            return _choice([self._content(each) for each in node.children])
        assert node.data == "expansion", node.data
        members = [self._content(each) for each in node.children]
        if declares:
            _with_field(members)
        return members[0] if len(members) == 1 else {"type": "SEQ", "members": members}

    def _terminal(self, name: str) -> Json:
        word = _word_or_sign(self.terminals[name])
        return (
            {"type": "SYMBOL", "name": _node(name)}
            if word is None
            else {"type": "STRING", "value": word}
        )


def _alternative(tree: Tree[Any]) -> tuple[Tree[Any], str | None]:
    """An alternative of a rule, and the name behind its `->`."""
    if tree.data == "alias":
        return tree.children[0], str(tree.children[1].name)
    return tree, None


def _choice(members: list[Json]) -> Json:
    flat: list[Json] = []
    for each in members:
        flat += each["members"] if each["type"] == "CHOICE" else [each]
    return flat[0] if len(flat) == 1 else {"type": "CHOICE", "members": flat}


def _with_field(members: list[Json]) -> None:
    """Make a field of the first of these that names something."""
    for at, each in enumerate(members):
        if each.get("name") in ("name", "string", "_name", "_field_name"):
            members[at] = {"type": "FIELD", "name": "name", "content": each}
            return


def _map_words(content: Json, change: Any) -> Json:
    if content["type"] == "STRING":
        return change(content)
    return content | {"members": [_map_words(each, change) for each in content["members"]]}


def _symbols(rule: Json) -> Iterator[Json]:
    if rule["type"] == "SYMBOL":
        yield rule
    for each in [*rule.get("members", ()), *([rule["content"]] if "content" in rule else ())]:
        yield from _symbols(each)


def _node(terminal: str) -> str:
    return terminal.lower()


def _word_or_sign(terminal: TerminalDef) -> str | None:
    """The one text of a terminal that has only one."""
    if isinstance(terminal.pattern, PatternStr):
        return terminal.pattern.value
    word = terminal.pattern.value.removesuffix(EDGE)
    return word if re.fullmatch(r"\w+|->", word) else None


def _pattern(terminal: TerminalDef) -> str:
    """A pattern without what tree-sitter has not: possessive repeats, and looks ahead."""
    pattern = re.sub(r"(?<=[*+?])\+", "", terminal.pattern.value)
    for control, written in (("\t", r"\t"), ("\r", r"\r"), ("\n", r"\n")):
        pattern = pattern.replace(control, written)
    pattern = pattern.replace(NO_WORD + ANY_TEXT[1:], TEXT_THAT_IS_NO_WORD[1:])
    pattern = NOT_A_WORD.sub(lambda found: _any_but(found[1], found[3], found[2]), pattern)
    pattern = re.sub(r"\(\?!(?:[^()]|\(\?:[^()]*\))*\)$", "", pattern)
    if re.search(r"\(\?[^:]", pattern):
        raise ValueError(
            f"{terminal.name}: tree-sitter cannot look ahead; say here how it goes without: {pattern}"
        )
    return pattern


def _any_but(word: str, first: str, others: str) -> str:
    """A pattern of all texts that begin with one of `first` and go on with `others`, but for one word."""
    made = f"{others}+"  # behind the whole word
    for at in reversed(range(len(word))):
        signs = others if at else first
        made = f"(?:[{signs}&&[^{word[at]}]]{others}*|{word[at]}{made if at + 1 == len(word) else made + '?'})"
    return made
