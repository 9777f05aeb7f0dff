"""What an agent could widen its own rights with is told, over all of its rules together."""

from __future__ import annotations

from typing import Any

import pytest
from engines.aws_cases import AIDE, BOT, REPORT, allow, forbid, policy

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.reference import shipped
from agpc.targets.aws_iam.warnings.escalations import combinations
from agpc.targets.emission import Options

READ, LIST = "docs.file.read", "docs.file.list"
OWN = "arn:aws:iam::111122223333:role/bot"
OTHER = "arn:aws:iam::111122223333:role/reports"
ROLES = "arn:aws:iam::111122223333:role/${tenant}"


def told(
    *rules: ir.Rule, read: tuple[str, str], list_: tuple[str, str] | None = None
) -> list[Diagnostic]:
    """The warnings for actions on places."""
    bound = [("read", *read), *([("list", *list_)] if list_ else [])]
    actions = tuple(ir.ActionBinding(name, (action,), on) for name, action, on in bound)
    emission = TARGET.emit(policy(*rules, actions=actions), Options({"reference": "none"}))
    return [each for each in emission.diagnostics if each.code == "AGP5015"]


@pytest.mark.parametrize(
    ("action", "on", "is_told"),
    [
        ("iam:AttachRolePolicy", OWN, True),
        ("iam:attachrolepolicy", OWN, True),
        ("iam:AttachRolePolicy", ROLES, True),
        ("iam:AttachRolePolicy", OTHER, False),
        ("iam:PutRolePolicy", "*", True),
        ("iam:UpdateAssumeRolePolicy", OWN, True),
        ("iam:DeleteRolePermissionsBoundary", OWN, True),
        ("iam:TagRole", OWN, True),
        ("iam:CreatePolicyVersion", "*", True),
        ("iam:SetDefaultPolicyVersion", "*", True),
        ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/${tenant}", True),
        ("iam:CreateLoginProfile", "*", True),
        ("iam:PassRole", ROLES, False),
        ("sts:AssumeRole", ROLES, True),
        ("sts:AssumeRole", OTHER, False),
        ("iam:GetRole", OWN, False),
        ("lambda:UpdateFunctionCode", "*", True),
        ("s3:GetObject", "arn:aws:s3:::acme${path}", False),
    ],
)  # fmt: skip
def test_an_action_that_widens_rights_by_itself(action: str, on: str, is_told: bool) -> None:
    assert bool(told(allow("g.r", READ), read=(action, on))) is is_told


def test_a_combination_counts_over_several_rules_and_intents_of_one_agent() -> None:
    pass_role, run = ("iam:PassRole", OTHER), ("ec2:RunInstances", "*")
    one, other = allow("g.pass", READ), allow("g.run", LIST, intents=(REPORT,))
    (warning,) = told(one, other, read=pass_role, list_=run)
    assert "`iam:PassRole` and `ec2:RunInstances`" in warning.message
    assert BOT in warning.message
    assert "`docs.g.pass`, `docs.g.run`" in warning.notes[0]
    assert combinations()[0] in warning.notes[0]
    someone_else = allow("g.run", LIST, agents=(AIDE,))
    assert told(one, someone_else, read=pass_role, list_=run) == []
    assert told(one, read=pass_role, list_=run) == []


def test_a_role_that_is_rewritten_counts_where_it_can_be_assumed() -> None:
    rules = (allow("g.a", READ), allow("g.b", LIST))
    attach, assume = ("iam:AttachRolePolicy", OTHER), ("sts:AssumeRole", OTHER)
    assert len(told(*rules, read=attach, list_=assume)) == 1
    assert told(*rules, read=attach, list_=("sts:AssumeRole", OTHER + "2")) == []


def test_a_combination_that_has_another_in_it_is_not_told_again() -> None:
    rules = (allow("g.a", READ), allow("g.b", LIST))
    found = told(*rules, read=("iam:CreateAccessKey", "*"), list_=("iam:DeleteAccessKey", "*"))
    assert [each.message for each in found] == [
        "`docs.bot` could widen its own rights with `iam:CreateAccessKey`"
    ]


def test_what_is_forbidden_outright_does_not_count() -> None:
    read = ("iam:CreatePolicyVersion", "*")
    everywhere: dict[str, Any] = {"agents": None, "intents": None}
    assert told(allow("g.r", READ), forbid("f", READ, **everywhere), read=read) == []
    assert told(allow("g.r", READ), forbid("f", READ, intents=(REPORT,)), read=read)


def test_the_table_has_a_date_and_actions_that_there_are() -> None:
    date, table = combinations()
    reference = shipped()
    assert date == "2026-11-27"
    assert len(table) > 70
    for each in table:
        assert each.on in ("", "itself", "a role in common", "any role")
        assert each.source.split(" ")[0] in ("pathfinding", "rhino", "aws")
        for name in each.actions:
            service = name.partition(":")[0]
            assert reference.is_service(service), name
            assert not reference.covers(service) or reference.action(name) is not None, name
