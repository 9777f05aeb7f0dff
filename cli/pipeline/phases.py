"""The phases of a pipeline over one policy set: each is run and told, whatever the others found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...compiler.structs import Struct, field
from ...compiler.text.counted import counted
from .. import exits
from ..input.checked import Checked, reviewed
from ..input.fail_on import FailOn
from ..input.fail_on import status_of as status_of_diff
from .hosts import Host

if TYPE_CHECKING:
    from ...compiler.analysis.diff.difference import Difference
    from ...compiler.check.project.policy_sets import PolicySet, PolicySets
    from ...compiler.check.project.revisions import Repository
    from ...compiler.check.review.review import ReviewKept
    from ...compiler.ir import nodes as ir
    from ...compiler.report import Report
    from ...compiler.report.codes import Severity
    from ...compiler.report.source import PolicyFile
    from ...compiler.testing.run import Outcome
    from ..output.diff.findings import Places

PHASES = ("format", "check", "test", "diff", "compile")
GRAVEST_FIRST = (
    exits.USAGE,
    exits.INVALID,
    exits.FAILED,
    exits.FINDINGS,
    exits.UNDETERMINED,
    exits.CLEAN,
)
"""What could not be looked at at all goes before what was found, and what is undetermined before nothing."""
NOT_COMPILED = "the policy does not compile"


class Phase(Struct):
    """What became of a phase: its exit status, None where it was not run, and that in a few words."""

    name: str
    status: int | None
    said: str
    alarms: bool = False
    """Whether a reviewer has to look, although it fails nothing."""

    @property
    def word(self) -> str:
        """What became of it, in one word."""
        match self.status:
            case None:
                return "not run"
            case exits.CLEAN:
                return "passed"
            case exits.UNDETERMINED:
                return "undetermined"
            case _:
                return "failed"


class Options(Struct):
    """What a pipeline is asked to do."""

    phases: Collection[str]
    fail_on: Severity | None
    fail_on_diff: FailOn
    targets: tuple[str, ...]
    out: Path | None
    at: int


class Run(Struct, frozen=False):
    """A policy set, and all that its phases found."""

    policy_set: PolicySet
    phases: list[Phase] = field(default_factory=list)
    checked: Checked | None = None
    unformatted: list[PolicyFile] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    difference: Difference | None = None
    before: ir.Policy | None = None
    """The policy that it was compared with."""
    places: Places | None = None
    base: Report | None = None
    """What is wrong with the policies of the base, which do not compile."""
    emitted: Report | None = None
    """What the targets say."""

    @property
    def policy(self) -> ir.Policy | None:
        """The policy, if it compiles."""
        return None if self.checked is None else self.checked.review.policy

    @property
    def status(self) -> int:
        """The gravest of the exit statuses of the phases."""
        return gravest(each.status for each in self.phases if each.status is not None)

    @property
    def findings(self) -> Report:
        """What the check found."""
        assert self.checked is not None
        return self.checked.report


def gravest(statuses: Iterator[int]) -> int:
    """The exit status of several."""
    return min(statuses, key=GRAVEST_FIRST.index, default=exits.CLEAN)


def run(policy_set: PolicySet, host: Host, options: Options) -> Run:
    """Run the phases that are asked for; each file is compiled once for all of them."""
    from ...compiler.check.review.review import ReviewKept

    found = Run(policy_set)
    kept = ReviewKept()
    files = list(policy_set.files)
    analysis = "check" in options.phases
    found.checked = reviewed(files, policy_set.settings, options.at, kept, analysis=analysis)
    steps: dict[str, Callable[[], Phase]] = {
        "format": lambda: _format(found, kept),
        "check": lambda: _check(found, options.fail_on),
        "test": lambda: _test(found),
        "diff": lambda: _diff(found, host, options.fail_on_diff, kept),
        "compile": lambda: _compile(found, options),
    }
    for name in PHASES:
        if name in options.phases:
            found.phases.append(_told(name, steps[name]))
    return found


def _told(name: str, step: Callable[[], Phase]) -> Phase:
    """Run a phase; what stops it is what became of it."""
    from ...compiler.analysis.procedure.verdict import Undetermined
    from ...compiler.check.project.files import PolicyFilesError

    try:
        return step()
    except exits.Failure as failure:
        return Phase(name, exits.USAGE, str(failure))
    except PolicyFilesError as error:
        return Phase(name, exits.USAGE, "; ".join(error.problems))
    except Undetermined as undetermined:
        return Phase(name, exits.UNDETERMINED, f"undetermined: {undetermined}")


def _format(found: Run, kept: ReviewKept) -> Phase:
    from ...compiler.format.formatter import UnformattableError, format_source

    files = found.policy_set.files
    broken = 0
    for file in files:
        try:
            formatted = format_source(file.source, kept.compiled.tree_of(file.source))
        except UnformattableError:
            broken += 1
            continue
        if formatted != file.source.text:
            found.unformatted.append(file)
    if broken:
        said = f"{counted(broken, 'file')} cannot be read, and so not be formatted"
        return Phase("format", exits.INVALID, said)
    if found.unformatted:
        said = f"{counted(len(found.unformatted), 'file')} to format with `agpc fmt`"
        return Phase("format", exits.FINDINGS, said)
    return Phase("format", exits.CLEAN, counted(len(files), "file"))


def _check(found: Run, fail_on: Severity | None) -> Phase:
    assert found.checked is not None
    problem = None
    if found.policy_set.baseline is not None:
        try:
            found.checked = found.checked.beyond(found.policy_set.baseline)
        except exits.Failure as failure:
            problem = failure
    report = found.findings
    counts = report.count()
    parts = [counted(counts[each], each) for each in ("error", "warning") if counts[each]]
    parts += [f"{counts['info']} for information"] if counts["info"] else []
    parts += [f"{report.silenced} silenced"] if report.silenced else []
    parts += [f"{len(report.known)} in the baseline"] if report.known else []
    gone = sum(number for number, _ in report.gone)
    parts += [f"{gone} of the baseline no longer there"] if gone else []
    said = ", ".join(parts) or "no findings"
    if problem is not None:
        return Phase("check", exits.USAGE, f"{problem}; {said}")
    return Phase("check", found.checked.status(fail_on or found.policy_set.settings.fail_on), said)


def _test(found: Run) -> Phase:
    from ...compiler.testing.run import run_tests

    if found.policy is None:
        return Phase("test", None, NOT_COMPILED)
    found.outcomes = run_tests(found.policy)
    if not found.outcomes:
        return Phase("test", exits.CLEAN, "the policy has no tests")
    failed = sum(not each.passed for each in found.outcomes)
    said = f"{len(found.outcomes) - failed} passed" + (f", {failed} failed" if failed else "")
    return Phase("test", exits.FAILED if failed else exits.CLEAN, said)


def _diff(found: Run, host: Host, failing: FailOn, kept: ReviewKept) -> Phase:
    from ...compiler.analysis.diff.changes import compare
    from ...compiler.check.compiling.compile import compile_sources
    from ...compiler.check.project.judges import paths_at
    from ...compiler.check.project.weakened import weakened
    from ...compiler.check.review.silences_changed import silences_changed
    from ...compiler.report import Report
    from ..output.diff.findings import Places
    from ..output.diff.formats import as_in_the_tree

    if host.problem is not None:
        return Phase("diff", exits.USAGE, host.problem)
    if host.base is None:
        return Phase("diff", None, host.why)
    repository, begun = _begun(found.policy_set.paths, host.base)
    policies = repository.policies(begun, paths_at(repository, begun, found.policy_set))
    if found.policy is None:
        return Phase("diff", None, NOT_COMPILED)
    sources = [each.source for each in found.policy_set.files]
    trees = [tree for each in sources if (tree := kept.compiled.tree_of(each)) is not None]
    controls = found.policy_set.settings.controls
    base = compile_sources([each.source for each in policies], kept.compiled, controls)
    if base.policy is None:
        found.base = Report.of(base.diagnostics, policies)
        return Phase("diff", exits.INVALID, "the base does not compile")
    silences = silences_changed((base.files, [each.source for each in policies]), (trees, sources))
    judged = weakened(repository, begun, found.policy_set)
    found.before = base.policy
    found.difference = compare(base.policy, found.policy).and_also((*silences, *judged))
    found.places = Places.of(
        {"base": base.policy, "head": found.policy},
        {"base": Report.of((), as_in_the_tree(policies)), "head": found.findings},
    )
    changes = found.difference.changes
    counts = {word: sum(each.change == word for each in changes) for word in ("more", "less")}
    counts["incomparable"] = len(changes) - sum(counts.values())
    parts = [f"{number} {word}" for word, number in counts.items() if number]
    said = ": ".join([found.difference.verdict, *([", ".join(parts)] if parts else [])])
    first = sum(each.first for each in found.difference.also)
    said += f"; {first} to see first" if first else ""
    alarms = bool(first) or found.difference.verdict in ("more", "incomparable")
    return Phase("diff", status_of_diff(found.difference, failing), said, alarms)


def _begun(paths: Sequence[str], revision: str) -> tuple[Repository, str]:
    """The repository of a set, and the commit where the change begins."""
    from ...compiler.check.project.revisions import Repository

    repository = Repository.holding(paths[0])
    return repository, repository.merge_base(revision, "HEAD")


def unseen(sets: PolicySets, host: Host) -> tuple[list[str], list[str]]:
    """The policies that went with their set, and those that were in one where the change begins and are in none now."""
    from ...compiler.check.project.files import PolicyFilesError
    from ...compiler.check.project.judges import left_out, paths_at
    from ...compiler.check.project.revisions import Repository

    if host.base is None:
        return [], []
    try:
        repository = Repository(".")
        begun = repository.merge_base(host.base, "HEAD")
        paths = [
            path for each in sets.sets for path in (*each.paths, *paths_at(repository, begun, each))
        ]
        return repository.gone(begun, paths), left_out(repository, begun, sets.beside)
    except PolicyFilesError:
        return [], []  # which each comparison says


def _compile(found: Run, options: Options) -> Phase:
    from .artifacts import NotMade, make

    targets = options.targets or found.policy_set.targets
    if not targets:
        return Phase("compile", None, "no target is named")
    if found.policy is None:
        return Phase("compile", None, NOT_COMPILED)
    out = None if options.out is None else options.out / found.policy_set.name
    proved = found.findings.diagnostics if "check" in options.phases else None
    try:
        found.emitted, said = make(found.policy, list(found.policy_set.files), targets, out, proved)
    except NotMade as problem:
        found.emitted = problem.report
        return Phase("compile", problem.status, str(problem))
    return Phase("compile", exits.CLEAN, said)
