"""The aws-iam target by example: what each thing in AGP becomes, and what is left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from engines.aws_cases import (
    AIDE,
    AUDIT,
    BOT,
    BUCKET,
    CONTEXT_KEYS,
    KEYS,
    LEVEL,
    REPORT,
    TAGS,
    allow,
    attribute,
    forbid,
    policy,
    text,
)
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.iam import Evaluator, conditions_hold
from engines.iam_documents import problems

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.binding.facts import CapabilityPlace
from agpc.targets.aws_iam.binding.locations import read_location
from agpc.targets.aws_iam.ledger import reasons
from agpc.targets.aws_iam.rules.lower import Loss
from agpc.targets.aws_iam.rules.statements import CapabilityPart
from agpc.targets.emission import Emission, Options

PATH, TENANT = attribute("resource", "path"), attribute("resource", "tenant")
SECRECY = attribute("resource", "secrecy")
SOURCE_IP, MFA = attribute("context", "source_ip"), attribute("context", "mfa")
RISK, AMOUNT = attribute("context", "risk"), attribute("args", "amount")
NOW = ir.Attribute("now", (), ir.TIME)
READ = "docs.file.read"


def emit(*rules: ir.Rule, settings: dict[str, str] | None = None, **binding: Any) -> Emission:
    """Emit the rules under the vocabulary of `aws_cases`."""
    return TARGET.emit(
        policy(*rules, **binding), Options({"reference": "none", **(settings or {})})
    )


def identity(emission: Emission, agent: str = BOT) -> list[dict[str, Any]]:
    """The statements of an agent's identity policies."""
    return [
        statement
        for path, artifact in emission.artifacts.items()
        if artifact.kind == "identity policy" and artifact.agent == agent
        for statement in json.loads(emission.files[path])["Statement"]
    ]


def only_allow(emission: Emission) -> dict[str, Any]:
    """The one allow of the bot's identity policy."""
    (found,) = [each for each in identity(emission) if each["Effect"] == "Allow"]
    return found


def said(condition: ir.Condition, **binding: Any) -> dict[str, Any]:
    """The condition block that an allow under a condition gets, without the session's tags."""
    emission = emit(allow("g.r", READ, when=condition), **{"tags": TAGS[1:2], **binding})
    block = only_allow(emission)["Condition"]
    del block["StringEquals"]["aws:PrincipalTag/agp:intent"]
    return {operator: keys for operator, keys in block.items() if keys}


def denied(condition: ir.Condition) -> list[dict[str, Any]]:
    """The condition blocks of the denies that a forbid under a condition comes to."""
    return [each.get("Condition", {}) for each in identity(emit(forbid("f", READ, when=condition)))]


def enforcement(emission: Emission, rule: str) -> tuple[str, tuple[str, ...]]:
    """What the ledger says of a rule."""
    (entry,) = [each for each in emission.ledger if each.rule == rule]
    return entry.enforcement, entry.reasons


def codes(emission: Emission) -> set[str]:
    """The codes of the diagnostics."""
    return {each.code for each in emission.diagnostics}


# --- Documents ------------------------------------------------------------------------------------

TASK_ID = ir.Attribute("task", ("id",), ir.STRING)
TASK_KEY = "aws:PrincipalTag/agp:task"


@pytest.mark.parametrize(
    "when",
    [
        None,
        ir.Has(TASK_ID),
        ir.Not(ir.Compare("==", TASK_ID, text("t-9"))),
        ir.Like(TASK_ID, "*"),
        ir.Like(TASK_ID, "t*"),
    ],
)
def test_an_empty_task_is_none_since_no_revocation_could_name_it(when: ir.Condition | None) -> None:
    emission = emit(allow("g.r", READ, when=when))
    (statement,) = identity(emission)
    tags = {"agp:agent": "spiffe://acme.example/bot", "agp:intent": AUDIT}
    context = {f"aws:PrincipalTag/{name}": value for name, value in tags.items()}
    for task, is_met in (("", False), ("t-1", True)):
        assert conditions_hold(statement, {**context, TASK_KEY: task}) is is_met
    assert not conditions_hold(statement, context)


def test_a_forbid_of_no_task_meets_an_empty_one_too() -> None:
    (block,) = denied(ir.Not(ir.Has(TASK_ID)))
    for context in ({}, {TASK_KEY: ""}):
        assert conditions_hold({"Condition": block}, context)
    assert not conditions_hold({"Condition": block}, {TASK_KEY: "t-1"})


def test_an_allow_asks_for_the_session_of_its_agent_intent_and_task() -> None:
    emission = emit(allow("g.read", READ, intents=(AUDIT, REPORT)))
    assert only_allow(emission) == {
        "Sid": "GRead",
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": "arn:aws:s3:::acme/*",
        "Condition": {
            "StringEquals": {
                "aws:PrincipalTag/agp:agent": "spiffe://acme.example/bot",
                "aws:PrincipalTag/agp:intent": [AUDIT, REPORT],
            },
            "StringLike": {"aws:PrincipalTag/agp:task": "?*"},
        },
    }
    assert enforcement(emission, "docs.g.read") == ("exact", ())


def test_files_say_whom_they_are_for() -> None:
    emission = emit(allow("g.read", READ, agents=(BOT, AIDE), intents=(AUDIT, REPORT)))
    assert sorted(emission.files) == [
        "identity/docs.aide.json",
        "identity/docs.bot.json",
        "session/docs.aide/docs.audit.json",
        "session/docs.aide/docs.report.json",
        "session/docs.bot/docs.audit.json",
        "session/docs.bot/docs.report.json",
        "sids.json",
    ]
    session = emission.artifacts["session/docs.bot/docs.audit.json"]
    assert (session.kind, session.agent, session.intent) == ("session policy", BOT, AUDIT)


def test_an_intent_without_rights_has_no_session_policy() -> None:
    emission = emit(allow("g.read", READ), forbid("f", READ, when=ir.Has(TENANT)))
    assert "session/docs.bot/docs.report.json" not in emission.files
    assert identity(emission, AIDE)[0]["Effect"] == "Deny"


def test_a_session_policy_holds_the_denies_that_meet_its_allows_and_no_others() -> None:
    emission = emit(
        allow("g.read", READ),
        forbid("f.read", READ),
        forbid("f.list", "docs.file.list"),
        forbid("f.other", READ, intents=(REPORT,)),
    )
    session = json.loads(emission.files["session/docs.bot/docs.audit.json"])
    assert [each["Sid"] for each in session["Statement"]] == ["FRead", "GRead"]


def test_sids_lead_back_to_rules_and_lines() -> None:
    other = "docs.file.list"
    emission = emit(allow("g.read", READ), allow("g.list", other, when=ir.Has(TENANT)))
    sids = json.loads(emission.files["sids.json"])["identity/docs.bot.json"]
    assert sids == {
        "GRead": [{"rule": "docs.g.read", "source": "docs.agp:1:1"}],
        "GList": [{"rule": "docs.g.list", "source": "docs.agp:1:1"}],
    }


def test_what_is_lost_of_some_capabilities_names_them() -> None:
    inside = ir.Like(PATH, "/a/*")  # where `list` is, no path is
    for rule in (
        allow("g.r", READ, "docs.file.list", when=inside),
        forbid("f", "any", when=inside),
    ):
        reason, *_ = enforcement(emit(rule), rule.id)[1]
        assert reason.startswith("`bind aws` has no condition key for `resource.path`")
        assert reason.endswith(" (for `docs.file.list`)")
    (whole,) = enforcement(emit(allow("g.r", "docs.file.list", when=inside)), "docs.g.r")[1]
    assert whole == "`bind aws` has no condition key for `resource.path`"
    parts = [
        CapabilityPart(
            allow("r", READ), CapabilityPlace(f"d.{n}", "d", (), read_location("*")), (), lost
        )
        for n, lost in enumerate([()] + [(Loss("why"),)] * 5)
    ]
    assert reasons(parts) == ("why (for `d.1`, `d.2`, `d.3` and 2 more)",)


@pytest.mark.parametrize(
    ("key", "network", "is_told"),
    [
        ("aws:SourceIp", "10.1.0.0/16", True),
        ("AWS:sourceip", "fd00::/8", True),
        ("aws:SourceIp", "192.168.7.9/32", True),
        ("aws:SourceIp", "203.0.113.0/24", False),
        ("aws:SourceIp", "8.0.0.0/6", False),  # of which 10.0.0.0/8 is a part
        ("aws:VpcSourceIp", "10.1.0.0/16", False),
    ],
)
def test_an_address_that_aws_never_sees_is_told_of_once_a_rule(
    key: str, network: str, is_told: bool
) -> None:
    inside = ir.Within(SOURCE_IP, ir.Constants(ir.IP, (network,)))
    emission = emit(
        forbid("f", "docs.file.*", unless=inside),
        allow("g.r", READ, when=inside),
        context=(("source_ip", key),),
    )
    told = [each for each in emission.diagnostics if each.code == "AGP5008"]
    assert [each.message.split("`")[1] for each in told] == ["docs.f", "docs.g.r"] * is_told
    assert all("aws:VpcSourceIp" in (each.help or "") for each in told)
    assert emission.files


def test_statements_may_go_without_sids() -> None:
    emission = emit(allow("g.read", READ), forbid("f", READ), settings={"sids": "none"})
    assert all("Sid" not in each for each in identity(emission))
    sids = json.loads(emission.files["sids.json"])["identity/docs.bot.json"]
    assert [sids[name][0]["rule"] for name in ("#1", "#2")] == ["docs.f", "docs.g.read"]


def test_a_statement_of_several_rules_leads_back_to_all_of_them() -> None:
    tenants = [
        allow(f"g.{name}", READ, when=ir.Compare("==", TENANT, text(name))) for name in ("t1", "t2")
    ]
    emission = emit(*tenants)
    assert only_allow(emission)["Condition"]["StringEquals"][TENANT_KEY] == ["t1", "t2"]
    sids = json.loads(emission.files["sids.json"])["identity/docs.bot.json"]
    assert [each["rule"] for each in sids["GT1"]] == ["docs.g.t1", "docs.g.t2"]
    assert enforcement(emission, "docs.g.t2") == ("exact", ())


@pytest.mark.parametrize(
    "settings",
    [{"artifacts": "identity,policies"}, {"artifacts": ""}, {"sids": "short"}, {"identity": ""}],
)
def test_a_setting_that_is_none_is_an_error(settings: dict[str, str]) -> None:
    emission = emit(allow("g.r", READ), settings=settings)
    assert codes(emission) == {"AGP5006"}
    assert emission.files == {}


def test_only_what_is_asked_for_is_made() -> None:
    for name in ("identity", "session", "boundary", "scp", "revocation"):
        emission = emit(allow("g.r", READ), settings={"artifacts": name})
        folders = {path.partition("/")[0] for path in emission.files}
        assert folders == {name, "sids.json"} | ({"scp.txt"} if name == "scp" else set())
    everything = {
        "artifacts": "all",
        "trust-anchor": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a",
    }
    folders = {path.partition("/")[0] for path in emit(settings=everything).files}
    assert "boundary" in folders


# --- Conditions of allows -------------------------------------------------------------------------

TENANT_KEY, SECRECY_KEY = "s3:ExistingObjectTag/tenant", "s3:ExistingObjectTag/secrecy"


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


# --- What is left out -----------------------------------------------------------------------------

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


# --- Conditions of forbids ------------------------------------------------------------------------


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


# --- Bindings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "resource"),
    [
        ("arn:aws:s3:::acme/*", "arn:aws:s3:::acme/*"),
        ("arn:aws:s3:::acme/reports/*", "arn:aws:s3:::acme/reports/*"),
        ("arn:aws:sqs:eu-west-1:111122223333:*", "arn:aws:sqs:eu-west-1:111122223333:*"),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/*", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/*"),
        ("arn:aws:s3:::acme-${kind}/data/*", "arn:aws:s3:::acme-plan/data/*"),
    ],
)  # fmt: skip
def test_a_star_at_the_end_is_any_text_that_no_attribute_names(
    location: str, resource: str
) -> None:
    kind = attribute("resource", "kind")
    when = ir.Compare("==", kind, ir.Constant(kind.type, "plan")) if "$" in location else None
    emission = emit(allow("g.r", READ, when=when), location=location)
    assert only_allow(emission)["Resource"] == resource
    assert enforcement(emission, "docs.g.r")[0] == "exact"
    by_path = emit(allow("g.r", READ, when=ir.Like(PATH, "/a/*")), location=location)
    assert enforcement(by_path, "docs.g.r")[0] == "elsewhere"  # no attribute is there to compare


@pytest.mark.parametrize(
    ("location", "advice"),
    [
        ("arn:aws:s3:::acme-*/data/${id}", "`arn:aws:s3:::acme-${name}/data/${id}`"),
        ("arn:aws:dynamodb:eu-west-1:111122223333:table/*/index/*", "`arn:aws:dynamodb:eu-west-1:111122223333:table/${name}/index/*`"),
        ("arn:aws:sqs:*:111122223333:q", "name the region"),
        ("arn:aws:sqs:eu-west-1:*:q", "name the region"),
        ("arn:aws:s3:::acme-*-logs", "bind each place by itself"),
        ("arn:aws:s3:::acme/${path}*", "leave the `*` out"),
    ],
)  # fmt: skip
def test_a_star_that_could_mean_more_says_what_to_write(location: str, advice: str) -> None:
    emission = emit(allow("g.r", READ), location=location)
    (error,) = [each for each in emission.diagnostics if each.code == "AGP5005"]
    assert error.help is not None
    assert advice in error.help
    assert emission.files == {}


def test_two_capabilities_that_a_star_may_share_are_not_told_apart() -> None:
    actions = (
        ir.ActionBinding("list", ("s3:GetObject",), "arn:aws:s3:::acme/*"),
        ir.ActionBinding("read", ("s3:GetObject",)),
    )
    emission = emit(allow("g.r", READ), actions=actions)
    assert enforcement(emission, "docs.g.r")[0] == "elsewhere"


@pytest.mark.parametrize(
    "location",
    [
        "acme",
        "arn:aws:s3:::",
        "arn:aws:s3:::acme/*/b",
        "arn:aws:s3:::acme/**",
        "arn:aws:s3:*",
        "arn:aws:s3:::acme/?",
        "arn:aws:s3:::acme/$x",
        "arn:aws:s3:::acme/${path",
        "arn:aws:s3:::acme/${aws:username}",
        "arn:aws:s3:::acme/${nothing}",
        "arn:aws:s3:${path}::acme",
        "arn:aws:s3:::${path}${tenant}",
        "arn:aws:s3:::${path}x${tenant}",
        "arn:aws:s3:::${path}/${path}",
        "arn:aws:s3:::日本/${path}",
        "arn:aws:s3:::acme\n/${path}",
        "arn:*:s3:::acme/${path}",
        'arn:aws:s3:::acme"}',
    ],
)
def test_a_location_that_could_mean_more_is_an_error(location: str) -> None:
    emission = emit(allow("g.r", READ), location=location)
    if '"' in location:  # a character like any other, once it is quoted
        assert only_allow(emission)["Resource"] == location
    else:
        assert codes(emission) == {"AGP5005"}
        assert emission.files == {}


@pytest.mark.parametrize("key", ["x", "aws:Source*", "aws:TagKeys", "a:b$c", "a:é", ""])
def test_a_condition_key_that_aws_does_not_have_is_an_error(key: str) -> None:
    emission = emit(allow("g.r", READ), context=(("region", key),))
    assert codes(emission) == {"AGP5005"}


@pytest.mark.parametrize("action", ["s3:*", "s3:Get*", "*", "GetObject", "s3:Get Object", 's3:"'])
def test_an_action_is_named_in_full(action: str) -> None:
    emission = emit(allow("g.r", READ), actions=(ir.ActionBinding("read", (action,)),))
    assert codes(emission) == {"AGP5005"}


def test_two_agents_with_one_role_would_be_looser() -> None:
    role = "arn:aws:iam::111122223333:role/shared"
    emission = emit(allow("g.r", READ), agents=((AIDE, role), (BOT, role)))
    assert codes(emission) == {"AGP5001"}
    assert emission.files == {}


@pytest.mark.parametrize(
    "role",
    [
        "arn:aws:iam::1:role/x",
        "arn:aws:iam::111122223333:user/x",
        "",
        "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1a",
    ],
)
def test_an_agent_has_a_role(role: str) -> None:
    assert codes(emit(allow("g.r", READ), agents=((BOT, role),))) == {"AGP5005"}


@pytest.mark.parametrize("tag", ["aws:x", "", "a" * 129, "a$b", "AGP:Agent"])
def test_a_session_tag_has_a_name_of_its_own(tag: str) -> None:
    emission = emit(allow("g.r", READ), tags=(("agent", "agp:agent"), ("intent", tag)))
    assert codes(emission) == {"AGP5005"}


def test_keys_that_differ_in_case_alone_are_one() -> None:
    keys = (("tenant", "s3:ExistingObjectTag/x"), ("secrecy", "S3:existingobjecttag/X"))
    both = ir.And((ir.Has(TENANT), ir.Compare("==", SECRECY, text("secret", LEVEL))))
    names = {key for block in said(both, keys=keys).values() for key in block}
    assert len(names) == 1


def test_no_binding_and_an_unknown_setting_are_errors() -> None:
    bare = replace(policy(allow("g.r", READ)), bindings=())
    assert [each.code for each in TARGET.emit(bare, Options()).diagnostics] == ["AGP5006"]
    assert codes(emit(settings={"identity": "huge"})) == {"AGP5006"}


# --- Sizes ----------------------------------------------------------------------------------------


REGION = attribute("context", "region")


def many_allows(count: int) -> list[ir.Allow]:
    """Allows that no two of which can be joined: they differ in two keys."""
    return [
        allow(
            f"g.r{n:03}",
            READ,
            when=ir.And(
                tuple(ir.Compare("==", each, text(f"value-{n}")) for each in (TENANT, REGION))
            ),
        )
        for n in range(count)
    ]


def test_a_large_identity_policy_is_split() -> None:
    emission = emit(*many_allows(40), settings={"artifacts": "identity"})
    paths = [path for path in emission.files if path.startswith("identity/")]
    assert paths == [f"identity/docs.bot.{n}.json" for n in range(1, len(paths) + 1)]
    assert len(paths) > 1
    assert len(identity(emission)) == 40


def test_what_does_not_fit_is_an_error_and_never_widened() -> None:
    for settings in ({"artifacts": "identity"}, {"artifacts": "identity", "identity": "inline"}):
        emission = emit(*many_allows(200), settings=settings)
        assert codes(emission) == {"AGP5002"}
        assert emission.files == {}
    assert codes(emit(*many_allows(40))) == {"AGP5002"}  # its session policy


def test_session_policies_that_do_not_fit_inline_are_managed() -> None:
    rules = many_allows(40)
    (error,) = [each for each in emit(*rules).diagnostics if each.code == "AGP5002"]
    assert error.help is not None
    assert "`--set session=managed`" in error.help
    emission = emit(*rules, settings={"session": "managed"})
    assert not has_errors(list(emission.diagnostics))
    sessions = {k: v for k, v in emission.artifacts.items() if v.kind == "session policy"}
    assert len(sessions) > 1
    assert {(each.agent, each.intent) for each in sessions.values()} == {(BOT, AUDIT)}
    for path in sessions:
        assert problems(emission.files[path], 6_144, count_space=False) == []
    written = [each for path in sessions for each in json.loads(emission.files[path])["Statement"]]
    assert len(written) == 40


def test_denies_are_left_to_the_identity_policy_where_that_is_asked_for() -> None:
    rules = (allow("g.r", READ, when=ir.Under(PATH, "/a")), forbid("f", READ, when=ir.Has(TENANT)))
    path = f"session/{BOT}/{AUDIT}.json"
    for where, effects in (("session", {"Allow", "Deny"}), ("identity", {"Allow"})):
        emission = emit(*rules, settings={"session-denies": where})
        session = json.loads(emission.files[path])["Statement"]
        assert {each["Effect"] for each in session} == effects
        assert {each["Effect"] for each in identity(emission)} == {"Allow", "Deny"}
    refused = emit(*rules, settings={"session-denies": "identity", "artifacts": "session"})
    assert codes(refused) == {"AGP5006"}


def test_control_policies_are_explained_statement_by_statement() -> None:
    rules = (allow("g.r", READ), forbid("f", READ, when=ir.Compare("==", TENANT, text("t"))))
    emission = emit(*rules, settings={"artifacts": "scp"})
    notes = emission.files["scp.txt"]
    statements = json.loads(emission.files["scp/111122223333.json"])["Statement"]
    for each in statements:
        assert f"  {each['Sid']}: " in notes
    assert 'what is forbidden by "docs.f"' in notes
    assert 'StringNotLike of "aws:PrincipalTag/agp:task" is met by' in notes
    assert "NotAction" in notes
    assert "scp.txt" not in emit(*rules).files


def test_a_large_statement_is_split_by_its_values() -> None:
    tenants = tuple(f"tenant-{n:04}" for n in range(900))
    one = allow("g.r", READ, when=ir.In(TENANT, ir.Constants(ir.STRING, tenants)))
    emission = emit(one, settings={"artifacts": "identity"})
    shares = [each["Condition"]["StringEquals"][TENANT_KEY] for each in identity(emission)]
    assert [each for share in shares for each in share] == list(tenants)
    assert enforcement(emission, "docs.g.r")[0] == "exact"


def test_a_statement_of_values_that_must_all_stand_together_is_not_split() -> None:
    tenants = tuple(f"tenant-{n:04}" for n in range(900))
    other = ir.Not(ir.In(TENANT, ir.Constants(ir.STRING, tenants)))
    assert codes(emit(allow("g.r", READ, when=other), settings={"artifacts": "identity"})) == {
        "AGP5002"
    }


def test_every_session_rests_on_its_issuer() -> None:
    assert "AGP5009" in codes(emit(allow("g.r", READ)))
    assert "AGP5009" not in codes(emit(forbid("f", READ)))


def test_names_that_are_no_file_names_become_some() -> None:
    strange = replace(
        policy(allow("g.r", READ)), intents=(ir.Intent("../x/é", "", (), policy().agents[0].span),)
    )
    rule = replace(strange.allows[0], intents=("../x/é",))
    emission = TARGET.emit(replace(strange, allows=(rule,)), Options())
    assert "session/docs.bot/%2E.%2Fx%2F%C3%A9.json" in emission.files


# --- Examples end to end --------------------------------------------------------------------------


def decide_both(bound: ir.Policy, call: BoundCall) -> tuple[str, str]:
    """What AGP and AWS say to a call."""
    emission = TARGET.emit(bound, Options({"reference": "none"}))
    documents = [
        [json.loads(emission.files[path]) for path in paths]
        for paths in (
            [p for p in emission.files if p.startswith("identity/docs.bot")],
            [p for p in emission.files if p == "session/docs.bot/docs.audit.json"],
        )
    ]
    right = Evaluator().effective(documents[0], documents[1], aws_request(bound, call))
    return decide(bound, agp_request(bound, call)).effect, right


@pytest.mark.parametrize(
    ("path", "secrecy", "effect", "right"),
    [
        ("/a/x", "public", "permit", "allow"),
        ("/a", "public", "permit", "allow"),
        ("/a/x", "secret", "deny", "implicit deny"),
        ("/a/x", "PUBLIC", "deny", "implicit deny"),
        ("/a/x", None, "deny", "implicit deny"),
        ("/ab", "public", "deny", "implicit deny"),
        ("/a/../b", "public", "deny", "explicit deny"),
        ("/a/x:y/../b", "public", "deny", "explicit deny"),
        ("/a//b", "public", "deny", "explicit deny"),
        ("/a/", "public", "deny", "explicit deny"),
        ("/a/.hidden", "public", "permit", "allow"),
        ("/b", "public", "deny", "implicit deny"),
    ],
)
def test_paths_and_levels_decide_alike(
    path: str, secrecy: str | None, effect: str, right: str
) -> None:
    when = ir.And((ir.Under(PATH, "/a"), ir.Compare("<", SECRECY, text("secret", LEVEL))))
    bound = policy(allow("g.r", READ, when=when))
    keys = {} if secrecy is None else {dict(KEYS)["secrecy"]: secrecy}
    call = BoundCall(BOT, AUDIT, READ, "s3:GetObject", {"path": path}, keys)
    assert decide_both(bound, call) == (effect, right)


def test_another_bucket_is_not_the_one_with_a_longer_name() -> None:
    emission = emit(allow("g.r", READ))
    assert only_allow(emission)["Resource"] == BUCKET + "/*"
