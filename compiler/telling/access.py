"""How the answers about access are printed, for people and as data; conditions as the language writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..structs import Struct

if TYPE_CHECKING:
    from ..analysis.access import Answer, Way
    from ..ir import nodes as ir
    from ..report import Report


class WayLine(Struct):
    """A line about a way: a word of the language, and what it says."""

    word: str
    text: str

    def __str__(self) -> str:
        """The line."""
        return f"{self.word} {self.text}"


def who(policy: ir.Policy, id: str) -> str:
    """An agent as answers name it: by its name, or as one of the families that it is of."""
    from ..ir.spiffe import families_of

    name = next((each.name for each in policy.agents if each.id == id), None)
    if name is not None:
        return name
    return f"{' and '.join(families_of(policy, id)) or 'several families'} ({id})"


def clauses(way: Way) -> Iterator[WayLine]:
    """What still has to hold for a way to be open, forbids aside."""
    from ..ir import nodes as ir
    from ..ir.printing.conditions import condition_text, requirement_text, window_text

    allow = way.allow
    if way.remains:
        whole = way.remains[0] if len(way.remains) == 1 else ir.And(way.remains)
        yield WayLine("when", condition_text(whole))
    for condition in allow.revoke:
        yield WayLine("revoke when", condition_text(condition))
    if allow.validity is not None:
        edges = (("from", allow.validity.start), ("until", allow.validity.end))
        yield WayLine("valid", " ".join(f"{word} {time}" for word, time in edges if time))
    if allow.window is not None:
        yield WayLine("during", window_text(allow.window))
    for requirement in allow.requirements:
        yield WayLine("require", requirement_text(requirement))


def forbid_text(forbid: ir.Forbid) -> str:
    """When a forbid stands in the way."""
    from ..ir.printing.conditions import condition_text, requirement_text, window_text

    parts = [f"unless forbidden by {forbid.id}"]
    if forbid.condition is not None:
        parts.append(f"when {condition_text(forbid.condition)}")
    if forbid.window is not None:
        parts.append(f"during {window_text(forbid.window)}")
    if forbid.unless is not None:
        parts.append(f"unless {condition_text(forbid.unless)}")
    if forbid.unless_evidence:
        parts.append(f"unless {' and '.join(map(requirement_text, forbid.unless_evidence))}")
    return " ".join(parts)


def place(rule: ir.Rule, report: Report) -> str:
    """Where a rule stands."""
    return report.place(rule.span)


def alike(answers: Sequence[Answer]) -> list[list[Answer]]:
    """Put the answers about one agent and capability together that differ in the intent alone."""
    groups: dict[tuple[Any, ...], list[Answer]] = {}
    for answer in answers:
        ways = tuple(map(_rules_of, answer.ways))
        doubts = tuple((each.allow.id, each.reason) for each in answer.doubts)
        key = (answer.agent, answer.capability, answer.chain, ways, doubts)
        groups.setdefault(key, []).append(answer)
    return list(groups.values())


def _rules_of(way: Way) -> tuple[Any, ...]:
    """The rules that a way goes through and along."""
    forbids = tuple(each.id for each in way.forbids)
    return (way.allow.id, forbids, tuple(map(_rules_of, way.above)))


def after(policy: ir.Policy, chain: Sequence[tuple[str, str]]) -> str:
    """For whom an agent acts, as a test says it; empty where it acts for itself."""
    return ", ".join(f"{who(policy, agent)} for {intent}" for agent, intent in chain)


# --- for people ---


def to_text(
    policy: ir.Policy, answers: Sequence[Answer], report: Report, first: str, witness: bool
) -> Iterator[str]:
    """The lines that a person reads; `first` is `agent` or `capability`, what an answer begins with.

    Intents with the same answer stand together.
    """
    for same in alike(answers):
        one = same[0]
        if one.how == "never":
            continue
        name = who(policy, one.agent) if first == "agent" else one.capability
        chain = f" after {after(policy, one.chain)}" if one.chain else ""
        yield f"{name} for {', '.join(each.intent for each in same)}{chain}: {one.how}"
        for number, way in enumerate(one.ways):
            yield from _way_lines(way, report)
            for (agent, _), each in zip(one.chain, way.above, strict=True):
                yield from _way_lines(each, report, f"and for {who(policy, agent)} ")
            if witness:
                yield from (
                    f"        witness {json.dumps(each.ways[number].witness)}" for each in same
                )
        for doubt in one.doubts:
            yield f"    undetermined by {doubt.allow.id} at {place(doubt.allow, report)}"
            yield f"        {doubt.reason}"


def _way_lines(way: Way, report: Report, whose: str = "") -> Iterator[str]:
    yield f"    {whose}by {way.allow.id} at {place(way.allow, report)}"
    for clause in clauses(way):
        yield f"        {clause}"
    for forbid in way.forbids:
        yield f"        {forbid_text(forbid)} at {place(forbid, report)}"


# --- as data ---


def to_json(policy: ir.Policy, answers: Sequence[Answer], report: Report) -> list[dict[str, Any]]:
    """The answers as JSON data, each with its witnesses."""
    return [
        {
            "agent": who(policy, each.agent),
            "id": each.agent,
            "intent": each.intent,
            "capability": each.capability,
            "after": [
                {"agent": who(policy, agent), "id": agent, "intent": intent}
                for agent, intent in each.chain
            ],
            "how": each.how,
            "ways": [_way_json(way, report) for way in each.ways],
            "undetermined": [
                {
                    "rule": doubt.allow.id,
                    "place": place(doubt.allow, report),
                    "reason": doubt.reason,
                }
                for doubt in each.doubts
            ],
        }
        for each in answers
    ]


def _way_json(way: Way, report: Report) -> dict[str, Any]:
    return {
        **_part_json(way, report),
        "how": way.how,
        "after": [_part_json(each, report) for each in way.above],
        "witness": way.witness,
    }


def _part_json(way: Way, report: Report) -> dict[str, Any]:
    """What one agent of a chain is permitted by; or the only one, where there is no chain."""
    return {
        "rule": way.allow.id,
        "place": place(way.allow, report),
        "clauses": [{"clause": each.word, "text": each.text} for each in clauses(way)],
        "forbids": [
            {"rule": each.id, "place": place(each, report), "text": forbid_text(each)}
            for each in way.forbids
        ],
    }
