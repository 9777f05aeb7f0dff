"""The aws-iam target by example: what each thing in AGP becomes, and what is left out."""

from __future__ import annotations

import json

import pytest
from engines.aws_cases import (
    AIDE,
    AUDIT,
    BOT,
    REPORT,
    allow,
    forbid,
    text,
)
from engines.iam import conditions_hold

from agpc.compiler.ir import nodes as ir
from agpc.targets.aws_iam.binding.facts import CapabilityPlace
from agpc.targets.aws_iam.binding.locations import read_location
from agpc.targets.aws_iam.ledger import reasons
from agpc.targets.aws_iam.rules.lower import Loss
from agpc.targets.aws_iam.rules.statements import CapabilityPart

from .emitting import (
    PATH,
    READ,
    SOURCE_IP,
    TENANT,
    TENANT_KEY,
    codes,
    denied,
    emit,
    enforcement,
    identity,
    only_allow,
)

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
