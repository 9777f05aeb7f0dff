"""Pairs of policies with what there is to say of them, in `pairs/NAME`: `base.agp`, `head.agp` and `verdict.json`.

What a witness shows is asked of the reference interpreter once more, under both policies.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agpc.compiler.analysis.diff.changes import compare
from agpc.compiler.analysis.diff.difference import Change, Difference, Witness
from agpc.compiler.analysis.diff.joint.joint_world import has_ended
from agpc.compiler.analysis.diff.order import more
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.meaning.request import Call

PAIRS = sorted(each for each in (Path(__file__).parent / "pairs").iterdir() if each.is_dir())
MIRRORED = {"more": "less", "less": "more"}


def both(pair: Path) -> tuple[ir.Policy, ir.Policy]:
    return load_policy([pair / "base.agp"]), load_policy([pair / "head.agp"])


def told(change: Change) -> dict[str, Any]:
    found: dict[str, Any] = {
        "agent": change.agent,
        "intent": change.intent,
        "capability": change.capability,
        "change": change.change,
        "what": list(change.what),
    }
    return {**found, "only_without": list(change.missing)} if change.missing else found


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_pair_is_told_as_it_is(pair: Path) -> None:
    wanted = json.loads((pair / "verdict.json").read_text())
    base, head = both(pair)
    found = compare(base, head)
    assert [each.capability for each in found.undetermined] == wanted.get("undetermined", [])
    assert found.verdict == wanted["verdict"]
    assert list(map(told, found.changes)) == wanted["changes"]
    assert [[each.kind, each.first] for each in found.also] == wanted["also"]
    assert found.renamed == wanted["renamed"]
    for change in found.changes:
        assert change.rules["base"] or change.rules["head"]
        assert shown(base, head, change) == set(change.what)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_other_way_round_is_the_mirror(pair: Path) -> None:
    base, head = both(pair)
    there, back = compare(base, head), compare(head, base)
    # What is less is that only where nothing is in doubt.
    is_open = there.verdict == "more" and there.undetermined
    turned = "undetermined" if is_open else MIRRORED.get(there.verdict, there.verdict)
    assert turned == back.verdict
    assert directions(there, MIRRORED) == directions(back, {})
    for policy in (base, head):
        same = compare(policy, policy)
        assert (same.changes, same.undetermined, same.also, same.renamed) == ((), (), (), 0)


def directions(found: Difference, names: dict[str, str]) -> list[tuple[str, str, str, Any]]:
    return sorted(
        (each.intent, each.capability, names.get(each.change, each.change), each.what)
        for each in found.changes
    )


def shown(base: ir.Policy, head: ir.Policy, change: Change) -> set[str]:
    """The kinds that the witnesses show, by the answers of the interpreter."""
    found: set[str] = set()
    forbids = {each.id for policy in (base, head) for each in policy.forbids}
    for witness in change.witnesses:
        was, is_ = decide(base, witness.request), decide(head, witness.request)
        assert (was, is_) == (witness.base, witness.head)
        if witness.later is not None:
            found |= {each for each in ("revoke", "validity") if each in change.what}
            assert_issued_and_ended(base, head, witness)
        else:
            one, other = (was, is_) if witness.direction == "more" else (is_, was)
            assert change.change in (witness.direction, "incomparable")
            found |= more(one, other, forbids)
    return found


def assert_issued_and_ended(base: ir.Policy, head: ir.Policy, witness: Witness) -> None:
    """Both permit the request with a credential; of the allows that it rests on one has ended on one side alone."""
    assert witness.base.credential is not None
    assert witness.head.credential is not None
    assert witness.later is not None
    ended = [
        any(
            has_ended(allow, Call(policy, witness.later))
            for allow in policy.allows
            if allow.id in decision.rules
        )
        for policy, decision in ((base, witness.base), (head, witness.head))
    ]
    assert ended == [witness.direction == "more", witness.direction == "less"]


def test_what_grew_is_told_in_the_words_of_now() -> None:
    pair = next(each for each in PAIRS if each.name == "surprise-a-level-grew")
    (change,) = compare(*both(pair)).changes
    assert change.when == ("resource.grade < mid",)


def test_the_pairs_cover_every_kind_and_direction() -> None:
    verdicts = [json.loads((pair / "verdict.json").read_text()) for pair in PAIRS]
    assert len(PAIRS) >= 40
    assert {each["verdict"] for each in verdicts} == {
        *("equivalent", "more", "less", "incomparable", "undetermined")
    }
    kinds = {kind for each in verdicts for change in each["changes"] for kind in change["what"]}
    assert kinds == {"permit", "challenge", "credential", "obligation", "revoke", "validity"}
    also = {kind for each in verdicts for kind, _ in each["also"]}
    assert also == {
        "statement",
        "test",
        "surprise",
        "rename",
        "owner",
        "because",
        "controls",
        "binding",
    }
