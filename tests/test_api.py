"""The public API: `agpc.load("policies/").decide(request)`, and errors that say why."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

import agpc

REQUEST = {
    "subject": {"type": "agent", "id": "spiffe://acme.example/bot"},
    "action": {"name": "open"},
    "resource": {"type": "shop.till", "id": "1"},
    "context": {
        "time": "2026-01-01T00:00:00Z",
        "task": {"id": "t", "intent": "shop.sell", "state": "active"},
    },
}
POLICY = """\
package shop
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { action open }
grant selling { to bot for sell allow till.open }
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    (tmp_path / "shop.agp").write_text(POLICY)
    return tmp_path


def test_a_loaded_policy_decides(policies: Path) -> None:
    engine = agpc.load(policies)
    decision = engine.decide(REQUEST)
    assert isinstance(engine, agpc.Engine)
    assert isinstance(decision, agpc.Decision)
    assert (decision.effect, decision.rules) == ("permit", ("shop.selling.till.open",))
    assert engine.decide({}).effect == "deny"
    assert agpc.load(str(policies / "shop.agp")).decide(REQUEST) == decision


def test_compile_gives_the_policy(policies: Path) -> None:
    policy = agpc.compile(policies)
    assert isinstance(policy, agpc.Policy)
    assert policy.capabilities == ("shop.till.open",)


def test_several_paths_are_one_policy_set(tmp_path: Path) -> None:
    vocabulary, _, grants = POLICY.partition("grant ")
    (tmp_path / "a.agp").write_text(vocabulary)
    (tmp_path / "b.agp").write_text(f"package shop\ngrant {grants}")
    assert agpc.load(tmp_path / "a.agp", tmp_path / "b.agp").decide(REQUEST).effect == "permit"


def test_a_policy_that_does_not_compile_raises_with_what_is_wrong(policies: Path) -> None:
    (policies / "shop.agp").write_text("package shop\nuse nowhere\n")
    with pytest.raises(agpc.PolicyError) as caught:
        agpc.load(policies)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "AGP1103"
    assert str(caught.value).startswith("the policy does not compile\n\nerror[AGP1103]: ")
    assert f"┌─ {policies}/shop.agp:2:5" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_policy_that_cannot_be_read_raises_with_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(agpc.PolicyFilesError, match="holds no policies"):
        agpc.load(tmp_path)
    with pytest.raises(agpc.PolicyFilesError, match="no such file") as caught:
        agpc.load(tmp_path / "missing", tmp_path / "gone.agp")
    assert len(caught.value.problems) == 2
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_a_decision_is_no_answer_by_itself(policies: Path) -> None:
    with pytest.raises(TypeError, match="ask for its `decision`"):
        assert agpc.load(policies).decide(REQUEST)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "a": 2}', 'the key "a" stands twice'),
        ('{"a": NaN}', "NaN is not a JSON number"),
        (b"\xff", "not UTF-8: byte 0xff at 0"),
        (bytearray("{}", "utf-16"), "not UTF-8: byte 0xff at 0"),
        ('{"x": [{"a": 1, "\\u0061": 2}]}', 'the key "a" stands twice'),
        ("{", "not JSON: "),
        ("", "not JSON: "),
        ("[" * 65 + "]" * 65, "a request has at most 64 levels"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_request_is_read_strictly(text: str | bytes | bytearray, why: str) -> None:
    with pytest.raises(agpc.NotJSON, match=why):
        agpc.read_request(text)


def test_what_is_one_request_to_all_readers_is_read() -> None:
    assert agpc.read_request(json.dumps(REQUEST)) == REQUEST
    assert agpc.read_request(json.dumps(REQUEST).encode()) == REQUEST
    assert agpc.read_request("[" * 64 + "]" * 64)
    assert agpc.read_request('{"n": ' + "9" * 5_000 + "}") == {"n": float("inf")}
