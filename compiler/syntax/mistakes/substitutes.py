"""Habits of other languages that stand for one thing here, so that parsing goes on with that thing."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..machine import Token
from .expected import CLAUSES, STATEMENTS
from .habits import NEAR


class Substitute(NamedTuple):
    """What is said of a habit, where it stands, and the tokens that are read in its place, if any."""

    message: str
    help: str
    start: int
    end: int
    instead: tuple[tuple[str, str], ...] = ()
    """Each as (key, text)."""
    after: int | None = None
    """Where parsing goes on; the end if not given."""
    edits: tuple[tuple[int, int, str], ...] = ()
    """What to write, from and to where, where that is known to the letter."""
    is_read_so: bool = False
    """Whether what is read in its place is just what the edits write, and no word was guessed."""


_OPERATORS = {
    "startswith": ("like", 'write `like "start*"`'),
    "endswith": ("like", 'write `like "*end"`'),
    "matches": ("like", 'write `like "pat*"`: patterns are globs'),
    "is": ("==", "write `==`"),
    "eq": ("==", "write `==`"),
    "equals": ("==", "write `==`"),
    "includes": ("contains", "write `contains`"),
    "regexp": ("like", 'write `like "pat*"`: patterns are globs'),
    "regex": ("like", 'write `like "pat*"`: patterns are globs'),
    "gt": (">", "write `>`"),
    "gte": (">=", "write `>=`"),
    "ge": (">=", "write `>=`"),
    "lt": ("<", "write `<`"),
    "lte": ("<=", "write `<=`"),
    "le": ("<=", "write `<=`"),
    "ne": ("!=", "write `!=`"),
    "neq": ("!=", "write `!=`"),
}
_STATEMENT_WORDS = {
    "tool": (("resource", "service", "server", "type", "class", "mcp"), r"\{"),
    "agent": (("workload", "principal", "identity", "actor", "subject"), "="),
    "agents": (("group", "groups", "role", "family"), "="),
    "let": (("define", "def", "var", "const", "condition"), "="),
    "intent": (("purpose", "task", "goal"), '"'),
    "package": (("module", "namespace"), ""),
}
_CLAUSE_WORDS = {
    "to": ("agent", "agents", "principal", "subject"),
    "for": ("intent", "intents", "purpose"),
    "allow": ("permit", "allows", "can"),
    "deny": ("block", "prohibit"),
}
_TAKES_NO_SIGN = (
    r"\b(to|for|allow|deny|when|because|package|use|owner|contact|controls|require|unless|audit|"
    r"valid|during|call|expect|by|ttl|until|from|step_up|approval)\s*$"
)
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_THOUSANDS = re.compile(r"(?:,[0-9]{3})+(?![0-9A-Za-z_])")


def substitute(text: str, token: Token, expected: set[str]) -> Substitute | None:
    """Find the habit that a token is part of, and what stands for it."""
    before = text[max(0, token.start - NEAR) : token.start]
    return (
        _quoted_name(token, expected)
        or _quoted_day(token, expected)
        or _identity(text, token, expected)
        or _sign(text, token, before, expected)
        or _comma(text, token, before, expected)
        or _type(text, token, before)
        or _word(text, token, before, expected)
    )


def _quoted_name(token: Token, expected: set[str]) -> Substitute | None:
    """A name in quotes."""
    name = token.text[1:-1]
    key = "%PATH" if "." in name else "%NAME"
    if token.key != "%STRING" or key not in expected or not _NAME.fullmatch(name):
        return None
    shown = name if len(name) <= 40 else "NAME"
    message = "a name stands without quotes"
    return _read(message, f"write `{shown}`", token.start, token.end, key, name)


def _quoted_day(token: Token, expected: set[str]) -> Substitute | None:
    """A day or a time in quotes."""
    text = token.text[1:-1]
    if token.key != "%STRING" or "%DATE" not in expected or "%STRING" in expected:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    message = "a day stands without quotes"
    return _read(message, f"write `{text}`", token.start, token.end, "%DATE", text)


def _identity(text: str, token: Token, expected: set[str]) -> Substitute | None:
    """A SPIFFE ID without quotes."""
    found = re.compile(r"spiffe://[^\s\"{},;]*+").match(text, token.start)
    if found is None or "%STRING" not in expected:
        return None
    message, string = "a SPIFFE ID stands in double quotes", f'"{found[0]}"'
    help = f"write `{string}`" if len(found[0]) <= 100 else 'write `"spiffe://…"`'
    return _read(message, help, token.start, found.end(), "%STRING", string)


def _sign(text: str, token: Token, before: str, expected: set[str]) -> Substitute | None:
    word, start, end = token.text, token.start, token.end
    if word == "=" and before.endswith(("==", "!=")) and "[" in expected:
        meant = before[-2:]
        return _less(f"`{meant}=` compares nothing", f"write `{meant}`", start, end)
    wanted = {":", "="} & expected
    if word in (":", "=") and not wanted and (clause := re.search(_TAKES_NO_SIGN, before)):
        help = f"write `{clause[1]}` and what it names, without a sign between"
        return _less(f"`{clause[1]}` takes no `{word}`", help, start, end)
    if word in (":", "=") and (intent := re.search(r"\bintent\s+\w+\s*$", before)):
        help = f'write `{intent[0].strip()} "…"`, without a sign between'
        return _less(f"an intent's purpose takes no `{word}`", help, start, end)
    if text.startswith(":=", start) and ({"=", ":"} & expected):
        sign = "=" if "=" in expected else ":"
        return _one("`:=` declares nothing", f"write `{sign}`", start, start + 2, sign)
    if word == "=" and "==" in expected:
        return _one("`=` does not compare", "write `==`", start, end, "==")
    if word == "==" and "=" in expected:
        return _one("`==` declares nothing", "write `=`", start, end, "=")
    if word == ">" and "<" in expected and re.search(r"\blevel\s+\w+\s*=[^=\n]*$", before):
        help = "write `lowest < higher < highest`"
        message = "a level begins with its lowest member"
        return Substitute(message, help, start, end, (("<", "<"),))
    if word == "{" and re.search(r"\bpackage\s+[\w.]+\s*$", before):
        help = "leave out the braces: a package is all that stands in its files"
        return Substitute("a package has no braces", help, start, end)
    return None


def _comma(text: str, token: Token, before: str, expected: set[str]) -> Substitute | None:
    start, end = token.start, token.end
    if token.text == "and" and "," in expected and re.search(r"\w\s*$", before):
        return _one("names are listed with commas", "write `,`", start, end, ",")
    if token.text != ",":
        return None
    if (found := _THOUSANDS.match(text, start)) and "and" in expected:
        number = re.search(r"[0-9][0-9_]*$", before)
        if number and len(found[0]) <= 40:
            meant = number[0] + found[0].replace(",", "_")
            message = f"`{number[0]}{found[0]}` is not a number"
            place = start - len(before) + number.start()
            edits = ((place, found.end(), meant),)
            return Substitute(message, f"write `{meant}`", start, found.end(), edits=edits)
    if "<" in expected and re.search(r"\blevel\s+\w+\s*=[^=\n]*$", before):
        help = "write `lowest < higher < highest`"
        message = "the members of a level are in order"
        return Substitute(message, help, start, end, (("<", "<"),))
    follows = re.compile(r"[ \t]*([A-Za-z_]\w*|\()").match(text, end)
    if "and" in expected and follows and follows[1] not in CLAUSES | STATEMENTS:
        return _one("`,` joins no conditions", "write `and`", start, end, "and")
    return None


def _type(text: str, token: Token, before: str) -> Substitute | None:
    type_ = re.search(r":\s*([A-Za-z_][\w.]*)\s*$", before)
    if type_ and (brackets := re.compile(r"\[\s*\]").match(text, token.start)):
        message = f"`{type_[1]}[]` is not a type"
        help = f"write `[{type_[1]}]`"
        place = token.start - len(type_[0]) + type_.start(1) - type_.start()
        edits = ((place, brackets.end(), f"[{type_[1]}]"),)
        return Substitute(message, help, token.start, brackets.end(), edits=edits)
    if type_ and token.text == "?":
        help = "the `?` stands after the name of the field, as in `name?: string`"
        place = token.start - len(type_[0])
        moved = ((place, place, "?"), (token.start, token.end, ""))
        message = f"`{type_[1]}?` is not a type"
        return Substitute(message, help, token.start, token.end, edits=moved)
    return None


def _word(text: str, token: Token, before: str, expected: set[str]) -> Substitute | None:
    word, start, end = token.text, token.start, token.end
    if word.startswith("-") and ".." in expected and "%CLOCK" not in expected:
        help = "write `..`, as in `07:00..19:00`"
        message = "`-` joins no times"
        return _read(message, help, start, start + 1, "..", "..")
    if word in ("allow", "allowed") and "permit" in expected:
        return _one(f"`{word}` is not an outcome", "write `permit`", start, end, "permit")
    if word in ("if", "where") and "when" in expected:
        return _one(f"`{word}` states no condition", "write `when`", start, end, "when")
    if "like" in expected and (negated := re.compile(r"is\s+not\b").match(text, start)):
        return _one("`is not` compares nothing", "write `!=`", start, negated.end(), "!=")
    operator = _OPERATORS.get(word.lower().replace("_", ""))
    if operator and "like" in expected and not text.startswith("(", end):
        found = _one(f"`{word}` compares nothing", operator[1], start, end, operator[0])
        return found if operator[0] != "like" else found._replace(edits=())
    missing = next((key for key in ("agent", "intent") if expected == {key}), None)
    if missing and (said := re.search(r"(\bany|\*)(?=\s*$)", before)):
        place = start - len(before) + said.start()
        message, help = "`any` names a kind here", f"write `any {missing}`"
        stop = place + len(said[0])
        edits = ((place, stop, f"any {missing}"),)
        return Substitute(message, help, place, stop, ((missing, missing),), start, edits)
    follows = re.compile(r"\s+[A-Za-z_][\w.]*\s*(.?)").match(text, end)
    if follows and token.key == "%NAME" and "grant" in expected | {"package"} & expected:
        for keyword, (words, sign) in _STATEMENT_WORDS.items():
            if word.lower() in words and keyword in expected and re.match(sign, follows[1]):
                message = f"`{word}` begins no statement"
                return _guess(message, f"write `{keyword}`", start, end, keyword)
    if follows and follows[1] != "=" and "allow" in expected:
        for keyword, clause_words in _CLAUSE_WORDS.items():
            if word in clause_words:
                message = f"`{word}` begins no clause"
                return _guess(message, f"write `{keyword}`", start, end, keyword)
    named = re.compile(r"\s*=(?!=)").match(text, end)
    if token.key == "%NAME" and named and "let" in expected and "grant" in expected:
        message, help = "a condition is named with `let`", f"write `let {word[:40]} = …`"
        tokens = (("let", "let"), ("%NAME", word))
        return Substitute(message, help, start, end, tokens, edits=((start, start, "let "),))
    return None


def _one(message: str, help: str, start: int, end: int, instead: str) -> Substitute:
    """One token in the place of others, which it can only stand for."""
    return _read(message, help, start, end, instead, instead)


def _guess(message: str, help: str, start: int, end: int, instead: str) -> Substitute:
    """One token in the place of a word that probably means it."""
    return _one(message, help, start, end, instead)._replace(is_read_so=False)


def _read(message: str, help: str, start: int, end: int, key: str, text: str) -> Substitute:
    edits = ((start, end, text),)
    return Substitute(message, help, start, end, ((key, text),), edits=edits, is_read_so=True)


def _less(message: str, help: str, start: int, end: int) -> Substitute:
    """Nothing in the place of a token."""
    return Substitute(message, help, start, end, edits=((start, end, ""),), is_read_so=True)
