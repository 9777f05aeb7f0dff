"""The AgentDojo examples let a well-behaved agent do its work: all 117 calls of 56 tasks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from engines.generated import imported
from engines.rego import RegoCpp
from examples.agentdojo_replay import (
    EXAMPLES,
    SUITES,
    TOOL,
    Session,
    Step,
    calls,
    offered_tools,
    runs,
    tasks,
)

import agpc
from agpc.compiler.format.formatter import format_source
from agpc.compiler.ir.nodes import Policy
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.python import TARGET, evaluator
from agpc.targets.rego import TARGET as REGO

# For each suite, how many calls go through and how many are shown to a human first.
EXPECTED = {
    "banking": {"permit": 30, "challenge": 3},
    "workspace": {"permit": 80, "challenge": 4},
}


@pytest.fixture(scope="module")
def policies() -> dict[str, Policy]:
    return {suite: agpc.compile(EXAMPLES / suite) for suite in SUITES}


def replayed(policy: Policy, suite: str) -> Iterator[tuple[Step, dict[str, Any], dict[str, Any]]]:
    """Each call with its request, and with the request that carries what a human gives."""
    for run in runs():
        if run.suite == suite and run.attack is None:
            session = Session(policy, run, approves=True)
            for step in run.orders["alone"]:
                yield (
                    step,
                    session.request(step.tool, step.args),
                    session.request(step.tool, step.args, shown=True),
                )
                session.make(step)


@pytest.mark.parametrize("suite", SUITES)
def test_every_call_is_permitted_or_shown_to_a_human(
    suite: str, policies: dict[str, Policy]
) -> None:
    counts: Counter[str] = Counter()
    shown_first: Counter[str] = Counter()
    for step, asked, shown in replayed(policies[suite], suite):
        decision = decide(policies[suite], asked)
        assert decision.effect != "deny", (step.tool, step.args, decision.reasons)
        assert decide(policies[suite], shown).effect == "permit", (step.tool, step.args)
        counts[decision.effect] += 1
        if decision.effect == "challenge":
            shown_first[step.tool] += 1
    print(f"{suite}: {dict(counts)}; shown first: {dict(shown_first)}")
    assert counts == EXPECTED[suite]


@pytest.mark.parametrize("suite", SUITES)
def test_the_generated_python_decides_them_alike(suite: str, policies: dict[str, Policy]) -> None:
    policy = policies[suite]
    in_memory = evaluator(policy)
    with imported(TARGET.emit(policy, Options()).files) as package:
        for _, *both in replayed(policy, suite):
            for asked in both:
                expected = decide(policy, asked)
                assert in_memory.decide(asked) == expected
                assert asdict(package.decide(asked)) == asdict(expected)


@pytest.mark.parametrize("suite", SUITES)
def test_the_rego_bundle_decides_them_alike(suite: str, policies: dict[str, Policy]) -> None:
    policy = policies[suite]
    engine = RegoCpp(policy, REGO.emit(policy, Options()).files)
    for _, *both in replayed(policy, suite):
        for asked in both:
            assert engine.cannot(asked) is None
            assert engine.decide(asked) == decide(policy, asked).to_authzen()


def test_the_benchmark_is_whole() -> None:
    found = [call for suite in SUITES for call in calls(suite)]
    assert len(found) == 117
    assert {(call.suite, call.task) for call in found} == {
        (suite, task) for suite in SUITES for task in tasks()[suite]
    }


@pytest.mark.parametrize("suite", SUITES)
def test_the_policy_passes_its_own_tests(suite: str, policies: dict[str, Policy]) -> None:
    policy = policies[suite]
    assert len(policy.tests) > 20
    for test in policy.tests:
        decision = decide(policy, test.request)
        assert decision.effect == test.effect, test.name
        assert test.rules is None or decision.rules == test.rules, test.name


@pytest.mark.parametrize("suite", SUITES)
def test_the_examples_compile_without_a_word(suite: str) -> None:
    from agpc.compiler.check.compiling.compile import compile_sources
    from agpc.compiler.check.project.files import load_sources

    assert compile_sources(load_sources([EXAMPLES / suite])).diagnostics == ()


def quoted(value: object) -> str:
    """A field's value as the prompt would have it."""
    if isinstance(value, float):
        return f"{value:.2f}"
    return str(value)


@pytest.mark.parametrize("suite", SUITES)
def test_fields_of_tasks_come_from_the_prompt_alone(suite: str) -> None:
    prompts = {call.task: call.prompt for call in calls(suite)}
    for task, declared in tasks()[suite].items():
        derived = dict(declared.get("derived", {}))
        for name, field in declared["fields"].items():
            for value in field if isinstance(field, list) else [field]:
                literal = quoted(value)
                if derived.pop(literal, None) is None:
                    assert literal.lower() in prompts[task].lower(), (task, name, literal)
        assert not derived, f"{task} gives a reason for what it does not say: {derived}"


@pytest.mark.parametrize("suite", SUITES)
def test_a_reason_for_a_derived_value_quotes_the_prompt(suite: str) -> None:
    prompts = {call.task: call.prompt for call in calls(suite)}
    for task, declared in tasks()[suite].items():
        for value, reason in declared.get("derived", {}).items():
            quotes = re.findall(r"'([^']+)'", reason)
            assert quotes, (task, value, reason)
            for quote in quotes:
                assert quote in prompts[task], (task, value, quote)


@pytest.mark.parametrize("suite", SUITES)
def test_the_runs_are_of_the_calls_that_are_shared(suite: str) -> None:
    made = [
        (run.task, step.tool, step.args)
        for run in runs()
        if run.suite == suite and run.attack is None
        for step in run.orders["alone"]
    ]
    for task in tasks()[suite]:
        shared = [(call.task, call.tool, call.args) for call in calls(suite) if call.task == task]
        assert [each for each in made if each[0] == task] == shared


@pytest.mark.parametrize("suite", SUITES)
def test_the_declared_tools_are_what_the_import_gives(suite: str) -> None:
    """But for the kinds of their actions, for which nobody takes a server's word."""
    from click.testing import CliRunner

    from agpc.cli.table import agpc as command

    tools = ["--suite", suite, "--tool", TOOL[suite]]
    result = CliRunner().invoke(command, ["import", "mcp", "-", *tools], input=offered_tools())
    assert result.exit_code == 0, result.output
    declared = (EXAMPLES / suite / "tools.agp").read_text(encoding="utf-8")
    without_kinds = re.sub(
        r"^    (?:read|write|send|destroy) action", "    action", declared, flags=re.MULTILINE
    )
    assert without_kinds != declared
    imported_, kept = (
        format_source(Source("tools.agp", text)) for text in (result.stdout, without_kinds)
    )
    assert imported_ == kept
