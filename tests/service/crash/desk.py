"""A policy with limits, and a script of operations under it that processes may be killed in the midst of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from typing import Any, TypeAlias

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.service.core.operations.callers import Caller
from agpc.service.core.operations.operations import (
    Adopt,
    Decide,
    Move,
    Operation,
    Report,
    Say,
    Start,
    Tell,
)
from agpc.service.policies.generation import Generation, generation_of

HELPER = "spiffe://t.example/helper"
DESK = Caller("desk", ("start", "decide", "outcome", "read", "admin"), (HELPER,))
MOST_REFUNDED, MOST_MAILS = 50, 3
WINDOW = 30 * 86_400 * 10**9  # nanoseconds in which refunds of an order add up
TEXT = f"""\
language 2
package desk
agent helper = "{HELPER}"
intent answer "Answer a customer" {{ order: string }}
tool till {{
    read action look(order: string) -> {{ total: number, customer: string }}
    action refund(order: string, amount: number)
}}
tool mail {{ send action send(to: [string], body: string) }}
source vouched  = said, task, till.look.customer
meter  refunded = sum args.amount of till.refund per task.order within 30d
meter  mails    = count of mail.send per task
meter  denials  = count of denied any per agent within 1d
grant answering {{
    to  helper
    for answer
    allow till.look when args.order == task.order and denials.before >= 0
    allow till.refund when args.order == task.order and refunded <= {MOST_REFUNDED}
    allow mail.send as known when args.to from vouched and mails <= {MOST_MAILS}
    allow mail.send as other when mails <= {MOST_MAILS} require approval by "role:lead"
}}
"""

Ask: TypeAlias = Callable[[str, Callable[[str], Operation]], Awaitable[dict[str, Any]]]
"""Does what is made for a key, and gives the answer; a refusal is `{"problem": STATUS}`."""


@cache
def policy() -> ir.Policy:
    """The policy, compiled."""
    found = compile_sources([Source("desk.agp", TEXT)])
    assert found.policy is not None, found.diagnostics
    return found.policy


@cache
def generation() -> Generation:
    """The policy, as the service has it."""
    return generation_of(policy())


def adopt() -> Operation:
    """Make it the active policy, unless it is."""
    own = generation()
    return Adopt(caller=DESK, key=f"adopt {own.digest}", generation=own)


def call(task: str, tool: str, action: str, **arguments: Any) -> dict[str, Any]:
    """A request in a task."""
    return {
        "subject": {"type": "agent", "id": HELPER},
        "action": {"name": action, "properties": arguments},
        "resource": {"type": f"desk.{tool}", "id": tool},
        "context": {"task": {"id": task}},
    }


def first_start(order: str) -> dict[str, Any]:
    """A request to start a task."""
    return {
        "subject": {"type": "agent", "id": HELPER},
        "action": {"name": "start", "properties": {"order": order}},
        "resource": {"type": "desk.answer", "id": "new"},
        "context": {"user": {"id": "user:kim"}},
    }


def numbers() -> Iterator[int]:
    """Count."""
    number = 0
    while True:
        yield number
        number += 1


async def script(ask: Ask, name: str, order: str) -> None:
    """One task from its start to after its end; a name that ends in `short` does one operation of each kind.

    Every answer but the last of each kind depends on those before.
    """
    short = name.endswith("short")
    number = numbers()

    async def say(make: Callable[[str], Operation]) -> dict[str, Any]:
        return await ask(f"{name}-{next(number)}", make)

    async def decide(tool: str, action: str, **arguments: Any) -> dict[str, Any]:
        request = call(task, tool, action, **arguments)
        return await say(lambda key: Decide(caller=DESK, key=key, request=request))

    async def tell(answer: dict[str, Any], outcome: Any, **result: Any) -> None:
        if answer["decision"]:
            await say(
                lambda key: Tell(
                    caller=DESK, key=key, call=answer["call"], outcome=outcome, **result
                )
            )

    started = await say(
        lambda key: Start(
            caller=DESK, key=key, request=first_start(order), said="write to joe@mail.example"
        )
    )
    assert started["decision"] is True, started
    task = started["task"]["id"]
    await decide("mail", "send", to=["joe@mail.example"], body="soon")
    if not short:
        await decide("mail", "send", to=["ann@mail.example"], body="who?")  # is asked about
    looked = await decide("till", "look", order=order)
    await tell(looked, "done", result={"total": 60, "customer": "kim@mail.example"})
    mailed = await decide("mail", "send", to=["kim@mail.example"], body="now")
    await tell(mailed, "withdrawn")
    for amount in (20,) if short else (20, 25, 9):
        paid = await decide("till", "refund", order=order, amount=amount)
        await tell(paid, "withdrawn" if amount == 25 else "failed" if amount == 9 else "done")
    await say(lambda key: Say(caller=DESK, key=key, task=task, text="and to ann@mail.example"))
    for to in () if short else ("ann", "kim", "joe"):
        await decide("mail", "send", to=[f"{to}@mail.example"], body="later")
    await say(lambda key: Report(caller=DESK, key=key, task=task, context={"sure": 0.5}))
    await say(lambda key: Move(caller=DESK, key=key, task=task, state="ended"))
    if not short:
        await say(lambda key: Move(caller=DESK, key=key, task=task, state="ended"))  # is refused
        await decide("mail", "send", to=["joe@mail.example"], body="too late")
