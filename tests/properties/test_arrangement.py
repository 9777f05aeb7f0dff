"""Promise 3 of source text: the order of statements, files and packages never matters."""

from __future__ import annotations

from typing import Any

from generators import WRITTEN, policies
from generators.sugar import statements_of
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.report.source import Source


@given(policies(features=WRITTEN), st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_arrangement_of_source_text_is_irrelevant(
    policy: ir.Policy, random: Any, files: int
) -> None:
    """Statements are shuffled and dealt to several files for each package, named at random."""
    dealt: list[Source] = []
    for source in policy_sources(policy):
        package, statements = statements_of(source)
        random.shuffle(statements)
        for number in range(files):
            text = "\n".join((package, *statements[number::files]))
            dealt.append(Source(f"{random.randrange(10**6)}/{number}{source.name}", text))
    random.shuffle(dealt)
    result = compile_sources(dealt)
    assert result.policy == policy, (dealt, result.diagnostics)


@given(policies(features=WRITTEN), st.randoms(use_true_random=False))
def test_the_order_of_clauses_is_irrelevant(policy: ir.Policy, random: Any) -> None:
    """The clauses of a grant or a forbid are shuffled; only `revoke when`s keep their order."""
    shuffled = []
    for source in policy_sources(policy):
        package, statements = statements_of(source)
        blocks = [
            in_other_order(each, random) if each.startswith(("grant", "forbid")) else each
            for each in statements
        ]
        shuffled.append(Source(source.name, "\n".join((package, *blocks))))
    result = compile_sources(shuffled)
    assert result.policy == policy, (shuffled, result.diagnostics)


def in_other_order(block: str, random: Any) -> str:
    """A grant or a forbid with its clauses in another order."""
    head, *lines, end = block.splitlines()
    clauses: list[list[str]] = []
    for line in lines:
        if line.startswith("        ") or (
            line.startswith("    revoke") and clauses and clauses[-1][-1].startswith("    revoke")
        ):
            clauses[-1].append(line)  # what belongs to an allow, and revocations after one another
        else:
            clauses.append([line])
    random.shuffle(clauses)
    return "\n".join((head, *(line for clause in clauses for line in clause), end))
