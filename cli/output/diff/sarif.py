"""A comparison as SARIF 2.1.0: a result for each cause, at the rule that makes the difference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .... import __version__
from ....compiler.report.sarif import SCHEMA, location, message
from ....compiler.telling.difference_json import witness_of
from .findings import Places, findings

if TYPE_CHECKING:
    from ....compiler.analysis.diff.difference import Difference

RULES: dict[str, tuple[str, str, str]] = {
    "more": ("DIFF01", "warning", "some requests are answered with more than before"),
    "incomparable": ("DIFF02", "warning", "some requests are answered with more, others with less"),
    "less": ("DIFF03", "note", "some requests are answered with less than before"),
    "undetermined": ("DIFF04", "warning", "it could not be told whether something opens"),
    "first": ("DIFF05", "warning", "something that a reviewer has to see before all else"),
}
"""For each kind of result its identity, its level and what it is. They are no codes of diagnostics."""
NAMES = {
    "more": "ChangeOpens",
    "incomparable": "ChangeOpensAndCloses",
    "less": "ChangeCloses",
    "undetermined": "ChangeUndetermined",
    "first": "ChangeToSeeFirst",
}


def render(found: Difference, places: Places) -> str:
    """One run."""
    run = {
        "tool": {
            "driver": {
                "name": "agpc diff",
                "semanticVersion": __version__,
                "rules": [_rule(kind) for kind in RULES],
            }
        },
        "columnKind": "unicodeCodePoints",
        "properties": {"verdict": found.verdict},
        "results": list(_results(found, places)),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(kind: str) -> dict[str, Any]:
    id, level, title = RULES[kind]
    whole = f"{title[0].upper()}{title[1:]}."
    return {
        "id": id,
        "name": NAMES[kind],
        "shortDescription": {"text": whole},
        "fullDescription": {"text": whole},
        "help": {"text": f"{whole} `agpc diff` says which, with requests that show it."},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["security", "policy"]},
    }


def _results(found: Difference, places: Places) -> Iterator[dict[str, Any]]:
    for each in findings(found):
        result = _result(each.change, each.text, each.key)
        if where := places.at(each.cause):
            result["locations"] = [location(*where)]
        result["properties"] = {"witnesses": [witness_of(one) for one in each.witnesses]}
        yield result
    for doubt in found.undetermined:
        about = [doubt.agent, doubt.intent, doubt.capability, doubt.kind, list(doubt.rules)]
        yield _result("undetermined", doubt.text, about)
    for also in found.also:
        if also.first:
            yield _result("first", also.text, [also.kind, also.text])


def _result(kind: str, text: str, key: list[Any]) -> dict[str, Any]:
    id, level, _ = RULES[kind]
    return {
        "ruleId": id,
        "ruleIndex": list(RULES).index(kind),
        "level": level,
        "message": message(text),
        "partialFingerprints": {"agpcDiff/v1": fingerprint([id, *key])},
    }


def fingerprint(key: list[Any]) -> str:
    """Name a result by what it is about: no line, no file and no witness is in it."""
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]
