"""What findings about privilege say."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.run import analyze
from agpc.compiler.meaning.interpreter import decide

from .finding_fixtures import FIXTURES, policy_of, witnesses


@pytest.mark.parametrize(
    ("code", "each_has"),
    [
        ("AGP3101", 1),
        ("AGP3201", 2),
        ("AGP3202", 2),
        ("AGP3207", 1),
        ("AGP3301", 2),
        ("AGP3302", 2),
    ],
)
def test_each_witness_is_permitted(code: str, each_has: int) -> None:
    policy = policy_of(FIXTURES[code])
    for finding in analyze(policy, codes=[code]):
        found = witnesses(finding)
        assert len(found) == each_has, finding.message
        for witness in found:
            assert decide(policy, witness).effect == "permit", finding.message


def test_the_witnesses_of_a_broken_isolation_carry_the_same_resource() -> None:
    for finding in analyze(policy_of(FIXTURES["AGP3302"]), codes=["AGP3302"]):
        one, other = witnesses(finding)
        assert one["resource"] == other["resource"]


def test_the_witnesses_of_a_shared_call_make_the_same_call() -> None:
    found = analyze(policy_of(FIXTURES["AGP3201"]), codes=["AGP3201"])
    for finding in found:
        one, other = witnesses(finding)
        assert (one["action"], one["resource"]) == (other["action"], other["resource"])
        who = [(each["subject"]["id"], each["context"]["task"]["intent"]) for each in (one, other)]
        assert who[0] != who[1]


def test_a_shared_call_is_described_in_the_language() -> None:
    found = analyze(policy_of(FIXTURES["AGP3201"]), codes=["AGP3201"])
    (note,) = (
        note for each in found for note in each.notes if "amounts" in note and "witness" not in note
    )
    assert note == (
        "`finance.amounts_close.by_amount.post` and `finance.amounts_pay.by_amount.post` have in "
        "common `finance.by_amount.post` when args.amount >= 100 and args.amount <= 500"
    )


def test_many_that_share_are_one_finding() -> None:
    agents = "\n".join(f'agent a{n} = "spiffe://acme.example/a{n}"' for n in range(60))
    grants = "\n".join(f"grant g{n} {{ to a{n} for pay allow ledger.post }}" for n in range(60))
    text = f'package p\nintent pay "Pay"\ntool ledger {{ action post }}\n{agents}\n{grants}\n'
    (found,) = analyze(policy_of(text), codes=["AGP3201"])
    assert "and 54 more may make the same calls" in found.message
    assert len(found.labels) < 8 and len(found.notes) < 8


def test_what_sends_and_what_is_sensitive_can_be_set() -> None:
    policy = policy_of(FIXTURES["AGP3202"].partition("# --- one action that does both")[0])

    def found(limits: Limits) -> set[str]:
        findings = analyze(policy, limits, codes=["AGP3202"])
        return {each.labels[0].span.file and each.message.split("`")[1] for each in findings}

    assert found(Limits()) == {"desk.one"}
    assert found(Limits(read_level="internal")) == {"desk.one", "desk.two", "desk.seven"}
    assert found(Limits(read_level="secret")) == set()
    assert found(Limits(outward=("draft",))) == {"desk.six"}
    assert found(Limits(outward=())) == set()


@pytest.mark.parametrize(
    ("reads", "sends", "found"),
    [
        ("read action look", "send action tell", 1),  # by what they do
        ("action look", "send action tell", 0),  # nothing says that it reads
        ("write action read", "send action tell", 0),  # its name is not what it does
        ("read action look", "write action send", 0),
        ("action read", "action send", 1),  # nobody has marked them
    ],
)
def test_what_reads_and_what_sends_is_what_is_marked_so(reads: str, sends: str, found: int) -> None:
    actions = [each.rpartition(" ")[2] for each in (reads, sends)]
    policy = policy_of(
        "package p level grade = low < mid < high\n"
        'agent bot = "spiffe://acme.example/bot" intent work "work"\n'
        f"tool t {{ grade: grade {reads} {sends} }}\n"
        f"grant g {{ to bot for work allow t.{actions[0]} allow t.{actions[1]} }}"
    )
    assert len(analyze(policy, codes=["AGP3202"])) == found
