"""Of a list without elements, `every` holds and `some` does not, whatever else the test would read."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source

POLICY = """package p
agent bot = "spiffe://t.example/bot" { to: [string], seen: time }
intent work "Working"
tool files { action send(to: [string], at: [time]) }
"""


def policy_of(text: str) -> ir.Policy:
    compilation = compile_sources([Source("p.agp", POLICY + text)])
    assert compilation.policy is not None, compilation.diagnostics
    return compilation.policy


@pytest.mark.parametrize(
    "condition", ["every args.to in agent.to", "not some args.to in agent.to",
                  "not some args.at > agent.seen"],
)  # fmt: skip
def test_an_empty_list_is_a_way_around_an_attribute_that_is_missing(condition: str) -> None:
    attribute = "agent.seen" if "seen" in condition else "agent.to"
    policy = policy_of(
        f"grant g {{ to bot for work allow files.send when {condition} }}\n"
        f"assert no agent can files.send when not has {attribute}\n"
    )
    (found,) = analyze(policy, codes=["AGP3101"])
    assert '"to": []' in found.notes[0] or '"at": []' in found.notes[0]


def test_some_of_a_list_needs_the_attribute() -> None:
    policy = policy_of(
        "grant g { to bot for work allow files.send when some args.to in agent.to }\n"
        "assert no agent can files.send when not has agent.to\n"
    )
    assert not analyze(policy, codes=["AGP3101"])


def test_a_forbid_of_some_spares_an_empty_list() -> None:
    policy = policy_of(
        "grant g { to bot for work allow files.send when not has agent.to }\n"
        "forbid f { deny files.send when some args.to in agent.to }\n"
    )
    assert not [each for each in analyze(policy) if each.code == "AGP2103"]
