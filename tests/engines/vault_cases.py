"""Policies that Vault can say something of, and operations on the paths that they bind."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

BOT = "spiffe://acme.example/ns/ops/sa/bot"
HEAD = f"""
package ops
agent bot = "{BOT}"
agent far = "spiffe://acme.example/ns/ops/sa/far"
agents bots = "spiffe://acme.example/ns/ops/sa/*"
intent deploy "Deploy"
intent rotate "Rotate"
dataset secrets {{ team: string name: string size: int action read, write, list }}
context {{ ok: bool }}
"""
BIND = """
bind vault {
    resource secrets "secret/data/${team}/${name}" {
        read = read
        write = create, update
        list = list on "secret/metadata/${team}"
    }
    agent bot "bot"
}
"""
OPERATIONS = {"read": ("read",), "write": ("create", "update")}


def policy_of(rules: str, bind: str = BIND) -> ir.Policy:
    """The policy of some rules under the vocabulary above."""
    compilation = compile_sources([Source("p.agp", HEAD + rules + bind)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def grant(*allows: str, intents: str = "deploy", to: str = "bot") -> str:
    """A grant of some allows."""
    return f"grant g {{ to {to} for {intents} {' '.join(allows)} }}"


def request(action: str, team: str, name: str, intent: str = "deploy") -> dict[str, Any]:
    """A request of the bot."""
    return {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": action},
        "resource": {"type": "ops.secrets", "id": "r", "properties": {"team": team, "name": name}},
        "context": {"task": {"id": "t", "intent": f"ops.{intent}", "state": "active"}},
    }


VALUES = ["a", "b", "ab", "a/b", "a/b/c", "web", ""]
CALLS = [  # a path is read as the binding says: the team is one segment, the name is what follows
    (action, team, name)
    for action, team, name in itertools.product(OPERATIONS, VALUES, VALUES)
    if team and "/" not in team
]
CONDITIONS = [
    "",
    *(f'resource.team == "{each}"' for each in ("a", "web", "a/b")),
    'resource.team in ["a", "b"]',
    *(f'resource.name == "{each}"' for each in ("a", "a/b")),
    'resource.name in ["a", "ab", "web"]',
    *(f'resource.name like "{each}"' for each in ("a*", "a/*", "*", "ab", "web/*")),
    'resource.team == "a" and resource.name like "a/*"',
    'resource.team == "a" and resource.name == "ab"',
    'not (resource.team != "a" or not resource.name like "a*")',
]


@st.composite
def policies(draw: st.DrawFn) -> ir.Policy:
    """Up to four allows, and sometimes a forbid that may meet them."""
    drawn = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.sampled_from(CONDITIONS))
    allows = [
        f"allow secrets.{action} as r{number}{when(condition)}"
        for number, (action, condition) in enumerate(draw(st.lists(drawn, min_size=1, max_size=4)))
    ]
    forbids = [
        f"forbid f{number} {{ deny secrets.{action}{when(condition)} }}"
        for number, (action, condition) in enumerate(draw(st.lists(drawn, max_size=1)))
    ]
    return policy_of("\n".join((grant(*allows), *forbids)))


def when(condition: str) -> str:
    return f" when {condition}" if condition else ""
