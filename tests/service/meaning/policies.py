"""Policies that read what was done before: the vocabulary of histories, with rules, chains and starts that are drawn."""

from __future__ import annotations

from functools import cache

from generators.histories import BOTS, TEXT
from generators.values import Draw, chance, pick
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.service.policies.generation import Generation, generation_of

AGENTS = (*BOTS, "spiffe://t.example/dove")
INTENTS = ("work", "part", "bit")
FIELDS = "{ order: string, more?: [string], n?: int }"
DECLARED = TEXT.partition("grant g {")[0] + (
    f'agent dove = "{AGENTS[2]}"\nintent bit "a part of a part" {FIELDS}\n'
)
EVERYWHERE = (
    "calls.before <= 2", "recent.before <= 3", "mine.before <= 2", "all_.before <= 4", "spent.before <= 20", "wholes.before <= 20",
    "sizes.before < 4", "kinds.before <= 2", "names.before <= 1", "peak.before <= low", "peak.before < high", "most.before <= 5.5",
    "longest.before <= 30s", "latest.before < now", "seen.before < now", "refusal.before < now", "done_.before <= 1",
    "failed_.before <= 5", "denied_.before <= 1", "asked_.before <= 1", "flagged.before <= 1", "hosts.before <= 1",
    "newest.before < 2026-06-01", "paths.before <= 1", "notes.before <= 3", "few.before <= 1", "often.before <= 1",
    "after pay.see", "after done pay.see", "not after mail.open", "after (pay.send when args.amount > 5)", "task.order == \"o-7\"",
    "has user.email", "user.email == \"joe@corp.com\"", "agent.id like \"*bot\"", "has task.n",
)  # fmt: skip
"""Of every call."""
OWN = {
    "pay.send": ("calls <= 2", "recent <= 3", "spent <= 20", "most <= 20", "peak <= mid", "alike <= 2", "mine <= 2", "kinds <= 2", "resource.grade <= mid", "args.amount <= 7", "args.order from people"),
    "pay.see": ("orders <= 2", "crossed <= 1", "names <= 2", "alike <= 3", "args.order == task.order", "args.order from own", "recent <= 2"),
    "mail.open": ("args.id from people", "recent <= 4", "all_ <= 5"),
    "mail.send": ("copies <= 1", "hosts <= 1", "paths <= 2", "notes <= 10", "args.to from people", "args.to from seen_", "args.to from own, added", "args.to from asked", "links args.body from people", "size args.to <= 1", "every args.to in known"),
    "book.find": ("args.name from people", "all_ <= 6"),
    "book.add": ("args.name from said, task", "recent <= 3"),
    "part.start": ("args.order == task.order", "args.order from people", "args.order from task", "recent <= 4", 'args.order == "ab"'),
    "bit.start": ("args.order == task.order", "args.order from said", "all_ <= 9"),
    "work.start": ("args.order == task.order",),
}  # fmt: skip
FORBIDDEN = (
    "spent > 20", "calls > 3", "args.amount > 5.5", "resource.grade >= high", "denied_.before >= 2", "after mail.open", "not args.order from people",
)  # fmt: skip
CLAUSES = (
    "valid until 2026-11-18T11:07:20Z", "valid from 2026-11-18T11:07:00Z", "valid until 2027-01-01", "during mon..fri 12:00..13:00 \"Europe/Berlin\"",
    "during mon..fri 07:00..12:07 \"Europe/Berlin\"", "audit full", "credential ttl 5m",
)  # fmt: skip


@cache
def compiled(text: str) -> ir.Policy | None:
    """A policy, if its text is one."""
    return compile_sources([Source("p.agp", text)]).policy


@cache
def generation(text: str) -> Generation:
    """A policy as the service has it."""
    policy = compiled(text)
    assert policy is not None
    return generation_of(policy)


def draw_policy(draw: Draw) -> str:
    """The text of a policy that compiles."""
    while True:
        text = _text(draw)
        if compiled(text) is not None:
            return text


def _text(draw: Draw) -> str:
    parts = [DECLARED]
    for number in range(draw(st.integers(2, 4))):
        parts.append(_grant(draw, number))
    for number in range(draw(st.integers(0, 2))):
        condition = pick(draw, FORBIDDEN)
        which = "mail.send" if "from" in condition else "pay.send"
        if "args.order" in condition:
            which = "pay.send"
        parts.append(f"forbid f{number} {{ deny {which} when {condition} }}\n")
    found = {
        f"delegate {_agent(draw)} for {pick(draw, INTENTS)} to {_agent(draw)} for {pick(draw, INTENTS)}\n"
        for _ in range(draw(st.integers(0, 4)))
    }
    return "".join((*parts, *sorted(found)))


def _agent(draw: Draw) -> str:
    return pick(draw, ("bot", "crab", "dove"))


def _grant(draw: Draw, number: int) -> str:
    agents = pick(draw, ("bot", "crab", "bot, crab, dove", "bot, crab, dove"))
    intents = pick(draw, ("work", "part, bit", "work, part, bit", "work, part, bit"))
    lines = [f"grant g{number} {{ to {agents} for {intents}"]
    for each in draw(st.lists(st.sampled_from(tuple(OWN)), min_size=3, max_size=7, unique=True)):
        conditions = [
            pick(draw, OWN[each] if draw(st.booleans()) else EVERYWHERE)
            for _ in range(pick(draw, (0, 1, 1, 1, 2)))
        ]
        when = f" when {' and '.join(conditions)}" if conditions else ""
        asks = ' require approval by "role:lead"' if chance(draw, 15) else ""
        lines.append(f"    allow {each} as a{len(lines)}{when}{asks}")
    lines += [pick(draw, CLAUSES)] if chance(draw, 30) else []
    lines += ["audit metadata"] if chance(draw, 5) and "audit" not in lines[-1] else []
    return "\n".join((*lines, "}\n"))
