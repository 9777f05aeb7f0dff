"""`agpc explain`: the terms of a decision are said in the words in which a test expects them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..conftest import Run

POLICY = """package shop
owner "o" contact "c"
agent till = "spiffe://t.example/till"
intent sell "sell"
tool goods { action look, refund, burn }
grant selling {
    to  till
    for sell
    allow goods.look as look
    allow goods.refund as refund require approval by "role:boss" within 1h and step_up "mfa"
    allow goods.refund as other require step_up "key"
    credential ttl 15m renew 3
    oblige     notify(to: "a\\u{202E}b")
    audit      full
}
forbid never { deny goods.burn because "it is hot" }
"""
SAID = {
    "look": (
        "permit by shop.selling.look",
        r'  with: credential ttl 15m renew 3, audit full, oblige notify(to: "a\u{202E}b"), owner "o" contact "c"',
    ),
    "refund": (
        "challenge by shop.selling.other, shop.selling.refund",
        '  asking: approval by "role:boss" within 1h and step_up "mfa" or step_up "key"',
        '  with: owner "o" contact "c"',
    ),
    "burn": (
        "deny by shop.never",
        '  with: owner "o" contact "c"',
        "  because: it is hot",
    ),
    "nothing": ("deny", '  with: owner "o" contact "c"', "  because: no allow applies"),
}


def explained(run: Run, action: str, format: str) -> str:
    Path("shop.agp").write_text(POLICY)
    request = {
        "subject": {"type": "agent", "id": "spiffe://t.example/till"},
        "action": {"name": action},
        "resource": {"type": "shop.goods", "id": "g-1"},
        "context": {"task": {"id": "t-1", "intent": "shop.sell", "state": "active"}},
    }
    Path("request.json").write_text(json.dumps(request))
    return run("explain", "--request", "request.json", "--format", format).out


@pytest.mark.parametrize("action", SAID)
def test_text_says_the_terms_of_the_decision(action: str, run: Run) -> None:
    first = explained(run, action, "text").split("\n\n")[0].splitlines()
    assert tuple(line for line in first if not line.startswith("  note:")) == SAID[action]


@pytest.mark.parametrize("action", ["look", "refund", "burn"])
def test_json_says_what_a_test_would_expect_and_that_test_passes(action: str, run: Run) -> None:
    expect = json.loads(explained(run, action, "json"))["expect"]
    call = f"agent till for sell call goods.{action}() expect {expect}"
    Path("test.agp").write_text(f'package shop\ntest "t" {{ {call} }}\n')
    assert run("test").status == 0
    assert {"look": "with credential", "refund": "asking", "burn": "because"}[action] in expect
