"""The differential campaign: every target beside the interpreter, on generated policies and requests.

`make differential` runs it at length and writes docs/conformance.md; a small run is a test. The same
seed and versions give the same cases.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

from engines.asked import Requests, bound_to_gateway
from engines.evaluators import EVALUATORS, Evaluator, is_said
from engines.readers import as_parsed_json
from engines.variants import variants
from generators.general import general_policies, general_requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.compiler.report.diagnostics import has_errors
from agpc.runtime.decision import Decision

from .aws import compare_aws

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
ENGINES = tuple(
    each
    for each in EVALUATORS
    if isinstance(each.asked, Requests) and each.reads is not as_parsed_json and each.is_for_many
)
"""Those that take the requests drawn here as they are, and take no second over each."""
REQUESTS = 6  # drawn for each policy; each becomes some dozens by its variants


@dataclass(slots=True)
class Count:
    """What was compared for one engine."""

    compared: int = 0
    agreed: int = 0
    stricter: int = 0
    """Denied, though the policy permits, as the ledger says."""
    skipped: int = 0
    wrong: list[str] = field(default_factory=list)
    """Looser, or otherwise not as the ledger says; each a case to reproduce."""
    looser: int = 0


@dataclass(slots=True)
class Campaign:
    """Counts for each engine, and what the interpreter decided."""

    counts: dict[str, Count] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    policies: int = 0

    @property
    def compared(self) -> int:
        """All decisions that were compared with the interpreter's."""
        return sum(each.compared for each in self.counts.values())

    @property
    def wrong(self) -> list[str]:
        """Everything that was not as it should be."""
        return [each for count in self.counts.values() for each in count.wrong]

    def count(self, engine: str) -> Count:
        """The counts of one engine."""
        return self.counts.setdefault(engine, Count())


def cases(amount: int, start: int) -> Iterator[tuple[ir.Policy, list[Any]]]:
    """Generated policies, each with requests and their variants."""
    found: list[tuple[ir.Policy, list[Any]]] = []

    @seed(start)
    @settings(
        max_examples=amount,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        policy = bound_to_gateway(data.draw(general_policies()))
        drawn = [
            data.draw(general_requests(policy, json_only=True, surrogates=False))
            for _ in range(REQUESTS)
        ]
        found.append((policy, [each for one in drawn for each in variants(policy, one)]))

    draw()
    yield from found


def compare(
    campaign: Campaign,
    engine: Evaluator,
    policy: ir.Policy,
    asked: Sequence[Any],
    decided: Sequence[Decision],
    altered: Callable[[ir.Policy], ir.Policy] = lambda policy: policy,
) -> None:
    """Compare one engine with the interpreter's decisions; `altered` breaks the emitter on purpose."""
    count = campaign.count(engine.name)
    if engine.missing is not None:
        count.skipped += len(asked)
        return
    source = altered(policy)
    emission = engine.emit(source)
    assert not has_errors(list(emission.diagnostics)), emission.diagnostics
    with engine.open(source, emission) as decide:
        answers = decide(asked)
    for request, decision, answer in zip(asked, decided, answers, strict=True):
        if answer is None:
            count.skipped += 1
            continue
        count.compared += 1
        permits = engine.permits(answer)
        if engine.agrees(answer, decision):
            count.agreed += 1
        elif permits and not decision.decision:
            count.looser += 1
            count.wrong.append(case(engine, "looser", request, decision, answer))
        elif is_said(emission, policy, decision):
            count.stricter += 1
        else:
            count.wrong.append(case(engine, "different", request, decision, answer))


def case(engine: Evaluator, what: str, request: Any, decision: Decision, answer: Any) -> str:
    """A case as a line that tells what to reproduce."""
    return f"{engine.name}: {what}: {json.dumps(request)} -> {answer}, not {decision.to_authzen()}"


def run(amount: int, start: int = 0, block: int = 50) -> Campaign:
    """Compare all engines over so many policies."""
    campaign = Campaign()
    for number in range(0, amount, block):
        for policy, asked in cases(min(block, amount - number), start + number):
            campaign.policies += 1
            decided = [interpreter.decide(policy, each) for each in asked]
            campaign.effects.update(each.effect for each in decided)
            for engine in ENGINES:
                compare(campaign, engine, policy, asked, decided)
        aws = campaign.count("aws-iam, evaluator")
        compare_aws(aws, min(block, amount - number), Random(start + number))
    return campaign


def table(campaign: Campaign) -> str:
    """The counts as a Markdown table."""
    lines = [
        "| engine | compared | agree | stricter, as the ledger says | looser | other | not given |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, each in campaign.counts.items():
        lines.append(
            f"| {name} | {each.compared:,} | {each.agreed:,} | {each.stricter:,} | "
            f"**{each.looser}** | {len(each.wrong) - each.looser} | {each.skipped:,} |"
        )
    return "\n".join(lines)


def page(campaign: Campaign, start: int, took: float) -> str:
    """The record of a run."""
    tools = ", ".join(
        f"{name} {version(name)}" for name in ("agpc", "cedarpy", "hypothesis", "regopy")
    )
    effects = ", ".join(f"{many:,} {effect}" for effect, many in sorted(campaign.effects.items()))
    missing = [f"{each.name}: {each.missing}" for each in ENGINES if each.missing]
    return f"""# Conformance

Every target beside the reference interpreter, on generated policies and requests: each request as drawn
(well-formed, at the edges of the rules, or hostile), by each agent and for each intent, without each of its
fields, and with a wrong value in the place of each. Whole answers are compared; of Cedar and IAM, which only permit or deny, whether they permit.

Recorded on {datetime.date.today().isoformat()} with `make differential`: seed {start}, {campaign.policies:,} policies,
{campaign.compared:,} decisions compared in {took / 60:.0f} minutes. CPython {platform.python_version()}, {tools},
{engine_versions()}. The interpreter decided {effects}.

{table(campaign)}

*Not given*: rego-cpp has no time zones, compares doubles by 15 digits and matches patterns byte by byte; its harness
(`tests/engines/rego.py`) says which requests that concerns.{" Missing here: " + "; ".join(missing) if missing else ""}

What each sentence of the reference means is held beside this by cases as data, in `tests/conformance`, whose README says which
file is about what; every evaluator runs them, and a monitor makes their facts.

`tests/differential/test_campaign.py` runs a small campaign in CI, and breaks each emitter in a dozen ways to see
that the campaign notices.
"""


def engine_versions() -> str:
    """What the outside engines say of themselves."""
    from engines.javascript import find_node
    from engines.rego import find_opa

    said = []
    for name, found, option in (("OPA", find_opa(), "version"), ("Node", find_node(), "--version")):
        if found is not None:
            done = subprocess.run([found, option], capture_output=True, text=True, check=True)
            said.append(f"{name} {done.stdout.split(chr(10))[0].removeprefix('Version: ')}")
    return ", ".join(said)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign, print the table, and write the page if nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=450)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--write", action="store_true", help=f"record the run in {PAGE.name}")
    given_ = parser.parse_args(arguments)
    began = time.monotonic()
    campaign = run(given_.policies, given_.seed)
    took = time.monotonic() - began
    print(table(campaign))
    print(f"{campaign.compared:,} decisions compared in {took:.0f} s")
    for each in campaign.wrong[:10]:
        print(each)
    if given_.write and not campaign.wrong:
        PAGE.write_text(page(campaign, given_.seed, took), encoding="utf-8")
    return 1 if campaign.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
