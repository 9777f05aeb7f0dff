"""How many planted defects the analysis finds in clean policies, and what else it says.

A clean policy is drawn at random, one known defect is planted in it, and the findings before and after
are compared. Run as a script it writes the table of `docs/analysis-results.md`.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from agpc import __version__
from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.run import FINDINGS, analyze
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.runtime.values import read_time

from .clean import clean
from .defects.all import DEFECTS
from .draft import Draft

TODAY = read_time("2026-11-24T10:00:00Z")
LIMITS = Limits(retention=90 * 86_400)
RESULTS = Path(__file__).parents[4] / "docs" / "analysis-results.md"


def findings(draft: Draft) -> Counter[str]:
    """How often each code is reported of a policy. Every finding is looked for."""
    compilation = compile_sources([Source("mutant.agp", draft.text())])
    assert compilation.policy is not None, (draft.text(), compilation.diagnostics)
    found = analyze(compilation.policy, LIMITS, codes=FINDINGS, at=TODAY)
    return Counter(each.code for each in found)


@dataclass
class Score:
    """What became of the defects of one kind."""

    planted: int = 0
    found: int = 0
    others: Counter[str] = field(default_factory=Counter)


def measure(seed: int, rounds: int) -> tuple[dict[str, Score], Counter[str]]:
    """Plant each defect so many times; give the score of each, and what clean policies showed."""
    scores = {code: Score() for code in DEFECTS}
    noise: Counter[str] = Counter()
    for number in range(rounds):
        for code, plant in DEFECTS.items():
            draft = clean(Random(f"{seed} {code} {number}"))
            before = findings(draft)
            noise += before
            plant(draft)
            new = findings(draft) - before
            score = scores[code]
            score.planted += 1
            score.found += new[code] > 0
            del new[code]
            score.others += new
    return scores, noise


def report(seed: int, rounds: int) -> str:
    """The table, as a page."""
    scores, noise = measure(seed, rounds)
    planted = sum(each.planted for each in scores.values())
    found = sum(each.found for each in scores.values())
    today = datetime.datetime.now(datetime.UTC).date()
    versions = f"agpc {__version__}, Python {platform.python_version()}"
    lines = [
        "# What the analysis finds of what was planted",
        "",
        "Clean policies are drawn at random, one known defect is planted in each, and the findings before",
        "and after are compared. All of them should be found, and nothing else be said.",
        "",
        f"- {today}, {versions}, seed {seed}: `make mutations`",
        f"- {planted} defects planted, {found} found.",
        f"- In the {planted} clean policies: {in_words(noise) or 'no finding'}.",
        "",
        "| finding | planted | found | other findings that appeared |",
        "| --- | ---: | ---: | --- |",
    ]
    for code, score in sorted(scores.items()):
        name = FINDINGS[code].rpartition(".")[2].replace("_", " ")
        others = in_words(score.others) or "none"
        lines.append(f"| {code} {name} | {score.planted} | {score.found} | {others} |")
    return "\n".join([*lines, ""])


def in_words(counts: Counter[str]) -> str:
    """Codes and how often."""
    return ", ".join(f"{code} × {count}" for code, count in sorted(counts.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=33)
    options = parser.parse_args()
    RESULTS.write_text(report(options.seed, options.rounds), encoding="utf-8")
