"""How each statement and clause is written: the advice where nothing closer is known of a mistake."""

from __future__ import annotations

import re

from .expected import AFTER_ALLOW, STATEMENTS

_SHAPES = {
    "agent": 'agent NAME = "spiffe://…"',
    "agents": 'agents NAME = "spiffe://…/*"',
    "api": "api NAME { action … }",
    "assert": "assert no AGENT can RESOURCE.ACTION",
    "audit": "audit full",
    "context": "context { NAME: TYPE }",
    "credential": "credential ttl 15m",
    "dataset": "dataset NAME { action … }",
    "delegate": "delegate AGENT for INTENT to AGENT for INTENT",
    "during": 'during mon..fri 09:00..17:00 "Europe/Berlin"',
    "enum": "enum NAME = one, two",
    "extend": "extend TOOL { read action NAME }",
    "forbid": "forbid NAME { deny RESOURCE.ACTION }",
    "grant": "grant NAME { to AGENT for INTENT allow RESOURCE.ACTION }",
    "group": "group NAME = RESOURCE.ACTION, any send",
    "intent": 'intent NAME "…"',
    "isolate": "isolate AGENT from AGENT",
    "let": "let NAME = args.amount <= 500",
    "level": "level NAME = low < high",
    "meter": "meter NAME = count of RESOURCE.ACTION per task",
    "oblige": 'oblige NAME(KEY: "value")',
    "owner": 'owner "team" contact "team@example.org"',
    "require": 'require approval by "role:NAME"',
    "revoke": "revoke when CONDITION",
    "separate": "separate RESOURCE.ACTION, RESOURCE.ACTION",
    "set": 'set NAME = ["a", "b"]',
    "source": "source NAME = said, task, RESOURCE.ACTION.FIELD",
    "terms": "terms NAME",
    "test": 'test "…" { agent NAME for INTENT call RESOURCE.ACTION() expect permit }',
    "tool": "tool NAME { action … }",
    "use": "use PACKAGE",
    "user": "user { NAME: TYPE }",
    "valid": "valid until 2027-06-30",
}
_CLAUSES = "clauses of a grant are `to`, `for`, `allow`, `when`, `require` and others; of a forbid, `deny`, `when`, `unless` and `because`"
_STATEMENTS = "statements begin with `agent`, `intent`, `tool`, `grant`, `forbid` and others"
_WORD = re.compile(r"(?<![\w.])(?:" + "|".join(sorted(_SHAPES, key=len, reverse=True)) + r")\b")


def shape(before: str, expected: set[str]) -> str | None:
    """Advice for a place, from the text before it and what could have stood there."""
    if expected >= STATEMENTS:
        return _STATEMENTS
    if expected >= AFTER_ALLOW:
        return _CLAUSES
    if "and" in expected:
        return None  # in a condition, which may be long
    begun = re.findall(r"^([a-z]+)\b", before, re.MULTILINE)
    if begun and begun[-1] in ("bind", "test"):  # whose parts are called as statements are
        return f"write `{_SHAPES['test']}`" if begun[-1] == "test" else None
    found = list(_WORD.finditer(before))
    return f"write `{_SHAPES[found[-1][0]]}`" if found else None
