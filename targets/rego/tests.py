"""The tests of a policy as tests that `opa test` runs."""

from __future__ import annotations

import re
from typing import Any

from ...compiler.ir import nodes as ir
from ...compiler.structs import Struct
from . import text
from .rules import evidence_of

MOST_LINES = 28  # of a rule: Regal wants at most 30


class TestView(Struct):
    """One test as a template shows it."""

    __test__ = False  # not for pytest to collect

    number: int
    name: str
    title: str
    source: str
    request: str
    effect: str
    rules: str | None
    terms: str | None
    """What is expected of the terms, of which each that is expected is looked at."""
    credential: bool = False
    obligations: bool = False
    asking: bool = False
    reasons: bool = False
    owner: bool = False


def test_view(number: int, test: ir.Test) -> TestView:
    """Write a test; its number keeps tests of one name apart."""
    terms = {} if test.terms is None else _terms(test.terms)
    return TestView(
        number=number,
        name=f"{number}_{re.sub('[^a-z0-9]+', '_', test.name.lower()).strip('_')[:60]}".strip("_"),
        title=test.name,
        source=str(test.span),
        request=text.record(test.request, MOST_LINES),
        effect=test.effect,
        rules=None if test.rules is None else text.value(sorted(test.rules), 1),
        terms=text.record(terms, MOST_LINES) if terms else None,
        **{name: True for name in terms},
    )


def _terms(terms: ir.Terms) -> dict[str, Any]:
    """What is expected of the terms, each as the answer has it."""
    said: dict[str, Any] = {}
    match terms.credential:
        case ir.Credential(ttl, renew):
            said["credential"] = {"ttl_seconds": ttl, "renew": renew}
        case "none":
            said["credential"] = None
        case None:
            pass
    match terms.owner:
        case ir.Owner(name, contact):
            said["owner"] = {"name": name, "contact": contact}
        case "none":
            said["owner"] = None
        case None:
            pass
    if terms.reasons is not None:
        said["reasons"] = list(terms.reasons)
    if terms.obligations is not None:
        said["obligations"] = [
            {
                "type": each.name,
                **({} if each.properties is None else {"properties": dict(each.properties)}),
            }
            for each in terms.obligations
        ]
    if terms.asking is not None:
        said["asking"] = [[evidence_of(each) for each in way] for way in terms.asking]
    return said
