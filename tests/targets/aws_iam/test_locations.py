"""Locations and keys that `bind aws` gives: what a star may mean, and what could mean more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engines.aws_cases import (
    AIDE,
    BOT,
    LEVEL,
    allow,
    attribute,
    policy,
    text,
)

from agpc.compiler.ir import nodes as ir
from agpc.targets.aws_iam import TARGET
from agpc.targets.emission import Options

from .emitting import (
    PATH,
    READ,
    SECRECY,
    TENANT,
    codes,
    emit,
    enforcement,
    only_allow,
    said,
)


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
