"""Facts in the IR: what their digests rest on, and that they come back however a policy is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import dumps, loads
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.report.source import Source

WHOLE = (Path(__file__).parents[2] / "policies" / "facts.agp").read_text("utf-8")
TEXT = """\
package p
agent bot = "spiffe://t.example/bot"
intent work "work" { order: string }
level grade = low < high
set desk = ["a@b.example", "c@d.example"]
let ours = args.order == task.order
tool t { grade: grade read action look(order: string) -> { name: string } action pay(order: string, amount: number) }
meter pays = count of t.pay when ours per task
meter peak = max resource.grade of t.* per task
source known = desk, t.look.name
grant g { to bot for work allow t.pay when pays <= 3 and args.order from known and peak.before < high }
"""


def compiled(text: str, memory: Memory | None = None) -> ir.Policy:
    found = compile_sources([Source("p.agp", text)], memory)
    assert found.policy is not None, [each.message for each in found.diagnostics]
    return found.policy


def digests(policy: ir.Policy) -> dict[str, str]:
    return {each.name: each.digest for each in (*policy.meters, *policy.sources)}


@pytest.mark.parametrize("text", [WHOLE, TEXT])
def test_facts_come_back_from_json_and_from_what_is_printed(text: str) -> None:
    policy = compiled(text)
    assert loads(dumps(policy)) == policy
    again = compile_sources(policy_sources(policy))
    assert again.policy is not None, again.diagnostics
    assert digests(again.policy) == digests(policy)
    assert {each.name: each.record for each in again.policy.tests} == {
        each.name: each.record for each in policy.tests
    }


def test_a_rule_that_is_kept_keeps_the_facts_that_it_defines() -> None:
    memory = Memory()
    first = compiled(WHOLE, memory)
    assert compiled(WHOLE, memory) == first
    assert any(each.name.startswith("after ") for each in first.meters)
    without = compiled(WHOLE.replace("not after done (shop.pay when args.order == task.order) and ", ""), memory)  # fmt: skip
    assert len(without.meters) == len(first.meters) - 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("let ours = args.order == task.order", "let ours = task.order == args.order"),
        ("low < high", "low < mid < high"),
        ('["a@b.example", "c@d.example"]', '["a@b.example"]'),
        ("per task\nmeter peak", "per task, agent\nmeter peak"),
        ("action pay(order", "action more action pay(order"),
    ],
)
def test_another_meaning_has_another_digest(old: str, new: str) -> None:
    assert old in TEXT
    assert digests(compiled(TEXT.replace(old, new))) != digests(compiled(TEXT))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ours", "mine"),
        ("desk", "office"),
        ("grade: grade", "grade: grade\n"),
        ("when ours", "when args.order == task.order"),
        ("of t.*", "of t.look, t.pay"),
        ("pays", "payments"),
    ],
)
def test_another_way_to_write_it_has_the_same(old: str, new: str) -> None:
    assert old in TEXT
    assert set(digests(compiled(TEXT.replace(old, new))).values()) == set(
        digests(compiled(TEXT)).values()
    )


def test_a_field_may_be_called_as_a_kind_and_a_condition_as_a_word_of_facts() -> None:
    policy = compiled(
        """\
package p
agent bot = "spiffe://t.example/bot"
intent work "work"
tool t { read: string write?: int send read action go(read: string, done: bool) }
let after = args.done
let links = not after
set from = ["said"]
grant g { to bot for work allow t.go when (after or links) and args.read in from and resource.read == "x" }
"""
    )
    assert policy.resources[0].actions[0].kinds == ("read", "send")
