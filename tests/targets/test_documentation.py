"""What comments of a policy say is shown in the artifacts, and nothing of it leaves the comments that it stands in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from engines.evaluators import EVALUATORS, Evaluator
from engines.hand_policies import POLICY, request

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.emission import Emission

WRITING = ("python", "javascript", "rego", "cedar", "vault")
HOSTILE = (
    "a\nreturn True\nb",
    "*/ process.exit(0) /*",
    '"""\nimport os\n"""',
    "</script><script>alert(1)</script><!--",
    "`${process.exit(0)}` ${x} #{y} {{ z }} {% raw %} {# q #}",
    '\\" } \\u000a default decision := true',
    "\u2028export const x = 1;\u2029\x85\x0b\x0c\x1c",
    "\r\npermit(principal, action, resource);\r",
    "# -*- coding: utf-7 -*- +AAo-",
    '\'); @id("x") permit (principal, action, resource); //',
    "---\n- a: |2-\n    b\n...\n%YAML 1.1\t: & * ! >",
    "\ud800\udfff \u202e\u200b\ufeff\x00\x1b[31m",
    "//# sourceMappingURL=data:,x\n//@ts-nocheck",
    "x" * 5_000,
    "😀é漢" * 300,
    "METADATA\n# scope: package\n# entrypoint: true",
)


@pytest.fixture(params=EVALUATORS, ids=lambda each: each.name)
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    if request.param.missing:
        pytest.skip(request.param.missing)
    assert isinstance(request.param, Evaluator)
    return request.param


def saying(text: str) -> ir.Policy:
    """The policy with this text about everything that artifacts tell of, as no file could say it."""
    docs = (
        ir.Doc("rule", "p.g", text),
        ir.Doc("rule", "p.g.post", text),
        ir.Doc("agent", "p.bot", text),
        ir.Doc("package", "p", text),
        ir.Doc("action", "p.ledger.post", text),
    )
    return replace(POLICY, docs=docs)


def whole(emission: Emission) -> str:
    return "\n".join(
        text if isinstance(text, str) else text.decode("utf-8", "replace")
        for text in emission.files.values()
    )


def test_a_text_about_a_rule_stands_beside_it(evaluator: Evaluator) -> None:
    emission = evaluator.emit(saying("What is due, and no more.\nReally.\n\nNot this."))
    if emission.is_written and evaluator.target.name in WRITING and not evaluator.settings:
        assert "What is due, and no more. Really." in whole(emission)
        assert "Not this" not in whole(emission)
    else:
        assert "What is due" not in whole(emission)


def test_no_text_changes_what_an_artifact_decides(evaluator: Evaluator) -> None:
    asked = [request(), {**request(), "subject": {"type": "agent", "id": "spiffe://t.example/x"}}]
    if evaluator.asked.__class__.__name__.startswith("CallsOf"):
        pytest.skip(
            "what it is asked is not these requests: the text is nowhere in it, or see its own test"
        )
    for text in HOSTILE:
        policy = saying(text)
        emission = evaluator.emit(policy)
        with evaluator.open(policy, emission) as decide:
            found = decide(asked)
        if evaluator.name == "third party":
            continue
        expected = [interpreter.decide(policy, each) for each in asked]
        assert [evaluator.permits(each) for each in found] == [each.decision for each in expected]


def test_every_line_of_it_stays_one(evaluator: Evaluator) -> None:
    """An artifact has as many lines, and the same ones but for comments, whatever a text says."""
    if evaluator.target.name not in WRITING or evaluator.settings:
        pytest.skip("it writes no text about rules")
    plain = code_of(whole(evaluator.emit(POLICY)))
    for text in HOSTILE:
        assert code_of(whole(evaluator.emit(saying(text)))) == plain, text


def code_of(text: str) -> list[str]:
    """The lines that are no comments, and no annotation about a text."""
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\u202e]", text)
    lines = re.split("\r\n|[\n\r]", text)
    kept = [
        each for each in lines if not re.match(r"\s*(#|//|@doc\(\"(?:[^\"\\]|\\.)*\"\)$)", each)
    ]
    return [each for each in kept if "revision" not in each and "sha256" not in each]
