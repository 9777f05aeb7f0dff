"""Policies made for Cedar, and what came of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import cedarpy
from engines import hand_policies
from engines.cedar import Engine
from engines.hand_policies import AMOUNT, SPAN

from agpc.compiler.ir import nodes as ir
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Emission, Options

TO = ir.Attribute("args", ("to",), ir.ListType(ir.STRING))
NOTE = ir.Attribute("args", ("note",), ir.STRING)
SINCE = ir.Attribute("args", ("since",), ir.TIME)
UNTIL = ir.Attribute("args", ("until",), ir.TIME)
PARAMETERS = tuple(ir.Field(each.path[0], each.type) for each in (TO, NOTE, AMOUNT, SINCE, UNTIL))
POLICY = replace(
    hand_policies.POLICY,
    resources=(
        ir.Resource(
            "p.ledger",
            "tool",
            (),
            tuple(ir.Action(name, PARAMETERS, SPAN) for name in ("post", "read")),
            SPAN,
        ),
    ),
    allows=(),
)


def policy_of(*rules: ir.Rule) -> ir.Policy:
    return hand_policies.policy_of(*rules, policy=POLICY)


def emit(policy: ir.Policy, **options: str) -> Emission:
    return TARGET.emit(policy, Options(options))


def engine(policy: ir.Policy, **options: str) -> Engine:
    made = Engine(emit(policy, **options).files)
    assert made.validation.validation_passed, made.validation.errors
    return made


def statements(emission: Emission) -> list[dict[str, Any]]:
    found = json.loads(cedarpy.policies_to_json_str(emission.files["policies.cedar"]))
    return list(found["staticPolicies"].values())
