"""Identities find their agents and families as the interpreter's patterns do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.ir.spiffe import spiffe_matches, without
from agpc.runtime import agents
from agpc.runtime.agents import Agents
from agpc.runtime.values import MAX_SPIFFE_ID

SEGMENTS = st.sampled_from(["*", "**", "a", "b", "", ".", "..", "a*", "%2e", "é", "A"])
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join)


@given(st.lists(PATHS, max_size=5), PATHS, st.lists(PATHS, max_size=2), st.lists(PATHS, max_size=2))
def test_names_are_those_whose_patterns_match(
    patterns: list[str], agent: str, ids: list[str], left_out: list[str]
) -> None:
    patterns = [without(each, left_out) if n % 2 else each for n, each in enumerate(patterns)]
    declared = {f"p.f{n}": ((), (pattern,)) for n, pattern in enumerate(patterns)}
    declared["p.any"] = ((), tuple(patterns))  # what one of them leaves out another lets in
    named = {f"p.a{n}": ((id,), ()) for n, id in enumerate(ids)}
    expected = {f"p.f{n}" for n, pattern in enumerate(patterns) if spiffe_matches(pattern, agent)}
    expected |= {"p.any"} if expected else set()
    expected |= {f"p.a{n}" for n, id in enumerate(ids) if id == agent}
    index = Agents({**declared, **named})
    for _ in range(2):  # the second time it is remembered
        assert index.names_of(agent) == tuple(sorted(expected))


def test_an_identity_that_is_too_long_fits_no_pattern() -> None:
    index = Agents({"p.f": ((), ("s/*",))})
    assert index.names_of("s/" + "a" * (MAX_SPIFFE_ID - 2)) == ("p.f",)
    assert index.names_of("s/" + "a" * (MAX_SPIFFE_ID - 1)) == ()


def test_memory_of_identities_is_bounded() -> None:
    index = Agents({"p.f": ((), ("s/*",))})
    for number in range(agents.REMEMBERED * 2 + 10):
        assert index.names_of(f"s/a{number}") == ("p.f",)
        assert index.names_of(f"other/a{number}") == ()
    assert len(index._by_pattern) <= agents.REMEMBERED
