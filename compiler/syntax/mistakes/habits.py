"""What people write who come from Cedar, Rego or AWS IAM, and what AGP has instead."""

from __future__ import annotations

import re
from typing import NamedTuple


class Habit(NamedTuple):
    """What is said of a habit."""

    message: str
    help: str


_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_SAID_TWICE = r"\b(to|for|allow|deny)\s+(?:agents?|intents?|actions?|tool|the)\s+$"
_NO_FUNCTIONS = "compare what the request says, as in `args.amount <= 500`"
_FUNCTIONS = {
    "startswith": 'write `NAME like "start*"`',
    "endswith": 'write `NAME like "*end"`',
    "contains": "write `NAME contains VALUE`, without parentheses",
    "has": "write `has resource.NAME`",
    "matches": 'write `NAME like "pat*"`: patterns are globs',
    "and": "write `and` between two conditions",
    "or": "write `or` between two conditions",
    "in": "write `NAME in [...]`",
    **dict.fromkeys(("len", "length", "size", "count"), "write `size LIST`, without parentheses"),
    **dict.fromkeys(("lower", "upper", "tolower", "trim"), "text is compared as it is written"),
    **dict.fromkeys(("isempty", "defined", "exists", "hasownproperty"), "write `has NAME`"),
    **dict.fromkeys(
        ("isinrange", "ipincidr", "cidrcontains", "ip", "inipaddr"),
        'write `NAME within "10.0.0.0/8"`',
    ),
    **dict.fromkeys(("containsall",), "write `NAME contains all [...]`"),
    **dict.fromkeys(("containsany", "intersects"), "write `NAME contains any [...]`"),
    **dict.fromkeys(("now", "today", "time"), "write `now`, without parentheses"),
    "range": "write `NAME >= 1 and NAME <= 5`",
    **dict.fromkeys(
        ("hour", "weekday", "dayofweek", "gethours", "getday", "minute", "timeofday"),
        'write `during mon..fri 09:00..17:00 "Europe/Berlin"` in the grant',
    ),
    **dict.fromkeys(
        ("typeof", "type", "isstring", "isnumber", "isinstance"),
        "leave it out: a value of another type than is declared is refused",
    ),
    **dict.fromkeys(
        ("duration", "timedelta", "parsedurationns"), "write a duration as it is, such as `30m`"
    ),
    **dict.fromkeys(("timestamp", "datetime", "date"), "write `2026-11-24T10:00:00Z` as it is"),
    "any": "write `some NAME == VALUE`",
    "all": "write `every NAME == VALUE`",
}

NEAR = 200  # characters before a place that are looked at
WINDOW = r"-\w{1,9}\s+\d{1,2}(?!\d?:\d\d)(?!\d)"  # as in `mon-fri 9am-5pm`, behind `mon`
_CONDITION = "write a comparison, as in `when args.amount <= 500`"


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
    (r'(?:\{\s*"|"(?:Version|Statement|Effect|Action|Resource|Condition)")', "this is JSON, not AGP",
     "an IAM statement with `Effect` becomes an `allow` in a grant, or a forbid"),
    (r"(?:Effect|Statement|Principal|Action|Resource|Condition|Sid)\b", "this is a word of IAM",
     "an IAM statement with `Effect` becomes an `allow` in a grant, or a forbid"),
)  # fmt: skip

_RULE_HABITS = (
    (r"(?:Effect|Statement|Principal|Action|Resource|Condition|Sid)\b", "this is a word of IAM",
     "write `allow` or `deny` and capabilities, and conditions after `when`"),
    (r"(?:principal|action|resource)\s*(?:==|in\b|is\b|[,)])", "this is a word of Cedar",
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
    capability = re.search(r"\b(?:allow|deny)\s[^{}\n]*?(\w+)$", before)
    action = re.compile(r":([A-Za-z_]\w{,40})").match(text, start)
    if capability and action:
        meant = f"{capability[1]}.{action[1]}"
        return Habit("resource and action are joined by a dot", f"write `{meant}`")
    if "has" in expected and text.startswith("{", start):
        return Habit("a condition stands without braces", _CONDITION)
    if text.startswith("(", start) and re.search(r"\bsize\s*$", before):
        return Habit("the language has no functions", _FUNCTIONS["size"])
    if text.startswith("(", start) and re.search(r"\bhas\s*$", before):
        return Habit("`has` takes no parentheses", "write `has resource.NAME`")
    if text[start : start + 1] in ("(", "{") and "[" in expected:
        return Habit("a list stands in square brackets", 'write `["a", "b"]`')
    if re.compile(r"true\b|false\b").match(text, start):
        return Habit("a condition compares something", "leave out `when true`")
    return None


def _inside(text: str, start: int, before: str, expected: set[str]) -> Habit | None:
    """Find the habit that stands where a condition might have ended."""
    sign = re.compile(r"[<>=!]=?").match(text, start)
    if sign and sign[0] in _COMPARISONS and "==" not in expected:
        help = "join two comparisons with `and`, as in `args.amount > 0 and args.amount <= 5`"
        return Habit("comparisons do not chain", help)
    name = re.compile(r"[A-Za-z_][\w.]{,60}").match(text, start)
    quantifier = re.search(r"\b(any|all)\s+$", before)
    if quantifier and name:
        word = "some" if quantifier[1] == "any" else "every"
        return Habit(f"`{quantifier[1]}` asks nothing of a list", f"write `{word} {name[0]} …`")
    if name and (shouted := re.search(r"\b(NOT|HAS|EVERY|SOME)\s+$", before)):
        return Habit("keywords are in lower case", f"write `{shouted[1].lower()}`")
    attribute = re.search(r"([A-Za-z_][\w.]*)\s+$", before)
    if attribute and re.compile(r"(?:exists|present)\b").match(text, start):
        return Habit("whether a field is there is asked with `has`", f"write `has {attribute[1]}`")
    if name and re.search(r"\bexists\s+$", before):
        return Habit("`exists` asks nothing", f"write `has {name[0]}`")
    need = re.search(r"\b(approval|step_up)\s+$", before)
    if need and re.compile(r'by\b|per\b|"').match(text, start):
        what = "an approval" if need[1] == "approval" else "a step-up"
        help = f"write `require {need[1]} …` after the condition, without `and`"
        return Habit(f"{what} is not a condition", help)
    if text.startswith("(", start) and (called := re.search(r"([A-Za-z_]\w*)\s*$", before)):
        advice = _FUNCTIONS.get(called[1].lower().replace("_", ""), _NO_FUNCTIONS)
        return Habit("the language has no functions", advice)
    if re.compile(r"\[[\d_*]").match(text, start) and re.search(r"\w$", before):
        return Habit("elements of a list have no positions", "write `some NAME == …`")
    if text.startswith("[", start) and re.search(r"\w$", before):
        return Habit("a field is read with a dot", "write `resource.NAME`")
    return None


def at_declaration(text: str, start: int, expected: set[str]) -> Habit | None:
    """Find the habit that stands in a declaration, or in what a rule names."""
    before = text[max(0, start - NEAR) : start]
    sign = text[start : start + 1]
    name = re.compile(r"[A-Za-z_][\w.]{,60}").match(text, start)
    if sign == "<" and (type_ := re.search(r":\s*([A-Za-z_]\w*)\s*$", before)):
        return Habit(f"`{type_[1]}<…>` is not a type", "a list is written `[string]`")
    if sign == "[" and (type_ := re.search(r":\s*([A-Za-z_]\w*)$", before)):
        return Habit(f"`{type_[1]}[…]` is not a type", "a list is written `[string]`")
    if sign == "=" and "==" not in expected and re.search(r":\s*[\w.]+\s*$", before):
        return Habit("a field has no default", "mark it optional, as in `name?: string`")
    if sign == "{" and (kind := re.search(r"\b(level|enum|set)\s+(\w+)\s*$", before)):
        members = {"level": "low < high", "enum": "one, two", "set": '["a", "b"]'}[kind[1]]
        article = "an" if kind[1] == "enum" else "a"
        return Habit(
            f"{article} {kind[1]} is declared without braces",
            f"write `{kind[1]} {kind[2]} = {members}`",
        )
    if sign in ("[", "(") and (kind := re.search(r"\b(level|enum)\s+\w+\s*=\s*$", before)):
        members = "low < high" if kind[1] == "level" else "one, two"
        return Habit(f"members of `{kind[1]}` stand by themselves", f"write `{members}`")
    if sign in ("[", "(") and (
        clause := re.search(r"(?<![\w.])(to|for|allow|deny|action)\s*$", before)
    ):
        help = f"write `{clause[1]} {'read, list' if clause[1] == 'action' else 'one, another'}`"
        return Habit(f"what `{clause[1]}` names stands without brackets", help)
    if name and (extra := re.search(_SAID_TWICE, before)):
        return Habit(f"`{extra[1]}` names by itself", f"write `{extra[1]} {name[0]}`")
    if "?" in expected and sign == "(" and (action := re.search(r"\b(\w+)\s*$", before)):
        return Habit("an action begins with its word", f"write `action {action[1]}(…)`")
    if "?" in expected and name:
        if re.search(r"\bactions\s+$", before):
            return Habit("an action begins with its word", f"write `action {name[0]}`")
        if re.search(r"\boptional\s+$", before):
            return Habit("`optional` is not a type", f"write `{name[0]}?: string`")
        if type_ := re.search(r"\b(string|number|int|bool|time|duration|ip|json)\s+$", before):
            return Habit("the type stands after the name", f"write `{name[0]}: {type_[1]}`")
    if sign == "{" and re.search(r"\ballow\s[^{}\n]*$", before):
        help = "its `when` and `require` follow it, and the next clause ends it"
        return Habit("an `allow` has no braces", help)
    return None


def foreign_file(text: str) -> tuple[Habit, int] | None:
    """Find the language that a whole file is written in, where it plainly is not AGP, and its start.

    A file of which any line begins as a statement of AGP does is one of AGP with a mistake.
    """
    begin = re.compile(r"\ufeff?(?:\s|#[^\n]*+)*+").match(text)
    assert begin is not None
    help = "a policy begins with `package NAME`; `agpc init` writes one to start from"
    language = next(
        (name for name, start in _LANGUAGES if start.match(text, begin.end())),
        None,
    )
    if language is None or re.compile(_STATEMENT).search(text, begin.end()):
        return None
    return Habit(f"this is {language}, not AGP", help), begin.end()


_LANGUAGES = (
    ("JSON", re.compile(r'\{\s*(?:"|\})|\[\s*[\[{"\]]')),
    ("YAML", re.compile(r"---\s|%YAML|-\s|[A-Za-z_][\w-]*:(?:\s|$)")),
)
_STATEMENT = (
    r'(?m)^(?:agents?|intent|level|enum|set|let)[ \t]+\w+[ \t]*["=]'
    r"|^(?:tool|api|dataset|grant|forbid)[ \t]+\w+[ \t]*\{"
)


def _find(table: tuple[tuple[str, str, str], ...], text: str, start: int) -> Habit | None:
    for pattern, message, advice in table:
        if re.compile(pattern).match(text, start):
            return Habit(message, advice)
    return None
