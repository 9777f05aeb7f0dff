"""Reports in SARIF pass the validator of those who edit the standard."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ..conftest import Run
from .sarif import PROGRAM, validate

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples/finance"


@pytest.mark.skipif(
    not PROGRAM.exists(), reason="needs @microsoft/sarif-multitool-linux (.ci/run installs it)"
)
def test_the_validator_of_sarif_finds_nothing(run: Run, work: Path) -> None:
    shutil.copytree(EXAMPLES, work / "finance")
    (work / "finance/broken.agp").write_text(
        'package broken\nagent a = 1\nagent bot = "spiffe://t.x/bot"\nforbid f { to bott deny any }\n'
    )
    (work / "agpc.toml").write_text('docs-url = "https://docs.acme.example"\n')
    for path in ("finance", "finance/broken.agp"):
        report = run("check", path, "--select", "AGP", "--format", "sarif").out
        assert json.loads(report)["runs"][0]["results"]
        validate(report, work)
