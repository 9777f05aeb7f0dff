"""From paths to a policy, or to an exception that carries everything that stands in the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ...ir import nodes as ir
from ...report import Report
from ...report.diagnostics import Diagnostic
from ...report.text import render
from ..project.files import PolicyFilesError, common_root, read_policies


class PolicyError(Exception):
    """A policy does not compile; prints as the diagnostics that say why."""

    def __init__(self, report: Report) -> None:
        """Keep the diagnostics and their sources."""
        super().__init__(report)
        self.report = report

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything that was found, errors and the rest."""
        return self.report.diagnostics

    def __str__(self) -> str:
        """Render the diagnostics, with the lines that they point at."""
        return f"the policy does not compile\n\n{render(self.report)}".rstrip()


def load_policy(paths: Sequence[str | os.PathLike[str]]) -> ir.Policy:
    """Compile files and directories to the policy IR.

    Raises `PolicyFilesError` if they cannot be read and `PolicyError` if they do not compile.
    """
    from ..project.settings_file import SettingsError, catalogue_near
    from .compile import compile_sources

    files = read_policies(paths)
    try:
        catalogue = catalogue_near(Path(common_root([os.fspath(path) for path in paths])))
    except SettingsError as error:
        raise PolicyFilesError([str(error)]) from None
    compilation = compile_sources([each.source for each in files], catalogue=catalogue)
    if compilation.policy is None:
        raise PolicyError(Report.of(compilation.diagnostics, files))
    return compilation.policy
