"""Trust policies admit the agent that they are for, with tags that it may have, and nobody else."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from typing import Any

import pytest
from engines.aws_cases import AIDE, AUDIT, BOT, REPORT, TAGS, allow, bound_policies, policy
from engines.iam_documents import problems
from engines.iam_trust import Asked, gives_session
from generators import hostile_text
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.diagnostics import has_errors
from agpc.targets.aws_iam import TARGET
from agpc.targets.aws_iam.around.trust import source_identity
from agpc.targets.aws_iam.limits import TRUST_POLICY_SIZE, can_tag
from agpc.targets.emission import Emission, Options

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/oidc.acme.example/id/7"
HOST = "oidc.acme.example/id/7"
ANCHOR = "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/0a1b-2c"
OIDC = {"oidc-provider": PROVIDER, "oidc-audience": "sts.amazonaws.com"}
BOTH = {**OIDC, "trust-anchor": ANCHOR}
READ = "docs.file.read"
AGENTS = {each.name: each for each in policy().agents}
ROLE = dict(policy().bindings[0].agents)[BOT]
CERTIFICATE_URI = "aws:PrincipalTag/x509SAN/URI"
TAG_NAMES = dict(TAGS)


def emit(bound: ir.Policy, **given: str) -> Emission:
    """The trust policies alone."""
    return TARGET.emit(bound, Options({"artifacts": "trust", "reference": "none", **given}))


def trust(bound: ir.Policy, agent: str = BOT, **given: str) -> dict[str, Any]:
    """The trust policy of an agent's role."""
    return json.loads(emit(bound, **{**BOTH, **given}).files[f"trust/{agent}.json"])


def tags(intent: str = AUDIT, agent: str = BOT, task: str = "t-1") -> dict[str, str]:
    """The tags of a session."""
    carried = {"intent": intent, "agent": AGENTS[agent].id, "task": task}
    return {TAG_NAMES[what]: value for what, value in carried.items()}


def token(agent: str = BOT, **changed: Any) -> Asked:
    """Somebody comes with an agent's token."""
    asked = Asked(
        ("Federated", PROVIDER),
        "sts:AssumeRoleWithWebIdentity",
        tags(agent=agent),
        source_identity(AGENTS[agent]),
        {f"{HOST}:sub": AGENTS[agent].id, f"{HOST}:aud": "sts.amazonaws.com"},
    )
    return with_transitive(asked, changed)


def with_transitive(asked: Asked, changed: dict[str, Any]) -> Asked:
    """What is asked for, with all of its tags transitive unless something else is said."""
    found = replace(asked, **changed)
    return found if "transitive" in changed else replace(found, transitive=tuple(found.tags))


def certificate(agent: str = BOT, **changed: Any) -> Asked:
    """Roles Anywhere comes with an agent's certificate."""
    context = {CERTIFICATE_URI: AGENTS[agent].id, "aws:SourceArn": ANCHOR}
    service = ("Service", "rolesanywhere.amazonaws.com")
    asked = Asked(service, "sts:AssumeRole", {"x509Subject/O": "SPIRE"}, "cn", context)
    return replace(asked, **changed)


def step(agent: str = BOT, **changed: Any) -> Asked:
    """A session that came of a certificate asks for its tags."""
    asked = Asked(
        ("AWS", ROLE), "sts:AssumeRole", tags(), None, {CERTIFICATE_URI: AGENTS[agent].id}
    )
    return with_transitive(asked, changed)


BOUND = policy(allow("g.r", READ), allow("g.o", READ, agents=(AIDE,), intents=(REPORT,)))


def test_the_agent_gets_a_session_for_its_intent() -> None:
    document = trust(BOUND)
    assert gives_session(document, token())
    assert gives_session(document, certificate())
    assert gives_session(document, step())


def claims(**changed: str | None) -> dict[str, str]:
    """The claims of the bot's token, with some changed or missing."""
    given = {"sub": AGENTS[BOT].id, "aud": "sts.amazonaws.com", **changed}
    return {f"{HOST}:{name}": value for name, value in given.items() if value is not None}


REFUSED = {
    "another agent": token(AIDE),
    "another agent in the tag": token(tags=tags(agent=AIDE)),
    "another subject": token(context=claims(sub=AGENTS[AIDE].id)),
    "a subject in other case": token(context=claims(sub=AGENTS[BOT].id.upper())),
    "a longer subject": token(context=claims(sub=AGENTS[BOT].id + "/x")),
    "no subject": token(context=claims(sub=None)),
    "another audience": token(context=claims(aud="other")),
    "no audience": token(context=claims(aud=None)),
    "an intent that it has not": token(tags=tags(REPORT)),
    "an intent that there is not": token(tags=tags("docs.other")),
    "no task": token(tags={k: v for k, v in tags().items() if k != TAG_NAMES["task"]}),
    "an empty task": token(tags=tags(task="")),
    "no tags": token(tags={}),
    "one tag too many": token(tags={**tags(), "admin": "true"}),
    "no source identity": token(source_identity=None),
    "the source identity of another": token(source_identity=source_identity(AGENTS[AIDE])),
    "another provider": token(principal=("Federated", PROVIDER + "8")),
    "not the call of a token": token(action="sts:AssumeRole"),
    "the certificate of another": certificate(AIDE),
    "a certificate without a name": certificate(context={"aws:SourceArn": ANCHOR}),
    "another trust anchor": certificate(
        context={CERTIFICATE_URI: AGENTS[BOT].id, "aws:SourceArn": ANCHOR + "9"}
    ),
    "no trust anchor": certificate(context={CERTIFICATE_URI: AGENTS[BOT].id}),
    "another service": certificate(principal=("Service", "ec2.amazonaws.com")),
    "a certificate that sets an intent": certificate(tags=tags()),
    "a session without a certificate": step(context={}),
    "a session of another's certificate": step(AIDE),
    "another role": step(principal=("AWS", ROLE + "2")),
    "a session for another intent": step(tags=tags(REPORT)),
    "a session without tags": step(tags={}),
    "no transitive tag": token(transitive=()),
    "a step to tags that end with it": step(transitive=()),
    **{
        f"a {what} that a role chain sheds": asked(transitive=tuple(set(tags()) - {name}))
        for what, name in TAGS
        for asked in (token, step)
    },
}  # fmt: skip


@pytest.mark.parametrize("who", REFUSED)
def test_nobody_else_gets_a_session(who: str) -> None:
    assert not gives_session(trust(BOUND), REFUSED[who])


@settings(suppress_health_check=list(HealthCheck))
@given(bound_policies(), st.sampled_from((AUDIT, REPORT)), st.sampled_from((AIDE, BOT)))
def test_a_session_is_given_exactly_for_the_intents_that_are_served(
    bound: ir.Policy, intent: str, agent: str
) -> None:
    emission = TARGET.emit(bound, Options({**BOTH, "reference": "none"}))
    assume(not has_errors(list(emission.diagnostics)))
    path = f"trust/{agent}.json"
    served = f"session/{agent}/{intent}.json" in emission.files
    if path not in emission.files:
        assert not served
        return
    text = emission.files[path]
    assert problems(text, TRUST_POLICY_SIZE, count_space=False, kind="trust policy") == []
    names = dict(bound.bindings[0].tags)
    carried = {"intent": intent, "agent": AGENTS[agent].id, "task": "t-1"}
    wanted = {names[what]: value for what, value in carried.items() if what in names}
    assert gives_session(json.loads(text), token(agent, tags=wanted)) is served


@settings(suppress_health_check=list(HealthCheck))
@given(hostile_text(), hostile_text(), st.data())
def test_no_text_escapes_from_its_place(name: str, audience: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(PROVIDER)))
    provider = PROVIDER[:place] + data.draw(st.sampled_from(("", name))) + PROVIDER[place:]
    rule = replace(BOUND.allows[0], intents=(name,))
    intents = (*BOUND.intents, ir.Intent(name, "", (), BOUND.intents[0].span))
    hostile = replace(BOUND, allows=(rule,), intents=intents)
    emission = emit(hostile, **{"oidc-provider": provider, "oidc-audience": audience})
    if has_errors(list(emission.diagnostics)):
        assert emission.files == {}
        return
    path = f"trust/{BOT}.json"
    assert (path in emission.files) is can_tag(name)
    if path in emission.files:
        text = emission.files[path]
        assert problems(text, TRUST_POLICY_SIZE, count_space=False, kind="trust policy") == []
        (statement,) = json.loads(text)["Statement"]
        assert statement["Principal"] == {"Federated": provider}
        assert set(provider) <= set(string.ascii_letters + string.digits + ":/._~-")


def test_an_agent_that_nothing_is_served_to_has_no_trust_policy() -> None:
    assert f"trust/{AIDE}.json" not in emit(policy(allow("g.r", READ)), **OIDC).files


def test_facts_alone_ask_for_trust_policies() -> None:
    emission = TARGET.emit(BOUND, Options({**OIDC, "reference": "none"}))
    artifact = emission.artifacts[f"trust/{BOT}.json"]
    assert (artifact.kind, artifact.agent) == ("trust policy", BOT)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"oidc-provider": PROVIDER},
        {"oidc-audience": "x"},
        {"oidc-provider": "https://oidc.acme.example", "oidc-audience": "x"},
        {"oidc-provider": PROVIDER + "*", "oidc-audience": "x"},
        {"oidc-provider": PROVIDER.replace("1111", "9999"), "oidc-audience": "x"},
        {"oidc-provider": PROVIDER, "oidc-audience": "日本"},
        {"trust-anchor": "arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/a"},
        {"trust-anchor": ANCHOR + "\n"},
        {"trust-anchor": ""},
    ],
)
def test_missing_or_wrong_facts_are_an_error_and_no_half_document(given: dict[str, str]) -> None:
    emission = emit(BOUND, **given)
    assert {each.code for each in emission.diagnostics} == {"AGP5006"}
    assert emission.files == {}


def test_a_trust_policy_needs_a_tag_for_the_intent() -> None:
    emission = emit(policy(allow("g.r", READ), tags=TAGS[2:]), **OIDC)
    assert "AGP5006" in {each.code for each in emission.diagnostics}
    assert emission.files == {}


def test_a_trust_policy_with_all_tags_and_both_ways_in_fits() -> None:
    document = trust(BOUND)
    assert len(document["Statement"]) == 3
    text = emit(BOUND, **BOTH).files[f"trust/{BOT}.json"]
    assert problems(text, TRUST_POLICY_SIZE, count_space=False, kind="trust policy") == []


def test_too_many_intents_are_an_error() -> None:
    intents = tuple(
        ir.Intent(f"docs.a-rather-long-intent-{n}", "", (), BOUND.intents[0].span)
        for n in range(60)
    )
    emission = emit(
        replace(policy(allow("g.r", READ, intents=ir.DECLARED)), intents=intents), **OIDC
    )
    assert "AGP5002" in {each.code for each in emission.diagnostics}


def test_a_source_identity_is_one_that_sts_takes() -> None:
    found = {source_identity(each) for each in AGENTS.values()}
    assert len(found) == len(AGENTS)
    for each in found:
        assert 2 <= len(each) <= 64
        assert set(each) <= set(string.ascii_letters + string.digits + "_+=,.@-")
