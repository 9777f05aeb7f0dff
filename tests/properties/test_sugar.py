"""However a policy is written, with names for what it says more than once, it is the same: compiled, laid out, upgraded and printed."""

from __future__ import annotations

from generators.sugar import has_intents, written_policies
from hypothesis import Phase, find, given, settings

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.format.formatter import format_source
from agpc.compiler.format.upgrade import upgrade
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.report.diagnostics import Diagnostics
from agpc.compiler.report.source import Source

Written = tuple[ir.Policy, list[Source]]


def compiled(sources: list[Source]) -> ir.Policy:
    result = compile_sources(sources)
    assert result.policy is not None, (sources, result.diagnostics)
    return result.policy


@given(written_policies())
def test_names_for_what_is_said_more_than_once_are_nothing_to_the_meaning(written: Written) -> None:
    policy, sources = written
    found = compiled(sources)
    assert found == policy, "\n".join(each.text for each in sources)
    assert compiled(list(policy_sources(found))) == policy


@given(written_policies())
def test_the_layout_is_one_and_changes_nothing(written: Written) -> None:
    policy, sources = written
    formatted = [Source(each.name, format_source(each)) for each in sources]
    assert compiled(formatted) == policy
    assert [format_source(each) for each in formatted] == [each.text for each in formatted]


@given(written_policies())
def test_an_upgrade_says_the_version_and_changes_nothing_but_that_tasks_are_started(
    written: Written,
) -> None:
    policy, sources = written
    diagnostics: Diagnostics = []
    upgraded = [upgrade(each, diagnostics) for each in sources]
    assert diagnostics == []
    assert all((each.commas, each.clauses) == (0, 0) for each in upgraded)
    found = compiled([each.source for each in upgraded])
    if not any(has_intents(each) and not each.text.startswith("language") for each in sources):
        assert found == policy
    for before, each in zip(sources, upgraded, strict=True):
        assert each.source.text.count("language 2\n") == 1
        assert each.source.text.replace("language 2\n", "") == before.text.replace(
            "language 2\n", ""
        )


def test_all_of_it_is_drawn() -> None:
    words = ("\ngroup ", "\nterms ", "\nextend ", "    terms ", "any write", ".* write", " except ")
    missing = set(words)

    def is_last_missing(written: Written) -> bool:
        missing.difference_update(
            {word for word in missing if any(word in each.text for each in written[1])}
        )
        return not missing

    find(
        written_policies(),
        is_last_missing,
        settings=settings(max_examples=2_000, database=None, phases=[Phase.generate]),
    )
