"""Documents that do not fit are left out on request, with an error each, and nothing is widened for it."""

from __future__ import annotations

import json

import pytest
from engines.aws_cases import AIDE, AUDIT, BOT, REPORT, allow, attribute, forbid, policy, text

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.emission import Artifact, Emission, Options
from agpc.targets.manifest import manifest_of

READ = "docs.file.read"
TENANT = attribute("resource", "tenant")


def is_text(size: int) -> ir.Condition:
    """A condition that takes so many characters of a policy."""
    return ir.Compare("==", TENANT, text("x" * size))


def emit(bound: ir.Policy, **settings: str) -> Emission:
    """What is made with documents left out."""
    return TARGET.emit(bound, Options({"reference": "none", "oversize": "leave-out", **settings}))


ONE_LARGE = policy(
    allow("large", READ, when=is_text(2_000), intents=(AUDIT,)),
    allow("small", READ, when=is_text(10), intents=(REPORT,)),
    allow("both", READ, when=is_text(11), intents=(AUDIT, REPORT), agents=(BOT, AIDE)),
    forbid("f", READ, when=is_text(12)),
)


def test_a_session_policy_that_does_not_fit_is_left_out_with_an_error() -> None:
    emission = emit(ONE_LARGE)
    assert emission.missing == (Artifact("session policy", BOT, AUDIT),)
    assert emission.is_written
    (error,) = [each for each in emission.diagnostics if each.severity == "error"]
    assert error.code == "AGP5002"
    assert "left out" in error.notes[-1]
    assert f"session/{BOT}/{AUDIT}.json" not in emission.files
    assert f"session/{BOT}/{AUDIT}.json" not in emission.artifacts
    assert f"session/{BOT}/{AUDIT}.json" not in json.loads(emission.files["sids.json"])
    assert {f"session/{BOT}/{REPORT}.json", f"session/{AIDE}/{AUDIT}.json"} <= emission.files.keys()


def test_the_ledger_and_the_manifest_count_without_it() -> None:
    emission = emit(ONE_LARGE)
    entries = {each.rule: each for each in emission.ledger}
    assert (
        {name: each.enforcement for name, each in entries.items()}
        == {
            "docs.large": "elsewhere",
            "docs.small": "exact",
            "docs.both": "stricter",
            "docs.f": "stricter",  # as where all fits: what is denied in a bucket is through access points
        }
    )
    assert "was left out" in entries["docs.large"].reasons[0]
    target = manifest_of(ONE_LARGE, (), {"aws-iam": emission})["targets"]["aws-iam"]
    assert target["missing"] == [{"kind": "session policy", "agent": BOT, "intent": AUDIT}]


def test_what_is_written_is_what_is_written_where_all_fits() -> None:
    """Without the rule that does not fit the other documents of other sessions are the same."""
    small = emit(policy(*(each for each in ONE_LARGE.rules if each.id != "docs.large")))
    assert not small.missing
    emission = emit(ONE_LARGE)
    for path, content in emission.files.items():
        if path.startswith("session/"):
            assert small.files[path] == content


def test_it_is_an_error_that_writes_nothing_unless_asked() -> None:
    emission = TARGET.emit(ONE_LARGE, Options({"reference": "none"}))
    assert not emission.files
    assert not emission.missing
    assert not emission.is_written


def test_sessions_that_leave_their_denies_to_it_go_with_an_identity_policy() -> None:
    huge = policy(
        allow("huge", READ, when=is_text(6_200)),
        allow("small", READ, when=is_text(10), intents=(REPORT,)),
        allow("other", READ, when=is_text(10), agents=(AIDE,)),
        forbid("f", READ, when=is_text(12)),
    )
    emission = emit(huge, **{"session-denies": "identity"})
    assert [(each.kind, each.agent) for each in emission.missing] == [
        ("identity policy", BOT),
        ("session policy", BOT),
        ("session policy", BOT),
    ]
    assert not any(BOT in path for path in emission.files)
    assert any(AIDE in path for path in emission.files)
    entries = {each.rule: each.enforcement for each in emission.ledger}
    assert entries["docs.huge"] == entries["docs.small"] == "elsewhere"
    assert entries["docs.other"] == "exact"
    together = emit(huge)
    assert f"session/{BOT}/{REPORT}.json" in together.files  # which has its own denies


@pytest.mark.parametrize("kind", ["boundary", "scp"])
def test_what_limits_is_never_left_out(kind: str) -> None:
    size = {"boundary": 6_200, "scp": 11_000}[kind]
    emission = emit(policy(forbid("f", READ, when=is_text(size))), artifacts=kind)
    assert has_errors(list(emission.diagnostics))
    assert not emission.missing
    assert not emission.files


def test_nothing_is_written_where_nothing_is_left() -> None:
    emission = emit(policy(allow("large", READ, when=is_text(2_000))), artifacts="session")
    assert not emission.files
    assert not emission.missing
    assert has_errors(list(emission.diagnostics))
