"""Compile a policy set for its targets, and write what comes of it only where all of it may be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import exits
from ..input.checked import UNDETERMINED
from ..input.targets import emitted, load_targets, options_of
from ..output.artifacts import write
from ..output.causes import by_cause

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.report import Report
    from ...compiler.report.diagnostics import Diagnostic
    from ...compiler.report.source import PolicyFile


class NotMade(Exception):
    """Nothing was written, for the reason that the message gives."""

    def __init__(self, message: str, status: int, report: Report | None = None) -> None:
        """Keep the exit status, and what was said on the way."""
        super().__init__(message)
        self.status, self.report = status, report


def make(
    policy: ir.Policy,
    files: list[PolicyFile],
    names: Sequence[str],
    out: Path | None,
    proved: Sequence[Diagnostic] | None,
) -> tuple[Report, str]:
    """Make the artifacts, and write them below a directory if there is one; give what is said of them.

    `proved` is what a check found, None if there was none. Raises `NotMade`, and `Failure` as `agpc compile` does.
    """
    from ...compiler.analysis.run import PROOFS, analyze
    from ...compiler.report import Report
    from ...compiler.report.diagnostics import has_errors

    targets = load_targets(names)
    found = list(analyze(policy, codes=PROOFS)) if proved is None else list(proved)
    if has_errors([each for each in found if each.code in PROOFS]):
        raise NotMade("the policy breaks what it states of itself", exits.FINDINGS)
    if any(each.code == UNDETERMINED for each in found):
        raise NotMade("something is undetermined", exits.UNDETERMINED)
    emissions = emitted(policy, targets, options_of(targets, {}))
    said = by_cause([each for emission in emissions.values() for each in emission.diagnostics])
    report = Report.of(said, files)
    failed = [name for name, each in emissions.items() if not each.is_written]
    if failed:
        raise NotMade(f"{', '.join(failed)} cannot be made", exits.INVALID, report)
    short = [name for name, each in emissions.items() if each.missing]
    if short:
        raise NotMade(f"{', '.join(short)} cannot be made whole", exits.INVALID, report)
    if out is not None:
        write(out, policy, files, emissions)
    return report, ", ".join(emissions)
