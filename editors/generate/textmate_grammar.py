"""`grammar/agp.lark` as a TextMate grammar: its words and signs, by what each is for.

A TextMate grammar reads a line without a parser, and a word of AGP is a keyword only where the grammar has it. So a
word that can be nothing else where it stands comes first: what has dots, what a colon follows, what stands behind
a word that declares. What is left and is a word of the grammar is a keyword. Semantic tokens of the language server
and tree-sitter, which know better, go over it.
"""

from __future__ import annotations

import json
from typing import Any

from lark import Lark

from agpc.grammar.generate import EDGE, STARTS

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
TEXT = r'"(?:[^"\\\r\n]|\\[^\r\n])*"'
NOT_IN_WORD = r"(?<!\w)(?<!\w\.)"  # `mon..fri` are two words
END = r"(?!\w|\.(?:[A-Za-z_]|[*\"]))"

CONSTANTS = ("true", "false", "null")
OPERATORS = (
    "and", "or", "not", "in", "contains", "all", "any", "subset", "like", "under", "within", "has", "only", "every", "some",
)  # fmt: skip
KINDS = ("read", "write", "send", "destroy")
DECLARING = (
    "agent", "agents", "bind", "dataset", "api", "tool", "enum", "extend", "forbid", "grant", "group", "intent", "let",
    "level", "meter", "set", "source", "action",
)  # fmt: skip
"""Words behind which a name stands that they declare."""


def words(text: str) -> list[str]:
    """Every word of the grammar."""
    lark = Lark(text, parser="lalr", start=list(STARTS))
    found = {each.pattern.value.removesuffix(EDGE) for each in lark.terminals}
    return sorted(word for word in found if word.isidentifier() and word.islower())


def textmate_grammar(text: str) -> str:
    """Turn the text of `agp.lark` into that of `agp.tmLanguage.json`, ready to be written."""
    known = words(text)
    special = {*CONSTANTS, *OPERATORS, *KINDS, *DECLARING}
    missing = sorted(special - set(known))
    if missing:
        raise ValueError(f"no words of the grammar any more: {missing}")
    others = [word for word in known if word not in special]
    grammar = {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "AGP",
        "scopeName": "source.agp",
        "fileTypes": ["agp"],
        "patterns": [
            {"include": f"#{name}"} for name in ("comments", "fixed", "names", "words", "signs")
        ],
        "repository": {
            "comments": _patterns(
                ("comment.block.documentation.agp", r"##[^\n]*"),
                ("comment.line.number-sign.agp", r"#[^\n]*"),
            ),
            "fixed": {"patterns": _fixed()},
            "names": {"patterns": _names()},
            "words": _patterns(
                ("constant.language.agp", _word(CONSTANTS)),
                ("keyword.operator.expression.agp", _word(OPERATORS)),
                ("storage.modifier.agp", _word(KINDS)),
                ("storage.type.agp", _word(DECLARING)),
                ("keyword.control.agp", _word(others)),
                ("variable.other.agp", NOT_IN_WORD + NAME),
            ),
            "signs": _patterns(
                ("keyword.operator.agp", r"==|!=|<=|>=|->|<|>|=|\?|\.\.\.?"),
                ("punctuation.agp", r"[{}()\[\],:]"),
            ),
        },
    }
    return json.dumps(grammar, indent=4, ensure_ascii=False) + "\n"


def _word(words: tuple[str, ...] | list[str]) -> str:
    return rf"{NOT_IN_WORD}(?:{'|'.join(sorted(words, key=lambda each: (-len(each), each)))}){END}"


def _patterns(*rules: tuple[str, str]) -> dict[str, Any]:
    return {"patterns": [{"name": name, "match": match} for name, match in rules]}


def _fixed() -> list[dict[str, Any]]:
    """Texts, numbers and what looks like them."""
    return [
        {"name": "variable.other.property.agp", "match": rf"{TEXT}(?=\s*\??\s*:)"},
        {
            "name": "variable.other.property.agp",
            "match": rf"{NOT_IN_WORD}{NAME}(?:\.{NAME})*(?:\.{TEXT}(?:\.{NAME})*)+",
        },
        {
            "name": "string.quoted.double.agp",
            "match": TEXT,
            "captures": {
                "0": {
                    "patterns": [
                        {
                            "name": "constant.character.escape.agp",
                            "match": r"\\(?:u\{[0-9A-Fa-f]+\}|.)",
                        }
                    ]
                }
            },
        },
        {
            "name": "constant.numeric.date.agp",
            "match": r"(?<!\w)\d{4}-\d{2}-\d{2}(?:[Tt][0-9:.]+(?:[Zz]|[+-]\d{2}:\d{2}))?(?![A-Za-z0-9_])",
        },
        {
            "name": "variable.other.enummember.control.agp",
            "match": r"(?<![\w.:])[A-Za-z0-9][A-Za-z0-9_.-]*:[A-Za-z0-9](?:[A-Za-z0-9_.:/-]|\([A-Za-z0-9]+\))*(?=\s*(?:,|$|#|\}|on\b))",
        },
        {"name": "constant.numeric.clock.agp", "match": r"(?<!\w)\d{1,2}:\d{2}(?![A-Za-z0-9_:])"},
        {
            "name": "constant.numeric.duration.agp",
            "match": r"(?<![\w.])(?:\d+[dhms])+(?![A-Za-z0-9_])",
        },
        {
            "name": "constant.numeric.agp",
            "match": r"(?<![\w.])-?\d+(?:_\d+)*(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?(?!\w)",
        },
    ]


def _names() -> list[dict[str, Any]]:
    """Words that are names, whatever they are elsewhere."""
    constants, kinds, declaring = ("|".join(each) for each in (CONSTANTS, KINDS, DECLARING))
    path = rf"{NAME}(?:\.{NAME})*"
    return [
        {  # a list of members, to the end of the line
            "begin": rf"^\s*(level|enum)\s+({NAME})\s*(=)",
            "end": r"$",
            "beginCaptures": _captures(
                "storage.type.agp", "entity.name.type.agp", "keyword.operator.agp"
            ),
            "patterns": [
                {"include": "#comments"},
                {"name": "variable.other.enummember.agp", "match": rf"{NAME}|{TEXT}"},
                {"include": "#signs"},
            ],
        },
        {  # `per task` ends it, and that is no key here
            "begin": r"^\s*(separate)\b",
            "end": r"$",
            "beginCaptures": _captures("keyword.control.agp"),
            "patterns": [
                {
                    "match": r"\b(per)\s+(task)\b",
                    "captures": _captures("keyword.control.agp", "keyword.control.agp"),
                },
                {"include": "$self"},
            ],
        },
        {
            "match": r"\b(approval)\s+(per)\s+(task)\b",
            "captures": _captures(
                "keyword.control.agp", "keyword.control.agp", "keyword.control.agp"
            ),
        },
        {
            "match": rf"{NOT_IN_WORD}(any)\s+(agent|intent)\b",
            "captures": _captures("keyword.operator.expression.agp", "storage.type.agp"),
        },
        {
            "match": rf"{NOT_IN_WORD}({path})(\.\*)",
            "captures": _captures("variable.other.agp", "keyword.operator.wildcard.agp"),
        },
        {
            "match": rf"{NOT_IN_WORD}(package|use)\s+({path})",
            "captures": _captures("keyword.control.agp", "entity.name.namespace.agp"),
        },
        {"name": "variable.other.agp", "match": rf"{NOT_IN_WORD}{NAME}(?:\.{NAME})+"},
        {
            "name": "variable.other.property.agp",
            "match": rf"{NOT_IN_WORD}{NAME}(?=\s*\??\s*:(?!:))",
        },
        {
            "match": rf"{NOT_IN_WORD}((?:{declaring})\b(?!\s+(?:{declaring}|{kinds})\s+\w))\s+({NAME})(?=\s*[=\"{{(,])",
            "captures": _captures("storage.type.agp", "entity.name.type.agp"),
        },
        {
            "match": rf"^\s*(terms)\s+({NAME})(?=\s*{{)",
            "captures": _captures("storage.type.agp", "entity.name.type.agp"),
        },
        {
            "match": rf"{NOT_IN_WORD}(action)\s+({NAME})",
            "captures": _captures("storage.type.agp", "entity.name.function.agp"),
        },
        {
            "match": rf"{NOT_IN_WORD}(per|as)\s+({NAME}){END}",
            "captures": _captures("keyword.control.agp", "variable.other.agp"),
        },
        {"name": "variable.other.agp", "match": r"(?<== |from )said\b"},
        {"name": "variable.other.agp", "match": rf"{NOT_IN_WORD}{NAME}(?=\s*=(?!=))"},
        {
            "name": "variable.other.agp",
            "match": rf"(?<=, )(?!(?:{constants})\b){NAME}(?=\s*(?:,|$|#))",
        },
    ]


def _captures(*names: str) -> dict[str, Any]:
    return {str(number): {"name": name} for number, name in enumerate(names, start=1)}
