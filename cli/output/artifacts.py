"""Artifacts as a directory that holds them all, with their manifest, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import exits

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.report.source import PolicyFile
    from ...targets.emission import Emission


def write(
    out: Path, policy: ir.Policy, files: Sequence[PolicyFile], made: Mapping[str, Emission]
) -> None:
    """Write what targets made of a policy, or end the command with what stands in the way."""
    from ...targets.manifest import artifacts_of, encode, manifest_of
    from ...targets.write import WriteError, write_artifacts

    manifest = manifest_of(policy, [each.source for each in files], made)
    try:
        write_artifacts(out, artifacts_of(made), encode(manifest))
    except WriteError as error:
        raise exits.Failure(str(error)) from None
