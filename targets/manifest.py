"""`manifest.json`: what was compiled from what, and how each rule is enforced where.

The same to the byte for the same input: it has no times and no absolute paths.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .. import __version__
from ..compiler.ir.nodes import Allow, Meter, Policy, Rule
from ..compiler.ir.nodes import Source as SourceOfValues
from ..compiler.report.source import Source, Span
from .emission import Artifact, Emission, LedgerEntry
from .starts import ruling

MANIFEST = "manifest.json"
FORMAT = "agpc-manifest-1"


def artifacts_of(emissions: Mapping[str, Emission]) -> dict[str, bytes]:
    """Give the files of all targets, each below a directory with the target's name."""
    return {
        f"{target}/{path}": text.encode("utf-8")
        for target, emission in emissions.items()
        for path, text in emission.files.items()
    }


def manifest_of(
    policy: Policy, sources: Iterable[Source], emissions: Mapping[str, Emission]
) -> dict[str, Any]:
    """Describe a compilation as JSON data."""
    return {
        "format": FORMAT,
        "compiler": {"name": "agpc", "version": __version__},
        "sources": [
            {"name": each.name, "sha256": sha256(each.text.encode("utf-8"))}
            for each in sorted(sources, key=lambda each: each.name)
        ],
        "rules": [describe_rule(rule) for rule in sorted(ruling(policy), key=lambda rule: rule.id)],
        **({"facts": describe_facts(policy)} if policy.meters or policy.sources else {}),
        "targets": {
            target: {
                "artifacts": describe_artifacts(target, emission),
                "ledger": [
                    describe_entry(entry)
                    for entry in sorted(emission.ledger, key=lambda entry: entry.rule)
                ],
                **({"missing": describe_missing(emission)} if emission.missing else {}),
            }
            for target, emission in sorted(emissions.items())
        },
    }


def encode(manifest: dict[str, Any]) -> bytes:
    """Write a manifest as the bytes of its file."""
    return (json.dumps(manifest, indent=2) + "\n").encode("ascii")


def describe_artifacts(target: str, emission: Emission) -> list[dict[str, Any]]:
    """Describe a target's files; paths are relative to the manifest."""
    return [
        {
            "path": f"{target}/{path}",
            "sha256": sha256(text.encode("utf-8")),
            **about(emission.artifacts.get(path)),
        }
        for path, text in sorted(emission.files.items())
    ]


def describe_missing(emission: Emission) -> list[dict[str, str]]:
    """Describe the files that a target could not make, and wrote the others without."""
    return [about(each) for each in emission.missing]


def about(artifact: Artifact | None) -> dict[str, str]:
    """Say what a file is and whom it is for, as far as the target says."""
    if artifact is None:
        return {}
    said = {"kind": artifact.kind, "agent": artifact.agent, "intent": artifact.intent}
    return {name: value for name, value in said.items() if value is not None}


def describe_rule(rule: Rule) -> dict[str, Any]:
    """Name a rule, and where it is written."""
    return {
        "id": rule.id,
        "effect": "allow" if isinstance(rule, Allow) else "forbid",
        "place": place(rule.span),
    }


def describe_facts(policy: Policy) -> dict[str, Any]:
    """Give the whole digests of meters and sources: in requests stands only the beginning of each."""
    return {
        "meters": [describe_fact(each) for each in policy.meters],
        "sources": [describe_fact(each) for each in policy.sources],
    }


def describe_fact(fact: Meter | SourceOfValues) -> dict[str, Any]:
    """Say what a request calls a meter or a source, and what it is defined as."""
    return {"key": fact.key, "digest": fact.digest, "place": place(fact.span)}


def describe_entry(entry: LedgerEntry) -> dict[str, Any]:
    """Say how a target enforces a rule."""
    return {
        "rule": entry.rule,
        "enforcement": entry.enforcement,
        "reasons": list(entry.reasons),
        "idle": list(entry.idle),
        "place": None if entry.span is None else place(entry.span),
    }


def place(span: Span) -> dict[str, Any]:
    """Give a place; lines and columns count from 1."""
    return {"file": span.file, "line": span.line, "column": span.column}


def sha256(content: bytes) -> str:
    """Give the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
