"""How findings put things: conditions, lists of names, agents, witnesses."""

from __future__ import annotations

import json
from typing import Any

from ..ir import nodes as ir
from ..ir.printing.conditions import condition_text
from ..ir.walk import leaves
from ..report.diagnostics import Label
from ..report.source import Span
from ..text.counted import first_of

LONGEST = 120  # characters of a condition that a message shows
MOST_TESTS = 6  # that a message points at
MOST_NAMES = 6


def witness_note(request: dict[str, Any]) -> str:
    """A request as a note: one line of JSON that `agpc decide` and `agpc explain` take."""
    return f"witness: {json.dumps(request, ensure_ascii=True)}"


def listed(names: list[str]) -> str:
    """Names as a sentence has them, the first few of many."""
    if len(names) > MOST_NAMES:
        return first_of(names, MOST_NAMES)
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def agent_in_words(policy: ir.Policy, id: str) -> str:
    """An agent as a message names it: by its name, or as one like no declared one."""
    for each in policy.agents:
        if each.id == id:
            return f"agent `{each.name}`"
    return f"an agent such as `{id}`"


def shown(condition: ir.Condition) -> str:
    """A condition as the language writes it, cut where a message would be too long."""
    return cut(condition_text(condition), LONGEST)


def labels_of_tests(condition: ir.Condition, text: str, rule: ir.Rule) -> tuple[Label, ...]:
    """Where the tests of a condition stand, but for the rule itself."""
    found: list[Span] = [leaf.span for leaf in leaves(condition) if leaf.span is not None]
    return tuple(Label(span, text) for span in dict.fromkeys(found) if span != rule.span)[
        :MOST_TESTS
    ]


def cut(text: str, most: int) -> str:
    """A text, shortened where it has more characters than a message should."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
