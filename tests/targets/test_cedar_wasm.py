"""Cedar compiled to WebAssembly, under Node, decides as the native engine and never raises."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from engines.cedar import Engine, program
from engines.rego import carried
from generators import policies, requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.meaning.interpreter import decide
from agpc.targets.cedar import TARGET
from agpc.targets.emission import Options

PACKAGE = "@cedar-policy/cedar-wasm/nodejs"
PROGRAM = Path(__file__).parents[1] / "engines" / "cedar_wasm.cjs"
NODE = shutil.which("node")


def environment() -> dict[str, str]:
    """Where Node looks for packages: in `AGPC_NODE_MODULES`, or where CI puts them."""
    cached = Path(__file__).parents[2] / ".cache" / "node_modules"
    return {**os.environ, "NODE_PATH": os.environ.get("AGPC_NODE_MODULES") or str(cached)}


def is_installed() -> bool:
    if NODE is None:
        return False
    asked = [NODE, "-e", f"require.resolve({json.dumps(PACKAGE)})"]
    return (
        subprocess.run(asked, env=environment(), capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(
    not is_installed(),
    reason="needs node and @cedar-policy/cedar-wasm (.ci/run installs it; or set AGPC_NODE_MODULES)",
)
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_cedar_in_webassembly_decides_as_the_native_engine(data: st.DataObject) -> None:
    cases: list[dict[str, Any]] = []
    wanted: list[list[bool]] = []
    for _ in range(5):
        policy = data.draw(policies())
        files = TARGET.emit(policy, Options()).files
        engine = Engine(files)
        asked = [data.draw(requests(policy)) for _ in range(5)]
        body = f"return module.translateText({files['request.json']}, text)"
        translated = program(files).run(body, [carried(each) for each in asked])
        kept = [
            (each, pair) for each, pair in zip(asked, translated, strict=True) if pair is not None
        ]
        cases.append(
            {
                "policies": files["policies.cedar"],
                "schema": json.loads(files["schema.json"]),
                "requests": [pair for _, pair in kept],
            }
        )
        permits = [engine.decide(each) for each, _ in kept]
        for (each, _), is_permitted in zip(kept, permits, strict=True):
            assert not is_permitted or decide(policy, each).effect == "permit"
        wanted.append(permits)
    assert NODE is not None
    ran = subprocess.run(
        [NODE, str(PROGRAM)],
        input=json.dumps(cases),
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    for answer, permits in zip(json.loads(ran.stdout), wanted, strict=True):
        assert answer["problems"] == []
        assert answer["decisions"] == [{"permits": each, "errors": []} for each in permits]
