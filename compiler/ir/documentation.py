"""What comments say of a rule: of itself, and of the grant that it belongs to."""

from __future__ import annotations

import re

from . import nodes as ir
from .identities import grant_of

MOST_OF_A_LINE = 200  # characters


def doc_of_rule(policy: ir.Policy, rule: ir.Rule) -> str:
    """Give what is said of a rule: of an allow what is said of its grant, and then what is said of itself."""
    if not policy.docs:
        return ""
    of_grant = policy.doc("rule", grant_of(policy, rule)) if isinstance(rule, ir.Allow) else ""
    return "\n\n".join(filter(None, (of_grant, policy.doc("rule", rule.id))))


def line_of_rule(policy: ir.Policy, rule: ir.Rule) -> str:
    """Give in a line what is said of a rule: of an allow what is said of itself, or else of its grant."""
    own = policy.doc("rule", rule.id) if policy.docs else ""
    return in_a_line(own or doc_of_rule(policy, rule))


def doc_of_agent(policy: ir.Policy, id: str) -> str:
    """Give what is said of the declared agent of an identity."""
    if not policy.docs:
        return ""
    named = (each.name for each in policy.agents if each.id == id)
    return next((policy.doc("agent", name) for name in named), "")


def in_a_line(text: str, most: int = MOST_OF_A_LINE) -> str:
    """Give the first paragraph of a text as one line, cut where it is longer than there is room for.

    >>> in_a_line("Pays what is due.\\nAnd no more.\\n\\nSee the manual.")
    'Pays what is due. And no more.'
    """
    # A text that was loaded may hold half a character, which the strings of no platform can.
    paragraph = re.sub("[\ud800-\udfff]", "\ufffd", text.partition("\n\n")[0])
    line = " ".join(paragraph.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
