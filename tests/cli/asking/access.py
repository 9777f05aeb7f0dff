"""A policy to ask questions about, and what a hostile one looks like."""

from __future__ import annotations

POLICY = """\
package shop
agent bot = "spiffe://acme.example/bot"
agents bots = "spiffe://acme.example/bots/*"
agent idle = "spiffe://acme.example/idle"
intent sell "Sell"
intent buy "Buy"
tool till { action open action refund(amount: number) action close }
context { c: number }
grant selling {
    to bot
    for sell, buy
    allow till.open as opening
    allow till.refund as refunding
        when args.amount <= 500 and args.amount > 1
        require approval by "role:boss"
}
grant large {
    to bots
    for sell
    allow till.refund when args.amount > 1000
    revoke when context.c < 0.5
}
grant closing { to bots for buy allow till.close require step_up "mfa" within 5m }
forbid odd { to bot deny till.refund when args.amount == 100 because "x" }
forbid unneeded { to bot deny till.refund when args.amount > 600 because "x" }
forbid never { to bots deny till.close unless approval by "role:boss" because "x" }
"""

# In so many alternatives that the procedure gives up.
CHOICES = " and ".join(f'(args.a{n} == "x" or args.b{n} == "x")' for n in range(10))
PARAMETERS = ", ".join(f"a{n}: string, b{n}: string" for n in range(10))
UNDETERMINED = f"""\
package shop
agent bot = "spiffe://acme.example/bot"
agent sure = "spiffe://acme.example/sure"
intent sell "Sell"
tool till {{ action open({PARAMETERS}) }}
grant selling {{ to bot for sell allow till.open when {CHOICES} }}
grant sure {{ to sure for sell allow till.open }}
"""

HOSTILE = """\
package shop
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { action open(s: string) }
grant selling {
    to bot
    for sell
    allow till.open
        when args.s in ["<script>alert(1)</script>", "\\" onmouseover=\\"x", "=1+1", "{{ 7*7 }}", "\\u{202E}x"]
        require approval by "=cmd|'/c calc'!A1"
}
forbid some { deny till.open when args.s == "</code><img src=x onerror=alert(1)>" because "x" }
"""
