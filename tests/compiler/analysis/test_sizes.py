"""What is asked of a list and of its size goes together: there is a list of both, or provably none."""

from __future__ import annotations

import pytest

from agpc.compiler.analysis.run import analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source

POLICY = """language 2
package p
agent bot = "spiffe://t.example/bot"
intent work "Working" { people: [string] }
set desk = ["desk@acme.example", "books@acme.example"]
tool mail { action send(to: [string], people: [email], links: [url], files: [{ path: string, note?: string }]) }
grant g { to bot for work allow mail.send when CONDITION }
"""


def found(condition: str) -> set[str]:
    compilation = compile_sources([Source("p.agp", POLICY.replace("CONDITION", condition))])
    assert compilation.policy is not None, compilation.diagnostics
    codes = {each.code for each in analyze(compilation.policy, codes=["AGP2105"])}
    assert codes <= {"AGP2105", "AGP2999"}
    return codes


@pytest.mark.parametrize(
    "condition",
    [
        "every args.to in desk and size args.to > 0",
        "every args.to in desk and size args.to == 1",
        "every args.to in desk and size args.to >= 3",
        "args.to subset of desk and size args.to in [1, 2]",
        'every args.to like "*@acme.example" and size args.to > 0',
        "every args.to in task.people and size args.to > 0",
        "args.to from said and size args.to > 0",
        "every args.people in desk and size args.people > 1",
        'args.people.domain subset of ["acme.example"] and size args.people <= 2',
        'every args.people.domain under "acme.example" and size args.people < 3',
        'every args.people.domain under "acme.example" and size args.people > 0',
        'every args.links.host under "acme.example" and size args.links == 2',
        'every args.files.path under "docs" and size args.files > 0',
        'every args.files.path under "docs" and size args.files.path > 0',
        'every args.files.note like "x*" and size args.files > 0',
        'args.to contains "x" and args.to contains "y" and size args.to <= 5',
    ],
)
def test_there_is_such_a_list(condition: str) -> None:
    assert not found(condition)


@pytest.mark.parametrize(
    "condition",
    [
        'args.to contains "x" and size args.to == 0',
        "not has args.to and size args.to == 1",
        'some args.files.path like "x*" and size args.files == 0',
        'every args.to != "x" and every args.to == "x" and size args.to > 0',
        'every args.people.domain == "a.example" and every args.people.domain == "b.example" and size args.people > 0',
    ],
)
def test_there_is_provably_no_such_list(condition: str) -> None:
    assert found(condition) == {"AGP2105"}


def test_no_elements_are_asked_of_a_list_that_may_be_empty() -> None:
    assert not found('every args.to != "x" and every args.to == "x" and size args.to <= 3')
