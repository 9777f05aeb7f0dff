"""What people read of events about people and leases: a line in a terminal, and one of OCSF."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agpc.audit.reading.selection import Selection, selected
from agpc.audit.reading.trail import StoredTrail
from agpc.cli.output.service.trail import render_event
from agpc.service.audit.events import KINDS
from agpc.service.audit.lines import ocsf_line
from agpc.service.core import open_view

from ..core.desk import opened, policy
from ..core.lending import POLICY
from .lending import everything
from .stored import SIGNER

SCHEMA = json.loads((Path(__file__).parent / "ocsf_api_activity.schema.json").read_text())
NEW = ("verdict", "use", "lease", "revoked", "credential", "session")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("shown")
    found = f"sqlite:///{folder}/agpc.db"
    with opened(found, policy(POLICY), signer=SIGNER) as desk:
        everything(desk)
    return found


def test_each_kind_has_a_line_of_its_own(url: str) -> None:
    with open_view(url) as view:
        events = list(selected(StoredTrail(view), Selection(), lambda *_: None))
    lines: dict[str, list[str]] = {}
    for each in events:
        line = re.sub(r"\d{4}-\S+Z", "TIME", render_event(each))
        line = re.sub(r"t-[a-z2-7]{26}", "TASK", line)
        lines.setdefault(each.kind, []).append(re.sub(r"^ *\d+ +TIME +\w+ +", "", line))
    assert set(NEW) <= set(lines) <= set(KINDS)

    def has(kind: str, pattern: str) -> bool:
        return any(re.fullmatch(pattern, each) for each in lines[kind])

    agent = "spiffe://acme.example/ns/desk/sa/helper"
    assert has(
        "verdict",
        r"q-\d+ refuse desk.shop.refund by user:joe in TASK because not today  \[person:user:joe\]",
    )
    assert has(
        "verdict",
        r"q-\d+ approve desk.shop.close by user:ann as role:lead in TASK  \[person:user:ann\]",
    )
    assert has("use", r"v-\d+ of user:joe for c-\d+  \[desk\]")
    assert has(
        "lease",
        rf"l-\d+ issue desk.shop.close for {agent} in TASK until TIME, 2 renewals left resting on people  \[desk\]",
    )
    assert has(
        "lease",
        rf"l-\d+ issue desk.shop.browse for {agent} in TASK until TIME, 2 renewals left bound to thumb  \[desk\]",
    )
    assert has("lease", rf"l-\d+ renew for {agent} in TASK until TIME, 1 renewals left  \[desk\]")
    assert has("revoked", r"l-\d+ by asked in TASK because not needed  \[desk\]")
    assert has("credential", r"l-\d+ of aws in TASK until TIME  \[desk\]")
    assert has(
        "session",
        r"s-\d+ begun by user:joe until TIME with otp, pwd says https://id.example  \[system\]",
    )
    assert has("cancelled", r"q-\d+ of c-\d+ because moot  \[desk\]")
    assert has(
        "signal",
        r"revoked of user:\w+, user:\w+, ends leases, person, sessions  \[transmitter:id\]",
    )
    assert has("session", r"s-\d+ ended  \[system\]")
    assert has("admin", r"person user:bob has role:clerk says settings  \[system\]")  # fmt: skip


def test_each_is_an_api_activity(url: str) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    found: dict[str, list[dict[str, Any]]] = {}
    with open_view(url) as view:
        for each in view.events(0, view.head.seq):
            body = None if each.body is None else bytes(each.body)
            line = json.loads(ocsf_line(bytes(each.entry), body))
            validator.validate(line)
            validator.validate(json.loads(ocsf_line(bytes(each.entry), None)))
            assert line["type_uid"] == line["class_uid"] * 100 + line["activity_id"]
            found.setdefault(each.kind, []).append(line)
    assert set(NEW) <= set(found)
    verdict, lease = found["verdict"][0], found["lease"][0]
    assert verdict["actor"]["user"] == {"uid": "user:joe", "type_id": 1, "type": "User"}
    assert verdict["unmapped"]["verdict"] == "approve"
    assert verdict["metadata"]["correlation_uid"] == lease["metadata"]["correlation_uid"]
    assert [lease["activity_name"], found["revoked"][0]["activity_name"]] == ["Create", "Delete"]
    assert lease["ai_agent"]["uid"] == "spiffe://acme.example/ns/desk/sa/helper"
    assert found["credential"][0]["unmapped"]["broker"] == "aws"
