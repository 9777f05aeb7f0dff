"""First starts, which are in no task: what is proved of calls in tasks must hold of them, too."""

from __future__ import annotations

from typing import Any

import pytest

from agpc.compiler.analysis.first_starts import first_starts
from agpc.compiler.meaning import interpreter

from .finding_fixtures import policy_of

AGENT = "spiffe://t.example/a"
POLICY = f"""
language 2
package p
agent a = "{AGENT}"
intent work "Work" {{ x: string, more?: string }}
context {{ starter: string }}
tool t {{ action f() }}
grant g {{ to a for work allow t.f }}
forbid f {{ deny work.start when %s because "No." }}
"""


def request(x: str) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": AGENT},
        "action": {"name": "start", "properties": {"x": x}},
        "resource": {"type": "p.work", "id": "new"},
        "context": {"starter": "starter"},
    }


@pytest.mark.parametrize(
    "when",
    [
        'has task.state or args.x != "zzz"',
        'has task.id or args.x != "zzz"',
        'not (not has task.state and args.x == "zzz")',
        'has task.more or args.x != "zzz"',
        '(has task.state and not has task.more) or has task.more or args.x != "zzz"',
    ],
)
def test_that_a_task_has_something_does_not_close_where_there_is_none(when: str) -> None:
    policy = policy_of(POLICY % when)
    assert interpreter.decide(policy, request("zzz")).effect == "permit"
    (told,) = first_starts(policy, ("p.work.start",), (AGENT,))
    assert isinstance(told.found, dict)
    assert interpreter.decide(policy, told.found).effect == "permit"


@pytest.mark.parametrize(
    "when", ["not has task.state", 'not has task.more or args.x != "zzz"', "task.state == active"]
)
def test_what_closes_where_there_is_no_task_is_proved(when: str) -> None:
    policy = policy_of(POLICY % when)
    assert interpreter.decide(policy, request("zzz")).effect == "deny"
    (told,) = first_starts(policy, ("p.work.start",), (AGENT,))
    assert told.found == "never"
