"""Lines of `ocsf.jsonl`, held against what OCSF says of API Activity.

The schema beside this test is written by hand from the published one: nobody publishes it as JSON Schema where this
test could read it without a network.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from generators.trails import MemoryLog, an_hour

from agpc.service.audit.lines import ocsf_line

SCHEMA = json.loads((Path(__file__).parent / "ocsf_api_activity.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def lines(log: MemoryLog) -> list[dict[str, Any]]:
    return [json.loads(ocsf_line(each.entry, each.body)) for each in log.found]


def test_every_event_is_an_api_activity() -> None:
    pruned = an_hour()
    pruned.prune(10)
    for log in (an_hour(), an_hour(MemoryLog(metadata=True)), pruned):
        for each in lines(log):
            VALIDATOR.validate(each)
            assert each["type_uid"] == each["class_uid"] * 100 + each["activity_id"]
    assert [each["metadata"]["sequence"] for each in lines(an_hour())] == list(range(29))


def test_a_decision_says_who_what_and_why() -> None:
    permit, deny, challenge = (lines(an_hour())[seq] for seq in (4, 11, 12))
    assert permit["ai_agent"]["uid"] == permit["actor"]["user"]["uid"] == "spiffe://t.example/bot"
    assert permit["api"]["operation"] == "mail"
    assert permit["api"]["service"] == {"name": "p.t"}
    assert permit["actor"]["authorizations"][0]["policy"]["uid"] == "p.g.t.mail"
    assert permit["metadata"]["correlation_uid"] == "t-0"
    assert permit["time"] == 1795514405000
    assert [each["disposition"] for each in (permit, deny, challenge)] == [
        *("Allowed", "Blocked", "Challenge"),
    ]
    assert [each["action_id"] for each in (permit, deny, challenge)] == [1, 2, 2]
    assert deny["status_detail"] == "Too many at once."


@pytest.mark.parametrize("lacking", SCHEMA["required"])
def test_the_schema_refuses_what_lacks_a_part(lacking: str) -> None:
    event = lines(an_hour())[4]
    del event[lacking]
    assert not VALIDATOR.is_valid(event)
