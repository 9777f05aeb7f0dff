"""What a pipeline says with the paths that its host knows files by: from the top of the repository, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...compiler.report import Report
    from .phases import Run


def as_the_host_knows(runs: Sequence[Run]) -> Sequence[Run]:
    """The same runs with paths from the top of the repository; as they are where there is none."""
    from ...compiler.check.project.files import PolicyFilesError
    from ...compiler.check.project.revisions import Repository

    try:
        repository = Repository(".")
    except PolicyFilesError:
        return runs
    return [_moved(each, repository.seen) for each in runs]


def _moved(run: Run, path: Callable[[str], str]) -> Run:
    def report(found: Report) -> Report:
        return replace(found, paths={name: path(each) for name, each in found.paths.items()})

    places = run.places
    return replace(
        run,
        checked=run.checked and replace(run.checked, report=report(run.checked.report)),
        unformatted=[replace(each, path=path(each.path)) for each in run.unformatted],
        places=places
        and replace(places, reports={**places.reports, "head": report(places.reports["head"])}),
        emitted=run.emitted and report(run.emitted),
    )
