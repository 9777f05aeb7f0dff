"""Allows on AWS: met only by what is there, and left to others where IAM cannot say them."""

from __future__ import annotations

from typing import Any

import pytest
from engines.aws_cases import (
    AIDE,
    BOT,
    CONTEXT_KEYS,
    LEVEL,
    TAGS,
    allow,
    attribute,
    text,
)

from agpc.compiler.ir import nodes as ir

from .emitting import (
    AMOUNT,
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
    emit,
    enforcement,
    identity,
    only_allow,
    said,
)

NOW = ir.Attribute("now", (), ir.TIME)


@pytest.mark.parametrize(
    ("condition", "block"),
    [
        (ir.Compare("==", TENANT, text("t1")), {"StringEquals": {TENANT_KEY: "t1"}}),
        (
            ir.Not(ir.Compare("==", TENANT, text("t1"))),
            {"Null": {TENANT_KEY: "false"}, "StringNotEquals": {TENANT_KEY: "t1"}},
        ),
        (
            ir.Compare("<=", SECRECY, text("internal", LEVEL)),
            {"StringEquals": {SECRECY_KEY: ["public", "internal"]}},
        ),
        (
            ir.Compare(">", text("secret", LEVEL), SECRECY),
            {"StringEquals": {SECRECY_KEY: ["public", "internal"]}},
        ),
        (
            ir.Not(ir.Compare("<=", SECRECY, text("internal", LEVEL))),
            {"StringEquals": {SECRECY_KEY: "secret"}},
        ),
        (ir.Like(TENANT, "t*"), {"StringLike": {TENANT_KEY: "t*"}}),
        (ir.Like(TENANT, "\\*$x*"), {"StringLike": {TENANT_KEY: "${*}${$}x*"}}),
        (ir.Compare("==", TENANT, text("${a}*")), {"StringEquals": {TENANT_KEY: "${$}{a}*"}}),
        (ir.Has(TENANT), {"Null": {TENANT_KEY: "false"}}),
        (ir.Not(ir.Has(TENANT)), {"Null": {TENANT_KEY: "true"}}),
        (ir.Compare("==", MFA, text(True, ir.BOOL)), {"Bool": {CONTEXT_KEYS[0][1]: "true"}}),
        (
            ir.Within(SOURCE_IP, ir.Constants(ir.IP, ("10.0.0.0/8",))),
            {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::ffff:a00:0/104"]}},
        ),
        (
            ir.Not(ir.Within(SOURCE_IP, ir.Constants(ir.IP, ("10.0.0.0/8",)))),
            {
                "Null": {"aws:SourceIp": "false"},
                "NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::ffff:a00:0/104"]},
            },
        ),
        (
            ir.Compare("<", NOW, text("2027-01-01T00:00:00Z", ir.TIME)),
            {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
        ),
        (
            ir.Compare(">=", attribute("resource", "size"), text(5, ir.NUMBER)),
            {"NumericGreaterThanEquals": {"s3:max-keys": "5"}},
        ),
        (
            ir.And((ir.Like(TENANT, "t*"), ir.In(TENANT, ir.Constants(ir.STRING, ("t1", "x"))))),
            {"StringEquals": {TENANT_KEY: ["t1", "x"]}, "StringLike": {TENANT_KEY: "t*"}},
        ),
        (
            ir.And(
                (
                    ir.In(TENANT, ir.Constants(ir.STRING, ("a", "b"))),
                    ir.In(TENANT, ir.Constants(ir.STRING, ("b", "c"))),
                )
            ),
            {"StringEquals": {TENANT_KEY: "b"}},
        ),
    ],
)
def test_an_allow_is_met_only_by_a_key_that_is_there(
    condition: ir.Condition, block: dict[str, Any]
) -> None:
    assert said(condition) == block


def test_a_path_in_a_key_keeps_odd_segments_out() -> None:
    block = said(ir.Under(TENANT, "/a"))
    assert block["StringLike"] == {TENANT_KEY: ["/a", "/a/*"]}
    assert block["StringNotLike"] == {TENANT_KEY: ["*//*", "*/./*", "*/../*", "*/", "*/.", "*/.."]}


def test_a_path_in_the_arn_keeps_odd_segments_out_by_a_deny() -> None:
    emission = emit(allow("g.r", READ, when=ir.Under(PATH, "/a")))
    assert only_allow(emission)["Resource"] == ["arn:aws:s3:::acme/a", "arn:aws:s3:::acme/a/*"]
    (guard,) = [each for each in identity(emission) if each["Effect"] == "Deny"]
    assert guard["Sid"] == "GRGuard"
    assert "Condition" not in guard
    assert {"arn:aws:s3:::acme/a*/../*", "arn:aws:s3:::acme/a*:*/../*"} <= set(guard["Resource"])


def test_a_guard_that_meets_another_allow_is_in_the_ledger() -> None:
    emission = emit(allow("g.all", READ), allow("g.some", READ, when=ir.Under(PATH, "/a")))
    assert enforcement(emission, "docs.g.some") == ("exact", ())
    kind, reasons = enforcement(emission, "docs.g.all")
    assert kind == "stricter"
    assert "docs.g.some" in reasons[0]


def test_alternatives_become_statements() -> None:
    either = ir.Or((ir.Compare("==", TENANT, text("a")), ir.Has(attribute("context", "region"))))
    assert len([e for e in identity(emit(allow("g.r", READ, when=either)))]) == 2


def test_an_absolute_window_is_one_of_the_clock_of_aws() -> None:
    validity = ir.Validity("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    block = only_allow(emit(allow("g.r", READ, validity=validity)))["Condition"]
    assert block["DateGreaterThanEquals"] == {"aws:CurrentTime": "2026-01-01T00:00:00Z"}
    assert block["DateLessThan"] == {"aws:CurrentTime": "2027-01-01T00:00:00Z"}


def test_a_revoke_condition_has_to_be_definitely_false() -> None:
    revoke = (ir.Compare("==", TENANT, text("gone")),)
    block = only_allow(emit(allow("g.r", READ, revoke=revoke)))["Condition"]
    assert block["StringNotEquals"] == {TENANT_KEY: "gone"}
    assert block["Null"][TENANT_KEY] == "false"


def test_what_depends_on_the_agent_alone_is_decided_here() -> None:
    agent_id = ir.Attribute("agent", ("id",), ir.STRING)
    mine = ir.Compare("==", agent_id, text("spiffe://acme.example/bot"))
    emission = emit(allow("g.r", READ, when=mine, agents=(BOT, AIDE)))
    assert [each["Effect"] for each in identity(emission)] == ["Allow"]
    assert identity(emission, AIDE) == []
    assert enforcement(emission, "docs.g.r") == ("exact", ())


OBLIGATION = ir.Obligation("redact", ())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"when": ir.Compare("<", AMOUNT, text(5, ir.INT))}, "`args.amount`, an argument"),
        ({"when": ir.Compare("<", RISK, text(5, ir.NUMBER))}, "no condition key for `context.risk`"),
        ({"when": ir.Compare("<", ir.Age(attribute("context", "since")), text(60, ir.DURATION))}, "how long ago"),
        ({"when": ir.Like(TENANT, "t?")}, "`?` in a pattern"),
        ({"when": ir.Compare("==", TENANT, text("日本"))}, "U+0020 to U+00FF"),
        ({"when": ir.Compare("==", TENANT, text("a\nb"))}, "U+0020 to U+00FF"),
        ({"when": ir.Not(ir.Compare("==", PATH, text("/a")))}, "cannot leave out values of `resource.path`"),
        ({"when": ir.In(text("a"), attribute("resource", "labels"))}, "lists are not compared"),
        ({"when": ir.Compare("==", TENANT, PATH)}, "does not compare two attributes"),
        ({"revoke": (ir.Compare("<", RISK, text(5, ir.NUMBER)),)}, "`context.risk`"),
        ({"requirements": (ir.Approval(("role:x",)),)}, "approval"),
        ({"requirements": (ir.StepUp("mfa"),)}, "step-up"),
        ({"window": ir.Window((0,), 0, 60, "UTC")}, "recurring windows"),
        ({"obligations": (OBLIGATION,)}, "`redact`"),
        ({"validity": ir.Validity("2026-01-01T00:00:00.5Z", None)}, "whole seconds"),
    ],
)  # fmt: skip
def test_an_allow_that_iam_cannot_say_is_left_to_others(
    fields: dict[str, Any], reason: str
) -> None:
    emission = emit(allow("g.r", READ, **fields))
    kind, reasons = enforcement(emission, "docs.g.r")
    assert kind == "elsewhere"
    assert any(reason in each for each in reasons), reasons
    assert "AGP5004" in codes(emission)
    assert identity(emission) == []


def test_an_alternative_that_cannot_be_said_is_dropped_and_the_others_stay() -> None:
    sayable = ir.Compare("==", TENANT, text("a"))
    emission = emit(allow("g.r", READ, when=ir.Or((sayable, ir.Has(RISK)))))
    assert only_allow(emission)["Condition"]["StringEquals"][TENANT_KEY] == "a"
    assert enforcement(emission, "docs.g.r")[0] == "stricter"
    assert "AGP5003" in codes(emission)


def test_what_aws_does_not_have_is_said_without_a_warning() -> None:
    emission = emit(allow("g.v", "docs.file.void"))
    assert enforcement(emission, "docs.g.v") == ("elsewhere", ("`docs.file.void` is not bound",))
    assert codes(emission) == {"AGP5007"}


def test_without_a_tag_for_the_intent_nothing_is_allowed() -> None:
    emission = emit(allow("g.r", READ, intents=ir.DECLARED), tags=(TAGS[0],))
    assert enforcement(emission, "docs.g.r")[0] == "elsewhere"
    assert identity(emission) == []


def test_without_a_tag_for_the_task_there_is_a_warning() -> None:
    assert "AGP5008" in codes(emit(allow("g.r", READ), tags=TAGS[:2]))


def test_two_capabilities_that_are_one_to_aws_are_not_allowed() -> None:
    same = tuple(ir.ActionBinding(name, (action,)) for name, action in
                 (("read", "s3:GetObject"), ("void", "s3:getobject")))  # fmt: skip
    emission = emit(allow("g.r", READ), actions=same)
    kind, reasons = enforcement(emission, "docs.g.r")
    assert kind == "elsewhere"
    assert "cannot tell `docs.file.read` from `docs.file.void`" in reasons[0]


def test_an_allow_that_another_one_may_add_obligations_to_is_left_out() -> None:
    emission = emit(
        allow("g.a", READ), allow("g.b", READ, obligations=(OBLIGATION,), intents=ir.DECLARED)
    )
    assert enforcement(emission, "docs.g.a")[0] == "elsewhere"
    assert identity(emission) == []


def test_an_audit_and_a_short_credential_are_warned_of() -> None:
    audit = ir.Obligation("audit", (("level", "full"),))
    emission = emit(allow("g.r", READ, obligations=(audit,), credential=ir.Credential(300)))
    messages = [each.message for each in emission.diagnostics if each.code == "AGP5008"]
    assert len(messages) == 2
    assert enforcement(emission, "docs.g.r")[0] == "exact"


def test_one_segment_of_an_arn_is_no_wildcard_in_an_allow() -> None:
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/${kind}/index/${path}"
    assert enforcement(emit(allow("g.r", READ), location=table), "docs.g.r")[0] == "elsewhere"
    kind = attribute("resource", "kind")
    named = allow("g.r", READ, when=ir.Compare("==", kind, text("bill", kind.type)))
    emission = emit(named, location=table)
    assert only_allow(emission)["Resource"].endswith(":table/bill/index/*")
