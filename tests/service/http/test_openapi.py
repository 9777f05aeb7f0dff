"""The OpenAPI document: valid, whole, and true of what the service answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from agpc.service.core import SYSTEM, Adopt, Core, CoreSettings
from agpc.service.policies.generation import load_generation
from agpc.service.store import Store

from .processes import POLICY, Process, process
from .served import CALL, START, Answer, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("api")
    (folder / "bank.agp").write_text(POLICY.replace("LIMIT", "100"))
    with process(folder, "bank.agp", "--candidate", "bank.agp") as found:
        found.ready()
        yield found


@pytest.fixture(scope="module")
def document(served: Process) -> Any:
    return served.ask("GET", "/openapi.json").json


def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_reads_well(document: Any) -> None:
    """What linters of such documents ask for."""
    operations = [
        (path, method, each)
        for path, item in document["paths"].items()
        for method, each in item.items()
    ]
    ids = [each["operationId"] for _, _, each in operations]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[a-z0-9_]+", each) for each in ids)
    tags = {each["name"] for each in document["tags"]}
    for path, method, each in operations:
        assert each["summary"] and not each["summary"].endswith("."), path
        assert each["tags"][0] in tags and "security" in each
        assert "500" in each["responses"] and {"200", "202"} & set(each["responses"])
        named = {p["name"] for p in each.get("parameters", ()) if p["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))
        assert (method == "post") == ("requestBody" in each)
        assert all(p.get("description") for p in each.get("parameters", ()) if p["in"] == "query")
    used = set(re.findall(r"#/components/responses/(\w+)", json.dumps(document)))
    assert used == set(document["components"]["responses"])


def asked(served: Process) -> Iterator[tuple[str, str, Any]]:
    """Method, path as the document has it, and the answer: each operation at least once."""
    started = served.ask("POST", "/v1/tasks", START)
    task = started.json["task"]["id"]
    yield "POST", "/v1/tasks", started
    call = {**CALL, "context": {"task": {"id": task}}}
    answer = served.ask("POST", "/v1/calls", call)
    id = answer.json["call"]
    yield "POST", "/v1/calls", answer
    yield (
        "POST",
        "/v1/calls",
        served.ask("POST", "/v1/calls", {**call, "key": "k-9", "context": {}}),
    )
    yield (
        "POST",
        "/v1/calls",
        served.ask("POST", "/v1/calls", {**CALL, "key": "k-10", "context": {"task": {"id": "t"}}}),
    )
    yield "POST", "/v1/calls", served.ask("POST", "/v1/calls", {})
    yield "POST", "/v1/calls", served.ask("POST", "/v1/calls", {**CALL, "key": "k-9"})
    second = served.ask("POST", "/v1/calls", {**call, "key": "k-11"}).json["call"]
    done = {"key": "o", "outcome": "done", "result": 7}
    yield "POST", "/v1/calls/{id}/outcome", served.ask("POST", f"/v1/calls/{id}/outcome", done)
    settled = {"key": "s", "outcome": "failed", "why": "it hung"}
    yield "POST", "/v1/calls/{id}/settle", served.ask("POST", f"/v1/calls/{second}/settle", settled)
    said = {"key": "a", "text": "go on"}
    yield "POST", "/v1/tasks/{id}/said", served.ask("POST", f"/v1/tasks/{task}/said", said)
    context = {"key": "b", "context": {"confidence": 1}}
    yield "POST", "/v1/tasks/{id}/context", served.ask("POST", f"/v1/tasks/{task}/context", context)
    asked_for = {"key": "l", "task": task, "capabilities": ["bank.account.pay"]}
    yield "POST", "/v1/leases", served.ask("POST", "/v1/leases", asked_for)
    for what in ("renew", "revoke"):
        path = f"/v1/leases/l-1/{what}"
        yield "POST", path.replace("l-1", "{id}"), served.ask("POST", path, {"key": what})
    yield "POST", "/ssf/poll", served.ask("POST", "/ssf/poll", {"maxEvents": 5})
    media = {"content-type": "application/secevent+jwt"}
    yield "POST", "/ssf/events", served.ask("POST", "/ssf/events", "x", **media)
    wanted = {"key": "credential", "broker": "aws"}
    path = "/v1/leases/{id}/credential"
    yield "POST", path, served.ask("POST", "/v1/leases/l-1/credential", wanted)
    for path in ("/v1/introspect", "/v1/token"):
        yield "POST", path, served.ask("POST", path, {"token": "x"})
    yield "GET", "/v1/leases/{id}", served.ask("GET", "/v1/leases/l-1")
    for path in (
        "/.well-known/jwks.json",
        "/.well-known/ssf-configuration",
        "/v1/leases",
        "/v1/tasks",
        "/v1/calls",
        "/v1/events",
        "/v1/candidate",
        "/healthz",
        "/readyz",
        "/openapi.json",
    ):
        yield "GET", path, served.ask("GET", path)
    yield "GET", "/v1/requests", served.ask("GET", "/v1/requests")
    yield "GET", "/v1/requests/{id}", served.ask("GET", "/v1/requests/q-1")
    verdict = {"key": "v", "verdict": "refuse", "policy": "sha256:0"}  # of nobody who is a person
    yield "GET", "/v1/passkeys", served.ask("GET", "/v1/passkeys")
    yield "GET", "/v1/people", served.ask("GET", "/v1/people")
    left = {"key": "left", "person": "user:nobody", "state": "left", "why": "It was lost."}
    yield "POST", "/v1/people", served.ask("POST", "/v1/people", left)
    path, why = "/v1/passkeys/{id}/remove", {"key": "remove", "why": "It was lost."}
    yield "POST", path, served.ask("POST", "/v1/passkeys/k-1/remove", why)
    path = "/v1/requests/{id}/verdict"
    yield "POST", path, served.ask("POST", "/v1/requests/q-1/verdict", verdict)
    confirmed = {"key": "n", "user": "user:joe", "verdict": "approve"}
    path = "/v1/requests/{id}/confirmation"
    yield "POST", path, served.ask("POST", "/v1/requests/q-1/confirmation", confirmed)
    refused = {"key": "f", "task": task, "why": "no such method", "what": "tools/none"}
    yield "POST", "/v1/refusals", served.ask("POST", "/v1/refusals", refused)
    yield "GET", "/v1/tasks/{id}", served.ask("GET", f"/v1/tasks/{task}")
    yield "GET", "/v1/tasks/{id}", served.ask("GET", "/v1/tasks/none")
    for which in (task, "none"):
        path = f"/v1/tasks/{which}/possible"
        yield "GET", "/v1/tasks/{id}/possible", served.ask("GET", path)
    yield "GET", "/v1/calls/{id}", served.ask("GET", f"/v1/calls/{id}")
    yield "GET", "/v1/calls", served.ask("GET", "/v1/calls?limit=0")
    state = {"key": "e", "state": "ended"}
    yield "POST", "/v1/tasks/{id}/state", served.ask("POST", f"/v1/tasks/{task}/state", state)
    yield "GET", "/v1/tasks/{id}", served.ask("GET", f"/v1/tasks/{task}")
    request = {name: each for name, each in call.items() if name != "key"}
    yield "POST", "/access/v1/evaluation", served.ask("POST", "/access/v1/evaluation", request)
    yield "POST", "/access/v1/evaluations", served.ask("POST", "/access/v1/evaluations", request)
    for kind in ("subject", "resource", "action"):
        body = {name: each for name, each in request.items() if not (kind == name == "action")}
        yield (
            "POST",
            f"/access/v1/search/{kind}",
            served.ask("POST", f"/access/v1/search/{kind}", body),
        )
    yield "POST", "/access/v1/evaluation", served.ask("POST", "/access/v1/evaluation", {})
    access = "/access/v1/requests"
    yield "POST", access, served.ask("POST", access, {})
    yield "GET", f"{access}/{{id}}", served.ask("GET", f"{access}/none")
    yield "POST", f"{access}/{{id}}/cancel", served.ask("POST", f"{access}/none/cancel", {})
    path = "/.well-known/authzen-configuration"
    yield "GET", path, served.ask("GET", path)
    accepted = served.ask("POST", "/v1/clock", {"key": "clock", "why": "it was set"})
    assert accepted.json["code"] == "clock_right"
    yield "POST", "/v1/clock", accepted
    yield "POST", "/v1/clock", set_back(served.folder)
    yield "GET", "/metrics", served.ask("GET", "/metrics")
    yield "GET", "/log/tile/{path}", served.ask("GET", "/log/tile/0/000.p/1")
    yield "GET", "/log/checkpoint", served.ask("GET", "/log/checkpoint")


def set_back(folder: Path) -> Answer:
    """Have an operator accept the clock of a service that was set back."""
    ahead = [3600 * 10**9]
    store = Store(f"sqlite:///{folder}/ahead.db", clock=lambda: time.time_ns() + ahead[0])
    policy = load_generation([folder / "bank.agp"])
    core = Core(store, policy, CoreSettings(secret=bytes(32)))
    try:
        core.do_now(Adopt(caller=SYSTEM, key="begin", generation=policy))
        ahead[0] = 0
        with serving({}, core) as served:
            answer = served.ask("POST", "/v1/clock", {"key": "clock", "why": "it ran ahead"})
            events = served.ask("GET", "/v1/events?from=1&limit=500").json["events"]
    finally:
        core.stop()
    assert (answer.status, events[-1]["event"]) == (200, "clock")
    return answer


def test_what_is_answered_is_what_it_says(served: Process, document: Any) -> None:
    seen = set()
    for method, path, answer in asked(served):
        seen.add((method.lower(), path))
        operation = document["paths"][path][method.lower()]
        response = operation["responses"].get(str(answer.status))
        assert response is not None, (method, path, answer.status, answer.content)
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        media = answer.headers["content-type"].partition(";")[0]
        assert media in response["content"], (method, path, media)
        if media.endswith("json"):
            schema = {**response["content"][media]["schema"], "components": document["components"]}
            problems = list(Draft202012Validator(schema).iter_errors(answer.json))
            assert problems == [], (method, path, problems)
    every = {(method, path) for path, item in document["paths"].items() for method in item}
    assert seen == every


def test_what_it_says_of_bodies_is_what_is_taken(served: Process, document: Any) -> None:
    """The schemas refuse what the service refuses, and take what it takes."""
    operation = document["paths"]["/v1/calls"]["post"]
    schema = Draft202012Validator(operation["requestBody"]["content"]["application/json"]["schema"])
    for body in (
        {}, [], {**CALL, "key": ""}, {**CALL, "key": " a"}, {**CALL, "key": "k" * 256}, {**CALL, "more": 1},
        {**CALL, "subject": "x"}, {**CALL, "context": None}, {**CALL, "action": {"name": 1}},
        {**CALL, "key": "fine"}, {**CALL, "key": "a b"}, {**CALL, "key": "k" * 255},
    ):  # fmt: skip
        refused = served.ask("POST", "/v1/calls", body).status == 400
        assert refused is not schema.is_valid(body), body
