"""`agpc approve` in a terminal: what waits, shown whole, and answered as it was shown."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from service.core.desk import Desk, opened, policy
from service.http.served import KEY, callers, serving

from agpc.cli.output.service.requests import shown
from agpc.service.core import SYSTEM, Know
from agpc.service.http.gate.callers import hashed

EVIL = "x\u202ey\u200b\x1b[31m"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(f"sqlite:///{tmp_path}/a.db", policy()) as desk:
        desk.do(Know(caller=SYSTEM, key="ann", person="user:ann", roles=("role:lead",)))
        yield desk


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    people = [{"id": "user:ann", "roles": ["role:lead"], "key_sha256": hashed("agpk_ann")}]
    with serving({"callers": callers(), "people": people}, desk.core) as found:
        yield f"http://127.0.0.1:{found.port}"


def run(address: str, *arguments: str, key: str = "agpk_ann", status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "agpc", "approve", *arguments, "--service", address],
        env={"AGPC_API_KEY": key, "PATH": ""}, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def asks(desk: Desk, amount: int = 5) -> tuple[str, str]:
    task = desk.start(said=f"Refund {EVIL}")["task"]["id"]
    return task, desk.call(task, "shop", "refund", order="o-7", amount=amount)["request"]["id"]


def test_what_waits_is_listed_shown_and_approved(desk: Desk, address: str) -> None:
    assert run(address) == "note: nothing waits for you\n"
    task, id = asks(desk)
    assert id in run(address) and "approval by role:lead" in run(address)
    text = run(address, id)
    for each in ("desk.shop.refund", "user:joe", 'order = "o-7"', "amount = 5", "<U+202E>", "<U+200B>", "<U+001B>",
                 "asked by desk.answering.shop.refund"):  # fmt: skip
        assert each in text, each
    assert "\u202e" not in text and "\x1b" not in text
    with desk.core.view() as view:
        assert view.verdicts(id) == []  # showing is no answer
    assert run(address, id, "--yes").endswith("approved\n")
    assert "enough people have approved it" in run(address, id)
    assert desk.call(task, "shop", "refund", order="o-7", amount=5)["decision"] is True


def test_a_refusal_has_its_message(desk: Desk, address: str) -> None:
    task, id = asks(desk)
    assert run(address, id, "--no", "--message", "Ask first.").endswith("refused\n")
    denied = desk.call(task, "shop", "refund", order="o-7", amount=5)
    assert denied["context"]["reasons"] == ["user:ann refused it: Ask first."]
    assert id in run(address, "--state", "refused")
    found = json.loads(run(address, id, "--format", "json"))
    assert found["verdicts"][0]["message"] == "Ask first."
    assert "refused already" in run(address, id, "--yes", status=2)


def test_what_is_no_question_is_refused(desk: Desk, address: str) -> None:
    _, id = asks(desk)
    assert "give one" in run(address, id, "--yes", "--no", status=2)
    assert "say which request" in run(address, "--yes", status=2)
    assert "no such request" in run(address, "q-999", status=2)
    assert "needs the role" in run(address, id, key="agpk_key-of-decide", status=2)


def test_a_terminal_shows_what_passes_for_another_letter_and_all_that_is_known() -> None:
    found = {
        "asked": {
            "subject": {"properties": {"tier": 1}},
            "action": {"name": "pay", "properties": {"to": "p\u0430ypal", "n\u0430me\x7f": 1}},
            "resource": {"type": "bank", "id": "b\u0430nk"},
            "context": {"task": {"id": "t", "order": "o-7"}, "stage": "real", "time": "now"},
        }
    }
    text = shown(found)
    for each in (
        'exactly "p\\u0430ypal"', '"n\\u0430me', 'exactly "b\\u0430nk"', 'task order = "o-7"',
        'context stage = "real"', "agent tier = 1",
    ):  # fmt: skip
        assert each in text, text
    assert "\x7f" not in text and "time = " not in text


def test_a_program_is_told_that_programs_approve_nothing(desk: Desk, address: str) -> None:
    _, id = asks(desk)
    for arguments in ((), (id, "--yes")):
        said = run(address, *arguments, key=KEY["read"], status=2)
        assert "a program" in said or "people approve" in said
        assert "use the key of a person" in said
