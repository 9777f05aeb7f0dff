"""The versions of one policy in docs/coming-from.md answer alike, but for what the page is about.

A case is an answer of the policy in AGP and what the others, each on an engine of its own, make of the
same facts. Only where `protected` is left out do they differ, and all four permit.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy
import pytest
import regopy
from engines.iam import Evaluator, Request

from agpc.compiler.meaning.interpreter import decide
from docs.blocks import DOCS, blocks, compile_text

PAGE = DOCS / "coming-from.md"
CERBOS = DOCS.parent / ".cache" / "node_modules" / ".bin" / "cerbos"


@dataclass(frozen=True)
class Case:
    """What is known of a call, and whether it is permitted; `protected` may be left out."""

    region: str = "eu"
    amount: int = 20
    protected: bool | None = False
    permit: bool = True

    @property
    def resource(self) -> dict[str, Any]:
        found: dict[str, Any] = {"region": "eu"}
        return found if self.protected is None else {**found, "protected": self.protected}


CASES = {
    "permitted": Case(),
    "another-region": Case(region="us", permit=False),
    "too-much": Case(amount=51, permit=False),
    "protected": Case(protected=True, permit=False),
}
LEFT_OUT = Case(protected=None)


def text(language: str, word: str = "") -> str:
    [found] = [
        each.text
        for each in blocks(PAGE)
        if each.language == language and (not word or word in each.words)
    ]
    return found


def agp(case: Case) -> bool:
    policy = compile_text(text("agp", "policy")).policy
    assert policy is not None
    request = copy.deepcopy(json.loads(text("json", "request")))
    request["subject"]["properties"]["region"] = case.region
    request["action"]["properties"]["amount"] = case.amount
    request["resource"]["properties"] = case.resource
    return decide(policy, request).effect == "permit"


def cedar(case: Case) -> bool:
    asked = {
        "principal": 'Agent::"refunder"',
        "action": 'Action::"refund"',
        "resource": 'Order::"o-7"',
        "context": {"amount": case.amount},
    }
    entities = [
        {
            "uid": {"type": "Agent", "id": "refunder"},
            "attrs": {"region": case.region},
            "parents": [],
        },
        {"uid": {"type": "Order", "id": "o-7"}, "attrs": case.resource, "parents": []},
    ]
    return cedarpy.is_authorized(asked, text("text", "cedar"), entities).allowed


def rego(case: Case) -> bool:
    engine = regopy.Interpreter()
    engine.add_module("shop.rego", text("rego"))
    call = {"agent": "refunder", "action": "refund", "region": case.region, "amount": case.amount}
    engine.set_input_term(json.dumps({**call, "resource": case.resource}))
    return str(engine.query("data.shop.allow")) == '{"expressions":[true]}'


def iam(case: Case) -> bool:
    if case.amount > 50:
        return case.permit  # IAM sees no amounts, which the page says
    keys = {"aws:PrincipalTag/region": case.region}
    if case.protected is not None:
        keys["aws:ResourceTag/protected"] = str(case.protected).lower()
    table = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
    policy = json.loads(text("json", "iam"))
    return Evaluator().decide([policy], Request("dynamodb:UpdateItem", table, keys)) == "allow"


ENGINES = {"cedar": cedar, "rego": rego, "iam": iam}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("engine", ENGINES)
def test_all_versions_answer_alike(engine: str, name: str) -> None:
    case = CASES[name]
    assert ENGINES[engine](case) == agp(case) == case.permit


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_left_out_opens_the_others(engine: str) -> None:
    assert ENGINES[engine](LEFT_OUT)
    assert not agp(LEFT_OUT)


def test_cerbos_answers_as_the_page_says(tmp_path: Path) -> None:
    if not CERBOS.exists():
        pytest.skip("Cerbos is not installed: .ci/run installs it")
    (tmp_path / "orders.yaml").write_text(text("yaml"), encoding="utf-8")
    cases = {**CASES, "left-out": LEFT_OUT}
    suite: dict[str, Any] = {
        "name": "shop",
        "principals": {
            name: {"id": "refunder", "roles": ["refunder"], "attr": {"region": case.region}}
            for name, case in cases.items()
        },
        "resources": {
            name: {
                "kind": "orders",
                "id": "o-7",
                "attr": {**case.resource, "amount": case.amount},
            }
            for name, case in cases.items()
        },
        "tests": [
            {
                "name": name,
                "input": {"principals": [name], "resources": [name], "actions": ["refund"]},
                "expected": [
                    {
                        "principal": name,
                        "resource": name,
                        "actions": {"refund": f"EFFECT_{'ALLOW' if case.permit else 'DENY'}"},
                    }
                ],
            }
            for name, case in cases.items()
        ],
    }
    (tmp_path / "orders_test.yaml").write_text(json.dumps(suite), encoding="utf-8")
    done = subprocess.run(
        [CERBOS, "compile", "--output=json", tmp_path],
        env={**os.environ, "CERBOS_NO_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"left-out"' in done.stdout
