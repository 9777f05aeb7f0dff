"""What the tests of reports share: the command in a directory of its own, and a policy with everything in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..conftest import policy, run, work

__all__ = ["policy", "run", "shop", "work"]

SHOP = """\
package shop

owner "shop" contact "shop@acme.example"
controls owasp-agentic-2026:ASI03, eu-ai-act:"Art.12(1)"

agent bot = "spiffe://acme.example/bot"
agents bots = "spiffe://acme.example/bots/*"
agent idle = "spiffe://acme.example/idle"
intent sell "Sell things"
tool till {
    action open
    action refund(amount: number)
}
context { risk: number }

# agpc: allow AGP4101 -- the shop is open for good
grant selling {
    to bot
    for sell
    allow till.open as opening
    allow till.refund as refunding when args.amount < 100 require approval by "role:boss" count 2
    credential ttl 15m renew 2
    revoke when context.risk > 0.5
}
grant ending {
    to bots
    for sell
    allow till.open as other
    valid until 2027-01-31
    owner "someone" contact "elsewhere"
    controls nist-csf-2.0:PR.AA-05
}
grant past {
    to bots
    for sell
    allow till.refund as gone require step_up "mfa"
    valid until 2020-01-31
}
forbid large_refunds {
    deny till.refund
    when args.amount > 50
    unless approval by "role:owner" within 1h
    because "Too much."
}
test "opening is permitted" {
    agent bot for sell
    call till.open()
    context { risk: 0 }
    at 2026-01-01T00:00:00Z
    expect permit by opening
}
test "a refund is permitted" {
    agent bot for sell
    call till.refund(amount: 1)
    at 2026-01-01T00:00:00Z
    expect permit
}
""".replace('eu-ai-act:"Art.12(1)"', '"eu-ai-act:Art.12(1)"')


@pytest.fixture
def shop(work: Path) -> Path:
    """A policy in the working directory, as `shop.agp`."""
    path = work / "shop.agp"
    path.write_text(SHOP, encoding="utf-8")
    return path
