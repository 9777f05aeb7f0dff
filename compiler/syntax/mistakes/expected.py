"""What could have stood at a place, and what stands there, in the reader's words."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from ....grammar import END

STATEMENTS = frozenset(
    (
        "agent",
        "agents",
        "api",
        "assert",
        "bind",
        "context",
        "controls",
        "dataset",
        "delegate",
        "enum",
        "extend",
        "forbid",
        "grant",
        "group",
        "intent",
        "isolate",
        "let",
        "level",
        "meter",
        "owner",
        "separate",
        "set",
        "source",
        "terms",
        "test",
        "tool",
        "use",
        "user",
    )
)
CLAUSES = frozenset(
    (
        "allow",
        "audit",
        "because",
        "controls",
        "credential",
        "deny",
        "during",
        "for",
        "oblige",
        "owner",
        "require",
        "revoke",
        "terms",
        "to",
        "unless",
        "valid",
        "when",
    )
)
AFTER_ALLOW = CLAUSES - {"when", "require"}
"""Those that may follow an `allow` which has both."""
TEST_CLAUSES = frozenset(
    (
        *(
            "after",
            "agent",
            "approved",
            "asked",
            "at",
            "call",
            "confirmed",
            "context",
            "did",
            "expect",
            "failed",
        ),
        *("resource", "said", "step_up", "task", "tried", "user"),
    )
)
BINDINGS = frozenset(("agent", "context", "resource", "session"))
COMPARISONS = frozenset(
    ("==", "!=", "<", "<=", ">", ">=", "in", "not", "contains", "subset", "like", "under", "within")
)
KINDS = frozenset(("read", "write", "send", "destroy"))
VALUES = frozenset(("%STRING", "%NUMBER", "%DURATION", "%DATE", "%TIME", "[", "true", "false"))
NAMES = frozenset(("%NAME", "%PATH"))
QUOTED = {"%QUOTED_NAME", "%QUOTED_PATH"}
"""May stand where names do, which says enough."""

_GROUPS: tuple[tuple[frozenset[str], str], ...] = (
    (STATEMENTS, "a statement"),
    (CLAUSES, "a clause of the rule"),
    (TEST_CLAUSES, "a clause of the test"),
    (BINDINGS, "`resource`, `agent`, `session` or `context`"),
    (
        frozenset(("not", "has", "after", "links", "(", "every", "some", "age", "size", "null"))
        | VALUES
        | NAMES,
        "a condition",
    ),
    (VALUES | NAMES | {"age", "size", "null"}, "a value"),
    (VALUES | NAMES | {"null"}, "a value"),
    (COMPARISONS | {"from"}, "a comparison"),
    (COMPARISONS, "a comparison"),
    (frozenset(("context", "user", "task")), "`context`, `user` or `task`"),
    (NAMES | {"%WILDCARD"}, "a capability"),
    (NAMES | {"%STRING"}, "a name or a string"),
    (NAMES, "a name"),
)

_ALONE = {
    "%NAME": "a name",
    "%PATH": "a name",
    "%WILDCARD": "a capability",
    "%STRING": "a string",
    "%NUMBER": "a number",
    "%DURATION": "a duration",
    "%DATE": "a day",
    "%TIME": "a time",
    "%CLOCK": "a time of day",
    "%CONTROL_ID": "a control",
    "%PLATFORM_NAME": "a platform's name",
    "%_ARROW": "`->`",
    END: "the end of the file",
}

_HOW_TO_WRITE = {
    "a duration": "a duration is a number and a unit, such as `15m`, `1h30m` or `2d`",
    "a time of day": "a time of day has hours and minutes, such as `07:00`",
    "a time": "a time is written in full, such as `2026-11-24T10:00:00Z`",
    "a day": "a day is written as `2027-06-30`",
    "a string": "a string stands in double quotes",
    "a capability": "a capability is `RESOURCE.ACTION`, `RESOURCE.*` or `any`",
    "a control": "a control is named by its framework and id, such as `owasp-agentic-2026:ASI03`; one of your own "
    "catalogue may be named by its label alone, in quotes",
}


_BEFORE = "write `did RESOURCE.ACTION() with resource { … } gave { … } 5m ago`, of which both in the middle may be left out"


def phrases(expected: AbstractSet[str]) -> list[str]:
    """Name what may stand at a place, the larger things first."""
    left = set(expected) - QUOTED
    if left >= AFTER_ALLOW:
        left |= CLAUSES
    if left >= KINDS | {","}:
        left -= KINDS  # behind a capability: those who know of them need not be told
    found = []
    for group, phrase in _GROUPS:
        if group <= left:
            found.append(phrase)
            left -= group
    found += [_ALONE.get(key, f"`{key}`") for key in sorted(left)]
    return list(dict.fromkeys(found))


def either(parts: list[str]) -> str:
    """Join with commas and an `or`."""
    return " or ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def how_to_write(expected: list[str]) -> str | None:
    """Say how what may stand at a place is written, where it is one thing or two."""
    if {"a duration", "`with`"} <= set(expected):
        return _BEFORE
    known = [_HOW_TO_WRITE[phrase] for phrase in expected if phrase in _HOW_TO_WRITE]
    return "; ".join(known) if 0 < len(known) <= 2 else None


def found(key: str, text: str) -> str:
    """Name what stands at a place."""
    if key == END:
        return "the end of the file"
    if key == "%STRING":
        return "a string"
    return f"`{text if len(text) <= 40 else text[:40] + '…'}`"
