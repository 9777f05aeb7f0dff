"""Reports in SARIF pass the validator of those who edit the standard."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Run

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".cache/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
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
    program = shutil.copy(PROGRAM, work / "multitool")
    os.chmod(program, 0o755)
    for path in ("finance", "finance/broken.agp"):
        report = run("check", path, "--select", "AGP", "--format", "sarif").out
        assert json.loads(report)["runs"][0]["results"]
        (work / "report.sarif").write_text(report)
        done = subprocess.run(
            [program, "validate", "report.sarif", "--rich-return-code"],
            env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HOME": str(work)},
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert "Analysis completed successfully" in said, said
        assert ": error " not in said and ": warning " not in said, said
