"""The IAM evaluator against what the IAM user guide says outright (pages as in `engines.iam`)."""

from __future__ import annotations

from typing import Any

import pytest
from engines.iam import (
    Evaluator,
    InvalidPolicy,
    Request,
    action_matches,
    operator_holds,
)
from engines.iam_trust import Asked, gives_session

IAM = Evaluator()


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str, action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    """One statement, with an operator block for each further argument."""
    found: dict[str, Any] = {"Effect": effect, "Action": action, "Resource": resource}
    return {**found, "Condition": condition} if condition else found


READ = Request("s3:GetObject", "arn:aws:s3:::bucket/key", {})
ALLOW_READ = document(statement("Allow", "s3:GetObject"))


def test_a_request_is_denied_unless_something_allows_it() -> None:
    assert IAM.decide([], READ) == "implicit deny"
    assert IAM.decide([document(statement("Allow", "s3:PutObject"))], READ) == "implicit deny"
    assert IAM.decide([ALLOW_READ], READ) == "allow"


def test_an_explicit_deny_overrides_any_allow() -> None:
    deny = document(statement("Deny", "s3:*"))
    assert IAM.decide([ALLOW_READ, deny], READ) == "explicit deny"
    assert IAM.decide([deny, ALLOW_READ], READ) == "explicit deny"


def test_a_session_has_what_identity_and_session_policies_both_allow() -> None:
    nothing = document(statement("Allow", "s3:ListBucket"))
    deny = document(statement("Allow", "s3:GetObject"), statement("Deny", "s3:GetObject"))
    assert IAM.effective([ALLOW_READ], [ALLOW_READ], READ) == "allow"
    assert IAM.effective([ALLOW_READ], [nothing], READ) == "implicit deny"
    assert IAM.effective([nothing], [ALLOW_READ], READ) == "implicit deny"
    assert IAM.effective([ALLOW_READ], [deny], READ) == "explicit deny"
    assert IAM.effective([ALLOW_READ], None, READ) == "allow"


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("iam:ListAccessKeys", "IAM:listaccesskeys", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:ListAccessKeys", True),
        ("iam:*AccessKey*", "iam:ListUsers", False),
        ("s3:Get?bject", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        ("s3:*", "ec2:RunInstances", False),
    ],
)
def test_actions_match_without_case_and_with_wildcards(
    pattern: str, action: str, matches: bool
) -> None:
    assert action_matches(pattern, action) is matches


@pytest.mark.parametrize(
    ("pattern", "resource", "matches"),
    [
        ("arn:aws:iam::123456789012:user/Bob", "arn:aws:iam::123456789012:user/bob", False),
        ("arn:aws:iam::123456789012:user/accounting/*", "arn:aws:iam::123456789012:user/accounting/a/b", True),
        ("arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/1/2/test/3", True),
        ("arn:aws:s3:::amzn-s3-demo-bucket/*/test/*", "arn:aws:s3:::amzn-s3-demo-bucket/1/2/best/3", False),
        ("arn:aws:s3:::bucket/???", "arn:aws:s3:::bucket/abc", True),
        ("arn:aws:s3:::bucket/???", "arn:aws:s3:::bucket/ab", False),
        ("arn:aws:logs:eu:1:log-group:*", "arn:aws:logs:eu:1:log-group:name:stream", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/${$}{x}", "arn:aws:s3:::b/${x}", True),
    ],
)  # fmt: skip
def test_resources_match_with_case_and_with_wildcards(
    pattern: str, resource: str, matches: bool
) -> None:
    assert IAM.resource_matches(pattern, Request("a:b", resource, {})) is matches


def test_a_star_inside_a_segment_may_stop_at_a_colon() -> None:
    request = Request("a:b", "arn:aws:s3:::b/x:y/z", {})
    assert not Evaluator(star_stops_at_colon=True).resource_matches("arn:aws:s3:::b/*/z", request)
    assert Evaluator(star_stops_at_colon=False).resource_matches("arn:aws:s3:::b/*/z", request)
    assert Evaluator(star_stops_at_colon=True).resource_matches("arn:aws:s3:::b/*:*/z", request)


def test_a_variable_is_the_value_of_its_key() -> None:
    home = "arn:aws:s3:::bucket/${aws:username}/*"
    mine = Request("s3:GetObject", "arn:aws:s3:::bucket/ann/x", {"aws:username": "ann"})
    other = Request("s3:GetObject", "arn:aws:s3:::bucket/bob/x", {"aws:username": "ann"})
    star = Request("s3:GetObject", "arn:aws:s3:::bucket/bob/x", {"aws:username": "*"})
    nobody = Request("s3:GetObject", "arn:aws:s3:::bucket/ann/x", {})
    found = [IAM.resource_matches(home, each) for each in (mine, other, star, nobody)]
    assert found == [True, False, False, False]
    default = "arn:aws:s3:::bucket/${aws:username, 'ann'}/*"
    assert IAM.resource_matches(default, nobody)


@pytest.mark.parametrize(
    ("operator", "values", "have", "holds"),
    [
        ("StringEquals", ["a"], "a", True),
        ("StringEquals", ["a"], "A", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", ["a*"], "ab", False),
        ("StringEqualsIgnoreCase", ["a"], "A", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringLike", ["a*"], "ab", True),
        ("StringLike", ["a?"], "ab", True),
        ("StringLike", ["a${*}"], "ab", False),
        ("StringLike", ["a${*}"], "a*", True),
        ("StringNotLike", ["a*"], "b", True),
        ("NumericLessThanEquals", ["10"], "10", True),
        ("NumericLessThan", ["10"], "9.5", True),
        ("NumericEquals", ["10"], "ten", False),
        ("DateLessThan", ["2030-01-01T00:00:00Z"], "2029-12-31T23:59:59Z", True),
        ("DateGreaterThan", ["2030-01-01T00:00:00Z"], "2029-12-31T23:59:59Z", False),
        ("DateEquals", ["2030-01-01T01:00:00+01:00"], "2030-01-01T00:00:00Z", True),
        ("Bool", ["true"], "true", True),
        ("Bool", ["true"], "false", False),
        ("IpAddress", ["203.0.113.0/24"], "203.0.113.7", True),
        ("IpAddress", ["2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", True),
        ("NotIpAddress", ["203.0.113.0/24"], "203.0.113.7", False),
        ("NotIpAddress", ["203.0.113.0/24", "10.0.0.0/8"], "192.0.2.1", True),
    ],
)
def test_an_operator_compares_a_key_that_is_there(
    operator: str, values: list[str], have: str, holds: bool
) -> None:
    assert operator_holds(operator, "k:x", values, {"k:x": have}) is holds
    assert operator_holds(operator, "K:X", values, {"k:x": have}) is holds
    assert operator_holds(operator + "IfExists", "k:x", values, {"k:x": have}) is holds


@pytest.mark.parametrize("operator", ["StringEquals", "NumericEquals", "Bool", "IpAddress"])
def test_a_missing_key_makes_a_plain_operator_false_and_if_exists_true(operator: str) -> None:
    assert not operator_holds(operator, "k:x", ["true"], {})
    assert operator_holds(operator + "IfExists", "k:x", ["true"], {})


@pytest.mark.parametrize(
    "operator", ["StringNotEquals", "StringNotLike", "NumericNotEquals", "NotIpAddress"]
)
def test_a_missing_key_makes_a_negated_operator_true(operator: str) -> None:
    assert operator_holds(operator, "k:x", ["1"], {})


def test_null_asks_whether_a_key_is_missing() -> None:
    assert operator_holds("Null", "aws:TokenIssueTime", ["true"], {})
    assert not operator_holds("Null", "aws:TokenIssueTime", ["false"], {})
    assert operator_holds("Null", "aws:TokenIssueTime", ["false"], {"aws:TokenIssueTime": "x"})


def test_sets_of_values_need_a_qualifier() -> None:
    tags = {"aws:TagKeys": ["environment", "cost-center"]}
    known = ["environment", "cost-center", "owner"]
    assert operator_holds("ForAllValues:StringEquals", "aws:TagKeys", known, tags)
    assert not operator_holds("ForAllValues:StringEquals", "aws:TagKeys", ["owner"], tags)
    assert operator_holds("ForAllValues:StringEquals", "aws:TagKeys", ["owner"], {})
    assert operator_holds("ForAnyValue:StringEquals", "aws:TagKeys", ["environment"], tags)
    assert not operator_holds("ForAnyValue:StringEquals", "aws:TagKeys", ["environment"], {})
    with pytest.raises(InvalidPolicy):
        operator_holds("StringEquals", "aws:TagKeys", known, tags)


def test_keys_and_operators_are_joined_by_and_and_values_by_or() -> None:
    guarded = document(
        statement(
            "Allow",
            "s3:GetObject",
            StringEquals={"aws:PrincipalTag/department": ["finance", "hr"]},
            IpAddress={"aws:SourceIp": "203.0.113.0/24"},
        )
    )

    def decide(**keys: str) -> str:
        context = {name.replace("__", ":").replace("_", "/"): v for name, v in keys.items()}
        return IAM.decide([guarded], Request("s3:GetObject", "arn:aws:s3:::b/k", context))

    assert decide(aws__PrincipalTag_department="hr", aws__SourceIp="203.0.113.9") == "allow"
    assert decide(aws__PrincipalTag_department="it", aws__SourceIp="203.0.113.9") != "allow"
    assert decide(aws__PrincipalTag_department="hr", aws__SourceIp="192.0.2.9") != "allow"
    assert decide(aws__PrincipalTag_department="hr") != "allow"


def test_a_boundary_limits_and_does_not_grant() -> None:
    nothing: list[dict[str, Any]] = []
    assert IAM.effective([ALLOW_READ], None, READ, boundary=[ALLOW_READ]) == "allow"
    assert IAM.effective([ALLOW_READ], None, READ, boundary=nothing) == "implicit deny"
    assert IAM.effective(nothing, None, READ, boundary=[ALLOW_READ]) == "implicit deny"
    deny = document(statement("Deny", "s3:GetObject"))
    assert IAM.effective([ALLOW_READ], None, READ, boundary=[deny]) == "explicit deny"


def test_at_every_level_a_control_policy_has_to_allow() -> None:
    full = document(statement("Allow", "*"))
    other = document(statement("Allow", "ec2:*"))
    deny = document(statement("Deny", "s3:*"))

    def decide(*levels: list[dict[str, Any]]) -> str:
        return IAM.effective([ALLOW_READ], None, READ, controls=levels)

    assert decide([full], [full]) == "allow"
    assert decide([full], [other, full]) == "allow"
    assert decide([full], [other]) == "implicit deny"
    assert decide([full], []) == "implicit deny"
    assert decide([full, deny], [full]) == "explicit deny"


def test_all_but_some_actions_or_resources_are_denied() -> None:
    others = {"Effect": "Deny", "NotAction": ["s3:Get*"], "Resource": "*"}
    elsewhere = {"Effect": "Deny", "Action": "s3:*", "NotResource": ["arn:aws:s3:::bucket/*"]}
    for deny in (others, elsewhere):
        assert IAM.decide([document(deny)], READ) == "implicit deny"
    put = Request("s3:PutObject", READ.resource, {})
    assert IAM.decide([document(others)], put) == "explicit deny"
    away = Request("s3:GetObject", "arn:aws:s3:::other/key", {})
    assert IAM.decide([document(elsewhere)], away) == "explicit deny"


@pytest.mark.parametrize(
    ("value", "have", "holds"),
    [
        ("arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a", True),
        ("arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/ab", False),
        ("arn:aws:iam::*:role/a*", "arn:aws:iam::111122223333:role/ab", True),
        ("arn:aws:iam::*", "arn:aws:iam::111122223333:role/ab", False),
    ],
)
def test_arns_are_compared_field_by_field(value: str, have: str, holds: bool) -> None:
    for operator in ("ArnEquals", "ArnLike"):
        assert (
            operator_holds(operator, "aws:PrincipalArn", [value], {"aws:PrincipalArn": have})
            is holds
        )
    assert not operator_holds("ArnEquals", "aws:PrincipalArn", [value], {})
    assert operator_holds("ArnEqualsIfExists", "aws:PrincipalArn", [value], {})


def test_a_session_with_tags_and_an_identity_needs_three_permissions() -> None:
    def trust(*actions: str, effect: str = "Allow") -> dict[str, Any]:
        principal = {"AWS": "arn:aws:iam::111122223333:role/a"}
        return {"Effect": effect, "Principal": principal, "Action": list(actions)}

    someone = ("AWS", "arn:aws:iam::111122223333:role/a")
    asked = Asked(someone, "sts:AssumeRole", {"k": "v"}, "me")
    every = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    assert gives_session(document(trust(*every)), asked)
    for missing in every:
        assert not gives_session(document(trust(*set(every) - {missing})), asked)
    assert gives_session(document(trust("sts:AssumeRole")), Asked(someone, "sts:AssumeRole"))
    other = Asked(("AWS", "arn:aws:iam::111122223333:role/b"), "sts:AssumeRole")
    assert not gives_session(document(trust(*every)), other)
    deny = trust("sts:AssumeRole", effect="Deny")
    assert not gives_session(document(trust(*every), deny), asked)
    with pytest.raises(InvalidPolicy):
        gives_session(ALLOW_READ, asked)


@pytest.mark.parametrize(
    "broken",
    [
        {"Version": "2008-10-17", "Statement": [statement("Allow", "*")]},
        {"Version": "2012-10-17", "Statement": []},
    ],
)
def test_what_iam_refuses_is_no_policy(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy):
        IAM.decide([broken], READ)


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(InvalidPolicy):
        operator_holds("StringNullIfExists", "k:x", ["a"], {"k:x": "a"})
