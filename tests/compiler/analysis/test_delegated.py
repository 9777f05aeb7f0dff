"""What agents can do for others: each witness is permitted to its chain, and no permitted chain is told never to be."""

from __future__ import annotations

from typing import Any

from generators import aimed_requests, policies, requests
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.analysis.access import Access, Answer
from agpc.compiler.analysis.delegated import MOST_CHAINS, all_answers, delegated
from agpc.compiler.analysis.procedure.asked_of_rules.chained import Link, chains_of
from agpc.compiler.analysis.procedure.calls.scope import Scope
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import analyze
from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning.chain import flaw_of_chain
from agpc.compiler.meaning.interpreter import decide

from .finding_fixtures import policy_of, witnesses

REQUESTS = 8
"""That are drawn about one policy: few are permitted, and to a chain."""


def answers_of(policy: ir.Policy) -> list[Answer]:
    world = World(policy)
    everything = Scope(
        world.names.agents_of(), world.names.intents_of(), world.names.capabilities_of(("any",))
    )
    return list(delegated(Access(world), everything))


@settings(max_examples=settings().max_examples // 7)  # each asks about all chains of a policy
@given(st.data())
def test_each_chain_that_is_told_is_permitted_and_none_that_is_permitted_is_told_never(
    data: st.DataObject,
) -> None:
    policy = data.draw(policies(max_rules=4, is_handed_on=True))
    answers = answers_of(policy)
    for each in answers:
        for way in each.ways:
            assert way.witness is not None
            assert decide(policy, way.witness).effect == "permit"
            assert flaw_of_chain(policy, way.witness) is None
            assert (told(way.witness), way.witness["subject"]["id"]) == (each.chain, each.agent)
            assert {one.allow.id for one in (way, *way.above)} <= set(
                decide(policy, way.witness).rules
            )
    open_ = {(each.agent, each.intent, each.capability, each.chain) for each in answers if each.how != "never"}  # fmt: skip
    known = set(World(policy).universe.agents)
    for _ in range(4):
        request = data.draw(requests(policy, recorded=True))
        if decide(policy, request).effect != "permit" or not request["context"].get("delegation"):
            continue
        chain, subject = told(request), request["subject"]["id"]
        nodes = [(subject, request["context"]["task"]["intent"]), *chain]
        if len(set(nodes)) < len(nodes) or not {agent for agent, _ in nodes} <= known:
            continue  # it permits no more than without what stands twice; or others stand for them
        kind = request["resource"]["type"]
        action = policy.actions_called[kind][request["action"]["name"]]
        assert (*nodes[0], f"{kind}.{action}", chain) in open_


def told(request: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """For whom an agent acts."""
    links = request["context"]["delegation"]
    return tuple((each["agent"], each["task"]["intent"]) for each in links)


HEAD = """package p
agent a = "spiffe://t.example/a" { tenant?: string }
agent b = "spiffe://t.example/b" { tenant?: string }
agent c = "spiffe://t.example/c"
intent i "I" { n: int }
intent j "J" { n: int }
intent k "K"
tool t { place: string  action get(n: int)  action put(n: int) }
context { starter: string }
"""
BOTH = """
grant above { to a for i allow t.get when args.n <= task.n }
grant below { to b for j allow t.get when args.n >= task.n allow t.put }
delegate a for i to b for j
"""


def found(text: str) -> dict[tuple[str, int], str]:
    """What each chain takes, by capability and the number of its links."""
    answers = answers_of(policy_of(HEAD + text))
    return {(each.capability, len(each.chain)): each.how for each in answers}


def test_a_chain_may_do_what_each_agent_may_do_with_its_own_task() -> None:
    assert found(BOTH) == {("p.t.get", 1): "conditionally"}
    (answer,) = answers_of(policy_of(HEAD + BOTH))
    (way,) = answer.ways
    assert way.witness is not None
    (link,) = way.witness["context"]["delegation"]
    at = way.witness["action"]["properties"]["n"]
    assert way.witness["context"]["task"]["n"] <= at <= link["task"]["n"]
    assert [each.allow.id for each in way.above] == ["p.above.t.get"]


def test_a_chain_in_which_nothing_is_left_is_never_permitted() -> None:
    text = BOTH.replace("args.n >= task.n", "args.n > 5").replace("args.n <= task.n", "args.n < 5")
    assert found(text) == {("p.t.get", 1): "never"}


def test_attributes_of_agents_are_each_their_own() -> None:
    text = BOTH.replace("args.n >= task.n", 'agent.tenant == "x"')
    text = text.replace("args.n <= task.n", 'agent.tenant == "y"')
    assert found(text) == {("p.t.get", 1): "conditionally"}


def test_what_the_resource_is_is_one_for_the_chain() -> None:
    text = BOTH.replace("args.n >= task.n", 'resource.place == "x"')
    text = text.replace("args.n <= task.n", 'resource.place == "y"')
    assert found(text) == {("p.t.get", 1): "never"}


def test_a_forbid_of_a_delegator_closes_the_chain() -> None:
    assert found(BOTH + 'forbid f { deny t.get to a because "x" }') == {("p.t.get", 1): "never"}
    some = 'forbid f { deny t.get to a when args.n == 1 because "x" }'
    (answer,) = answers_of(policy_of(HEAD + BOTH + some))
    assert [each.id for each in answer.ways[0].above[0].forbids] == ["p.f"]


def test_what_a_delegator_has_to_show_is_told() -> None:
    text = BOTH.replace("args.n <= task.n", 'args.n <= task.n require approval by "role:x"')
    assert found(text) == {("p.t.get", 1): "with approval"}


def test_nobody_of_a_chain_approves() -> None:
    asks = 'require approval by "spiffe://t.example/a"'
    text = BOTH.replace("args.n >= task.n", f"args.n >= task.n {asks}")
    assert not any(answer.ways for answer in answers_of(policy_of(HEAD + text)))


def test_an_identity_is_that_of_the_agent_of_the_link() -> None:
    for who, how in (("a", "conditionally"), ("b", "never")):
        text = BOTH.replace("args.n <= task.n", f'agent.id == "spiffe://t.example/{who}"')
        assert found(text) == {("p.t.get", 1): how}


def test_longer_chains_are_asked_about_where_shorter_ones_permit_something() -> None:
    text = BOTH + "grant top { to c for k allow t.get when args.n > 3 } delegate c for k to a for i"
    assert found(text) == {("p.t.get", 1): "conditionally", ("p.t.get", 2): "conditionally"}
    assert found(text.replace("args.n <= task.n", "args.n < 0").replace("args.n >= task.n", "args.n > 0")) == {("p.t.get", 1): "never"}  # fmt: skip


def test_in_a_cycle_nobody_stands_twice() -> None:
    policy = policy_of(HEAD + BOTH + "delegate b for j to a for i")
    world = World(policy)
    a, b = (world.universe.agents.index(f"spiffe://t.example/{each}") for each in "ab")
    i, j = (world.universe.intents.index(f"p.{each}") for each in "ij")
    assert list(chains_of(world, b, j)) == [(Link(a, i),)]


def test_so_many_chains_that_not_all_are_told_end() -> None:
    agents = [f"x{number}" for number in range(12)]
    text = "".join(f'agent {each} = "spiffe://t.example/{each}"\n' for each in agents)
    text += f"grant g {{ to {', '.join(agents)} for k allow t.get }}\n"
    text += "".join(f"delegate {one} for k to {two} for k\n" for one in agents for two in agents)
    policy = policy_of(HEAD + text)
    world = World(policy)
    one = Scope(world.names.agents_of(("p.x0",)), world.names.intents_of(), world.names.capabilities_of(("p.t.get",)))  # fmt: skip
    chains = [each for each in all_answers(world, one) if each.chain]
    assert len(chains) == MOST_CHAINS
    assert all(each.how == "permit" for each in chains)


def test_facts_of_a_chain_are_those_of_one_record() -> None:
    text = """meter gets = count of t.get per task
    grant above { to a for i allow t.get when gets <= 3 }
    grant below { to b for j allow t.get when gets.before >= 2 }
    delegate a for i to b for j
    """
    (answer,) = answers_of(policy_of(HEAD + text))
    (way,) = answer.ways
    assert way.witness is not None
    (link,) = way.witness["context"]["delegation"]
    for holder in (link, way.witness["context"]):
        ((_, value),) = holder["meters"].items()
        assert value == {"before": 2, "with": 3}
    less = text.replace("gets <= 3", "gets <= 1")
    (answer,) = answers_of(policy_of(HEAD + less))
    assert answer.how in ("never", "undetermined")


# --- separate, and isolate ------------------------------------------------------------------------

STARTS = """
grant ga { to a for i allow t.get allow j.start when args.n == task.n }
grant gb { to a for j allow t.put }
separate t.get, t.put per task
"""


def codes(text: str) -> list[str]:
    return [each.code for each in analyze(policy_of(HEAD + text), codes=("AGP3301", "AGP3302"))]


def test_per_task_is_for_an_intent_and_those_that_its_tasks_may_start() -> None:
    assert codes(STARTS) == ["AGP3301"]
    assert codes(STARTS.replace("allow j.start when args.n == task.n", "")) == []
    assert codes(STARTS + 'forbid f { deny j.start because "x" }') == []
    assert codes(STARTS + 'forbid f { deny t.put because "x" }') == []


def test_a_start_of_a_start_is_in_the_same_run() -> None:
    text = STARTS.replace("allow t.put", "allow k.start").replace("separate", "grant gc { to a for k allow t.put } separate")  # fmt: skip
    assert codes(text) == ["AGP3301"]


def test_a_start_by_another_agent_is_not_its_own() -> None:
    assert codes(STARTS.replace("to a for j", "to b for j")) == []


def test_a_witness_in_a_run_shows_its_chain() -> None:
    text = """
    grant top { to b for k allow t.get allow k.start }
    grant ga { to a for i allow t.get allow j.start }
    grant gb { to a for j allow t.put }
    delegate b for k to a for i
    separate t.get, t.put per task
    """
    policy = policy_of(HEAD + text)
    (finding,) = analyze(policy, codes=("AGP3301",))
    assert finding.code == "AGP3301"
    for each in witnesses(finding):
        assert decide(policy, each).effect == "permit"


def test_what_is_handed_on_separates_as_who_hands_it_on_does() -> None:
    text = """
    grant ga { to a for i allow t.get }
    grant gb { to a for j allow t.put }
    grant gc { to b for k allow t.get, t.put }
    delegate a for i to b for k
    delegate b for k to a for j
    """
    assert codes(text + "separate t.get, t.put per task") == ["AGP3301"]  # b for itself
    assert codes(text.replace("allow t.get, t.put", "allow t.get") + "separate t.get, t.put per task") == []  # fmt: skip


def test_a_chain_permits_each_of_its_agents_what_it_permits() -> None:
    """So what is isolated, and what is separate, is so in chains as well."""
    checked = 0

    @given(st.data())
    def check(data: st.DataObject) -> None:
        nonlocal checked
        policy = data.draw(policies(max_rules=4, is_handed_on=True))
        for _ in range(REQUESTS):
            request = data.draw(aimed_requests(policy))
            if decide(policy, request).effect == "permit" and request["context"].get("delegation"):
                assert_each_is_permitted(policy, request)
                checked += 1

    check()
    assert checked > 20


def assert_each_is_permitted(policy: ir.Policy, request: dict[str, Any]) -> None:
    """Each agent of a chain may do by itself what a request of the chain asks for."""
    context = request["context"]
    caller = {"agent": request["subject"]["id"], "task": context["task"], **request["subject"]}
    for each in (caller, *context["delegation"]):
        own = {name: value for name, value in context.items() if name not in ("meters", "sources")}
        holder = context if each is caller else each
        own |= {name: holder[name] for name in ("meters", "sources") if name in holder}
        approvals = own.get("approvals")
        if isinstance(approvals, list):
            own["approvals"] = [
                {**one, "task": each["task"]["id"]}
                if isinstance(one, dict) and one.get("task") == context["task"].get("id")
                else one
                for one in approvals
            ]
        alone = {
            **request,
            "subject": {"type": "agent", "id": each["agent"], "properties": each.get("properties")},
            "context": {**own, "task": each["task"], "delegation": []},
        }
        assert decide(policy, alone).effect == "permit"
