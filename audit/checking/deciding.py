"""Decides a recorded call again, by the policy of its time, and says where the two answers differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...runtime.call import fields_of
from ...runtime.evidence import agrees
from ..reading.strict import canonical

if TYPE_CHECKING:
    from ...runtime.evaluator import Evaluator


def decided_again(engine: Evaluator, body: dict[str, Any]) -> str | None:
    """Say how the recorded answer differs from what the policy decides; None if it does not."""
    decision = engine.decide(body["request"])
    recorded, effect = fields_of(body.get("answer")), body["effect"]
    if decision.effect != effect:
        return f"its policy decides {decision.effect}, and {effect} is recorded"
    found = decision.to_authzen()
    if recorded.get("decision") is not found["decision"]:
        return "the recorded answer is another decision than the recorded effect"
    if recorded.get("call") != body["id"]:
        return "the recorded answer is that of another call"
    expected, context = found["context"], fields_of(recorded.get("context"))
    if canonical({name: context.get(name) for name in expected}) == canonical(expected):
        return None
    other = [each for each in expected if canonical(context.get(each)) != canonical(expected[each])]
    return f"the recorded answer has other `{other[0]}` than its policy gives"


def single_use_evidence(body: dict[str, Any]) -> Iterator[list[Any]]:
    """Give what names each piece of evidence that a permit rests on and that is for one exact call."""
    if body["effect"] != "permit":
        return
    given = fields_of(body["request"].get("context")).get("approvals")
    exact = [each for each in given or () if type(each) is dict and type(each.get("args")) is dict]
    for each in fields_of(fields_of(body["answer"]).get("context")).get("evidence") or ():
        if agrees(each["kind"]) and any(_is_same(each, one) for one in exact):
            id = each.get("id")
            yield [id] if id is not None else [each["kind"], each["by"], each["at"], body["digest"]]


def _is_same(evidence: dict[str, Any], given: dict[str, Any]) -> bool:
    return all(evidence.get(name) == given.get(name) for name in ("id", "by", "at"))
