"""Which capabilities a lease may stand for: those of which no rule, meter or source has to see a call."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.leases import timed, without_leases

HEAD = """
language 2
package p
agent bot = "spiffe://acme.example/bot" { tenant: string }
agent aid = "spiffe://acme.example/aid"
intent work "Work" { order: string, due: time }
intent side "Work aside" { order: string }
context { confidence: number }
user { country: string }
tool shop {
    tenant: string
    read action look(order: string) -> { name: string }
    write action put(order: string)
    action other
}
"""


def compiled(folder: Path, rules: str) -> ir.Policy:
    file = folder / "p.agp"
    file.write_text(HEAD + rules, encoding="utf-8")
    return load_policy([file])


def grant(clauses: str = "", on: str = "shop.look", condition: str = "") -> str:
    return f"grant g {{ to bot for work allow {on} {condition} {clauses} }}\n"


@pytest.mark.parametrize(
    "rules",
    [
        grant(),
        grant("credential ttl 15m audit full"),
        grant("audit metadata"),
        grant('valid until 2027-01-01 during mon..fri 09:00..17:00 "UTC"'),
        grant(condition='when task.order == "o-1"'),
        grant(condition='when agent.tenant == "t" and user.country == "DE" and now < task.due'),
        grant("revoke when context.confidence < 0.8"),
        grant('require approval per task by "role:lead"'),
        grant('require step_up "mfa" within 15m'),
        grant() + 'forbid f { deny any when context.confidence < 0.1 because "no" }',
        grant() + 'forbid f { deny shop.look unless step_up "mfa" because "no" }',
        grant() + "meter m = count of shop.put per task\n",
        grant() + 'forbid f { deny shop.put when args.order == "x" because "no" }',
    ],
)
def test_a_lease_may_stand_for_it(tmp_path: Path, rules: str) -> None:
    assert "p.shop.look" not in without_leases(compiled(tmp_path, rules))


@pytest.mark.parametrize(
    "rules, why",
    [
        (grant(condition="when args.order == task.order"), "`p.g.look` reads `args`, which is of one call"),
        (grant(condition='when resource.tenant == "t"'), "`p.g.look` reads `resource`, which is of one call"),
        (grant(condition='when resource.id == "t"'), "`p.g.look` reads `resource`, which is of one call"),
        (grant("require confirmation"), "`p.g.look` asks people about each call"),
        (grant('require approval by "role:lead"'), "`p.g.look` asks people about each call"),
        (grant('oblige notify(to: "ops")'), "`p.g.look` obliges to `notify` with each call"),
        (grant("revoke when args.order == task.order"), "`p.g.look` reads `args`, which is of one call"),
        (grant() + 'forbid f { deny shop.look when has args.order because "no" }', "`p.f` reads `args`, which is of one call"),
        (grant() + 'forbid f { deny any unless approval by "role:x" because "no" }', "`p.f` asks people about each call"),
        ("meter m = count of shop.look per task\n" + grant(), "the meter `p.m` counts its calls"),
        (
            "meter m = count of shop.put per task\n" + grant(condition="when m.before < 3"),
            "`p.g.look` reads the meter `p.m`",
        ),
        (
            "source s = shop.look.name\n" + grant() + grant(on="shop.put", condition="when args.order from s").replace("grant g", "grant h"),
            "the source `p.s` takes in what it gives back",
        ),
        (
            "grant h { to aid for side allow shop.look when args.order == task.order }" + grant(),
            "`p.h.look` reads `args`, which is of one call",
        ),
    ],
)  # fmt: skip
def test_no_lease_may_stand_for_it(tmp_path: Path, rules: str, why: str) -> None:
    found = without_leases(compiled(tmp_path, rules))["p.shop.look"]
    assert found.replace("p.g.shop.look", "p.g.look").replace("p.h.shop.look", "p.h.look") == why


def test_what_writes_is_seen_by_sources_of_what_tools_give_back(tmp_path: Path) -> None:
    rules = "source s = shop.look.name\n" + grant(on="shop.put", condition="when args.order from s")
    found = without_leases(
        compiled(tmp_path, rules + grant(on="shop.other").replace("grant g", "grant h"))
    )
    assert found["p.shop.other"] == "the source `p.s` has to know when something is written"


def test_a_start_is_no_lease(tmp_path: Path) -> None:
    found = without_leases(
        compiled(tmp_path, grant(on="side.start", condition="when args.order == task.order"))
    )
    assert found["p.side.start"] == "a task is started at the service"


def test_time_may_end_it(tmp_path: Path) -> None:
    rules = [
        grant("valid until 2027-01-01"),
        grant('during mon..fri 09:00..17:00 "UTC"'),
        grant(condition="when now < task.due"),
        grant('require step_up "mfa" within 15m'),
        grant() + 'forbid f { deny any during sat, sun 00:00..24:00 "UTC" because "no" }',
    ]
    for each in rules[:4]:
        assert timed(compiled(tmp_path, each)) == {"p.shop.look"}
    assert timed(compiled(tmp_path, grant())) == frozenset()
