"""The validator of those who edit the standard of SARIF."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PROGRAM = (
    Path(__file__).parents[3]
    / ".cache/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
)


def validate(report: str, work: Path, but_for: str | None = None) -> None:
    """Assert that it finds nothing, but for what one of its rules says."""
    program = work / "multitool"
    if not program.exists():
        shutil.copy(PROGRAM, program)
        os.chmod(program, 0o755)
    (work / "report.sarif").write_text(report)
    done = subprocess.run(
        [program, "validate", "report.sarif", "--rich-return-code"],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HOME": str(work)},
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "Analysis completed successfully" in said, said
    lines = [each for each in said.splitlines() if but_for is None or but_for not in each]
    assert not [each for each in lines if ": error " in each or ": warning " in each], said
