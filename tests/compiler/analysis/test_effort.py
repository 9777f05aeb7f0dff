"""What an analysis does is counted, so that a policy made to take long ends in `AGP2999` soon."""

from __future__ import annotations

from collections import Counter

import pytest

from agpc.compiler.analysis.answers import Answers
from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.procedure.asked_of_rules.pairs import PAIR_STEPS, find_pair, side_of
from agpc.compiler.analysis.procedure.cubes.conditions import Cubes
from agpc.compiler.analysis.procedure.cubes.disjointness import are_apart, points_of
from agpc.compiler.analysis.procedure.effort import (
    FEW,
    FOR_A_POLICY,
    FOR_A_RULE,
    FOR_STATEMENTS,
    MOST,
    Effort,
)
from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import PROOFS, analyze
from agpc.compiler.ir import nodes as ir

from .worst_policies import alternatives, policy_of


def allows(count: int, when: str, more: str = "") -> str:
    return "".join(
        f"grant a{n} {{ to bot for pay allow t.x when {when.format(n=n)}\n{more.format(n=n)}}}\n"
        for n in range(count)
    )


def forbids(count: int, body: str, deny: str = "t.x") -> str:
    return "".join(f"forbid f{n} {{ deny {deny} {body.format(n=n)} }}\n" for n in range(count))


def steps(policy: ir.Policy) -> tuple[Counter[str], int]:
    """How often each contradiction is reported, and the steps that this took."""
    answers = Answers()
    codes = ["AGP2101", "AGP2103", "AGP2104"]
    reported = Counter(each.code for each in analyze(policy, answers=answers, codes=codes))
    return reported, answers.world(policy, Limits()).effort.spent


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (forbids(1000, "when resource.n > 3"), {"AGP2104": 1}),
        (forbids(1000, "", "any"), {"AGP2103": 1, "AGP2104": 1}),
        (allows(1000, "resource.n > 3"), {"AGP2101": 1}),
    ],
)
def test_rules_that_say_the_same_cost_as_one(more: str, wanted: dict[str, int]) -> None:
    reported, spent = steps(policy_of("resource.a" if "grant a" in more else "", more))
    assert reported == wanted
    assert spent < 1000


@pytest.mark.parametrize(
    "more",
    [
        forbids(100, 'unless resource.n > {n} or resource.name == "vi"'),
        forbids(100, 'unless approval by "role:r{n}" within 1h'),
        allows(60, 'resource.name like "a{n}*" or resource.n == {n} or resource.b'),
        allows(60, "resource.n > {n}", '    require approval by "role:r" within 1h\n'),
        allows(
            40, "resource.n > 0", '    during mon..fri 08:{n:02d}..17:{n:02d} "Europe/Berlin"\n'
        ),
    ],
)
def test_no_policy_takes_more_than_all_answers_may(more: str) -> None:
    policy = policy_of("", more)
    rules = len(policy.allows) + len(policy.forbids)
    _, spent = steps(policy)
    # Then each answer has a few left, and what ends an answer is counted as well.
    assert spent <= FOR_A_POLICY + FOR_A_RULE * rules + MOST + 10 * rules * (FEW + rules)


def test_an_answer_has_few_steps_once_all_have_taken_many() -> None:
    effort = Effort(rules=1)
    effort.begin()
    effort.spend(MOST)
    with pytest.raises(Undetermined):
        effort.spend(1)
    while effort.spent <= FOR_A_POLICY + FOR_A_RULE:
        effort.begin()
        effort.spend(MOST)
    effort.begin()
    effort.spend(FEW)
    with pytest.raises(Undetermined, match="all questions about the policy"):
        effort.spend(1)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("resource.n == 1", "resource.n == 2", True),
        ("resource.n == 1", "resource.n in [1, 2]", False),
        ("resource.n == 1", "resource.n > 3", False),  # too many values to list
        ("resource.n == 1", "not has resource.n", True),
        ('resource.name == "a"', 'resource.name == "b" or resource.a', False),
        ('resource.name == "a"', 'resource.name == "b" or resource.name == "c"', True),
        ("resource.a", "not resource.a", True),
    ],
)
def test_rules_that_ask_different_values_are_seen_to_be_apart(
    one: str, other: str, apart: bool
) -> None:
    policy = policy_of(one, allows(1, other))
    points = [points_of(Cubes(policy).of(each.condition, "true")) for each in policy.allows]
    assert are_apart(*points) is apart


def test_that_a_rule_has_too_many_cubes_is_found_out_once() -> None:
    parts = " or ".join(f'(resource.n == {n} and resource.name like "v{n}*")' for n in range(12))
    policy = policy_of("", f"forbid f {{ deny t.x when {parts} }}\n")
    world = World(policy)
    raised = []
    for _ in range(2):
        with pytest.raises(Undetermined) as caught:
            world.rules.spares(policy.forbids[0])
        raised.append(caught.value)
    assert raised[0] is raised[1]


def test_warnings_take_no_steps_from_an_assertion() -> None:
    denied = forbids(2000, 'when resource.name like "team-{n}/*"')
    found = analyze(policy_of("", denied + "assert no agent can t.x when resource.n > 10\n"))
    assert "AGP3101" in {each.code for each in found}


def test_no_statement_takes_steps_from_another_or_from_warnings() -> None:
    effort = Effort(rules=0, statements=2)
    with effort.statement():
        for _ in range(10):  # far more than there are for statements
            effort.begin()
            with pytest.raises(Undetermined):
                effort.spend(MOST + 1)
    for _ in range(2):  # one more statement, and then a warning
        with effort.statement():
            effort.begin()
            effort.spend(MOST)
    effort.begin()
    effort.spend(MOST)


def test_a_statement_that_is_open_is_named() -> None:
    first, second = (
        f"assert no agent can p.t.x when resource.n > {n} and resource.a" for n in (1, 2)
    )
    policy = policy_of(alternatives(24), f"{first}\n{second}\n".replace("p.t.x", "t.x"))
    found = [each for each in analyze(policy, codes=PROOFS) if each.code == "AGP2999"]
    assert [each.message for each in found] == [
        f"could not tell whether `{each}` holds" for each in (first, second)
    ]
    for each, assertion in zip(found, sorted(policy.assertions, key=lambda a: a.span), strict=True):
        assert [label.span for label in each.labels] == [assertion.span, policy.allows[0].span]


@pytest.mark.parametrize(
    "more",
    [
        allows(1000, "resource.n == {n}") + "forbid f { deny any when resource.a }\n",
        allows(1000, "resource.n <= {n}"),
        allows(1000, 'resource.name like "team-{n}/*"'),
        allows(1000, 'resource.name like "*-{n}"'),
        forbids(1000, 'when resource.name like "team-{n}/*"'),
        forbids(1000, "when resource.n > {n}"),
        "".join(
            f'agent b{n} = "spiffe://acme.example/b{n}"\n'
            f"grant b{n} {{ to b{n} for pay allow t.x "
            f'when resource.name under "/d{n}" and resource.n <= {n} }}\n'
            for n in range(200)
        ),
    ],
)
def test_many_rules_of_one_capability_leave_nothing_open(more: str) -> None:
    condition = "resource.b" if "grant" in more else ""
    found = analyze(policy_of(condition, more))
    assert "AGP2999" not in {each.code for each in found}


def test_pairs_of_requests_are_counted_beside_what_their_searches_count() -> None:
    world = World(policy_of("resource.b"))
    (allow,) = world.policy.allows
    side = side_of(world, allow, world.rules.scope(allow))
    assert find_pair(world, side, side, ("resource",)) is not None
    assert world.effort.spent > PAIR_STEPS


def test_no_pair_is_sought_once_a_statement_has_spent_its_steps() -> None:
    world = World(policy_of("resource.b"))
    (allow,) = world.policy.allows
    side = side_of(world, allow, world.rules.scope(allow))
    with world.effort.statement():
        world.effort.count(FOR_STATEMENTS + MOST)
        with pytest.raises(Undetermined):
            find_pair(world, side, side, ("resource",))
