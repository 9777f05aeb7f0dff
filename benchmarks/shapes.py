"""Policies whose rules all meet: the analysis of each shape, and whether it leaves anything open.

Realistic policies spread their rules; these put them at one capability, where each could meet each.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator

from tables import table, time_text

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

HEAD = """package shapes
intent pay "Pay"
tool t { n: int name: string path: string a: bool action x(amount: number, path: string) }
"""
BOT = 'agent bot = "spiffe://acme.example/bot"\n'


def rules(count: int, one: Callable[[int], str]) -> str:
    """So many rules, each of its number."""
    return "".join(map(one, range(count)))


def agents(count: int) -> str:
    """So many agents of their own."""
    return rules(count, lambda n: f'agent b{n} = "spiffe://acme.example/b{n}"\n')


def grant(number: int, when: str, to: str = "bot") -> str:
    """A grant of the one action under a condition."""
    return f"grant g{number} {{ to {to} for pay allow t.x when {when} }}\n"


def forbid(number: int, when: str, deny: str = "t.x") -> str:
    """A forbid under a condition."""
    return f"forbid f{number} {{ deny {deny} when {when} }}\n"


def tile(number: int) -> str:
    """One of the 256 halves of halves of a box of eight dimensions."""
    halves = ((at, number >> at & 1) for at in range(8))
    return " and ".join(
        f"resource.n{at} >= {low} and resource.n{at} < {low + 1}" for at, low in halves
    )


SHAPES: dict[str, Callable[[], str]] = {
    "300 agents, a path and a number each": lambda: (
        agents(300)
        + rules(
            300,
            lambda n: grant(n, f'args.path under "/d{n}" and args.amount <= {n}', f"b{n}"),
        )
    ),
    "`any` forbid, 1,250 rules of one agent": lambda: (
        BOT
        + forbid(0, "resource.a", "any")
        + rules(1_250, lambda n: grant(n, f"args.amount == {n}"))
    ),
    "`any` forbid, 1,250 agents": lambda: (
        agents(1_250)
        + forbid(0, "resource.a", "any")
        + rules(1_250, lambda n: grant(n, f"args.amount == {n}", f"b{n}"))
    ),
    "`any` forbid, 1,250 agents, the same but for one": lambda: (
        agents(1_250)
        + forbid(0, "resource.a", "any")
        + rules(1_250, lambda n: grant(n, f"args.amount <= {n}", f"b{n}"))
    ),
    "3,000 rules of one agent, numbers": lambda: (
        BOT
        + rules(
            3_000, lambda n: grant(n, f"args.amount >= {10 * n} and args.amount < {10 * n + 5}")
        )
    ),
    "1,000 rules of one agent, nested numbers": lambda: (
        BOT + rules(1_000, lambda n: grant(n, f"args.amount <= {n} and resource.n >= {n}"))
    ),
    "3,000 rules of one agent, `like`": lambda: (
        BOT + rules(3_000, lambda n: grant(n, f'resource.name like "team-{n}/*"'))
    ),
    "2,000 forbids with `like`, a false assertion": lambda: (
        BOT
        + grant(0, "args.amount > 0")
        + rules(2_000, lambda n: forbid(n, f'resource.name like "team-{n}/*"'))
        + "assert no agent can t.x when args.amount > 10\n"
    ),
    "300 agents, an ending and a number each": lambda: (
        agents(300)
        + rules(300, lambda n: grant(n, f'args.path like "*-{n}" and args.amount <= {n}', f"b{n}"))
    ),
    "3,000 rules of one agent, each in the next": lambda: (
        BOT + rules(3_000, lambda n: grant(n, f"args.amount <= {n}"))
    ),
    "3,000 forbids, each in the next": lambda: (
        BOT + grant(0, "args.amount > 0") + rules(3_000, lambda n: forbid(n, f"args.amount > {n}"))
    ),
    "256 forbids that tile a box, an assertion": lambda: (
        BOT
        + "tool box { "
        + rules(8, lambda n: f"n{n}: number ")
        + "action x }\n"
        + "grant g { to bot for pay allow box.x when "
        + " and ".join(f"resource.n{at} >= 0 and resource.n{at} < 2" for at in range(8))
        + " }\n"
        + rules(256, lambda n: forbid(n, tile(n), "box.x"))
        + "assert no agent can box.x\n"
    ),
    "71 families that meet 71": lambda: (
        BOT
        + rules(71, lambda n: f'agents x{n} = "spiffe://acme.example/x{n}/*"\n')
        + rules(71, lambda n: f'agents y{n} = "spiffe://acme.example/*/x{n}"\n')
        + rules(71, lambda n: grant(n, f"args.amount > {n}", f"x{n}"))
        + rules(71, lambda n: grant(100 + n, f"args.amount > {n}", f"y{n}"))
    ),
}


def user_seconds() -> float:
    """The time that this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def report() -> str:
    """Analyse each shape once."""
    rows = list(measured(SHAPES))
    return table(("shape", "rules", "user CPU", "findings", "left open"), rows)


def measured(shapes: dict[str, Callable[[], str]]) -> Iterator[tuple[str, ...]]:
    """A row of each shape."""
    for name, text in shapes.items():
        policy = compile_sources([Source("shape.agp", HEAD + text())]).policy
        assert policy is not None, name
        before = user_seconds()
        found = analyze(policy)
        spent = user_seconds() - before
        left = sum(each.code == "AGP2999" for each in found)
        size = len(policy.allows) + len(policy.forbids)
        yield name, f"{size:,}", time_text(spent), f"{len(found) - left:,}", f"{left:,}"


if __name__ == "__main__":
    import sys

    chosen = {
        k: v for k, v in SHAPES.items() if not sys.argv[1:] or any(a in k for a in sys.argv[1:])
    }
    for row in measured(chosen):
        print(*row, sep=" | ", flush=True)
