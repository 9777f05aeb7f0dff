"""What a session may do, by the evaluation logic that AWS documents: what the lease names, until it ends, and nothing else."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from engines.iam import Evaluator, Request

from agpc.service.policies.generation import Generation, load_generation
from agpc.service.policies.sessions import NoSession, Session, session_of, with_end

from .lending import CLERK, POLICY, PORTER

UNTIL = "2026-11-24T10:05:00Z"
ACTIONS = {
    "shop.parts.fetch": ("s3:GetObject", "arn:aws:s3:::acme-parts/7"),
    "shop.parts.list": ("s3:ListBucket", "arn:aws:s3:::acme-parts"),
    "shop.parts.put": ("s3:PutObject", "arn:aws:s3:::acme-parts/7"),
}
FORBIDDEN = """
forbid parts_of_others {
    deny    parts.fetch
    when    context.confidence < 0.5
    because "Not so unsure."
}
"""
TIMES = {
    "2026-11-24T10:04:59Z": True,
    "2026-11-24T10:05:00Z": False,
    "2026-11-24T10:15:00Z": False,
    None: False,  # where AWS tells no time
}


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return loaded(tmp_path_factory.mktemp("shop"), POLICY)


def loaded(folder: Path, text: str) -> Generation:
    file = folder / "shop.agp"
    file.write_text(text, encoding="utf-8")
    return load_generation([file])


def session(
    generation: Generation, *capabilities: str, agent: str = CLERK, denies: str = "session"
) -> Session:
    return session_of(generation, agent, "shop.restock", "t-1", capabilities, denies)


def may(policy: str, name: str, time: str | None, star_stops: bool) -> bool:
    action, resource = ACTIONS[name]
    context = {} if time is None else {"aws:CurrentTime": time}
    evaluator = Evaluator(star_stops_at_colon=star_stops)
    return evaluator.decide([json.loads(policy)], Request(action, resource, context)) == "allow"


@pytest.mark.parametrize("star_stops", [True, False])
@pytest.mark.parametrize(
    "names",
    [
        each
        for count in (1, 2, 3)
        for each in itertools.combinations(sorted(ACTIONS), count)
    ],
    ids="+".join,
)  # fmt: skip
def test_it_may_do_what_the_lease_names_until_it_ends(
    generation: Generation, names: tuple[str, ...], star_stops: bool
) -> None:
    policy = with_end(session(generation, *names).policy, UNTIL)
    for name, (time, is_before) in itertools.product(ACTIONS, TIMES.items()):
        assert may(policy, name, time, star_stops) is (name in names and is_before), (name, time)


def test_what_is_forbidden_stays_forbidden(tmp_path: Path) -> None:
    found = loaded(tmp_path, POLICY + FORBIDDEN)
    policy = with_end(session(found, "shop.parts.fetch", "shop.parts.list").policy, UNTIL)
    assert not may(
        policy, "shop.parts.fetch", "2026-11-24T10:00:00Z", True
    )  # IAM sees no confidence
    assert may(policy, "shop.parts.list", "2026-11-24T10:00:00Z", True)


@pytest.mark.parametrize("denies", ["session", "identity"])
def test_it_is_of_the_agent_and_says_so(generation: Generation, denies: str) -> None:
    found = session(generation, "shop.parts.fetch", denies=denies)
    assert dict(found.tags) == {
        "agp:intent": "shop.restock",
        "agp:agent": CLERK,
        "agp:task": "t-1",
    }
    for agent in (PORTER, "spiffe://acme.example/ns/none/sa/none"):
        with pytest.raises(NoSession, match="no role"):
            session(generation, "shop.parts.fetch", agent=agent)


def test_what_no_tag_can_hold_gets_no_session(generation: Generation) -> None:
    with pytest.raises(NoSession, match="no session tag can hold the task"):
        session_of(generation, CLERK, "shop.restock", "t" * 300, ("shop.parts.fetch",), "session")


def test_nothing_is_cut_to_fit(generation: Generation) -> None:
    policy = json.loads(session(generation, "shop.parts.fetch").policy)
    policy["Statement"] *= 20
    with pytest.raises(NoSession, match="and AWS takes 2048"):
        with_end(json.dumps(policy), UNTIL)


def test_a_policy_that_binds_nothing_there_gets_no_session(tmp_path: Path) -> None:
    found = loaded(tmp_path, POLICY[: POLICY.index("bind aws")])
    with pytest.raises(NoSession, match="binds nothing at AWS"):
        session(found, "shop.parts.fetch")
