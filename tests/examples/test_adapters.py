"""The adapters ask the real OPA as their own tests say, and are as OPA's tools want them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from engines.rego import find_opa, write

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.project.files import load_sources
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET

ADAPTERS = Path(__file__).resolve().parents[2] / "examples" / "adapters"
OPA = find_opa() or ""


@pytest.mark.skipif(not OPA, reason="no opa: set OPA, put it on the path, or at .cache/bin/opa")
@pytest.mark.parametrize(("name", "tests"), [("envoy", 6), ("kubernetes", 3)])
def test_an_adapter_does_what_its_tests_say(name: str, tests: int, tmp_path: Path) -> None:
    policy = compile_sources(load_sources([ADAPTERS / name])).policy
    assert policy is not None
    write(TARGET.emit(policy, Options()).files, tmp_path)
    modules = [shutil.copy(each, tmp_path) for each in sorted((ADAPTERS / name).glob("*.rego"))]

    def opa(*arguments: object) -> str:
        done = subprocess.run(
            [OPA, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert f"PASS: {tests}/{tests}" in opa("test", tmp_path / "bundle", *modules)
    opa("check", "--strict", tmp_path / "bundle", *modules)
    assert opa("fmt", "--list", *modules) == ""
