"""Documents at the sizes that AWS takes: exactly so large, one less, and one more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from engines.aws_cases import BOT, allow, attribute, forbid, policy

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Span
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.limits import (
    CONTROL_POLICIES_PER_ACCOUNT,
    CONTROL_POLICY_SIZE,
    INLINE_POLICIES_SIZE,
    MANAGED_POLICIES_PER_ROLE,
    MANAGED_POLICY_SIZE,
    SESSION_POLICY_SIZE,
    TRUST_POLICY_SIZE,
)
from agpc.targets.emission import Emission, Options

READ = "docs.file.read"
TENANT = attribute("resource", "tenant")
RULE = Span("docs.agp", 40, 1, 40, 9)
OIDC = {
    "oidc-provider": "arn:aws:iam::111122223333:oidc-provider/oidc.acme.example",
    "oidc-audience": "sts.amazonaws.com",
}


def is_text(size: int, number: int = 0) -> ir.Condition:
    """A condition that takes so many characters of a policy, and some that are always the same."""
    return ir.Compare("==", TENANT, ir.Constant(ir.STRING, "x" * (size - 3) + f"{number:03}"))


def by_value(size: int) -> ir.Policy:
    """One allow, with a text of a size."""
    return policy(allow("g.large", READ, when=is_text(size), span=RULE))


def by_intents(size: int) -> ir.Policy:
    """One allow, for intents whose names have a size together."""
    names = ["i" * 250 + str(n) for n in range(size // 254)]
    names.append("j" * (size - 254 * len(names)))
    bound = policy(allow("g.large", READ, intents=tuple(names)))
    return replace(bound, intents=tuple(ir.Intent(each, "", (), RULE) for each in names))


def by_forbid(size: int) -> ir.Policy:
    """One forbid, with a text of a size, and nothing else."""
    return policy(forbid("large", READ, when=is_text(size), span=RULE))


def emit(bound: ir.Policy, artifacts: str, **settings: str) -> Emission:
    """One kind of document."""
    return TARGET.emit(bound, Options({"artifacts": artifacts, "reference": "none", **settings}))


def sizes(emission: Emission) -> list[int]:
    """The sizes of all documents, as AWS counts them once they are written without white space."""
    return [
        len(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))
        for path, text in emission.files.items()
        if (path != "sids.json" and BOT in path) or path.startswith("scp/")
    ]


def size_for(
    make: Callable[[int], ir.Policy], start: int, wanted: int, artifacts: str, **settings: str
) -> int:
    """The size to give a policy so that its document has the one wanted."""
    (now,) = sizes(emit(make(start), artifacts, **settings))
    return start + wanted - now


KINDS = {
    "session": (by_value, SESSION_POLICY_SIZE, {}),
    "boundary": (by_value, MANAGED_POLICY_SIZE, {}),
    "identity": (by_value, MANAGED_POLICY_SIZE, {}),
    "inline": (by_value, INLINE_POLICIES_SIZE, {"identity": "inline"}),
    "scp": (by_forbid, CONTROL_POLICY_SIZE, {}),
    "trust": (by_intents, TRUST_POLICY_SIZE, OIDC),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_of_exactly_the_limit_is_made_and_one_more_character_is_too_many(
    kind: str,
) -> None:
    make, limit, settings = KINDS[kind]
    artifacts = "identity" if kind == "inline" else kind
    exact = size_for(make, 300, limit, artifacts, **settings)
    for size in (exact - 1, exact):
        assert sizes(emit(make(size), artifacts, **settings)) == [limit - exact + size]
    beyond = emit(make(exact + 1), artifacts, **settings)
    if kind == "scp":
        assert len(sizes(beyond)) == 2
        return
    (problem,) = (each for each in beyond.diagnostics if each.severity == "error")
    assert problem.code == "AGP5002"
    assert f"{limit + 1} characters, where AWS takes {limit}" in problem.message
    assert beyond.files == {}
    if kind != "trust":  # a trust policy is of no rule
        assert problem.notes == ("the largest part is of `docs.g.large`",)
        assert problem.labels[1].span == RULE


def of_revoked(tasks: list[str], artifacts: str = "revocation", **settings: str) -> Emission:
    """The documents that end tasks, for one allow."""
    given = {"revoke-task": ",".join(tasks), **settings}
    return emit(policy(allow("g.r", READ)), artifacts, **given)


def size_at(emission: Emission, path: str) -> int | None:
    """The size of one document, if it was made."""
    text = emission.files.get(path)
    return text and len(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")))


REFUSED, ENDED = f"revocation/{BOT}/task.trust.json", f"revocation/{BOT}/task.json"


@pytest.mark.parametrize(("sids", "full"), [("none", 2_048), ("readable", 2_047)])
def test_tasks_are_revoked_up_to_the_size_of_a_trust_policy_and_no_further(
    sids: str, full: int
) -> None:
    def revoking(size: int) -> Emission:
        """Each task stands twice, so that one character more is two."""
        return of_revoked([*(f"{n}" + "t" * 150 for n in range(4)), "u" * size], sids=sids)

    (small,) = {size_at(revoking(1), REFUSED)}
    assert small is not None
    exact = 1 + (full - small) // 2
    for size in (exact - 1, exact):
        assert size_at(revoking(size), REFUSED) == full - 2 * (exact - size)
    assert full <= TRUST_POLICY_SIZE < full + 2
    for path in (REFUSED, ENDED):
        assert (size_at(revoking(exact), path) or 0) <= TRUST_POLICY_SIZE < MANAGED_POLICY_SIZE
    beyond = revoking(exact + 1)
    assert beyond.files == {}
    errors = [each for each in beyond.diagnostics if each.severity == "error"]
    assert {each.code for each in errors} == {"AGP5002"}
    (mine,) = (each for each in errors if f"`{BOT}`" in each.message)
    assert mine.message == (
        f"the revocation statement for the role's trust policy of `{BOT}` has {full + 2} "
        "characters, where AWS takes 2048"
    )
    assert "revoke fewer tasks" in (mine.help or "")


def test_what_refuses_tasks_counts_with_the_trust_policy_that_it_is_in() -> None:
    def whole(size: int) -> Emission:
        return emit(by_intents(size), "trust", **OIDC, **{"revoke-task": "t-1,t-2"})

    (now,) = sizes(whole(300))
    exact = 300 + TRUST_POLICY_SIZE - now
    assert sizes(whole(exact)) == [TRUST_POLICY_SIZE]
    beyond = whole(exact + 1)
    assert beyond.files == {}
    (problem,) = (each for each in beyond.diagnostics if each.severity == "error")
    assert problem.code == "AGP5002"
    assert "2049 characters, where AWS takes 2048" in problem.message
    assert "revoke fewer tasks" in (problem.help or "")


def test_other_revocations_have_one_size_and_fit_together_into_inline_policies() -> None:
    """The longest tag, the longest names: nothing that a policy says makes them larger."""
    tags = (("agent", "a" * 128), ("intent", "i" * 128), ("task", "t" * 128))
    long = policy(allow("g.r", READ), tags=tags)
    spiffe = "spiffe://acme.example/" + "x" * 2_000
    long = replace(long, agents=tuple(replace(a, id=spiffe + a.name) for a in long.agents))
    for each in (long, policy(allow("g.r", READ))):
        made = emit(each, "revocation", **{"revoke-before": "2026-06-01T12:00:00Z"})
        found = {
            path.removeprefix(f"revocation/{BOT}/"): size_at(made, path)
            for path in made.files
            if f"/{BOT}/" in path
        }
        assert found.keys() >= {"agent.json", "agent.trust.json", "source-identity.json"}
        constant = {name: size for name, size in found.items() if not name.startswith("task")}
        assert all(size is not None and size < 256 for size in constant.values())
        beside = sum(size or 0 for name, size in constant.items() if "trust" not in name)
        assert beside + MANAGED_POLICY_SIZE <= INLINE_POLICIES_SIZE


def of_exactly(count: int, limit: int, artifacts: str) -> ir.Policy:
    """So many rules, each of which fills a document of its own to the last character."""
    region = attribute("context", "region")

    def make(size: int, number: int) -> ir.Rule:
        other = ir.Compare("==", region, ir.Constant(ir.STRING, f"r-{number:02}"))
        when = ir.And((is_text(size, number), other))
        if artifacts == "scp":
            return forbid(f"f{number:02}", READ, when=when, span=RULE)
        return allow(f"g.r{number:02}", READ, when=when, span=RULE)

    fence = max(sizes(emit(policy(), artifacts)), default=0)
    (first,) = sizes(emit(policy(make(100, 0)), artifacts))
    alone = first - (fence and fence - len('{"Version":"2012-10-17","Statement":[]}') + 1)
    full = 100 + limit - alone
    rules = [make(full, number) for number in range(count)]
    return policy(*rules)


def test_ten_managed_policies_to_the_last_character_and_no_eleventh() -> None:
    most = MANAGED_POLICIES_PER_ROLE
    whole = emit(of_exactly(most, MANAGED_POLICY_SIZE, "identity"), "identity")
    assert sizes(whole) == [MANAGED_POLICY_SIZE] * most
    beyond = emit(of_exactly(most + 1, MANAGED_POLICY_SIZE, "identity"), "identity")
    (problem,) = (each for each in beyond.diagnostics if each.severity == "error")
    assert problem.code == "AGP5002"
    assert problem.notes[0].startswith("the largest part is of `docs.g.r")


def test_control_policies_leave_room_for_the_one_that_allows() -> None:
    most = CONTROL_POLICIES_PER_ACCOUNT - 1
    whole = emit(of_exactly(most - 1, CONTROL_POLICY_SIZE, "scp"), "scp")
    assert len(sizes(whole)) == most  # those, and the agents' fence
    assert max(sizes(whole)) == CONTROL_POLICY_SIZE
    assert "AGP5002" in {
        each.code for each in emit(of_exactly(most, CONTROL_POLICY_SIZE, "scp"), "scp").diagnostics
    }


def test_documents_are_filled_where_there_is_room_before_it_is_too_much() -> None:
    region = attribute("context", "region")
    rules = [
        allow(
            f"g.r{number:02}",
            READ,
            when=ir.And(
                (
                    is_text(3_100 if number < 10 else 2_000, number),
                    ir.Compare("==", region, ir.Constant(ir.STRING, f"r{number}")),
                )
            ),
        )
        for number in range(20)
    ]
    found = sizes(emit(policy(*rules), "identity"))
    assert len(found) == MANAGED_POLICIES_PER_ROLE
    assert all(each <= MANAGED_POLICY_SIZE for each in found)
