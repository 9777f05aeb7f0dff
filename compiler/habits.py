"""What people write who come from Cedar, Rego or AWS IAM, and what AGP has instead."""

from __future__ import annotations

import re
from typing import NamedTuple


class Habit(NamedTuple):
    """A habit: its message and help, and the terminal that it stands for, if parsing can go on.

    With an empty `instead`, parsing goes on without it.
    """

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

NEAR = 200  # characters before a place that are looked at
_THOUSANDS = re.compile(r"(?:,[0-9]{3})+(?![0-9A-Za-z_])")
_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_CONDITION = "write a comparison, as in `when args.amount <= 500`"


def replacement(text: str, start: int, word: str, expected: set[str]) -> tuple[Habit, int] | None:
    """Find the habit that a token is part of, and where what stands for it ends."""
    end = start + len(word)
    before = text[max(0, start - NEAR) : start]
    if word == "=" and before.endswith("==") and "[" in expected:
        return Habit("`===` compares nothing", "write `==`"), end
    if word == "=" and before.endswith("!=") and "[" in expected:
        return Habit("`!==` compares nothing", "write `!=`"), end
    if re.search(r"[0-9]$", before) and (found := _THOUSANDS.match(text, start)):
        number = re.search(r"[0-9_]+$", before)
        if number and "and" in expected:
            meant = number[0] + found[0].replace(",", "_")
            return Habit(f"`{number[0]}{found[0]}` is no number", f"write `{meant}`"), found.end()
    if word == ":" and (
        clause := re.search(r"(?:^|\s)(to|for|allow|deny|when|because)\s*$", before)
    ):
        help = f"write `{clause[1]}` and what it names, without a sign between"
        return Habit(f"`{clause[1]}` takes no `:`", help), end
    type_ = re.search(r":\s*([A-Za-z_][\w.]*)\s*$", before)
    if type_ and (brackets := re.compile(r"\[\s*\]").match(text, start)):
        return Habit(f"`{type_[1]}[]` is no type", f"write `[{type_[1]}]`"), brackets.end()
    if type_ and word == "?":
        help = "the `?` stands after the name of the field, as in `name?: string`"
        return Habit(f"`{type_[1]}?` is no type", help), end
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
    """Find the habit that stands where a condition should, or inside of one."""
    before = text[max(0, start - NEAR) : start]
    if "and" in expected and (found := _inside(text, start, before, expected)):
        return found
    if text.startswith('"spiffe://', start) and "any" in expected:
        help = 'declare `agent NAME = "spiffe://…"`, and write its name here'
        return Habit("a rule names agents, and not their identities", help)
    if text.startswith("<", start) and (type_ := re.search(r":\s*([A-Za-z_]\w*)\s*$", before)):
        return Habit(f"`{type_[1]}<…>` is no type", "a list is written `[string]`")
    capability = re.search(r"\b(?:allow|deny)\s[^{}\n]*?(\w+)$", before)
    action = re.compile(r":([A-Za-z_]\w*)").match(text, start)
    if capability and action:
        meant = f"{capability[1]}.{action[1]}"
        return Habit("resource and action are joined by a dot", f"write `{meant}`")
    if "has" in expected and text.startswith("{", start):
        return Habit("a condition stands without braces", _CONDITION)
    word = re.compile(r"\w+").match(text, start)
    if "like" in expected and word and word[0] in _OPERATORS:
        return Habit(f"`{word[0]}` compares nothing", _OPERATORS[word[0]])
    if re.compile(r"true\b|false\b").match(text, start):
        return Habit("a condition compares something", "leave out `when true`")
    return None


def _inside(text: str, start: int, before: str, expected: set[str]) -> Habit | None:
    """Find the habit that stands where a condition might have ended."""
    sign = re.compile(r"[<>=!]=?").match(text, start)
    if sign and sign[0] in _COMPARISONS and "==" not in expected:
        help = "join two comparisons with `and`, as in `args.amount > 0 and args.amount <= 5`"
        return Habit("comparisons do not chain", help)
    quantifier = re.search(r"\b(any|all)\s+$", before)
    if quantifier and (name := re.compile(r"[A-Za-z_][\w.]*").match(text, start)):
        word = "some" if quantifier[1] == "any" else "every"
        return Habit(f"`{quantifier[1]}` asks nothing of a list", f"write `{word} {name[0]} …`")
    need = re.search(r"\b(approval|step_up)\s+$", before)
    if need and re.compile(r'by\b|per\b|"').match(text, start):
        what = "an approval" if need[1] == "approval" else "a step-up"
        help = f"write `require {need[1]} …` after the condition, without `and`"
        return Habit(f"{what} is no condition", help)
    return None


def foreign_file(text: str) -> Habit | None:
    """Find the language that a whole file is written in, where it plainly is not AGP."""
    begin = re.compile(r"\ufeff?(?:\s|#[^\n]*+)*+").match(text)
    assert begin is not None
    help = "a policy begins with `package NAME`; `agpc init` writes one to start from"
    if re.compile(r'\{\s*(?:"|\})|\[\s*[\[{"\]]').match(text, begin.end()):
        return Habit("this is JSON, not AGP", help)
    if re.compile(r"---\s|%YAML|-\s|[A-Za-z_][\w-]*:(?:\s|$)").match(text, begin.end()):
        return Habit("this is YAML, not AGP", help)
    return None


def _find(table: tuple[tuple[str, str, str], ...], text: str, start: int) -> Habit | None:
    for pattern, message, advice in table:
        if re.compile(pattern).match(text, start):
            return Habit(message, advice)
    return None
