"""Requests for access by AuthZEN's draft, over HTTP: they open nothing, and are the requests that calls open."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agpc.service.authzen import access as module
from agpc.service.authzen.access import MOST_TOKEN, PROFILE, REQUESTS, Access
from agpc.service.authzen.point import DecisionPoint
from agpc.service.core import SYSTEM, Adopt
from agpc.service.http.endpoints.access import access_routes
from agpc.service.http.endpoints.authzen import routes
from agpc.service.http.gate.callers import hashed

from ..audit.stored import SIGNER, in_export, in_store, publish
from ..core.asking import LEAD, bodies, effect, judge, know, refund
from ..core.desk import HELPER, OTHER, POLICY, Desk, call, opened, policy
from ..http.served import Answer, Served, serving

URL = "https://pdp.example.com"
ERROR = "urn:openid:authzen:access-request:error:"
TEXT = POLICY.replace(
    "allow vault.put, vault.look", 'allow vault.put require step_up "mfa"\n    allow vault.look'
)
KEYS = {
    "gateway": ("agpk_gateway", ["decide", "start"], [HELPER], False),
    "broker": ("agpk_broker", ["decide"], [HELPER], True),
    "other": ("agpk_other", ["decide"], [OTHER], False),
    "reader": ("agpk_reader", ["read"], [], False),
}


@dataclass
class Asked:
    """A service, its desk, and what an enforcement point says to it."""

    served: Served
    desk: Desk
    url: str

    def post(self, path: str, body: Any, who: str = "gateway", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.served.ask("POST", path, body, key=KEYS[who][0], headers=named)

    def evaluate(self, request: Any, who: str = "gateway") -> dict[str, Any]:
        answer = self.post("/access/v1/evaluation", request, who)
        assert answer.status == 200
        found: dict[str, Any] = answer.json
        return found

    def submit(self, request: dict[str, Any], who: str = "gateway", **headers: str) -> Answer:
        return self.post(REQUESTS, submission(request, self.evaluate(request, who)), who, **headers)

    def get(self, path: str, who: str = "gateway") -> Answer:
        return self.served.ask("GET", path.removeprefix(URL), key=KEYS[who][0])

    def cancel(self, task: dict[str, Any], who: str = "gateway", body: Any = None) -> Answer:
        return self.post(f"{REQUESTS}/{task['id']}/cancel", body, who)

    def open(self) -> list[Any]:
        with self.desk.core.view() as view:
            return view.requests(state="pending")

    def size(self) -> int:
        with self.desk.core.view() as view:
            return view.head.seq


def submission(request: dict[str, Any], answer: dict[str, Any], **denial: Any) -> dict[str, Any]:
    told = answer["context"]["access_request"]
    bound = {"expires_at": told["expires_at"], "binding_token": told["binding_token"]}
    return {**request, "denial": {**bound, **denial}, "client": {"id": "ide"}}


@contextmanager
def asking(url: str, text: str = TEXT, **settings: Any) -> Iterator[Asked]:
    callers = [
        {"name": name, "roles": roles, "agents": agents, "reserves": reserves, "key_sha256": hashed(key)}
        for name, (key, roles, agents, reserves) in KEYS.items()
    ]  # fmt: skip
    with opened(url, policy(text), signer=SIGNER, **settings) as desk:
        know(desk, LEAD, "role:lead")
        access = Access(b"a" * 32, URL)
        point = DecisionPoint(desk.core, key=b"p" * 32, most=100, access=access)
        more = (routes(point, URL, URL + REQUESTS), access_routes(desk.core, point, access))
        with serving({"callers": callers}, desk.core, more=more) as served:
            yield Asked(served, desk, url)


@pytest.fixture
def asked(store_url: str) -> Iterator[Asked]:
    with asking(store_url) as found:
        yield found


def of(asked: Asked, task: str | None = None, amount: int = 5) -> dict[str, Any]:
    task = task or asked.desk.start()["task"]["id"]
    return call(task, "shop", "refund", order="o-7", amount=amount)


def question(asked: Asked, answer: Answer) -> dict[str, Any]:
    """Give what `judge` takes: the request to people that a task is."""
    return {"request": {"id": answer.json["task"]["id"].rpartition("_")[2]}}


def is_refused(answer: Answer, status: int, code: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status, answer.json["type"]) == (status, ERROR + code), answer.json


def test_it_is_found_by_the_metadata(asked: Asked) -> None:
    found = asked.served.ask("GET", "/.well-known/authzen-configuration").json
    assert found["access_request_endpoint"] == URL + REQUESTS
    assert found["capabilities"] == ["urn:openid:authzen:capability:access-request"]
    assert found["access_request_profile"] == PROFILE and "draft" in PROFILE


def test_a_challenge_may_be_asked_about_and_a_denial_not(asked: Asked) -> None:
    request, before = of(asked), asked.size()
    found = asked.evaluate(request)
    assert found["decision"] is False and found["context"]["effect"] == "challenge"
    told = found["context"]["access_request"]
    assert told["endpoint"] == URL + REQUESTS and told["template"] == "desk.shop.refund"
    assert found["context"]["reason"] == "approval_required"
    for other in (
        {**request, "action": {"name": "refund", "properties": {"order": "o-8", "amount": 5}}},
        {**request, "action": {"name": "nothing"}},
        {**request, "action": {"name": "put", "properties": {"secret": "x"}}, "resource": {"type": "desk.vault", "id": "v"}},
    ):  # fmt: skip
        context = asked.evaluate(other)["context"]
        assert "access_request" not in context, context
    assert asked.open() == [] and asked.size() == before
    several = asked.post("/access/v1/evaluations", {"evaluations": [request, request]}).json
    assert all("access_request" in each["context"] for each in several["evaluations"])


def test_from_the_denial_to_the_call(asked: Asked, tmp_path: Path) -> None:
    request = of(asked)
    answer = asked.submit(request, idempotency_key="one")
    assert answer.status == 202
    task = answer.json["task"]
    assert task["status"] == "pending" and "result" not in answer.json
    assert answer.headers["location"] == task["status_endpoint"]
    (open,) = asked.open()
    assert asked.get(task["status_endpoint"]).json == answer.json
    # the same request as a call's, whoever asks
    assert asked.submit(request, idempotency_key="two").json == answer.json
    called = refund(asked.desk, request["context"]["task"]["id"])
    assert called["request"]["id"] == open.id and len(asked.open()) == 1
    judge(asked.desk, question(asked, answer))
    done = asked.get(task["status_endpoint"]).json
    assert done["task"]["status"] == "approved" and "cancel" not in done["task"]["links"]
    assert done["result"]["mode"] == "reevaluate"
    approval = done["result"]["approval"]
    assert approval["approved_until"] == task["expires_at"]
    # an evaluation permits nothing of a caller who does not record it
    again = {**request, "context": {**request["context"], "approval": approval}}
    found = asked.evaluate(again)
    assert found["decision"] is False
    assert (found["context"]["reason"], found["context"]["next_action"]) == ("calls_only", "none")
    # of one that does it is the call, once
    permitted = asked.evaluate(again, "broker")
    assert permitted["decision"] is True
    assert permitted["context"]["approval"]["id"] == approval["id"]
    (used,) = bodies(asked.desk, "use")
    assert used["call"] == permitted["context"]["call"]
    for who in ("broker", "gateway"):
        spent = asked.evaluate(again, who)
        assert spent["decision"] is False
        assert spent["context"]["reason"] == "approval_expired"
        assert spent["context"]["next_action"] == "request" and spent["context"]["access_request"]
    assert len(bodies(asked.desk, "use")) == 1 and asked.open() == []
    assert asked.get(task["status_endpoint"]).json["task"]["status"] == "approved"
    publish(asked.desk)
    assert in_store(asked.url).wrong == []
    found_wrong = in_export(asked.url, tmp_path / "trail")
    assert found_wrong.wrong == [] and found_wrong.verdict == "proved"


def test_a_call_takes_what_was_asked_for_by_itself(asked: Asked) -> None:
    request = of(asked)
    judge(asked.desk, question(asked, asked.submit(request)))
    task = request["context"]["task"]["id"]
    assert effect(refund(asked.desk, task)) == "permit"
    assert effect(refund(asked.desk, task)) == "challenge"


def test_an_approval_is_evidence_of_nothing(asked: Asked) -> None:
    request = of(asked)
    answer = asked.submit(request)
    access = Access(b"a" * 32, URL)
    id = question(asked, answer)["request"]["id"]

    def reason(name: Any, request: dict[str, Any] = request) -> str:
        given = {"id": name, "approved_until": "2999-01-01T00:00:00Z"}
        context = {**request["context"], "approval": given}
        found = asked.evaluate({**request, "context": context}, "broker")
        assert found["decision"] is False
        return str(found["context"]["reason"])

    assert reason(access.approval(id)) == "approval_expired"  # nobody has said anything
    assert reason(access.approval("q-0")) == "approval_unverifiable"
    assert reason(Access(b"b" * 32, URL).approval(id)) == "approval_unverifiable"
    assert reason("apr_") == reason(f"apr_x_{id}") == "approval_unverifiable"
    assert reason(access.task(id)) == "approval_required"  # which is no approval at all
    assert reason(17) == reason({"id": id}) == "approval_required"
    judge(asked.desk, {"request": {"id": id}})
    before = asked.size()
    other = of(asked, request["context"]["task"]["id"], amount=6)
    assert reason(access.approval(id), other) == "out_of_scope"
    assert asked.size() == before + 1 and len(bodies(asked.desk, "refused")) == 1
    assert asked.evaluate(request, "broker")["decision"] is False  # without it nothing is used
    # what the policy of the day denies no approval permits
    text = TEXT.replace(
        "args.order == task.order require approval", 'args.order == "o-9" require approval'
    )
    asked.desk.do(Adopt(caller=SYSTEM, key="less", generation=policy(text)))
    given = {**request, "context": {**request["context"], "approval": {"id": access.approval(id)}}}
    found = asked.evaluate(given, "broker")
    assert found["decision"] is False and found["context"]["effect"] == "deny"
    assert "access_request" not in found["context"] and bodies(asked.desk, "use") == []


@pytest.mark.parametrize("batch", [True, False])
def test_only_one_evaluation_alone_uses_an_approval(asked: Asked, batch: bool) -> None:
    request = of(asked)
    answer = asked.submit(request)
    judge(asked.desk, question(asked, answer))
    approval = asked.get(answer.json["task"]["status_endpoint"]).json["result"]["approval"]
    again = {**request, "context": {**request["context"], "approval": approval}}
    body = {"evaluations": [again, again]} if batch else again
    found = asked.post("/access/v1/evaluations", body, "broker").json
    for each in found["evaluations"] if batch else [found]:
        assert each["decision"] is False and each["context"]["reason"] == "calls_only"
    assert bodies(asked.desk, "use") == []


def test_a_refusal_is_told(asked: Asked) -> None:
    request = of(asked)
    answer = asked.submit(request)
    judge(asked.desk, question(asked, answer), verdict="refuse", message="Not today.")
    found = asked.get(answer.json["task"]["status_endpoint"]).json
    assert found["task"]["status"] == "denied" and "result" not in found
    assert found["task"]["display"]["description"] == "user:ann refused it: Not today."
    is_refused(asked.submit(request), 400, "not_requestable")


def test_the_same_key_is_the_same_task_whatever_became_of_it(asked: Asked) -> None:
    request = of(asked)
    first = asked.submit(request, idempotency_key="k").json["task"]
    assert asked.cancel(first).status == 200
    assert asked.submit(request, idempotency_key="k").json["task"]["status"] == "cancelled"
    new = asked.submit(request, idempotency_key="other").json["task"]
    assert new["id"] != first["id"] and new["status"] == "pending"
    other = of(asked, request["context"]["task"]["id"], amount=6)
    is_refused(asked.submit(other, idempotency_key="k"), 409, "duplicate_request")
    assert asked.submit(request, idempotency_key="x" * 201).status == 400
    assert asked.submit(request, idempotency_key="é").status == 400


def test_what_was_asked_may_be_taken_back_once(asked: Asked, tmp_path: Path) -> None:
    request = of(asked)
    answer = asked.submit(request)
    task = answer.json["task"]
    assert task["links"]["cancel"] == f"{task['status_endpoint']}/cancel"
    is_refused(asked.cancel(task, "other"), 404, "unknown_task")
    done = asked.cancel(task, body={"reason": "moot", "comment": "Nobody waits."})
    assert done.status == 200 and done.json["task"]["status"] == "cancelled"
    (told,) = bodies(asked.desk, "cancelled")
    assert told["why"] == "moot: Nobody waits."
    is_refused(asked.cancel(task), 409, "invalid_task_state")
    with pytest.raises(Exception, match="cancelled already"):
        judge(asked.desk, question(asked, answer))
    assert asked.open() == []
    again = asked.submit(request)
    judge(asked.desk, question(asked, again))
    is_refused(asked.cancel(again.json["task"]), 409, "invalid_task_state")  # it is approved
    assert effect(refund(asked.desk, request["context"]["task"]["id"])) == "permit"
    for body in ([], {"reason": 7}, "x"):
        assert asked.cancel(task, body=body).status == 400
    publish(asked.desk)
    assert in_store(asked.url).wrong == []
    assert in_export(asked.url, tmp_path / "trail").wrong == []


def test_whoever_does_not_speak_for_the_agent_learns_nothing(asked: Asked) -> None:
    request = of(asked)
    answer = asked.submit(request)
    place = answer.json["task"]["status_endpoint"]
    is_refused(asked.get(place, "other"), 404, "unknown_task")
    assert asked.get(place, "reader").status == 403
    assert asked.served.ask("GET", place.removeprefix(URL)).status == 401
    assert asked.get(place, "broker").status == 200  # another point that speaks for it
    for name in ("arq_x_q-1", "q-1", "arq_", place.rpartition("/")[2] + "0"):
        assert asked.get(f"{REQUESTS}/{name}").status == 404
    is_refused(asked.post(REQUESTS, submission(request, asked.evaluate(request)), "broker"), 400, "invalid_denial_binding")  # fmt: skip
    assert asked.post(REQUESTS, submission(request, asked.evaluate(request)), "reader").status == 403  # fmt: skip


def test_nothing_is_asked_that_was_not_denied(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = of(asked)
    task = request["context"]["task"]["id"]
    found = asked.evaluate(request)
    good = submission(request, found)
    token = good["denial"]["binding_token"]
    head, claims, mac = token.split(".")
    forged = json.loads(base64.urlsafe_b64decode(claims + "=="))
    later = base64.urlsafe_b64encode(json.dumps({**forged, "exp": forged["exp"] + 9}).encode())
    for wrong in (
        {**good, "action": {"name": "refund", "properties": {"order": "o-7", "amount": 6}}},
        {**good, "subject": {**good["subject"], "properties": {}}},
        {**good, "context": {}},
        {**good, "context": {"task": {"id": task, "x": 1}}},
        {**good, "denial": {**good["denial"], "expires_at": "2999-01-01T00:00:00Z"}},
        {**good, "denial": {"expires_at": good["denial"]["expires_at"]}},
        *(
            {**good, "denial": {**good["denial"], "binding_token": each}}
            for each in (
                f"{head}.{later.decode().rstrip('=')}.{mac}", token[:-1], token + "A", "", "..", 7, None,
                "A" * (MOST_TOKEN + 1), "é.é.é",
            )
        ),
        {name: each for name, each in good.items() if name != "denial"},
        {**good, "denial": "x"},
    ):  # fmt: skip
        is_refused(asked.post(REQUESTS, wrong), 400, "invalid_denial_binding")
    assert asked.open() == []
    more = {**good, "context": {**good["context"], "justification": "The order was lost."}}
    assert asked.post(REQUESTS, more).status == 202  # what is more than was denied decides nothing
    time = module.LASTS
    monkeypatch.setattr("agpc.service.http.endpoints.access.time.time", lambda: forged["exp"] + 0.0)
    is_refused(asked.post(REQUESTS, good), 410, "expired_denial")
    assert forged["exp"] - forged["iat"] == time


@pytest.mark.parametrize(
    "wrong",
    [
        *([], {}, {"subject": 1}),
        {"items": []},
        {"callback": {"url": "http://127.0.0.1/"}},
    ],
    ids=str,
)
def test_what_is_no_submission(asked: Asked, wrong: Any) -> None:
    request = of(asked)
    body = {**submission(request, asked.evaluate(request)), **wrong} if wrong else wrong
    answer = asked.post(REQUESTS, body)
    assert (answer.status, answer.json["type"]) == (400, "about:blank")


def test_what_needs_nobody_any_more_is_not_asked_about(asked: Asked) -> None:
    request = of(asked)
    body = submission(request, asked.evaluate(request))
    text = TEXT.replace(' require approval by "role:lead" within 1h', "")
    asked.desk.do(Adopt(caller=SYSTEM, key="more", generation=policy(text)))
    is_refused(asked.post(REQUESTS, body), 400, "not_requestable")
    assert asked.open() == [] and bodies(asked.desk, "use") == []


def test_too_many_are_refused_as_those_of_calls(store_url: str) -> None:
    with asking(store_url, asked_by_task=2) as asked:
        task = asked.desk.start()["task"]["id"]
        first = asked.submit(of(asked, task, 0)).json["task"]
        asked.submit(of(asked, task, 1))
        answer = asked.submit(of(asked, task, 2), idempotency_key="k")
        assert (answer.status, answer.json["code"]) == (429, "too_many_requests_wait")
        assert int(answer.headers["retry-after"]) >= 60
        assert asked.cancel(first).status == 200
        assert asked.submit(of(asked, task, 2), idempotency_key="k").status == 202
        called = asked.post("/v1/calls", {**of(asked, task, 3), "key": "c"})
        assert called.status == 429  # and an evaluation is answered as ever
        assert asked.evaluate(of(asked, task, 3))["context"]["effect"] == "challenge"
