"""What AWS decides by the policies, beside the interpreter."""

from __future__ import annotations

import json

import pytest
from engines.aws_cases import (
    AUDIT,
    BOT,
    BUCKET,
    KEYS,
    LEVEL,
    allow,
    policy,
    text,
)
from engines.bound_calls import BoundCall, agp_request, aws_request
from engines.iam import Evaluator

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.interpreter import decide
from agpc.targets.aws_iam import TARGET
from agpc.targets.emission import Options

from .emitting import PATH, READ, SECRECY, emit, only_allow


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
