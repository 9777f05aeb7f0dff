"""What a monitor adds to a decision: a task of 200 calls with results of 10 kB, as the declared facts grow."""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

from tables import table, time_text

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.monitor import Monitor
from agpc.targets.python import evaluator

SIZES = (10, 100, 1_000, 10_000)
CALLS = 200
RESULT = 10_000  # characters of what a call gives back
ROUNDS = 5
BOT = "spiffe://t.example/bot"


def policy_text(facts: int) -> str:
    """Tools by the dozen, each with five meters and five sources of its own that its rules read."""
    head = (
        "language 2\npackage p\n"
        f'agent bot = "{BOT}"\nintent work "work" {{ order: string }}\n'
        "meter everything = count of any per agent within 1h\n"
        "meter refusals = count of denied any per task within 10m\n"
    )
    parts = [head]
    for n in range(max(1, facts // 10)):
        parts.append(
            f"""tool mail_{n} {{
    read action open(id: string) -> {{ from: string, body: string }}
    send action send(to: [string], subject: string, body: string, amount?: number)
}}
meter sent_{n}   = count of mail_{n}.send per task
meter spent_{n}  = sum args.amount of mail_{n}.send when has args.amount per task.order within 30d
meter opened_{n} = count of mail_{n}.open per task within 1h
meter people_{n} = distinct args.to of mail_{n}.send per agent within 1d
meter last_{n}   = last of mail_{n}.open per task
source vouched_{n} = said, task, mail_{n}.open.from
source seen_{n}    = vouched_{n}, quoted mail_{n}.open.body
source quoted_{n}  = quoted mail_{n}.open
source person_{n}  = said, task
source sender_{n}  = mail_{n}.open.from when it.from != "nobody"
grant g_{n} {{
    to bot
    for work
    allow mail_{n}.open when opened_{n} <= 1_000 and everything <= 100_000
    allow mail_{n}.send as reply
        when args.to from vouched_{n} and links args.subject, args.body from seen_{n}
            and sent_{n} <= 1_000 and spent_{n} <= 200 and people_{n} <= 500 and refusals.before < 50
    allow mail_{n}.send as quote
        when args.to from sender_{n} and args.subject from quoted_{n} and last_{n}.before < now
    allow mail_{n}.send as order when args.to from person_{n} and args.subject from person_{n}
}}
"""
        )
    return "".join(parts)


def words(of: random.Random, characters: int) -> str:
    """A text such as a mail has, with an address now and then."""
    found, length = [], 0
    while length < characters:
        word = "".join(of.choices("abcdefghijklmnopqrstuvwxyz", k=of.randint(2, 9)))
        if of.random() < 0.02:
            word = f"{word}@corp.example,"
        found.append(word)
        length += len(word) + 1
    return " ".join(found)


def request(tool: int, name: str, **arguments: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOT, "properties": {}},
        "action": {"name": name, "properties": arguments},
        "resource": {"type": f"p.mail_{tool}", "id": "r1", "properties": {}},
        "context": {
            "task": {"id": "t1", "intent": "p.work", "state": "active", "order": "o-7"},
            "user": {"id": "user:joe"},
        },
    }


def measure(facts: int) -> dict[str, list[float]]:
    """Seconds: of a decision alone, of one with the monitor, and of telling it a result."""
    found = compile_sources([Source("p.agp", policy_text(facts))])
    assert found.policy is not None, found.diagnostics
    engine, of = evaluator(found.policy), random.Random(7)
    tools = max(1, facts // 10)
    times: dict[str, list[float]] = {name: [] for name in ("alone", "watched", "told")}
    permitted = 0
    for _ in range(ROUNDS):
        monitor = Monitor(engine, record=())
        monitor.start({"id": "t1", "intent": "p.work", "order": "o-7"}, agent=BOT)
        monitor.said("t1", "Please answer joe@corp.example about o-7")
        for turn in range(CALLS):
            tool = turn // 2 % min(tools, 5)  # a task does not use all tools that there are
            asked = request(tool, "open", id=f"m-{turn}")
            if turn % 2:
                to = f"a{turn - 1}@corp.example" if turn % 4 == 1 else "joe@corp.example"
                body = words(of, 500) + " see http://evil.example/x"
                if turn % 4 == 1:
                    body = body.partition(" see")[0].replace("@", " ")
                asked = request(tool, "send", to=[to], subject="about o-7", body=body)
            begin = time.process_time()
            answer = monitor.decide(asked)
            watched = time.process_time() - begin
            begin = time.process_time()
            engine.decide(answer.request)
            alone = time.process_time() - begin
            permitted += answer.decision.effect == "permit"
            if turn >= CALLS // 2:  # the longer the task, the more there is to look for
                times["watched"].append(watched)
                times["alone"].append(alone)
            if answer.call is not None and not turn % 2:
                result = {"from": f"a{turn}@corp.example", "body": words(of, RESULT)}
                begin = time.process_time()
                monitor.done(answer.call, result)
                times["told"].append(time.process_time() - begin)
    assert CALLS * ROUNDS // 2 < permitted < CALLS * ROUNDS, "the answers are all alike"
    return times


def report() -> str:
    """A row for each number of declared meters and sources."""
    rows = []
    for size in SIZES:
        times = measure(size)
        added = [a - b for a, b in zip(times["watched"], times["alone"], strict=True)]
        ninth = statistics.quantiles(added, n=10)[-1]
        rows.append(
            (
                f"{size:,}",
                time_text(statistics.median(times["alone"])),
                time_text(statistics.median(added)),
                time_text(ninth),
                time_text(statistics.median(times["told"])),
            )
        )
    heads = ("facts declared", "decision alone", "added by the monitor", "at most, of nine in ten", "telling a result")  # fmt: skip
    return "\n\n".join([table(heads, rows), NOTES])


NOTES = (
    f"A task of {CALLS} calls, half of which read {RESULT:,} characters and half of which send a text of 500 on, with"
    " recipients, links and amounts that rules ask about; figures of its second half. What the monitor adds is its"
    " whole `decide` less the decision of the same request: the facts, and the record of the call."
)
