"""What people write who come from Cedar, Rego or AWS IAM, and what AGP has instead."""

from __future__ import annotations

import re
from typing import NamedTuple


class Habit(NamedTuple):
    """A habit: its message and help, and the terminal that it stands for, if parsing can go on."""

    message: str
    help: str
    instead: str = ""


_OPERATORS = {
    "startsWith": 'write `like "start*"`',
    "startswith": 'write `like "start*"`',
    "endsWith": 'write `like "*end"`',
    "endswith": 'write `like "*end"`',
    "matches": 'write `like "pat*"`: patterns are globs',
    "is": "write `==`",
    "equals": "write `==`",
}

_CONDITION = "write a comparison, as in `when args.amount <= 500`"


def replacement(text: str, start: int, word: str, expected: set[str]) -> tuple[Habit, int] | None:
    """Find the habit that a token is part of, and where what stands for it ends."""
    end = start + len(word)
    if text.startswith(":=", start) and ({"=", ":"} & expected):
        sign = "=" if "=" in expected else ":"
        return Habit("`:=` declares nothing", f"write `{sign}`", sign), start + 2
    if word == "=" and "==" in expected:
        return Habit("`=` does not compare", "write `==`", "=="), end
    if word == "==" and "=" in expected:
        return Habit("`==` declares nothing", "write `=`", "="), end
    if word in ("if", "where") and "when" in expected:
        return Habit(f"`{word}` states no condition", "write `when`", "when"), end
    return None


_STATEMENT_HABITS = (
    (r"permit\b", "`permit` begins no statement",
     "permissions are grants: `grant NAME { to AGENT for INTENT allow RESOURCE.ACTION }`"),
    (r"default\b", "`default` begins no statement",
     "leave it out: what no grant allows is denied"),
    (r"allow\b", "`allow` stands in a grant",
     "write `grant NAME { to AGENT for INTENT allow RESOURCE.ACTION when CONDITION }`"),
    (r"deny\b", "`deny` stands in a forbid",
     "write `forbid NAME { deny RESOURCE.ACTION when CONDITION }`"),
    (r"(?:forbid|grant)\s*\(", "a rule has a name, and its parts stand in braces",
     "write `forbid NAME { to AGENT deny RESOURCE.ACTION when CONDITION }`"),
    (r"import\b", "`import` begins no statement",
     "names of another package come with `use PACKAGE`"),
    (r'(?:\{|"(?:Version|Statement|Effect|Action|Resource|Condition)")', "this is JSON, not AGP",
     "an IAM statement with `Effect` becomes an `allow` in a grant, or a forbid"),
    (r"(?:Effect|Statement|Principal|Action|Resource|Condition|Sid)\b", "this is a word of IAM",
     "an IAM statement with `Effect` becomes an `allow` in a grant, or a forbid"),
)  # fmt: skip

_RULE_HABITS = (
    (r"(?:Effect|Statement|Principal|Action|Resource|Condition|Sid)\b", "this is a word of IAM",
     "write `allow` or `deny` and capabilities, and conditions after `when`"),
    (r"(?:principal|action|resource)\b", "this is a word of Cedar",
     "a rule says `to AGENT`, `for INTENT` and `allow RESOURCE.ACTION`"),
)  # fmt: skip


def at_statement(text: str, start: int) -> Habit | None:
    """Find the habit that begins where a statement should."""
    return _find(_STATEMENT_HABITS, text, start)


def at_clause(text: str, start: int) -> Habit | None:
    """Find the habit that begins where a clause of a rule should."""
    return _find(_RULE_HABITS, text, start)


def at_condition(text: str, start: int, expected: set[str]) -> Habit | None:
    """Find the habit that stands where a condition should."""
    if "has" in expected and text.startswith("{", start):
        return Habit("a condition stands without braces", _CONDITION)
    word = re.compile(r"\w+").match(text, start)
    if "like" in expected and word and word[0] in _OPERATORS:
        return Habit(f"`{word[0]}` compares nothing", _OPERATORS[word[0]])
    if re.compile(r"true\b|false\b").match(text, start):
        return Habit("a condition compares something", "leave out `when true`")
    return None


def _find(table: tuple[tuple[str, str, str], ...], text: str, start: int) -> Habit | None:
    for pattern, message, advice in table:
        if re.compile(pattern).match(text, start):
            return Habit(message, advice)
    return None
