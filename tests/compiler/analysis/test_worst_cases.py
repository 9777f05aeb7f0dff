"""Policies that are made to take long: they end in an answer, or in `AGP2999`, and in no traceback."""

from __future__ import annotations

import pytest

from agpc.compiler import ir
from agpc.compiler.analysis.run import analyze
from agpc.compiler.analysis.verdict import Undetermined
from agpc.compiler.analysis.world import World
from agpc.compiler.compile import compile_sources
from agpc.compiler.source import Source

HEAD = """package p
agent bot = "spiffe://acme.example/bot"
intent pay "Pay"
tool t { n: int name: string a: bool b: bool c: bool ip: ip tags: [string] action x }
"""


def policy_of(condition: str, more: str = "") -> ir.Policy:
    when = f" when {condition}" if condition else ""
    text = f"{HEAD}grant g {{\n to bot\n for pay\n allow t.x{when}\n}}\n{more}"
    compilation = compile_sources([Source("p.agp", text)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


def codes(policy: ir.Policy) -> set[str]:
    """What is found of contradictions and of privilege, and what is undetermined."""
    return {each.code for each in analyze(policy) if each.code < "AGP4000"}


def alternatives(count: int) -> str:
    return " and ".join(
        f'(resource.n == {n} or resource.name like "a{n}*" or has resource.{"abc"[n % 3]})'
        for n in range(count)
    )


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
    rule = f"grant tangled {{ to {names} for pay allow t.x when resource.n == 1 }}"
    found = analyze(policy_of("", families(20, 20) + rule))
    assert "AGP2999" in {each.code for each in found}
    assert "AGP4101" in {each.code for each in found}


def test_a_hundred_large_families() -> None:
    many = "".join(f'agents m{n} = "spiffe://acme.example/n{n}/**"\n' for n in range(100))
    assert codes(policy_of("", many + families(4, 5))) == set()
