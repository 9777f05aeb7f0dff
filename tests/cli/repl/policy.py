"""The policy that questions at the prompt are about."""

POLICY = """\
language 2
package shop
owner "shop" contact "shop@acme.example"

enum currency = EUR, USD
agent bot = "spiffe://acme.example/bot" { team: string }
agent clerk = "spiffe://acme.example/clerk"
intent sell "Sell" { limit: int }
tool till {
    currency: currency
    read action open
    send action refund(amount: number, paid_in: currency, urgent: bool)
}
context { channel: string }

## What a bot may sell.
grant selling {
    to  bot
    for sell
    allow till.open as opening
    allow till.refund as refunding when args.amount <= 50
}

forbid large_refunds {
    deny    till.refund
    when    args.amount > 100
    because "Too much."
}

test "opening is permitted" {
    agent  bot for sell
    call   till.open()
    expect permit
}
"""
REFUND = "decide bot for sell call till.refund(amount: {}, paid_in: EUR, urgent: false)"
