"""Forbids on AWS: met by what is missing, and widened where IAM cannot say them."""

from __future__ import annotations

from typing import Any

import pytest
from engines.aws_cases import (
    AUDIT,
    LEVEL,
    forbid,
    text,
)

from agpc.compiler.ir import nodes as ir

from .emitting import (
    MFA,
    PATH,
    READ,
    RISK,
    SECRECY,
    SECRECY_KEY,
    SOURCE_IP,
    TENANT,
    TENANT_KEY,
    codes,
    denied,
    emit,
    enforcement,
    identity,
)


@pytest.mark.parametrize(
    ("condition", "blocks"),
    [
        (ir.Compare("==", TENANT, text("a")), [{"StringEqualsIfExists": {TENANT_KEY: "a"}}]),
        (
            ir.Not(ir.Compare("==", TENANT, text("a"))),
            [{"StringNotEquals": {TENANT_KEY: "a"}}],
        ),
        (
            ir.Compare(">=", SECRECY, text("internal", LEVEL)),
            [{"StringNotEquals": {SECRECY_KEY: "public"}}],
        ),
        (
            ir.Not(ir.Within(SOURCE_IP, ir.Constants(ir.IP, ("10.0.0.0/8",)))),
            [{"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::ffff:a00:0/104"]}}],
        ),
        (
            ir.Within(SOURCE_IP, ir.Constants(ir.IP, ("10.0.0.0/8",))),
            [{"IpAddressIfExists": {"aws:SourceIp": ["10.0.0.0/8", "::ffff:a00:0/104"]}}],
        ),
        (
            ir.Not(ir.Compare("==", MFA, text(True, ir.BOOL))),
            [{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}],
        ),
        (ir.Has(TENANT), [{"Null": {TENANT_KEY: "false"}}]),
        (ir.Has(PATH), [{}]),
        (ir.Not(ir.Has(PATH)), []),
    ],
)
def test_a_forbid_is_met_by_a_key_that_is_missing(
    condition: ir.Condition, blocks: list[dict[str, Any]]
) -> None:
    assert denied(condition) == blocks


def test_a_forbid_that_iam_cannot_say_is_widened() -> None:
    seen_and_not = ir.And((ir.Has(TENANT), ir.Compare(">", RISK, text(5, ir.NUMBER))))
    emission = emit(forbid("f", READ, when=seen_and_not))
    assert identity(emission)[0]["Condition"] == {"Null": {TENANT_KEY: "false"}}
    assert enforcement(emission, "docs.f")[0] == "stricter"
    assert "AGP5003" in codes(emission)
    evidence = emit(forbid("f", READ, unless_evidence=(ir.Approval(("role:x",)),)))
    assert "Condition" not in identity(evidence)[0]
    assert enforcement(evidence, "docs.f")[0] == "stricter"


def test_a_forbid_of_one_intent_is_met_by_a_session_without_one() -> None:
    (statement,) = identity(emit(forbid("f", READ, intents=(AUDIT,))))
    assert statement["Condition"] == {
        "StringEqualsIfExists": {"aws:PrincipalTag/agp:intent": AUDIT}
    }


def test_a_forbidden_path_is_in_the_arn() -> None:
    (statement,) = identity(emit(forbid("f", READ, when=ir.Compare("==", PATH, text("/a*")))))
    assert statement["Resource"] == [
        "arn:aws:s3:::acme/a${*}",
        "arn:aws:s3:*:?*:accesspoint/*/object/a${*}",
    ]
    (statement,) = identity(emit(forbid("f", READ, when=ir.Under(PATH, "/a"))))
    assert {"arn:aws:s3:::acme/a", "arn:aws:s3:::acme/a/*"} <= set(statement["Resource"])
    assert {"arn:aws:s3:::acme*//*", "arn:aws:s3:::acme*:*//*"} <= set(statement["Resource"])
