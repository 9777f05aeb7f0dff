"""Documents that are too large: split, or an error, and never widened."""

from __future__ import annotations

import json
from dataclasses import replace

from engines.aws_cases import (
    AUDIT,
    BOT,
    allow,
    attribute,
    forbid,
    policy,
    text,
)
from engines.iam_documents import problems

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.emission import Options

from .emitting import PATH, READ, TENANT, TENANT_KEY, codes, emit, enforcement, identity

REGION = attribute("context", "region")


def many_allows(count: int) -> list[ir.Allow]:
    """Allows that no two of which can be joined: they differ in two keys."""
    return [
        allow(
            f"g.r{n:03}",
            READ,
            when=ir.And(
                tuple(ir.Compare("==", each, text(f"value-{n}")) for each in (TENANT, REGION))
            ),
        )
        for n in range(count)
    ]


def test_a_large_identity_policy_is_split() -> None:
    emission = emit(*many_allows(40), settings={"artifacts": "identity"})
    paths = [path for path in emission.files if path.startswith("identity/")]
    assert paths == [f"identity/docs.bot.{n}.json" for n in range(1, len(paths) + 1)]
    assert len(paths) > 1
    assert len(identity(emission)) == 40


def test_what_does_not_fit_is_an_error_and_never_widened() -> None:
    for settings in ({"artifacts": "identity"}, {"artifacts": "identity", "identity": "inline"}):
        emission = emit(*many_allows(200), settings=settings)
        assert codes(emission) == {"AGP5002"}
        assert emission.files == {}
    assert codes(emit(*many_allows(40))) == {"AGP5002"}  # its session policy


def test_session_policies_that_do_not_fit_inline_are_managed() -> None:
    rules = many_allows(40)
    (error,) = [each for each in emit(*rules).diagnostics if each.code == "AGP5002"]
    assert error.help is not None
    assert "`--set session=managed`" in error.help
    emission = emit(*rules, settings={"session": "managed"})
    assert not has_errors(list(emission.diagnostics))
    sessions = {k: v for k, v in emission.artifacts.items() if v.kind == "session policy"}
    assert len(sessions) > 1
    assert {(each.agent, each.intent) for each in sessions.values()} == {(BOT, AUDIT)}
    for path in sessions:
        assert problems(emission.files[path], 6_144, count_space=False) == []
    written = [each for path in sessions for each in json.loads(emission.files[path])["Statement"]]
    assert len(written) == 40


def test_denies_are_left_to_the_identity_policy_where_that_is_asked_for() -> None:
    rules = (allow("g.r", READ, when=ir.Under(PATH, "/a")), forbid("f", READ, when=ir.Has(TENANT)))
    path = f"session/{BOT}/{AUDIT}.json"
    for where, effects in (("session", {"Allow", "Deny"}), ("identity", {"Allow"})):
        emission = emit(*rules, settings={"session-denies": where})
        session = json.loads(emission.files[path])["Statement"]
        assert {each["Effect"] for each in session} == effects
        assert {each["Effect"] for each in identity(emission)} == {"Allow", "Deny"}
    refused = emit(*rules, settings={"session-denies": "identity", "artifacts": "session"})
    assert codes(refused) == {"AGP5006"}


def test_control_policies_are_explained_statement_by_statement() -> None:
    rules = (allow("g.r", READ), forbid("f", READ, when=ir.Compare("==", TENANT, text("t"))))
    emission = emit(*rules, settings={"artifacts": "scp"})
    notes = emission.files["scp.txt"]
    statements = json.loads(emission.files["scp/111122223333.json"])["Statement"]
    for each in statements:
        assert f"  {each['Sid']}: " in notes
    assert 'what is forbidden by "docs.f"' in notes
    assert 'StringNotLike of "aws:PrincipalTag/agp:task" is met by' in notes
    assert "NotAction" in notes
    assert "scp.txt" not in emit(*rules).files


def test_a_large_statement_is_split_by_its_values() -> None:
    tenants = tuple(f"tenant-{n:04}" for n in range(900))
    one = allow("g.r", READ, when=ir.In(TENANT, ir.Constants(ir.STRING, tenants)))
    emission = emit(one, settings={"artifacts": "identity"})
    shares = [each["Condition"]["StringEquals"][TENANT_KEY] for each in identity(emission)]
    assert [each for share in shares for each in share] == list(tenants)
    assert enforcement(emission, "docs.g.r")[0] == "exact"


def test_a_statement_of_values_that_must_all_stand_together_is_not_split() -> None:
    tenants = tuple(f"tenant-{n:04}" for n in range(900))
    other = ir.Not(ir.In(TENANT, ir.Constants(ir.STRING, tenants)))
    assert codes(emit(allow("g.r", READ, when=other), settings={"artifacts": "identity"})) == {
        "AGP5002"
    }


def test_every_session_rests_on_its_issuer() -> None:
    assert "AGP5009" in codes(emit(allow("g.r", READ)))
    assert "AGP5009" not in codes(emit(forbid("f", READ)))


def test_names_that_are_no_file_names_become_some() -> None:
    strange = replace(
        policy(allow("g.r", READ)), intents=(ir.Intent("../x/é", "", (), policy().agents[0].span),)
    )
    rule = replace(strange.allows[0], intents=("../x/é",))
    emission = TARGET.emit(replace(strange, allows=(rule,)), Options())
    assert "session/docs.bot/%2E.%2Fx%2F%C3%A9.json" in emission.files
