"""AWS: sessions of `moto`, which gives what it is asked for and looks at no policy, role or signature.

What AWS makes of a session policy is shown by the tests of the target `aws-iam`; that a signature is one, by botocore.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends

from agpc.audit.reading.notes import LogKey
from agpc.audit.reading.trail import StoredTrail
from agpc.audit.verify import verify
from agpc.runtime.time_text import format_time
from agpc.runtime.values import read_time
from agpc.service.brokers import aws
from agpc.service.brokers.aws import Aws, make
from agpc.service.brokers.broker import PlatformFailed, Prepared
from agpc.service.brokers.sigv4 import Keys, signed
from agpc.service.core import SYSTEM, Publish
from agpc.service.outbound.fetching import Reply

from .lending import CLERK, PORTER, ROLE, SIGNER, Shop, shop

CANARY = "canary-of-the-secret-key"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def broker(tmp_path: Path, endpoint: str) -> Aws:
    (tmp_path / "secret").write_text(f"{CANARY}\n", encoding="utf-8")
    (tmp_path / "id").write_text("AKIAIOSFODNN7EXAMPLE\n", encoding="utf-8")
    given = {
        "region": "eu-west-1",
        "endpoint": endpoint,
        "private": True,
        "access_key": {"file": "id"},
        "secret_key": {"file": "secret"},
    }
    return make(given, tmp_path)


@pytest.fixture
def clerk(tmp_path: Path, broker: Aws) -> Iterator[Shop]:
    with shop(tmp_path, {"aws": broker}) as found:
        yield found


def assumed() -> Any:
    """The session that `moto` gave last."""
    return sts_backends["111122223333"]["aws"].assumed_roles[-1]


def test_a_lease_becomes_a_session(clerk: Shop) -> None:
    task = clerk.task()
    lease = clerk.lease("parts.fetch", task=task)
    answer = clerk.credential(lease["lease"])
    assert answer.status_code == 200, answer.text
    found = answer.json()
    given = found["credential"]
    assert set(given) == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    role = assumed()
    assert (role.role_arn, role.session_name) == (ROLE, f"agpc-{lease['lease']}")
    assert role.access_key_id == given["AccessKeyId"]
    policy = json.loads(role.policy)
    assert len(role.policy) <= 2_048
    allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    assert [each["Action"] for each in allowed] == ["s3:GetObject"]  # and no other capability
    (over,) = [each for each in policy["Statement"] if each.get("Sid") == "LeaseIsOver"]
    assert (over["Effect"], over["Action"], over["Resource"]) == ("Deny", "*", "*")
    (until,) = over["Condition"]["DateGreaterThanEqualsIfExists"].values()
    assert given["Expiration"] == found["expires_at"]
    ends = [read_time(each) for each in (given["Expiration"], until, lease["expires_at"])]
    assert None not in ends and ends == sorted(ends)  # type: ignore[type-var]
    (event,) = map(json.loads, clerk.events("credential"))
    assert event["asked"]["tags"] == {
        "agp:intent": "shop.restock",
        "agp:agent": CLERK,
        "agp:task": task,
    }
    assert event["asked"]["source_identity"].startswith("agp-")
    assert (event["broker"], event["until"], event["lease"]) == ("aws", until, lease["lease"])


def test_a_lease_that_is_shorter_than_a_session_ends_when_it_ends(clerk: Shop) -> None:
    lease = clerk.lease("parts.put")
    given = clerk.credential(lease["lease"]).json()["credential"]
    (event,) = map(json.loads, clerk.events("credential"))
    assert event["asked"]["seconds"] == 900  # which is the least that AWS gives
    ends = read_time(given["Expiration"])
    assert ends is not None and 0 <= read_time(lease["expires_at"]) - ends < 10**9  # type: ignore[operator]
    assert event["until"] == given["Expiration"] and event["until"] in assumed().policy


def test_a_session_is_no_longer_than_the_settings_say(clerk: Shop, tmp_path: Path) -> None:
    lease = clerk.lease("parts.list")  # for two hours
    clerk.credential(lease["lease"])
    (event,) = map(json.loads, clerk.events("credential"))
    assert event["asked"]["seconds"] <= 3_600


def test_several_capabilities_are_in_one_session(clerk: Shop) -> None:
    clerk.credential(clerk.lease("parts.fetch", "parts.list", "forge.pull")["lease"])
    text = assumed().policy
    assert "s3:GetObject" in text and "s3:ListBucket" in text and "s3:PutObject" not in text


@pytest.mark.parametrize("name", ["forge.pull", "parts.drop"])
def test_what_aws_cannot_say_gets_nothing(clerk: Shop, name: str) -> None:
    before = len(sts_backends["111122223333"]["aws"].assumed_roles)
    lease = clerk.lease(name, context={"confidence": 0.9})
    answer = clerk.credential(lease["lease"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_brokered")
    assert len(sts_backends["111122223333"]["aws"].assumed_roles) == before
    assert clerk.events("credential") == []


def test_an_agent_without_a_role_gets_nothing(clerk: Shop) -> None:
    lease = clerk.lease("parts.fetch", task=clerk.task(PORTER))
    answer = clerk.credential(lease["lease"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_brokered")


def test_only_a_lease_that_holds_becomes_anything(clerk: Shop) -> None:
    task = clerk.task()
    one, two = (clerk.lease("parts.fetch", task=task)["lease"] for _ in range(2))
    assert clerk.post(f"/v1/leases/{one}/revoke").status_code == 200
    assert clerk.credential(one).json()["code"] == "has_ended"
    clerk.post(f"/v1/tasks/{task}/state", state="ended")
    assert clerk.credential(two).json()["code"] == "has_ended"
    assert clerk.events("credential") == []


def test_it_is_for_whoever_holds_the_lease(clerk: Shop) -> None:
    lease = clerk.lease("parts.fetch")["lease"]
    assert clerk.credential(lease, caller="other").status_code == 404
    assert clerk.credential(lease, caller="admin").status_code == 403
    assert clerk.credential("l-999").status_code == 404
    assert clerk.credential(lease, broker="none").status_code == 404
    assert clerk.post(f"/v1/leases/{lease}/credential").status_code == 400
    assert clerk.events("credential") == []


def test_a_key_gives_one_credential(clerk: Shop) -> None:
    lease = clerk.lease("parts.fetch")["lease"]
    assert clerk.credential(lease, key="one").status_code == 200
    again = clerk.credential(lease, key="one")
    assert (again.status_code, again.json()["code"]) == (409, "given_before")
    assert len(clerk.events("credential")) == 1
    assert clerk.credential(lease, key="two").status_code == 200


def test_what_a_lease_that_ends_meanwhile_gave_is_given_to_nobody(
    clerk: Shop, broker: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = clerk.lease("parts.fetch")["lease"]
    obtain = Aws.obtain

    def slowly(self: Aws, prepared: Prepared) -> Any:
        found = obtain(self, prepared)
        assert clerk.post(f"/v1/leases/{lease}/revoke").status_code == 200
        return found

    monkeypatch.setattr(Aws, "obtain", slowly)
    answer = clerk.credential(lease)
    assert (answer.status_code, answer.json()["code"]) == (409, "has_ended")
    assert "SecretAccessKey" not in answer.text
    assert len(clerk.events("credential")) == 1  # it was asked, and that is recorded


def test_no_secret_is_anywhere_but_in_the_answer(
    clerk: Shop, broker: Aws, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG, "agpc")
    lease = clerk.lease("parts.fetch")["lease"]
    given = clerk.credential(lease).json()["credential"]
    answers = []
    for reply in (
        Reply(403, {}, f"<E><Code>{CANARY}</Code></E>".encode()),
        Reply(
            403,
            {},
            b"<E><Error><Code>AccessDenied</Code><Message>%b</Message></Error></E>"
            % CANARY.encode(),
        ),
        Reply(200, {}, CANARY.encode()),
        Reply(200, {}, b'<!DOCTYPE x [<!ENTITY y "z">]><x/>'),
    ):
        monkeypatch.setattr(aws, "fetch", lambda *_, reply=reply, **__: reply)
        answers.append(clerk.credential(lease))
    assert [each.status_code for each in answers] == [424] * 4
    assert "AccessDenied" in answers[1].text

    def broken(*_: Any, **__: Any) -> Reply:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(aws, "fetch", broken)
    answers.append(clerk.credential(lease))
    assert answers[-1].json()["code"] == "broker_failed"
    store = b"".join(each.read_bytes() for each in clerk.root.glob("agpc.db*"))
    said = "".join(each.text for each in answers) + caplog.text + repr(broker)
    for secret in (CANARY, given["SecretAccessKey"], given["SessionToken"], given["AccessKeyId"]):
        assert secret not in said and secret.encode() not in store


def test_the_trail_proves_itself(clerk: Shop) -> None:
    clerk.credential(clerk.lease("parts.put")["lease"])
    clerk.core.do_now(Publish(caller=SYSTEM, key="publish"))
    with clerk.core.view() as view:
        verified = verify(StoredTrail(view), LogKey.read(SIGNER.vkey))
    assert (verified.verdict, verified.wrong) == ("proved", [])


def test_a_lease_that_aws_outlives_is_never_said_to_last_longer() -> None:
    until = read_time("2026-11-24T10:05:00Z")
    assert until is not None
    text = (
        "<R><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey>"
        "<SessionToken>C</SessionToken><Expiration>{}</Expiration></R>"
    )
    for ends, last in (
        ("2026-11-24T10:15:00Z", until),
        ("2026-11-24T10:01:00Z", until - 240 * 10**9),
    ):
        found = aws._read(Reply(200, {}, text.format(ends).encode()), until)
        assert found.until == last and found.values["Expiration"] == format_time(last)
    with pytest.raises(PlatformFailed):
        aws._read(Reply(200, {}, text.format("soon").encode()), until)


@pytest.mark.parametrize("token", [None, "a/token+with=signs"])
@pytest.mark.parametrize("url", ["https://sts.eu-west-1.amazonaws.com/", "http://127.0.0.1:5000"])
def test_requests_are_signed_as_botocore_signs(url: str, token: str | None) -> None:
    content = b"Action=AssumeRole&Policy=%7B%7D"
    headers = signed(url, content, Keys("AKID", "secret", token), "eu-west-1", "sts", 1_795_514_400)
    request = AWSRequest(
        "POST", url, headers={"content-type": headers["content-type"]}, data=content
    )
    signer = SigV4Auth(Credentials("AKID", "secret", token), "sts", "eu-west-1")
    request.context["timestamp"] = headers["x-amz-date"]
    request.headers["X-Amz-Date"] = headers["x-amz-date"]
    if token is not None:
        request.headers["X-Amz-Security-Token"] = token
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    assert headers["authorization"].endswith(f"Signature={signature}")


def test_what_is_asked_is_one_form(clerk: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def kept(*_: Any, content: bytes, **__: Any) -> Reply:
        asked.append(content)
        return Reply(500, {}, b"")

    monkeypatch.setattr(aws, "fetch", kept)
    clerk.credential(clerk.lease("parts.fetch")["lease"])
    form = parse_qs(asked[0].decode(), strict_parsing=True)
    assert form["SourceIdentity"][0].startswith("agp-")
    tags = {form[f"Tags.member.{n}.Key"][0]: form[f"Tags.member.{n}.Value"][0] for n in (1, 2, 3)}
    assert set(tags) == {"agp:intent", "agp:agent", "agp:task"}
    assert {form[f"TransitiveTagKeys.member.{n}"][0] for n in (1, 2, 3)} == set(tags)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://sts.example.org"},
        {"endpoint": "https://sts.example.org/?x=1"},
        {"endpoint": "https://user:word@sts.example.org"},
        {"region": "eu-west-1.evil.example/"},
        {"secret_key": CANARY},
        {"longest": "10m"},
        {"unknown": CANARY},
    ],
    ids=repr,
)
def test_settings_that_are_none_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    given = {"region": "eu-west-1", "access_key": {"env": "A"}, "secret_key": {"env": "B"}}
    with pytest.raises(ValueError) as refused:
        make({**given, **change}, tmp_path)
    assert CANARY not in str(refused.value)
