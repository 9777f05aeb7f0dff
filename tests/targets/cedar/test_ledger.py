"""What Cedar's ledger says: of allows, of forbids that are widened, of what is left to others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import ALLOW, FORBID, request

from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.targets.emission import Emission

from .emitting import NOTE, TO, emit, engine, policy_of, statements

EXAMPLES = Path(__file__).parents[3] / "examples"


def ledger(emission: Emission) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.rule: (each.enforcement, each.reasons) for each in emission.ledger}


APPROVAL = ir.Approval(("role:x",))
WINDOW = ir.Window((0,), 0, 60, "UTC")
REDACT = ir.Obligation("redact", ())
EACH = ir.Quantified("every", TO, ir.Like(ir.Element(ir.STRING), "a*"))


@pytest.mark.parametrize(
    ("change", "enforcement", "reason"),
    [
        ({}, "exact", None),
        ({"credential": ir.Credential(900)}, "exact", None),
        ({"requirements": (APPROVAL,)}, "elsewhere", "Cedar cannot tell whether the approval"),
        (
            {"requirements": (ir.StepUp("mfa"),)},
            "elsewhere",
            "Cedar cannot tell whether the step-up",
        ),
        ({"window": WINDOW}, "elsewhere", "Cedar knows no time zones"),
        ({"obligations": (REDACT,)}, "elsewhere", "cannot carry what `redact` obliges to"),
        ({"condition": EACH}, "elsewhere", "elements of a list one by one"),
        ({"revoke": (EACH,)}, "elsewhere", "elements of a list one by one"),
        ({"condition": ir.Like(NOTE, "a?")}, "elsewhere", "no wildcard for one character"),
        ({"condition": ir.Or((EACH, ir.Has(NOTE)))}, "stricter", "elements of a list one by one"),
    ],
)
def test_the_ledger_says_what_becomes_of_an_allow(
    change: dict[str, Any], enforcement: str, reason: str | None
) -> None:
    emission = emit(policy_of(replace(ALLOW, **change)))
    found, reasons = ledger(emission)[ALLOW.id]
    assert found == enforcement
    assert len(statements(emission)) == (enforcement != "elsewhere")
    assert reasons == () if reason is None else reason in reasons[0]
    codes = {"exact": [], "stricter": ["AGP5003"], "elsewhere": ["AGP5004"]}
    assert [each.code for each in emission.diagnostics] == codes[enforcement]


@pytest.mark.parametrize(
    ("change", "enforcement"),
    [
        ({"condition": ir.Has(NOTE)}, "exact"),
        ({"condition": EACH}, "stricter"),
        ({"unless": EACH}, "stricter"),
        ({"unless_evidence": (APPROVAL,)}, "stricter"),
        ({"condition": ir.Like(NOTE, "a?")}, "stricter"),
    ],
)
def test_a_forbid_is_widened_and_never_left_out(change: dict[str, Any], enforcement: str) -> None:
    emission = emit(policy_of(replace(FORBID, **change, capabilities=("p.ledger.post",))))
    assert ledger(emission)[FORBID.id][0] == enforcement
    assert [each["effect"] for each in statements(emission)] == ["forbid"]


def test_a_glob_of_one_character_keeps_what_a_star_can_say_of_a_forbid() -> None:
    forbid = replace(FORBID, condition=ir.Like(NOTE, "a?"), capabilities=("p.ledger.post",))
    made = engine(policy_of(ALLOW, forbid))
    assert [made.decide(request(note=note)) for note in ("b", "ab", "abc")] == [True, False, False]


def test_what_another_allow_obliges_to_takes_this_one_along() -> None:
    other = replace(ALLOW, id="p.g.other", obligations=(REDACT,))
    apart = replace(ALLOW, id="p.g.apart", capabilities=("p.ledger.read",))
    found = ledger(emit(policy_of(ALLOW, other, apart)))
    assert {id: how for id, (how, _) in found.items()} == {
        "p.g.post": "elsewhere",
        "p.g.other": "elsewhere",
        "p.g.apart": "exact",
    }


def test_audit_is_left_to_the_log_with_a_warning() -> None:
    audited = replace(ALLOW, obligations=(ir.Obligation("audit", (("level", "full"),)),))
    emission = emit(policy_of(audited))
    assert ledger(emission)[ALLOW.id] == ("exact", ())
    assert [each.code for each in emission.diagnostics] == ["AGP5008"]


def test_of_an_allow_that_is_left_to_others_no_log_is_asked_for() -> None:
    audit = ir.Obligation("audit", (("level", "full"),))
    left = replace(ALLOW, obligations=(audit,), requirements=(APPROVAL,))
    assert [each.code for each in emit(policy_of(left)).diagnostics] == ["AGP5004"]


def test_an_empty_policy_is_valid() -> None:
    emission = emit(policy_of())
    assert statements(emission) == []
    assert not engine(policy_of()).decide(request())


@pytest.mark.parametrize("name", ["finance", "agentdojo/banking", "agentdojo/workspace"])
def test_the_tests_of_the_examples_hold_on_cedar(name: str) -> None:
    policy = load_policy([EXAMPLES / name])
    emission = emit(policy)
    assert emit(policy) == emission
    made = engine(policy)
    how = ledger(emission)
    for test in policy.tests:
        decision = decide(policy, test.request)
        if made.decide(test.request):
            assert decision.effect == "permit", test.name
        elif decision.effect == "permit":
            assert all(how[rule][0] != "exact" for rule in decision.rules), test.name
    assert {"exact", "elsewhere"} <= {enforcement for enforcement, _ in how.values()}


@pytest.mark.parametrize(("clauses", "fits"), [(70, False), (300, False), (3, True)])
def test_and_ed_alternatives_are_split_within_bounds_or_refused(clauses: int, fits: bool) -> None:
    def alternative(number: int) -> ir.Condition:
        read = (ir.Attribute("context", (f"b{number}_{each}",), ir.BOOL) for each in "xyz")
        return ir.Or(tuple(ir.Compare("==", each, ir.Constant(ir.BOOL, True)) for each in read))

    condition = ir.And(tuple(map(alternative, range(clauses))))
    emission = emit(policy_of(replace(ALLOW, condition=condition)))
    assert [each.code for each in emission.diagnostics] == ([] if fits else ["AGP5002"])
