"""On policies of which every request can be asked, each finding is there if and only if it is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

from .enumeration import VOCABULARY, Enumeration

# The other findings of contradiction are about how a condition is written and what records hold.
CODES = [f"AGP210{number}" for number in range(1, 9)]
LEAVES = (
    "context.b",
    "not context.b",
    "has context.b",
    "context.e == low",
    "context.e > low",
    "context.e >= low",
    "context.n < 2",
    "context.n <= 2",
    "context.n == 1",
    "context.n != 1",
    "context.n >= 1",
    "context.n in [1, 2]",
    "has context.n",
    "context.o",
    "not context.o",
    "has context.o",
    "not has context.o",
)
REQUIREMENTS = (
    'approval by "role:x"',
    'approval by "role:x" within 1h',
    'approval by "role:y"',
    'approval by "role:x", "role:y"',
    'step_up "mfa"',
)
CONDITIONS = st.recursive(
    st.sampled_from(LEAVES),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(("and", "or")), parts).map(
            lambda each: f"({each[0]}) {each[1]} ({each[2]})"
        ),
        parts.map(lambda part: f"not ({part})"),
    ),
    max_leaves=4,
)
Draw = Callable[[st.SearchStrategy[Any]], Any]


def drawn(draw: Draw, *choices: str) -> str:
    return str(draw(st.sampled_from(choices)))


def required(draw: Draw) -> str:
    several = draw(st.lists(st.sampled_from(REQUIREMENTS), min_size=1, max_size=2, unique=True))
    return " and ".join(several)


def grant_text(draw: Draw, number: int) -> str:
    lines = [
        f"grant g{number} {{",
        f"to {drawn(draw, 'one', 'all', 'all')}",
        f"for {drawn(draw, 'read', 'read, pay', 'any intent')}",
        f"allow {drawn(draw, 't.x', 't.x', 't.*', 't.y')}",
    ]
    if draw(st.integers(0, 3)):
        lines.append(f"when {draw(CONDITIONS)}")
    if not draw(st.integers(0, 2)):
        lines.append(f"require {required(draw)}")
    if not draw(st.integers(0, 4)):
        lines.append(f"revoke when {draw(CONDITIONS)}")
    if not draw(st.integers(0, 4)):
        lines.append(f"credential ttl {drawn(draw, '15m', '1h renew 1')}")
    if not draw(st.integers(0, 5)):
        lines.append("oblige log()")
    return "\n".join((*lines, "}\n"))


def forbid_text(draw: Draw, number: int) -> str:
    lines = [f"forbid f{number} {{", f"deny {drawn(draw, 't.x', 't.x', 'any', 't.y')}"]
    if not draw(st.integers(0, 2)):
        lines.append(f"to {drawn(draw, 'one', 'all')}")
    if not draw(st.integers(0, 2)):
        lines.append(f"for {drawn(draw, 'read', 'read, pay', 'any intent')}")
    if draw(st.integers(0, 3)):
        lines.append(f"when {draw(CONDITIONS)}")
    unless = draw(st.integers(0, 4))
    if unless == 0:
        lines.append(f"unless {draw(CONDITIONS)}")
    elif unless == 1:
        lines.append(f"unless {required(draw)}")
    return "\n".join((*lines, "}\n"))


@st.composite
def policies(draw: Draw) -> str:
    grants = [grant_text(draw, number) for number in range(draw(st.integers(1, 4)))]
    forbids = [forbid_text(draw, number) for number in range(draw(st.integers(0, 3)))]
    return VOCABULARY + "".join((*grants, *forbids))


@settings(max_examples=settings.default.max_examples * 2)
@given(policies())
def test_a_finding_is_reported_exactly_where_enumeration_says_so(text: str) -> None:
    compilation = compile_sources([Source("p.agp", text)])
    assert compilation.policy is not None, compilation.diagnostics
    policy = compilation.policy
    found: dict[str, set[Any]] = {code: set() for code in (*CODES, "AGP2999")}
    places = {rule.span: rule.id for rule in policy.rules}
    for each in analyze(policy, codes=CODES):
        rules = [
            places[label.span]
            for label in each.labels
            if label.text in ("covered", "the same again", "said here")
        ]
        found[each.code].add(frozenset(rules) if rules else places[each.labels[0].span])
    truth = Enumeration(policy)
    assert found == {
        "AGP2103": truth.overridden(),
        "AGP2102": truth.partly_forbidden(),
        "AGP2101": truth.redundant(),
        "AGP2104": truth.covered(),
        "AGP2105": truth.vacuous(),
        "AGP2106": truth.always_true(),
        "AGP2107": truth.unless_never(),
        "AGP2108": truth.bypassed(),
        "AGP2999": set(),
    }
