"""What the ARNs of things with a name look like when AWS authorizes a call.

Written from each service's own documentation, and not from the emitter's table: the pages on IAM of
Secrets Manager, Lambda, DynamoDB, CloudWatch Logs, S3, SNS, Kinesis, KMS, IAM, OpenSearch, Step
Functions, ECS, EventBridge, and Bedrock AgentCore.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HERE = "eu-west-1:111122223333"


@dataclass(frozen=True)
class Real:
    """A location with `${tenant}` for the name, an action there, and the ARNs of a thing so named.

    `outside` are characters that no such name has. `within` is where what stands before the name
    starts, if anything may: an allow counts it to the name.
    """

    location: str
    action: str
    arns: Callable[[str], tuple[str, ...]]
    outside: str = ""
    within: int = 0


def _after(prefix: str, *endings: str) -> Callable[[str], tuple[str, ...]]:
    """A name after a prefix, and what may follow it."""
    return lambda name: tuple(f"{prefix}{name}{ending}" for ending in endings)


def _simple(
    service: str, kind: str, action: str, *endings: str, outside: str = "", where: str = HERE
) -> Real:
    """A kind of thing whose ARN is a prefix, the name, and what may follow it."""
    prefix = f"arn:aws:{service}:{where}:{kind}"
    return Real(prefix + "${tenant}", action, _after(prefix, *endings), outside)


def _within(
    service: str,
    kind: str,
    action: str,
    *before: str,
    outside: str = "",
    endings: tuple[str, ...] = ("",),
) -> Real:
    """A kind of thing whose ARN may have what it is in before its name."""
    prefix = f"arn:aws:{service}:{HERE}:{kind}"
    return Real(
        prefix + "${tenant}",
        action,
        lambda name: tuple(f"{prefix}{b}{name}{ending}" for b in before for ending in endings),
        outside,
        within=len(prefix),
    )


def _objects(name: str) -> tuple[str, ...]:
    """An object of a bucket, by itself and through access points of one region and of several."""
    return (
        f"arn:aws:s3:::acme/{name}",
        f"arn:aws:s3:{HERE}:accesspoint/reports/object/{name}",
        f"arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap/object/{name}",
    )


def _in_bucket(name: str) -> tuple[str, ...]:
    """An object in a bucket so named, likewise."""
    return (
        f"arn:aws:s3:::{name}/a/b",
        f"arn:aws:s3:{HERE}:accesspoint/reports/object/a/b",
    )


def _bucket(name: str) -> tuple[str, ...]:
    """A bucket, likewise."""
    return (f"arn:aws:s3:::{name}", f"arn:aws:s3:{HERE}:accesspoint/reports")


KEY = f"arn:aws:kms:{HERE}:key/0f8fad5b-d9cb-469f-a165-70867728950e"

REAL = {
    "secret": _simple(
        "secretsmanager", "secret:", "secretsmanager:GetSecretValue", "-AbC12f", "-Zroott"
    ),
    "function": _simple(
        "lambda", "function:", "lambda:InvokeFunction", "", ":live", ":$LATEST", ":7", ":x-root",
        outside=":/",
    ),
    "table": _simple(
        "dynamodb", "table/", "dynamodb:Query", "", "/index/by-day", "/index/root",
        "/stream/2026-11-27T00:00:00.000", outside=":/",
    ),
    "log group": _simple(
        "logs", "log-group:", "logs:GetLogEvents", "", ":*", ":log-stream:a/root", outside=":",
    ),
    "object": Real("arn:aws:s3:::acme/${tenant}", "s3:GetObject", _objects),
    "object in a bucket": Real(
        "arn:aws:s3:::${tenant}", "s3:GetObject", _in_bucket, outside=":/"
    ),
    "bucket": Real("arn:aws:s3:::${tenant}", "s3:ListBucket", _bucket, outside=":/"),
    "topic": _simple("sns", "", "sns:Publish", "", ":6b0e71bd-7e97-4d97-80ce", outside=":/"),
    "queue": _simple("sqs", "", "sqs:SendMessage", "", outside=":/"),
    "stream": _simple(
        "kinesis", "stream/", "kinesis:SubscribeToShard", "", "/consumer/root:1700000000",
        outside=":/",
    ),
    "key by alias": Real(
        f"arn:aws:kms:{HERE}:alias/${{tenant}}", "kms:Decrypt", lambda name: (KEY,)
    ),
    "role": Real(
        "arn:aws:iam::111122223333:role/${tenant}",
        "iam:GetRole",
        lambda name: tuple(f"arn:aws:iam::111122223333:role/{p}{name}" for p in ("", "ops/", "prod/a/")),
        outside=":/",
        within=len("arn:aws:iam::111122223333:role/"),
    ),
    "domain": _simple("es", "domain/", "es:ESHttpGet", "/_search", "/i/_doc/root", outside=":/"),
    "state machine": _simple(
        "states", "stateMachine:", "states:StartExecution", "", ":live", ":3", "/each", outside=":/"
    ),
    "task definition": _simple("ecs", "task-definition/", "ecs:RunTask", ":3", outside=":/"),
    "connection": _simple(
        "events", "connection/", "events:DescribeConnection", "/0f8fad5b-root", outside=":/"
    ),
    "runtime": _simple(
        "bedrock-agentcore", "runtime/", "bedrock-agentcore:InvokeAgentRuntime", "-a1B2c3D4e5",
        "-a1B2c3root/runtime-endpoint/DEFAULT", outside=":/",
    ),
    "of an unknown service": _within(
        "newservice", "thing/", "newservice:Use", "", "app/", "a:b/", outside=":/",
        endings=("", "-AbC12f", "/x/root", ":7", "@root"),
    ),
    "parameter": Real(
        f"arn:aws:ssm:{HERE}:parameter/${{tenant}}", "ssm:GetParameter",
        lambda name: (f"arn:aws:ssm:{HERE}:parameter/{name.removeprefix('/')}",),
    ),
    "rule": _within("events", "rule/", "events:DescribeRule", "", "ops/", outside=":/"),
    "service in a cluster": _within("ecs", "service/", "ecs:UpdateService", "", "ops/", outside=":/"),
    "schedule": _within("scheduler", "schedule/", "scheduler:GetSchedule", "default/", outside=":/"),
    "table of a database": _within("glue", "table/", "glue:GetTable", "sales/", outside=":/"),
    "execution": _within("states", "execution:", "states:StopExecution", "flow:", "flow/m:", outside=":/"),
}  # fmt: skip
"""The kinds of things that the tests know, by name."""
