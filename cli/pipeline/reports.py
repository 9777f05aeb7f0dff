"""The files that a pipeline hands to what shows them: SARIF, Code Quality, JUnit, a comment, and everything as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..output.whole_file import write_whole
from .text import result

if TYPE_CHECKING:
    from .hosts import Host
    from .phases import Run

SARIF, QUALITY, JUNIT, COMMENT, EVERYTHING = (
    "agpc.sarif",
    "code-quality.json",
    "junit.xml",
    "comment.md",
    "agpc.json",
)


def write_reports(
    directory: Path, runs: Sequence[Run], notes: Sequence[str], status: int, host: Host
) -> None:
    """Write all files below a directory, which is made if it is not there."""
    from ...compiler.check.project.files import make_directories, reason
    from ...compiler.report import gitlab
    from .. import exits
    from .markdown import page

    try:
        if not directory.is_dir():
            make_directories(directory)
    except (OSError, ValueError) as error:
        raise exits.Failure(f"cannot make `{directory}`: {reason(error)}") from None
    reports = [run.findings for run in runs]
    write_whole(directory / SARIF, sarif(runs))
    write_whole(directory / QUALITY, gitlab.render_all(reports))
    write_whole(directory / JUNIT, junit(runs))
    write_whole(directory / COMMENT, page(runs, notes, status))
    document = json.dumps(to_json(runs, notes, status, host), indent=2)
    write_whole(directory / EVERYTHING, document + "\n")


def sarif(runs: Sequence[Run]) -> str:
    """A run for what is found in each set and one for what changed in it, each in a category of its own."""
    from ...compiler.report.sarif import SCHEMA, run_of
    from ..output.diff.sarif import render

    listed = [run_of(run.findings, f"agpc/{run.policy_set.name}") for run in runs]
    for run in runs:
        if run.difference is not None and run.places is not None:
            (changed,) = json.loads(render(run.difference, run.places))["runs"]
            changed["automationDetails"] = {"id": f"agpc-diff/{run.policy_set.name}/"}
            listed.append(changed)
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": listed}, indent=2) + "\n"


def junit(runs: Sequence[Run]) -> str:
    """The suites of the checks and the tests of each set, which have its name."""
    from xml.etree import ElementTree

    from ...compiler.report import junit as checks
    from ...compiler.telling.outcomes import render_junit
    from ...compiler.text.visible import visible

    whole = ElementTree.Element("testsuites")
    for run in runs:
        for text in (checks.render(run.findings), render_junit(run.outcomes, run.findings)):
            for suite in ElementTree.fromstring(text).iter("testsuite"):
                suite.set("name", f"{suite.get('name')}: {visible(run.policy_set.name)}")
                whole.append(suite)
    ElementTree.indent(whole)
    return ElementTree.tostring(whole, encoding="unicode", xml_declaration=True) + "\n"


def to_json(runs: Sequence[Run], notes: Sequence[str], status: int, host: Host) -> dict[str, Any]:
    """Everything as one document."""
    return {
        "status": status,
        "result": result(status),
        "host": host.kind,
        "base": host.base,
        "sets": [_set(run) for run in runs],
        "notes": list(notes),
    }


def _set(run: Run) -> dict[str, Any]:
    from ...compiler.report.json import to_json as check_to_json
    from ...compiler.telling.difference_json import document
    from ...compiler.telling.outcomes import render_json

    return {
        "name": run.policy_set.name,
        "paths": list(run.policy_set.paths),
        "status": run.status,
        "phases": [
            {"phase": each.name, "status": each.status, "result": each.word, "said": each.said}
            for each in run.phases
        ],
        "unformatted": [each.path for each in run.unformatted],
        "check": check_to_json(run.findings),
        "test": json.loads(render_json(run.outcomes, run.findings)),
        "diff": None if run.difference is None else json.loads(document(run.difference)),
        "targets": None if run.emitted is None else check_to_json(run.emitted),
    }
