"""A project's own controls are known to every command that compiles, or to none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ..conftest import POLICY, Run

CATALOGUE = """
name = "Acme"
version = "1"
[controls]
A2 = "Agents act with an identity of their own"
GOV-2 = "Somebody answers for every agent"
"""
REQUEST = '{"subject": {"type": "agent", "id": "x"}, "action": {"name": "open"}, "resource": {"type": "t", "id": "r"}}'
COMMANDS = [
    ("check", "policies"),
    ("test", "policies"),
    ("compile", "policies", "-t", "ir", "-o", "out"),
    ("decide", "policies", "-r", "request.json"),
    ("explain", "policies", "-r", "request.json"),
    ("who-can", "till.open", "policies"),
    ("who-can", "till.refund", "policies", "--when", "args.amount > 1"),
    ("what-can", "bot", "policies"),
    ("matrix", "policies"),
    ("diff", "policies", "policies"),
    ("diff", "HEAD", "policies"),
    ("diff", "HEAD..HEAD", "policies"),
    ("diff", "--staged", "policies"),
    ("report", "policies", "--format", "json", "--since", "HEAD"),
]


@pytest.fixture
def project(work: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose policies and settings stand below its root."""
    monkeypatch.setenv("AGPC_CHECK_IGNORE", "AGP4")
    (work / "policies").mkdir()
    (work / "policies" / "shop.agp").write_text(
        POLICY.replace("agent bot", 'controls "A2", acme:GOV-2\nagent bot', 1)
    )
    (work / "policies" / "acme.toml").write_text(CATALOGUE)
    (work / "policies" / "agpc.toml").write_text("[controls]\nacme = 'acme.toml'\n")
    (work / "request.json").write_text(REQUEST)
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        git = ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments]
        subprocess.run(git, check=True, capture_output=True)
    return work


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_every_command_knows_them(run: Run, project: Path, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.status, "AGP1108" in result.err) == (0, False), result.err


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_command_compiles_with_a_broken_catalogue(
    run: Run, project: Path, arguments: tuple[str, ...]
) -> None:
    (project / "policies" / "agpc.toml").write_text("[controls]\nacme = '../request.json'\n")
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert "`../request.json` stands outside of the directory of the settings" in result.err


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_the_catalogue_the_policy_does_not_compile(
    run: Run, project: Path, arguments: tuple[str, ...]
) -> None:
    (project / "policies" / "agpc.toml").unlink()
    result = run(*arguments)
    assert result.status == 3
    assert "error[AGP1108]: the catalogue has no framework `acme`" in result.err
