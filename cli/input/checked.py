"""Check the policies that a command has read, with a word on a terminal about what takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...compiler.report.diagnostics import SEVERITIES
from ...compiler.structs import Struct, changed
from .. import exits
from ..progress import ProgressLine

if TYPE_CHECKING:
    from pathlib import Path

    from ...compiler.check.project.settings import Settings
    from ...compiler.check.review.review import Review, ReviewKept
    from ...compiler.report import Report
    from ...compiler.report.codes import Severity
    from ...compiler.report.source import PolicyFile

UNDETERMINED = "AGP2999"  # nobody knows whether there is something to find
PATIENCE = 1.0  # seconds before somebody who watches is told what takes so long


class Checked(Struct):
    """What a check of a policy set found."""

    review: Review
    report: Report
    files: int

    def beyond(self, baseline: Path) -> Checked:
        """What of it is new since a baseline; ends the command if that is none."""
        from ...compiler.check.project.baseline import BaselineError, beyond, read_baseline

        try:
            entries = read_baseline(baseline)
        except BaselineError as error:
            raise exits.Failure(str(error)) from None
        return changed(self, report=beyond(self.report, entries, self.review.looked_for))

    def status(self, fail_on: Severity) -> int:
        """The exit status that it has."""
        return exits.INVALID if self.review.policy is None else status_of(self.report, fail_on)


def reviewed(
    files: list[PolicyFile], settings: Settings, at: int, kept: ReviewKept, *, analysis: bool = True
) -> Checked:
    """Check policies, and say on a terminal what takes long."""
    from ...compiler.check.review.review import review
    from ...compiler.report import Report

    progress = Progress()
    sources = [each.source for each in files]
    found = review(sources, settings, analysis=analysis, watch=progress.say, kept=kept, at=at)
    progress.end()
    report = Report.of(
        found.diagnostics,
        files,
        found.silenced,
        settings.docs_url,
        found.suppressed,
        found.statement,
    )
    return Checked(found, report, len(files))


def status_of(report: Report, fail_on: Severity) -> int:
    """Give the exit status of what was found in a policy that compiles."""
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    if any(each.severity in failing for each in report.diagnostics):
        return exits.FINDINGS
    if any(each.code == UNDETERMINED for each in report.diagnostics):
        return exits.UNDETERMINED
    return exits.CLEAN


class Progress(ProgressLine):
    """What a check looks for, once that takes long."""

    def __init__(self) -> None:
        """Start the clock."""
        super().__init__(PATIENCE)

    def say(self, code: str) -> None:
        """Say what is looked for."""
        super().say(f"looking for {code} ...")
