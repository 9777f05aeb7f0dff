"""A policy for tests of leases: what each way of asking does to them."""

from __future__ import annotations

POLICY = """
language 2
package desk

agent helper = "spiffe://acme.example/ns/desk/sa/helper"
intent answer "Answer a customer" { order: string }
context { confidence: number, site?: string }

tool shop {
    read action lookup(order: string)
    read action browse()
    read action peek()
    read action night()
    read action until()
    read action gap()
    read action counted()
    read action owed()
    read action bare()
    write action refund(order: string, amount: number)
    write action close()
    write action walled(order: string)
}
tool depot { read action look() }

meter counts = count of shop.counted per task

grant browsing {
    to  helper
    for answer
    allow shop.browse
    allow shop.lookup when args.order == task.order
    allow shop.refund require confirmation
    allow shop.close require approval per task by "role:lead"
    allow shop.counted, shop.walled
    allow depot.look when counts < 3
    credential  ttl 15m renew 2
    revoke when context.confidence < 0.8
}
grant peeking {
    to  helper
    for answer
    allow shop.peek
    credential ttl 5m
}
grant nights {
    to  helper
    for answer
    allow shop.night
    credential ttl 8h renew 1
    during mon..sun 22:00..06:00 "UTC"
}
grant ending {
    to  helper
    for answer
    allow shop.until
    credential ttl 1h
    valid until 2026-11-24T10:10:30Z
}
grant before {
    to  helper
    for answer
    allow shop.gap
    credential ttl 1h
    valid until 2026-11-24T10:10:20Z
}
grant after {
    to  helper
    for answer
    allow shop.gap
    credential ttl 1h
    valid from 2026-11-24T10:10:40Z
}
grant owing {
    to  helper
    for answer
    allow shop.owed
    credential ttl 1h
    oblige notify(channel: "ops")
}
grant unlent {
    to  helper
    for answer
    allow shop.bare
}
forbid wall {
    deny    shop.walled
    when    has args.order
    because "Not with an order."
}
"""
