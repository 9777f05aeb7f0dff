"""Policies of a few rules, made for AWS, and what is said of them."""

from __future__ import annotations

import json
from typing import Any

from engines.aws_cases import (
    BOT,
    TAGS,
    allow,
    attribute,
    forbid,
    policy,
)

from agpc.compiler.ir import nodes as ir
from agpc.targets.aws_iam import TARGET
from agpc.targets.emission import Emission, Options

PATH, TENANT = attribute("resource", "path"), attribute("resource", "tenant")
SECRECY = attribute("resource", "secrecy")
SOURCE_IP, MFA = attribute("context", "source_ip"), attribute("context", "mfa")
RISK, AMOUNT = attribute("context", "risk"), attribute("args", "amount")
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


TENANT_KEY, SECRECY_KEY = "s3:ExistingObjectTag/tenant", "s3:ExistingObjectTag/secrecy"
