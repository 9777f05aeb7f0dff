"""What the manifests say of meters and sources: their whole digests, of which requests have only the beginning."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.targets.emission import Options
from agpc.targets.manifest import manifest_of
from agpc.targets.registry import load_target

WITH_FACTS = Source("facts.agp", (Path(__file__).parents[1] / "policies/facts.agp").read_text())
WITHOUT = Source(
    "p.agp",
    """
package p
agent bot = "spiffe://t.example/bot"
intent work "Work"
tool t { read action look }
grant g { to bot for work allow t.look }
""",
)
KEY = re.compile(r"#([0-9a-f]{16})(?![0-9a-f])")


def compiled(source: Source) -> ir.Policy:
    found = compile_sources([source])
    assert found.policy is not None, found.diagnostics
    return found.policy


def digests(manifest: dict[str, Any]) -> dict[str, str]:
    facts = manifest["facts"]
    return {each["key"]: each["digest"] for each in (*facts["meters"], *facts["sources"])}


@pytest.mark.parametrize("name", ["ir", "javascript", "python", "rego"])
def test_whatever_an_artifact_reads_has_its_whole_digest_in_the_manifest(name: str) -> None:
    policy = compiled(WITH_FACTS)
    emission = load_target(name).emit(policy, Options())
    found = digests(manifest_of(policy, [WITH_FACTS], {name: emission}))
    assert found == {each.key: each.digest for each in (*policy.meters, *policy.sources)}
    assert all(len(each) == 64 and key.endswith(f"#{each[:16]}") for key, each in found.items())
    read = {short for text in emission.files.values() for short in KEY.findall(text)}
    assert read
    assert read <= {each[:16] for each in found.values()}


def test_a_bundle_for_opa_says_so_by_itself() -> None:
    policy = compiled(WITH_FACTS)
    files = load_target("rego").emit(policy, Options()).files
    manifest = json.loads(files["bundle/.manifest"])
    whole = digests(manifest_of(policy, [WITH_FACTS], {}))
    assert manifest["metadata"] == {"facts": whole}


def test_a_policy_without_facts_says_nothing_of_them() -> None:
    policy = compiled(WITHOUT)
    emission = load_target("rego").emit(policy, Options())
    assert "facts" not in manifest_of(policy, [WITHOUT], {"rego": emission})
    assert "metadata" not in json.loads(emission.files["bundle/.manifest"])
