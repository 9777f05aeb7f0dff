"""Every policy of the examples is as one should be: formatted, without a finding, and tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POLICY_SETS = sorted(
    {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("examples/**/*_test.agp")}
)


def agpc(*arguments: str) -> str:
    """What the command prints; it has to succeed."""
    command = Path(sys.executable).parent / "agpc"
    done = subprocess.run(
        [command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_gallery_is_here() -> None:
    assert {"examples/coding", "examples/data", "examples/desk", "examples/support"} <= set(
        POLICY_SETS
    )


@pytest.mark.parametrize("policy", POLICY_SETS)
def test_a_policy_set_is_formatted_clean_and_tested(policy: str) -> None:
    agpc("fmt", "--check", policy)
    said = agpc("check", policy, "--at", "2026-11-24", "--fail-on", "info")
    assert ": 0 errors, 0 warnings" in said and "information" not in said
    assert "0 failed" in agpc("test", policy)
