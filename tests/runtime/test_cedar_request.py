"""The translation that is shipped for Cedar, against the one written from the target's page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engines import cedar
from generators import policies, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.interpreter import decide
from agpc.compiler.load import load_policy
from agpc.runtime.cedar_request import MAX_DEPTH, translate, translate_text
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Options


@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_it_translates_as_the_page_says_and_opens_nothing(data: st.DataObject) -> None:
    policy = data.draw(policies())
    engine = cedar.Engine(TARGET.emit(policy, Options()).files)
    how = engine.translation
    for _ in range(4):
        request = data.draw(requests(policy))
        found = translate(how, request)
        assert found == cedar.translate(how, request)
        if found is not None and engine.decide(request):
            assert decide(policy, request).effect == "permit"


@pytest.fixture(scope="module")
def how(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("policy") / "p.agp"
    path.write_text(
        'package p\nowner "o" contact "c"\nagent bot = "spiffe://acme.example/bot"\n'
        'intent pay "Pay"\ntool t { action read(note: json) }\n'
        "grant g { to bot for pay allow t.read }\n"
    )
    policy = load_policy([path])
    found: dict[str, Any] = json.loads(TARGET.emit(policy, Options()).files["request.json"])
    return found


def asked(note: object = None) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
        "action": {"name": "read", "properties": {"note": note}},
        "resource": {"type": "p.t", "id": "r"},
        "context": {"task": {"id": "t", "intent": "p.pay", "state": "active"}},
    }


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_request_deeper_than_the_limit_is_denied(how: dict[str, Any]) -> None:
    above = 3  # the request, the action, its properties
    assert translate(how, asked(nested(MAX_DEPTH - above))) is not None
    assert translate(how, asked(nested(MAX_DEPTH - above + 1))) is None
    assert translate_text(how, json.dumps(asked(0)).replace("0}", "[" * 100_000)) is None


def test_text_is_strict_json(how: dict[str, Any]) -> None:
    text = json.dumps(asked(0))
    assert translate_text(how, text) is not None
    assert translate_text(how, text.encode()) == translate_text(how, text)
    for bad in (
        text.replace('"id": "r"', '"id": "q", "id": "r"'),
        text.replace('"note": 0', '"note": {"a": 1, "a": 1}'),
        text.replace('"note": 0', '"note": NaN'),
        text + "x",
        "",
        "[]",
        "null",
    ):
        assert translate_text(how, bad) is None
    assert translate_text(how, text.encode().replace(b'"r"', b'"\xff"')) is None


def test_shared_and_cyclic_objects_end(how: dict[str, Any]) -> None:
    shared: Any = 1
    for _ in range(60):
        shared = [shared] * 40
    assert translate(how, asked(shared)) is not None
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    assert translate(how, asked(cyclic)) is None
