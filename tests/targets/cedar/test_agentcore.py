"""Policies for a gateway of AgentCore: names, sizes, the past, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engines import dogwood, hand_policies
from engines.agentcore import ARN, Engine
from engines.asked import bound_to_gateway
from hypothesis import event, given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.load import load_policy
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.facts import facts
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.targets.cedar import TARGET
from agpc.targets.cedar.agentcore.service import MAX_NAME, MAX_STATEMENT
from agpc.targets.emission import Emission, Options

HERE = Path(__file__).parents[2] / "policies" / "agentcore.agp"
BOT = "spiffe://acme.example/bot"
START = datetime(2026, 11, 24, 10, tzinfo=UTC)
LIMITS = """\
language 2
package p
owner "o" contact "o@x.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool shop { write action pay(cents: int) read action look(order: string) }
bind mcp { resource shop { pay = "Shop___pay", look = "Shop___look" } }
meter pays  = count of shop.pay per task within 10m
meter looks = count of shop.look per task, agent within 1m
meter spent = sum args.cents of shop.pay per task within 5m
grant g {
    to bot for pay
    allow shop.pay as counted when args.cents < 100 and PAYS
    allow shop.pay as summed  when args.cents >= 100 and SPENT
    allow shop.look as look   when LOOKS and args.order != "x"
}
"""


def emit(policy: ir.Policy, **more: str) -> Emission:
    return TARGET.emit(policy, Options({"shape": "agentcore", "gateway": ARN, **more}))


def compiled(text: str) -> ir.Policy:
    found = compile_sources([Source("p.agp", text)])
    assert found.policy is not None, found.diagnostics
    return found.policy


def limited(
    pays: str = "pays <= 2", spent: str = "spent < 1_000", looks: str = "looks.before < 2"
) -> str:
    return LIMITS.replace("PAYS", pays).replace("SPENT", spent).replace("LOOKS", looks)


def ledger(emission: Emission) -> dict[str, str]:
    return {each.rule: each.enforcement for each in emission.ledger}


def created(emission: Emission) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(emission.files["policies.json"])
    return found


# --- Each policy ----------------------------------------------------------------------------------


def test_policies_are_as_the_service_takes_them() -> None:
    made = created(emit(load_policy([str(HERE)]), sessions="tasks"))
    names = [each["name"] for each in made]
    assert len(set(names)) == len(names) > 5
    for each in made:
        assert (
            re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", each["name"]) and len(each["name"]) <= MAX_NAME
        )
        ((how, said),) = each["definition"].items()
        assert 35 <= len(said["statement"]) <= MAX_STATEMENT
        assert (how == "policy") == ("when temporal" in said["statement"])
        assert f'resource == AgentCore::Gateway::"{ARN}"' in said["statement"]


def test_rules_of_one_beginning_have_names_of_their_own() -> None:
    rules = [
        replace(hand_policies.ALLOW, id=f"p.{'g' * 60}.{'e' * 60}{end}") for end in ("a", "b", "ä")
    ]
    policy = bound_to_gateway(hand_policies.policy_of(*rules))
    names = [each["name"] for each in created(emit(policy))]
    assert len(set(names)) == 3 and max(map(len, names)) <= MAX_NAME


def test_a_large_rule_is_split_or_refused() -> None:
    to = ir.Attribute("args", ("to",), ir.STRING)
    field = ir.Field("to", ir.STRING)
    resource = hand_policies.POLICY.resources[0]
    action = replace(resource.actions[0], parameters=(field,))
    policy = replace(hand_policies.POLICY, resources=(replace(resource, actions=(action,)),))

    def made(condition: ir.Condition) -> Emission:
        allow = replace(hand_policies.ALLOW, condition=condition)
        return emit(bound_to_gateway(hand_policies.policy_of(allow, policy=policy)))

    likes = tuple(ir.Like(to, f"{number:0900}*") for number in range(20))
    several = created(made(ir.Or(likes)))
    assert len(several) > 1
    assert all(len(each["definition"]["cedar"]["statement"]) <= MAX_STATEMENT for each in several)
    refused = made(ir.Compare("==", to, ir.Constant(ir.STRING, "x" * MAX_STATEMENT)))
    assert [each.code for each in refused.diagnostics] == ["AGP5002"]
    assert refused.files == {}


def test_more_policies_than_an_engine_takes_are_refused() -> None:
    rules = [replace(hand_policies.ALLOW, id=f"p.g.a{number}") for number in range(1_001)]
    made = emit(bound_to_gateway(hand_policies.policy_of(*rules)))
    assert {each.code for each in made.diagnostics} == {"AGP5002"}
    assert made.files == {}


@pytest.mark.parametrize(
    "settings",
    [
        {"shape": "agentcore"},
        {"shape": "agentcore", "gateway": f'{ARN}"'},
        {"shape": "agentcore", "gateway": ARN, "sessions": "calls"},
        {"shape": "agentcore", "gateway": ARN, "limits": "none"},
        {"shape": "other"},
        {"gateway": ARN},
        {"sessions": "tasks"},
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, str]) -> None:
    made = TARGET.emit(load_policy([str(HERE)]), Options(settings))
    assert [each.code for each in made.diagnostics] == ["AGP5006"]
    assert made.files == {}


def test_a_tool_of_two_capabilities_is_permitted_by_neither_and_forbidden_by_both() -> None:
    text = """\
language 2
package p
owner "o" contact "o@x.example"
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool a { read action x }
tool b { read action x }
bind mcp { resource a { x = "T___x" } resource b { x = "T___x" } }
grant g { to bot for pay allow a.x }
forbid f { deny b.x because "no" }
"""
    made = emit(compiled(text))
    assert ledger(made) == {"p.f": "exact", "p.g.a.x": "elsewhere", "p.pay.start": "elsewhere"}
    assert "permit" not in made.files["policies.cedar"] and "forbid" in made.files["policies.cedar"]


# --- What was done before -------------------------------------------------------------------------


def test_a_limit_is_said_where_a_session_is_a_task_and_left_out_where_nobody_says_so() -> None:
    policy = compiled(limited())
    said, unsaid = emit(policy, sessions="tasks"), emit(policy)
    assert {each for rule, each in ledger(said).items() if not rule.endswith(".start")} == {
        "stricter"
    }
    assert set(ledger(unsaid).values()) == {"elsewhere"}
    assert "temporal.dw" not in unsaid.files and "temporal" not in unsaid.files["policies.json"]
    assert len(dogwood.blocks(said.files["temporal.dw"])) == 3


@pytest.mark.parametrize(
    ("meter", "use"),
    [
        ("meter m = count of shop.pay per task", "m <= 2"),
        ("meter m = count of shop.pay per task within 2d", "m <= 2"),
        ("meter m = count of shop.pay per agent within 1h", "m <= 2"),
        ("meter m = count of shop.pay per everyone within 1h", "m <= 2"),
        ("meter m = count of shop.pay per task, user within 1h", "m <= 2"),
        ("meter m = count of shop.pay per task, resource within 1h", "m <= 2"),
        ("meter m = count of shop.pay, shop.look per task within 1h", "m <= 2"),
        ("meter m = count of shop.pay when args.cents > 5 per task within 1h", "m <= 2"),
        ("meter m = count of done shop.pay per task within 1h", "m.before <= 2"),
        ("meter m = count of denied shop.pay per task within 1h", "m.before <= 2"),
        ("meter m = max args.cents of shop.pay per task within 1h", "m <= 2"),
        ("meter m = distinct args.cents of shop.pay per task within 1h", "m <= 2"),
        ("meter m = count of shop.pay per task, args.cents as args.cents within 1h", "m <= 2"),
        ("meter m = count of shop.pay per task within 1h", "m > 2"),
        ("meter m = count of shop.pay per task within 1h", "m == 2"),
        ("meter m = count of shop.pay per task within 1h", "not m <= 2"),
        ("meter m = count of shop.pay per task within 1h", "m <= args.cents"),
        ("meter m = count of shop.pay per task within 1h", "(m <= 2 or args.cents > 7) and pays <= 1 and spent <= 5"),
    ],
)  # fmt: skip
def test_what_a_session_cannot_tell_is_left_out(meter: str, use: str) -> None:
    policy = compiled(limited(pays=use).replace("grant g", f"{meter}\ngrant g"))
    made = emit(policy, sessions="tasks")
    assert ledger(made)["p.g.counted"] == "elsewhere"


def test_nothing_is_said_of_the_past_where_a_run_may_have_several_tasks() -> None:
    text = limited().replace("grant g", 'agent other = "spiffe://acme.example/other"\nintent more "More"\n'
        "delegate bot for pay to other for more\ngrant g")  # fmt: skip
    made = emit(compiled(text), sessions="tasks")
    assert {made for rule, made in ledger(made).items() if rule.startswith("p.g")} == {"elsewhere"}


POLICIES = [
    compiled(limited(*each))
    for each in (
        (),
        ("pays.before < 2", "spent.before <= 300", "looks < 3"),
        ("pays <= 1", "3 > looks.before", "not looks > 1"),
        ("spent <= 150", "1_000 >= spent", "pays <= 2"),
    )
]


@given(data=st.data())
def test_the_past_only_narrows_and_never_permits_what_the_policy_denies(
    data: st.DataObject,
) -> None:
    """A session is a task: what it permits is recorded as permitted, and what it does not as denied."""
    policy = data.draw(st.sampled_from(POLICIES))
    emission = emit(policy, sessions="tasks")
    whole = Engine(policy, emission.files)
    assert whole.validation.validation_passed, whole.validation.errors
    texts = [each["definition"] for each in created(emission)]
    rules = []
    for each in texts:
        ((_, said),) = each.items()
        alone = {**emission.files, "policies.cedar": "", "temporal.dw": said["statement"]}
        rules.append((Engine(policy, alone), dogwood.blocks(said["statement"])))
    steps = data.draw(st.lists(st.tuples(
        st.sampled_from((0, 1, 20, 59, 60, 61, 299, 300, 301, 600, 601)),
        st.sampled_from(("pay", "pay", "look")),
        st.sampled_from((-5, 0, 1, 50, 99, 100, 101, 200, 899, 999, 1_000, 2**53, 2**60)),
    ), max_size=9))  # fmt: skip
    now, events, record = START, [], [task_line()]
    for number, (wait, action, cents) in enumerate(steps):
        now += timedelta(seconds=wait)
        arguments = {"cents": cents} if action == "pay" else {"order": "o-7"}
        request = request_at(now, action, arguments)
        events.append(dogwood.Event(int(now.timestamp()), f"Shop___{action}", arguments))
        permits = any(
            engine.decide(request) and all(dogwood.holds(block, events) for block in past)
            for engine, past in rules
        )
        assert whole.decide(request) or not permits
        known = facts(policy, [json.dumps(each) for each in record], request)
        decision = decide(policy, known)
        event(f"{decision.effect}, {permits}")
        assert decision.effect == "permit" or not permits, (request, known)
        effect = "permit" if permits else "deny"
        record.append(
            {
                "time": text_of(now),
                "event": "call",
                "id": f"c-{number}",
                "effect": effect,
                "request": request,
            }
        )


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def task_line() -> dict[str, Any]:
    task = {"id": "t-1", "intent": "p.pay", "state": "active"}
    return {"time": text_of(START), "event": "task", "agent": BOT, "task": task}


def request_at(now: datetime, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "subject": {"type": "agent", "id": BOT},
        "action": {"name": action, "properties": arguments},
        "resource": {"type": "p.shop", "id": "main"},
        "context": {
            "time": text_of(now),
            "task": {"id": "t-1", "intent": "p.pay", "state": "active"},
        },
    }


def test_the_temporal_conditions_permit_up_to_their_limits() -> None:
    """So the property above is not met by denying everything."""
    (block,) = [each for each in dogwood.blocks(emit(POLICIES[0], sessions="tasks").files["temporal.dw"]) if "sum" in str(each)]  # fmt: skip
    at = [dogwood.Event(each * 100, "Shop___pay", {"cents": 400}) for each in range(5)]
    assert [dogwood.holds(block, at[: each + 1]) for each in range(5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert dogwood.holds(block, [at[0], dogwood.Event(301, "Shop___pay", {"cents": 999})])
    assert not dogwood.holds(block, [at[0], dogwood.Event(300, "Shop___pay", {"cents": 600})])
    assert not dogwood.holds(block, [dogwood.Event(0, "Shop___pay", {"cents": -1}), at[1]])
