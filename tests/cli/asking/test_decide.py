"""`agpc decide`: an answer for every request, in order, whatever the requests look like."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run

SUBJECT = {"type": "agent", "id": "spiffe://acme.example/bot"}
CONTEXT = {
    "time": "2026-01-01T00:00:00Z",
    "task": {"id": "t", "intent": "shop.sell", "state": "active"},
}


def request(action: str, **arguments: Any) -> dict[str, Any]:
    return {
        "subject": SUBJECT,
        "action": {"name": action, "properties": arguments},
        "resource": {"type": "shop.till", "id": "1"},
        "context": CONTEXT,
    }


OPEN, REFUND, LARGE = request("open"), request("refund", amount=5), request("refund", amount=500)


def lines(*requests: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in requests)


def effects(out: str) -> list[str]:
    return [json.loads(line)["context"]["effect"] for line in out.splitlines()]


def test_an_answer_has_the_shape_of_authzen(run: Run, policy: Path, work: Path) -> None:
    (work / "r.json").write_text(json.dumps(OPEN, indent=2))
    result = run("decide", policy, "--request", "r.json")
    assert (result.status, result.err) == (0, "")
    assert json.loads(result.out) == {
        "decision": True,
        "context": {
            "effect": "permit",
            "rules": ["shop.selling.opening"],
            "reasons": [],
            "requirements": [],
            "obligations": [],
            "credential": None,
            "evidence": [],
            "owner": {"name": "shop", "contact": "shop@acme.example"},
        },
    }


@pytest.mark.parametrize("engine", ["interpreter", "python"])
def test_lines_are_answered_in_order_and_the_status_is_0(
    run: Run, policy: Path, engine: str
) -> None:
    sent = lines(LARGE, OPEN, REFUND, OPEN)
    result = run("decide", policy, "--request", "-", "--engine", engine, stdin=sent)
    assert (result.status, result.err) == (0, "")
    assert effects(result.out) == ["deny", "permit", "challenge", "permit"]


def test_a_file_of_lines_is_read_as_lines(run: Run, policy: Path, work: Path) -> None:
    for name in ("r.jsonl", "r.ndjson"):
        (work / name).write_bytes(lines(OPEN, LARGE))
        assert effects(run("decide", policy, "--request", name).out) == ["permit", "deny"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [(lines(OPEN), 0), (lines(OPEN, LARGE), 1), (lines(REFUND), 1)],
)
def test_exit_code_makes_a_non_permit_1(run: Run, policy: Path, sent: bytes, status: int) -> None:
    assert run("decide", policy, "--request", "-", "--exit-code", stdin=sent).status == status


@pytest.mark.parametrize("sent", [b"", b"\n", b" \n\n"])
def test_no_request_at_all_permits_nothing(run: Run, policy: Path, sent: bytes) -> None:
    result = run("decide", policy, "--request", "-", "--exit-code", stdin=sent)
    assert (result.status, result.out) == (1, "")
    assert result.err == "note: there was no request, and so nothing is permitted\n"
    assert run("decide", policy, "--request", "-", stdin=sent).status == 0


def test_a_request_without_the_shape_is_denied_with_a_note(run: Run, policy: Path) -> None:
    broken = {**OPEN, "subject": {"type": "agent"}}
    result = run("decide", policy, "--request", "-", stdin=lines(OPEN, broken, [], OPEN))
    assert result.status == 0
    assert effects(result.out) == ["permit", "deny", "deny", "permit"]
    assert result.err.splitlines() == [
        "note: line 2: `subject.id` is missing",
        "note: line 3: the request is not a JSON object",
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "not JSON: expecting property name enclosed in double quotes at column 2"),
        (b"{} {}", "not JSON: extra data at column 4"),
        (b'{"a": NaN}', "not JSON: NaN is not a JSON number"),
        (b'{"a": -Infinity}', "not JSON: -Infinity is not a JSON number"),
        (b'{"a": 1, "b": {"c": 1, "c": 1}}', 'the key "c" stands twice in one object'),
        (b'{"\\u0061": 1, "a": 2}', 'the key "a" stands twice in one object'),
        (b'"\xff"', "not UTF-8: byte 0xff at 1"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b"\xef\xbb\xbf{}", "not JSON: unexpected UTF-8 BOM"),
        (b"\x00", "not JSON: expecting value at column 1"),
        (b"'a'", "not JSON: expecting value at column 1"),
    ],
)
def test_a_line_that_is_no_json_is_denied_and_named_and_the_rest_is_answered(
    run: Run, policy: Path, line: bytes, problem: str
) -> None:
    sent = lines(OPEN) + line + b"\n" + lines(OPEN)
    result = run("decide", policy, "--request", "-", stdin=sent)
    assert result.status == 2
    assert effects(result.out) == ["permit", "deny", "permit"]
    (error,) = result.err.splitlines()
    assert error.startswith(f"error: line 2: {problem}")
    answer = json.loads(result.out.splitlines()[1])
    assert (answer["decision"], answer["context"]["rules"]) == (False, [])
    assert answer["context"]["reasons"] == [error.removeprefix("error: ")]


def test_broken_json_weighs_more_than_a_non_permit(run: Run, policy: Path) -> None:
    assert run("decide", policy, "-r", "-", "--exit-code", stdin=b"{\n").status == 2


def test_a_byte_order_mark_at_the_start_blank_lines_and_crlf_are_no_trouble(
    run: Run, policy: Path
) -> None:
    sent = (
        b"\xef\xbb\xbf" + lines(OPEN) + b"\r\n \t\n" + lines(LARGE).replace(b"\n", b"\r\n") + b"{"
    )
    result = run("decide", policy, "--request", "-", stdin=sent)
    assert effects(result.out) == ["permit", "deny", "deny"]
    assert result.err.startswith("error: line 5: ")


def test_a_last_line_without_its_end_is_answered(run: Run, policy: Path) -> None:
    assert effects(run("decide", policy, "-r", "-", stdin=lines(OPEN)[:-1]).out) == ["permit"]


@pytest.mark.parametrize("number", ["1" * 5_000, "-" + "9" * 400, "1e999", "1e-999", "0.1" * 1])
def test_a_number_of_any_size_is_decided(run: Run, policy: Path, number: str) -> None:
    sent = json.dumps(request("refund", amount=7)).replace("7", number, 1).encode() + b"\n"
    result = run("decide", policy, "--request", "-", stdin=sent)
    too_large = number not in ("1e-999", "0.1")
    assert (result.status, effects(result.out)) == (0, ["deny" if too_large else "challenge"])


def test_a_request_of_10_mb_is_decided(run: Run, policy: Path) -> None:
    large = {**OPEN, "padding": "x" * 10_000_000}
    result = run("decide", policy, "--request", "-", stdin=lines(large, OPEN))
    assert (result.status, effects(result.out)) == (0, ["permit", "permit"])


def test_a_request_beyond_the_limit_is_denied_without_keeping_it(
    run: Run, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agpc.cli.input.requests.MAX_BYTES", 1024 * 1024)
    large = {**OPEN, "padding": "x" * 3_000_000}
    result = run("decide", policy, "--request", "-", stdin=lines(OPEN, large, OPEN))
    assert (result.status, effects(result.out)) == (2, ["permit", "deny", "permit"])
    assert result.err == "error: line 2: a request has at most 1 MiB\n"


def test_a_document_that_is_no_json_is_an_error_without_an_answer(
    run: Run, policy: Path, work: Path
) -> None:
    (work / "r.json").write_bytes(lines(OPEN, OPEN))
    result = run("decide", policy, "--request", "r.json")
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("error: `r.json`: not JSON: extra data at line 2 column 1 (")


@pytest.mark.parametrize("name", ["missing.json", "directory"])
def test_a_file_that_cannot_be_read_is_an_error(
    run: Run, policy: Path, work: Path, name: str
) -> None:
    (work / "directory").mkdir()
    result = run("decide", policy, "--request", name)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"error: cannot read `{name}`: ")


def test_standard_input_is_not_read_twice(run: Run, policy: Path) -> None:
    assert run("decide", "-", "--request", "-").status == 2


def test_a_policy_that_does_not_compile_is_status_3_and_answers_nothing(
    run: Run, policy: Path
) -> None:
    policy.write_text("package shop\nagent x = 1\n")
    result = run("decide", policy, "--request", "-", stdin=lines(OPEN))
    assert (result.status, result.out) == (3, "")


def test_an_answer_stays_on_its_line_whatever_the_policy_says(run: Run, policy: Path) -> None:
    policy.write_text(policy.read_text().replace("Too much.", "Zu viel: ä\\n\\u{2028}"))
    result = run("decide", policy, "--request", "-", stdin=lines(LARGE))
    assert result.out.isascii()
    assert effects(result.out) == ["deny"]


def test_an_answer_comes_before_the_next_request_is_sent(policy: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "agpc", "decide", str(policy), "--request", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdin and running.stdout
        for sent, effect in ((OPEN, "permit"), (LARGE, "deny"), (REFUND, "challenge")):
            running.stdin.write(lines(sent))
            running.stdin.flush()
            assert effects(running.stdout.readline().decode()) == [effect]
        running.stdin.close()
        assert running.wait(120) == 0
