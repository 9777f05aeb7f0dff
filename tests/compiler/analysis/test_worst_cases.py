"""Policies that are made to take long: they end in an answer, or in `AGP2999`, and in no traceback."""

from __future__ import annotations

from itertools import product

import pytest

from agpc.compiler.analysis.procedure.verdict import Undetermined
from agpc.compiler.analysis.procedure.world import World
from agpc.compiler.analysis.run import analyze
from agpc.compiler.ir import nodes as ir

from .worst_policies import alternatives, policy_of


def codes(policy: ir.Policy) -> set[str]:
    """What is found of contradictions and of privilege, and what is undetermined."""
    return {each.code for each in analyze(policy) if each.code < "AGP4000"}


def nested(depth: int) -> str:
    if depth == 0:
        return "resource.n == 0"
    return (
        f"((resource.n < {depth} and resource.a) or (resource.n > {depth} and not resource.b) "
        f"or {nested(depth - 1)})"
    )


@pytest.mark.parametrize("condition", [alternatives(24), f"not {nested(30)}"])
def test_too_many_alternatives_are_undetermined(condition: str) -> None:
    assert codes(policy_of(condition)) == {"AGP2999"}


def test_ten_patterns_with_many_stars() -> None:
    def pattern(step: int, at: int) -> str:
        return "*".join(chr(97 + (at * step + n) % 26) for n in range(6))

    wanted = " and ".join(f'resource.name like "*{pattern(7, at)}*"' for at in range(10))
    denied = " or ".join(f'resource.name like "*{pattern(5, at)}*"' for at in range(10))
    forbid = f'forbid f {{\n deny t.x\n when {denied}\n because "x"\n}}\n'
    assert codes(policy_of(wanted, forbid)) == {"AGP2103"}  # the first are one pattern


def test_a_thousand_members() -> None:
    members = [f'"m{n}"' for n in range(1000)]
    numbers = ", ".join(map(str, range(0, 2000, 2)))

    def forbid(names: list[str]) -> str:
        listed = ", ".join(names)
        return f'forbid f {{\n deny t.x\n when resource.name not in [{listed}]\n because "x"\n}}\n'

    condition = f"resource.name in [{', '.join(members)}] and resource.n not in [{numbers}]"
    assert codes(policy_of(condition, forbid(members[:-1]))) == set()
    beside = f'resource.name not in [{", ".join(members)}] and resource.name like "m*"'
    assert codes(policy_of(beside, forbid(members))) == {"AGP2103"}


@pytest.mark.parametrize(
    ("test", "count"), [("resource.n == {}", 200), ('resource.name like "*q{}*"', 60)]
)
def test_many_forbids_of_one_capability(test: str, count: int) -> None:
    forbids = "".join(
        f'forbid f{n} {{\n deny t.x\n when {test.format(n)}\n because "x"\n}}\n'
        for n in range(count)
    )
    assert "AGP2103" not in codes(policy_of("", forbids))


def test_a_search_that_goes_deeper_than_python_is_undetermined() -> None:
    forbids = "".join(f"forbid f{n} {{ deny t.x unless resource.n > {n} }}\n" for n in range(1000))
    policy = policy_of("resource.n >= 0", forbids)
    world = World(policy)
    try:
        found = world.permitted_by(policy.allows[0], policy.forbids)
    except Undetermined:
        return
    assert found is not None
    assert found["resource"]["properties"]["n"] >= 1000


def test_two_hundred_ranges() -> None:
    outside = " and ".join(f'not (resource.ip within "10.{n}.0.0/16")' for n in range(200))
    assert codes(policy_of(outside)) == set()
    assert codes(policy_of(f'{outside} and resource.ip within "10.7.0.0/17"')) == {"AGP2105"}


def test_tests_of_one_list() -> None:
    tests = " and ".join(f'resource.tags contains any ["a{n}", "b{n}"]' for n in range(30))
    assert codes(policy_of(tests)) == set()


def families(count: int, depth: int) -> str:
    """Families of which any number meet: each fixes another segment."""
    return "".join(
        f'agents f{n} = "spiffe://acme.example/'
        f'{"/".join(f"s{n}" if at == n else "*" for at in range(depth))}/**"\n'
        for n in range(count)
    )


def test_families_that_meet_in_too_many_ways_are_undetermined() -> None:
    """What asks nothing of agents goes on, and the rest says that it could not tell."""
    names = ", ".join(f"f{n}" for n in range(20))
    rules = (
        f"grant tangled {{ to {names} for pay allow t.x when resource.n == 1 }}\n"
        "forbid some { to f0 deny t.x }\n"
        "assert no f1 can t.x when resource.n == 2\n"
    )
    found = analyze(policy_of("", families(20, 20) + rules))
    assert "AGP2999" in {each.code for each in found}
    assert "AGP4101" in {each.code for each in found}


def test_a_hundred_large_families() -> None:
    many = "".join(f'agents m{n} = "spiffe://acme.example/n{n}/**"\n' for n in range(100))
    assert codes(policy_of("", many + families(4, 5))) == set()


def boxes(dimensions: int, left_out: int = 0) -> ir.Policy:
    """Forbids that tile a box, one for each half in each dimension, and that nothing else is asked."""
    inside = " and ".join(f"resource.n{at} >= 0" for at in range(dimensions))
    halves = list(product(("< 5", ">= 5"), repeat=dimensions))
    tiles = (
        " and ".join(f"resource.n{at} {half}" for at, half in enumerate(each))
        for each in halves[left_out:]
    )
    forbids = "".join(f"forbid f{n} {{ deny s.x when {when} }}\n" for n, when in enumerate(tiles))
    fields = " ".join(f"n{at}: number" for at in range(dimensions))
    return policy_of(
        "",
        f"tool s {{ {fields} action x }}\n"
        f"grant box {{ to bot for pay allow s.x when {inside} }}\n{forbids}"
        "assert no agent can s.x\n",
    )


def test_tiles_of_a_box_are_looked_at_once_each() -> None:
    """Ways out of one forbid that overlap would lead to the same places again and again."""
    assert analyze(boxes(8), codes=["AGP3101"]) == ()
    (found,) = analyze(boxes(8, left_out=1), codes=["AGP3101"])
    assert found.code == "AGP3101"


def test_conditions_with_many_leaves_cost_more_than_those_with_few() -> None:
    many = " and ".join(f"resource.n > {n}" for n in range(100))
    policy = policy_of(
        "", f"forbid few {{ deny t.x when resource.a }} forbid many {{ deny t.x when {many} }}\n"
    )
    few, more = (World(policy).avoid.forbid(each).steps for each in policy.forbids)
    assert few < more


@pytest.mark.parametrize(
    "rules",
    [
        "".join(
            f"grant a{n} {{ to bot for pay allow t.x when resource.n <= {n} }}\n"
            for n in range(150)
        ),
        "".join(f"forbid f{n} {{ deny t.x when resource.n > {n} }}\n" for n in range(150)),
    ],
)
def test_of_many_rules_each_in_the_next_each_but_one_is_covered(rules: str) -> None:
    found = analyze(policy_of("resource.n > 200", rules), codes=["AGP2101", "AGP2104"])
    assert [each.code for each in found] == ["AGP2101" if "grant" in rules else "AGP2104"] * 149
