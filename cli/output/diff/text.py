"""A comparison for people: the verdict first, then what changed by the rules that make the difference."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....compiler.telling.difference_causes import VERDICTS, parts_of
from ....compiler.text.visible import visible

if TYPE_CHECKING:
    from ....compiler.analysis.diff.difference import Change, Difference, Witness

SHOWN = 12
"""Agents, intents and capabilities that are listed under one cause."""


def page(found: Difference) -> str:
    """The lines, each of which can be seen whole."""
    return "".join(f"{visible(line)}\n" for line in _lines(found))


def _lines(found: Difference) -> Iterator[str]:
    yield f"{found.verdict}: {VERDICTS[found.verdict]}"
    for each in found.also:
        if each.first:
            yield f"! {each.text}"
    groups: dict[object, list[Change]] = defaultdict(list)
    for change in found.changes:
        cause = tuple((side, change.rules[side]) for side in ("base", "head"))
        groups[change.change, cause, change.what, change.when, change.missing].append(change)
    for changes in groups.values():
        yield ""
        yield from _group(changes)
    if found.undetermined:
        yield ""
        for doubt in found.undetermined[:SHOWN]:
            yield f"? {doubt.text}"
        if len(found.undetermined) > SHOWN:
            yield f"? and {len(found.undetermined) - SHOWN} more"
    rest = [each for each in found.also if not each.first]
    if rest or found.renamed:
        yield ""
    if found.renamed:
        yield f"{found.renamed} renamed, and the same otherwise"
    for each in rest:
        yield f"also: {each.text}"


def _group(changes: list[Change]) -> Iterator[str]:
    first = changes[0]
    yield f"{first.change} ({', '.join(first.what)}): {_cause(first)}"
    for each in changes[:SHOWN]:
        yield f"    {each.agent} for {each.intent}: {each.capability}"
    if len(changes) > SHOWN:
        yield f"    and {len(changes) - SHOWN} more"
    for number, when in enumerate(first.when):
        yield f"    {'or  ' if number else 'when'} {when}"
    if first.missing:
        yield f"    only where {', '.join(f'`{each}`' for each in first.missing)} is missing or malformed"
    for witness in first.witnesses:
        yield from _witness(witness)


def _cause(change: Change) -> str:
    said = [
        f"{word} {', '.join(f'`{each}`' for each in rules)}"
        for word, rules in parts_of(change.rules["base"], change.rules["head"])
    ]
    return "; ".join(said)


def _witness(witness: Witness) -> Iterator[str]:
    answers = witness.answers
    yield f"    {answers['base']} -> {answers['head']}: {json.dumps(witness.request, ensure_ascii=True)}"
    if witness.record is not None:
        yield f"    after:  {json.dumps(witness.record, ensure_ascii=True)}"
    if witness.later is not None:
        yield f"    and later: {json.dumps(witness.later, ensure_ascii=True)}"
    elif answers["base"] == answers["head"]:
        yield f"    before: {_terms(witness.base.to_authzen()['context'])}"
        yield f"    now:    {_terms(witness.head.to_authzen()['context'])}"


def _terms(context: dict[str, object]) -> str:
    shown = {
        key: context[key] for key in ("requirements", "obligations", "credential") if context[key]
    }
    return json.dumps(shown, ensure_ascii=True)
