"""Facts in a comparison: equal by definition and not by name, told in words, and decided by a record where there is one."""

from __future__ import annotations

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.diff.difference import Difference
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source

HEAD = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot"
intent work "work" { order: string }
set desk = ["a@b.example"]
tool t {
    read  action look(order: string) -> { name: string }
    write action pay(order: string, n: number)
    send  action mail(to: [string])
}
meter pays = count of t.pay per task
source known = said, desk
grant g {
    to  bot
    for work
    allow t.look
    allow t.pay when pays <= 3
    allow t.mail when args.to from known
}
"""


def policy(*changes: tuple[str, str]) -> ir.Policy:
    text = HEAD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    found = compile_sources([Source("p.agp", text)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def said(found: Difference) -> list[str]:
    return [each.text for each in found.also if each.first]


def test_another_name_is_a_rename() -> None:
    names = (("meter pays", "meter made"), ("when pays", "when made"), ("source known", "source trusted"), ("from known", "from trusted"))  # fmt: skip
    found = compare(policy(), policy(*names))
    assert (found.verdict, found.renamed, said(found)) == ("equivalent", 2, [])


def test_a_rename_beside_a_change_has_a_witness_for_both_policies() -> None:
    base, head = (
        policy(),
        policy(("meter pays", "meter made"), ("when pays <= 3", "when made <= 5")),
    )
    found = compare(base, head)
    (change,) = found.changes
    assert change.change == "more"
    (witness,) = change.witnesses
    assert len(witness.request["context"]["meters"]) == 2
    assert decide(base, witness.request).effect == "deny"
    assert decide(head, witness.request).effect == "permit"
    assert witness.record is not None


def test_a_definition_that_counts_more_is_told_and_decided_by_a_record() -> None:
    found = compare(policy(), policy(("count of t.pay", "count of t.pay, t.look")))
    (text,) = said(found)
    assert text.startswith("meter `p.pays` is `count of p.t.look, p.t.pay per task` now, ")
    assert text.endswith(": it counts more, so that upper bounds on it are tighter")
    (change,) = found.changes
    assert (change.capability, change.change) == ("p.t.pay", "less")
    assert change.when == ("p.pays > 3",)
    (witness,) = change.witnesses
    assert witness.record is not None and len(witness.record) > 3


def test_a_shorter_window_is_looser() -> None:
    base = policy(("count of t.pay per task", "count of t.pay per task within 2d"))
    head = policy(("count of t.pay per task", "count of t.pay per task within 1d"))
    assert "it counts less, so that upper bounds on it are looser" in said(compare(base, head))[0]


def test_what_no_record_decides_is_undetermined() -> None:
    base = policy(("count of t.pay per task", "sum args.n of t.pay per task"))
    head = policy(("count of t.pay per task", "sum args.n of t.pay per user, task"))
    found = compare(base, head)
    assert found.verdict in ("undetermined", "more", "incomparable", "less")
    assert all("`p.pays` is defined otherwise" in each.reason for each in found.undetermined)
    assert said(found)[0].startswith("meter `p.pays` is")


def test_a_source_that_takes_more_vouches_for_more() -> None:
    head = policy(("said, desk", "said, desk, t.look.name"))
    found = compare(policy(), head)
    assert said(found) == ["source `p.known` takes values from `p.t.look.name` as well now: it vouches for more"]  # fmt: skip
    assert not any(each.change == "less" and not each.missing for each in found.changes)
    back = compare(head, policy())
    assert said(back) == ["source `p.known` takes no values from `p.t.look.name` any more: it vouches for less"]  # fmt: skip


def test_kinds_and_results_that_changed_are_told() -> None:
    found = compare(
        policy(), policy(("read  action look", "write action look"), ("{ name: string }", "{ name: string, more: bool }"))
    )  # fmt: skip
    kind, result = said(found)
    assert "is `write` now, and is `read` before" in kind
    assert (
        result
        == "`p.t.look` gives back `{ more: bool, name: string }` now, `{ name: string }` before"
    )
