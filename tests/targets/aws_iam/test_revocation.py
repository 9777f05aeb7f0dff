"""Revocation documents deny what is revoked, exactly that, and are never deployed unfilled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from engines.aws_cases import AIDE, AUDIT, BOT, REPORT, TAGS, allow, policy
from engines.iam import Evaluator, Policy, Request
from engines.iam_documents import problems
from engines.iam_trust import Asked, gives_session
from generators import hostile_text
from hypothesis import example, given
from hypothesis import strategies as st

from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.around.trust import source_identity
from agpc.targets.aws_iam.limits import can_tag
from agpc.targets.emission import Emission, Options

BOUND = policy(allow("g.r", "docs.file.read", agents=(BOT, AIDE), intents=(AUDIT, REPORT)))
AGENTS = {each.name: each for each in BOUND.agents}
ARN = "arn:aws:s3:::acme/a"
TASK_TAG = "aws:PrincipalTag/agp:task"
BEFORE = "2026-06-01T12:00:00Z"
TRUSTED: Policy = {
    "Effect": "Allow",
    "Principal": {"Federated": "p"},
    "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
}


def emit(**settings: str) -> Emission:
    """The revocation documents alone."""
    return TARGET.emit(BOUND, Options({"artifacts": "revocation", "reference": "none", **settings}))


def document(name: str, agent: str = BOT, **settings: str) -> dict[str, Any]:
    """One document of an agent."""
    return json.loads(emit(**settings).files[f"revocation/{agent}/{name}.json"])


def is_denied(document: Policy, **keys: str) -> bool:
    """Whether a session with these keys is denied everything by a document."""
    context = {name.replace("__", ":"): value for name, value in keys.items()}
    requests = [
        Request(action, ARN, context) for action in ("s3:GetObject", "sts:AssumeRole", "iam:X")
    ]
    found = {Evaluator().decide([document], each) for each in requests}
    assert len(found) == 1
    return found == {"explicit deny"}


def is_given(deny: Policy, **tags: str) -> bool:
    """Whether a role with these denies in its trust policy gives a session with these tags."""
    whole = {**deny, "Statement": [*deny["Statement"], TRUSTED]}
    return gives_session(whole, Asked(("Federated", "p"), "sts:AssumeRoleWithWebIdentity", tags))


@example(["${aws:username}"], "ann")
@example(["*", "$"], "x")
@given(st.lists(hostile_text(), min_size=1, max_size=3), hostile_text())
def test_a_revoked_task_is_denied_and_not_issued_again_and_no_other_is(
    revoked: list[str], other: str
) -> None:
    asked = [part for each in revoked for part in each.split(",")]
    emission = emit(**{"revoke-task": ",".join(revoked)})
    if not all(map(can_tag, asked)):
        assert {each.code for each in emission.diagnostics} == {"AGP5006"}
        assert emission.files == {}
        return
    if has_errors(list(emission.diagnostics)):
        assert {each.code for each in emission.diagnostics} == {"AGP5002"}
        return
    deny = json.loads(emission.files[f"revocation/{BOT}/task.json"])
    refuse = json.loads(emission.files[f"revocation/{BOT}/task.trust.json"])
    for task in (*asked, other, "", asked[0] + "x", asked[0].swapcase()):
        evaluated = Request("s3:GetObject", ARN, {TASK_TAG: task})
        denied = Evaluator().decide([deny], evaluated) == "explicit deny"
        assert denied is (task in asked)
        assert is_given(refuse, **{"agp:task": task}) is (task not in asked)


def test_a_task_that_is_inherited_is_refused_as_well() -> None:
    refuse = document("task.trust", **{"revoke-task": "t-9"})
    whole = {**refuse, "Statement": [*refuse["Statement"], TRUSTED]}
    for task, gives in (("t-9", False), ("t-8", True)):
        asked = Asked(("Federated", "p"), "sts:AssumeRoleWithWebIdentity", context={TASK_TAG: task})
        assert gives_session(whole, asked) is gives


@given(st.datetimes(datetime(2026, 5, 1), datetime(2026, 7, 1)))
def test_sessions_from_before_are_denied_and_no_others(issued: datetime) -> None:
    deny = document("sessions", **{"revoke-before": BEFORE})
    at = issued.replace(microsecond=0, tzinfo=UTC)
    is_old = at < datetime.fromisoformat(BEFORE)
    text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert is_denied(deny, aws__TokenIssueTime=text) is is_old


def test_a_session_without_a_time_is_denied() -> None:
    deny = document("sessions", **{"revoke-before": BEFORE})
    assert not is_denied(deny, aws__TokenIssueTime=BEFORE)
    assert is_denied(deny)


def test_an_agent_is_ended_on_its_role_and_by_its_source_identity_elsewhere() -> None:
    assert is_denied(document("agent"))
    assert not is_given(document("agent.trust"), **{"agp:task": "t-1"})
    deny = document("source-identity")
    assert is_denied(deny, aws__SourceIdentity=source_identity(AGENTS[BOT]))
    assert not is_denied(deny, aws__SourceIdentity=source_identity(AGENTS[AIDE]))
    assert not is_denied(deny)


def test_a_trust_policy_refuses_revoked_tasks_itself() -> None:
    settings = {
        "artifacts": "trust",
        "oidc-provider": "arn:aws:iam::111122223333:oidc-provider/o.example",
        "oidc-audience": "a",
        "revoke-task": "t-9",
    }
    emission = TARGET.emit(BOUND, Options({**settings, "reference": "none"}))
    trust = json.loads(emission.files[f"trust/{BOT}.json"])
    for task, gives in (("t-9", False), ("t-8", True)):
        tags = {"agp:agent": AGENTS[BOT].id, "agp:intent": AUDIT, "agp:task": task}
        claims = {"o.example:sub": AGENTS[BOT].id, "o.example:aud": "a"}
        principal = ("Federated", settings["oidc-provider"])
        asked = Asked(
            principal,
            "sts:AssumeRoleWithWebIdentity",
            tags,
            source_identity(AGENTS[BOT]),
            claims,
            tuple(tags),
        )
        assert gives_session(trust, asked) is gives


def test_every_document_is_one_that_aws_takes_once_it_is_filled_in() -> None:
    filled = emit(**{"revoke-task": "t-9", "revoke-before": BEFORE})
    for path, artifact in filled.artifacts.items():
        if artifact.kind != "source map":
            assert artifact.agent in AGENTS
            text = filled.files[path]
            assert problems(text, 2_048, count_space=True, kind=artifact.kind) == []


def test_what_nobody_filled_in_is_refused_by_aws() -> None:
    unfilled = emit()
    refused = {
        path.rpartition("/")[2]
        for path, artifact in unfilled.artifacts.items()
        if artifact.kind != "source map"
        and problems(unfilled.files[path], 2_048, count_space=True, kind=artifact.kind)
    }
    assert refused == {"task.json", "task.trust.json", "sessions.json"}


@pytest.mark.parametrize(
    "given",
    [
        {"revoke-task": ""},
        {"revoke-task": "a,,b"},
        {"revoke-task": "日本"},
        {"revoke-task": "x" * 257},
        {"revoke-before": ""},
        {"revoke-before": "yesterday"},
        {"revoke-before": "2026-06-01"},
        {"revoke-before": "2026-06-01T12:00:00.5Z"},
        {"revoke-before": "2026-06-01T12:00:00+02:00"},
    ],
)
def test_what_revokes_nothing_is_an_error(given: dict[str, str]) -> None:
    emission = emit(**given)
    assert {each.code for each in emission.diagnostics} == {"AGP5006"}
    assert emission.files == {}


def test_a_task_cannot_be_revoked_where_no_tag_carries_it() -> None:
    bound = policy(allow("g.r", "docs.file.read"), tags=TAGS[:2])
    unchecked = {"reference": "none"}
    emission = TARGET.emit(bound, Options({"revoke-task": "t-9", **unchecked}))
    assert "AGP5006" in {each.code for each in emission.diagnostics}
    found = TARGET.emit(bound, Options({"artifacts": "revocation", **unchecked})).files
    assert not any("/task" in path for path in found)
