"""`agpc check --leases`: the author is told for what a lease may stand, which is no finding."""

from __future__ import annotations

from pathlib import Path

from ..conftest import Run

POLICY = """
language 2
package p
owner "shop" contact "shop@acme.example"
agent bot = "spiffe://acme.example/bot"
intent work "Work"
tool shop { action look action put(amount: number) action free(amount: number) }
grant g {
    to bot
    for work
    allow shop.look
    allow shop.put when args.amount < 10
    credential ttl 15m
}
grant h { to bot for work allow shop.free }
"""
TOLD = """\
p.shop.look: a lease may stand for it
p.shop.put: no lease may stand for it: `p.g.shop.put` reads `args`, which is of one call
"""


def test_it_says_for_what_a_lease_may_stand_and_what_is_in_the_way(run: Run, work: Path) -> None:
    (work / "p.agp").write_text(POLICY)
    plain, asked = run("check", "--no-analysis"), run("check", "--no-analysis", "--leases")
    assert (asked.status, asked.out) == (0, plain.out + TOLD)


def test_nothing_is_said_of_a_policy_that_does_not_compile(run: Run, work: Path) -> None:
    (work / "p.agp").write_text(POLICY + "grant")
    assert run("check", "--leases").out == run("check").out


def test_other_formats_are_refused(run: Run, work: Path) -> None:
    (work / "p.agp").write_text(POLICY)
    result = run("check", "--leases", "--format", "json")
    assert result.status == 2 and "--leases goes with --format text" in result.err
