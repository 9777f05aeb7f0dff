"""The settings of a project: which findings it looks for, how serious they are, and its limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ...analysis.limits import Limits
from ...lowering.names.controls import STANDARDS, Catalogue
from ...report.codes import CODES, Severity
from ...report.diagnostics import Diagnostic
from ...structs import Struct, changed, field

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = {"AGP2999"}
"""Codes that no setting and no silence turns off or lowers: what nobody knows."""


def can_be_ignored(code: str) -> bool:
    """Whether a finding may be turned off or silenced: no error may, and not what is undetermined."""
    return code in CODES and CODES[code].severity != "error" and code not in ALWAYS


class DeclaredSet(Struct):
    """A policy set that a project names, with paths from where the settings stand."""

    name: str
    paths: tuple[str, ...]
    baseline: str | None = None
    targets: tuple[str, ...] | None = None


class Settings(Struct):
    """All settings, each with the value that it has where the file does not say.

    `select` and `ignore` are what is looked for beside what is looked for anyway, and what is not: codes,
    or how they start. `controls` are those that the policies may name, `targets` what a report shows the
    ledgers of.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity = "error"
    docs_url: str | None = None
    severity: Mapping[str, Severity] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    controls: Catalogue = STANDARDS
    baseline: str | None = None
    targets: tuple[str, ...] = ()
    set: tuple[DeclaredSet, ...] = ()
    file: Path | None = field(default=None, compare=False)
    """Where all this was read; paths in it start there."""

    def path(self, name: str) -> Path:
        """A path that the settings name, as it is reached from here."""
        from pathlib import Path

        return Path(name) if self.file is None else self.file.parent / name

    def looks_for(self, code: str) -> bool:
        """Whether a finding is looked for and shown.

        The longest of the entries of `select` and `ignore` that fit decides, `ignore` among equals; where
        none fits, the table of codes does.
        """
        if not can_be_ignored(code):
            return True
        select = max((len(each) for each in self.select if code.startswith(each)), default=-1)
        ignore = max((len(each) for each in self.ignore if code.startswith(each)), default=-1)
        return CODES[code].default if select == ignore == -1 else select > ignore

    def and_then(self, select: tuple[str, ...], ignore: tuple[str, ...]) -> Settings:
        """These settings with more of a selection, which goes first."""
        return changed(
            self,
            select=(*(each for each in self.select if each not in ignore), *select),
            ignore=(*(each for each in self.ignore if each not in select), *ignore),
        )

    def judge(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Leave out what is ignored, and give the others the severity that the project says."""
        return [
            changed(each, judged=self.severity[each.code]) if each.code in self.severity else each
            for each in diagnostics
            if self.looks_for(each.code)
        ]
