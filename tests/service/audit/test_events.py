"""Entries and bodies to the byte, and what is kept of arguments when only metadata is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.runtime.strict_json import read_request
from agpc.service.audit import events

TIME = 1_795_514_400_000_000_007
POLICY = f"sha256:{'0' * 64}"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_an_entry_is_canonical_json() -> None:
    found = events.entry(7, TIME, "call", POLICY, b"{}")
    said = {
        "v": 1, "seq": 7, "time": "2026-11-24T10:00:00.000000007Z", "event": "call",
        "policy": POLICY, "body": events.digest(b"{}"),
    }  # fmt: skip
    assert found.decode() == events.canonical(said)
    assert json.loads(events.entry(0, TIME, "clock", None, b"{}"))["policy"] is None


def test_a_body_has_what_all_have_and_its_own() -> None:
    found = events.body("said", TIME, "gateway", {"task": "t-1", "text": "é\ud800"}, salt="s")
    assert found == (
        b'{"caller":"gateway","event":"said","salt":"s","task":"t-1","text":"\\u00e9\\ud800",'
        b'"time":"2026-11-24T10:00:00.000000007Z","v":1}'
    )


def test_no_two_salts_are_alike() -> None:
    found = {json.loads(events.body("said", TIME, "x", {}))["salt"] for _ in range(100)}
    assert len(found) == 100
    assert {len(each) for each in found} == {22}


@given(JSON)
def test_what_a_request_holds_comes_back(value: Any) -> None:
    text = events.canonical(value)
    assert text.isascii()
    assert "\n" not in text
    back = read_request(text)
    assert events.canonical(back) == text
    assert back == value


def test_no_number_is_none() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        events.canonical({"a": float("nan")})


REQUEST: dict[str, Any] = {
    "subject": {"type": "agent", "id": "spiffe://t.example/bot", "properties": {"a": "secret"}},
    "action": {"name": "mail", "properties": {"to": "secret@x.example", "n": 1}},
    "resource": {"type": "p.t", "id": "1", "properties": {"owner": "secret"}},
    "context": {
        "time": "2026-11-24T10:00:00Z", "task": {"id": "t-1"},
        "delegation": [{"agent": "spiffe://t.example/a", "properties": {"p": "secret"}}],
        "approvals": [{"id": "a", "by": "user:ann", "args": {"to": "secret@x.example"}}],
    },
}  # fmt: skip


def test_metadata_keeps_no_argument_and_no_result() -> None:
    call = {"id": "c-1", "request": REQUEST, "digest": "sha256:secret"}
    for kind, fields in {
        "call": call,
        "outcome": {"call": "c-1", "outcome": "done", "result": {"x": "secret"}},
        "said": {"task": "t-1", "text": "secret"},
    }.items():
        found = events.redacted(kind, fields, b"k" * 32)
        assert found["redacted"] is True
        assert "secret" not in json.dumps(found)
        assert "secret" in json.dumps(fields)  # what was given is not changed
        assert found == events.redacted(kind, fields, b"k" * 32)
        assert found != events.redacted(kind, fields, b"l" * 32)


def test_what_holds_no_argument_stays_as_it_is() -> None:
    fields = {"task": "t-1", "state": "ended"}
    assert events.redacted("state", fields, b"k") == fields
    outcome = {"call": "c-1", "outcome": "done"}
    assert events.redacted("outcome", outcome, b"k") == outcome
