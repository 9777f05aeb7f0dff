"""Policies that tests open."""

from __future__ import annotations

SMALL = """language 2
package shop

owner "team" contact "team@acme.example"

agent bot = "spiffe://acme.example/bot"
intent sell "Sell things to people who ask for them"
tool till {
    write action charge(amount: number)
}
grant bot_sells {
    to  bot
    for sell
    allow till.charge
        when args.amount <= 10
}
"""
