"""What a command says where a limit is hit: status 5 and the reason, and never an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..conftest import Run


@pytest.fixture
def tangled(work: Path) -> Path:
    """A policy whose families meet in more ways than anybody looks at."""
    lines = ["package p", 'intent i "I"', "tool t { action a }"]
    for number in range(20):  # each fixes another segment, so that any number of them meet
        path = "/".join(f"s{number}" if at == number else "*" for at in range(20))
        lines.append(f'agents f{number} = "spiffe://t.example/{path}"')
    names = ", ".join(f"f{number}" for number in range(20))
    lines.append(f"grant g {{ to {names} for i allow t.a }}")
    path = work / "p.agp"
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("command", [("who-can", "p.t.a"), ("what-can", "p.f0"), ("matrix",)])
def test_an_answer_beyond_a_limit_is_undetermined(
    run: Run, tangled: Path, command: tuple[str, ...]
) -> None:
    result = run(*command, str(tangled))
    assert result.status == 5
    shown = "?" if command == ("matrix",) else "several families, which match in many ways"
    assert shown in result.out
