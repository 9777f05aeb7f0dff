"""A check of policies: what `agpc check` does once its arguments are read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..compiler.text.counted import counted
from . import exits
from .input.policies import read_files, show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..compiler.check.project.settings import Settings
    from ..compiler.check.review.review import ReviewKept
    from ..compiler.ir import nodes as ir
    from ..compiler.report import Report
    from ..compiler.report.codes import Severity
    from ..compiler.report.source import PolicyFile
    from .input.checked import Checked


def check_policies(
    paths: tuple[str, ...],
    format: str = "text",
    fail_on: Severity | None = None,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    config: Path | None = None,
    baseline: Path | None = None,
    write_baseline: Path | None = None,
    no_analysis: bool = False,
    at: str | None = None,
    watch: bool = False,
    fix: bool = False,
    diff: bool = False,
    leases: bool = False,
) -> None:
    """Check policies, print what was found, and end with the status that it has."""
    from ..compiler.check.review.review import ReviewKept
    from .input.checked import reviewed
    from .input.settings import instant, now, settings_for

    kept = ReviewKept()
    day = None if at is None else instant(at)

    def settings() -> Settings:
        return settings_for(paths, config, select, ignore)

    def once(files: list[PolicyFile], settings: Settings) -> int:
        found = reviewed(
            files, settings, now() if day is None else day, kept, analysis=not no_analysis
        )
        known = baseline or (settings.baseline and settings.path(settings.baseline))
        if write_baseline is not None:
            written = wrote_baseline(write_baseline, found)
            if found.review.policy is not None:
                found = found.beyond(write_baseline)
        elif known is not None:
            from pathlib import Path

            found = found.beyond(Path(known))
        show_check(found, format)
        if leases and found.review.policy is not None:
            for line in told_of_leases(found.review.policy):
                print(line, flush=True)
        if write_baseline is not None:
            print(written, file=sys.stdout if format == "text" else sys.stderr, flush=True)
        elif found.report.gone and format != "json":
            from .output.baseline import gone

            print(gone(found.report, str(known)), end="", file=sys.stderr, flush=True)
        return found.status(fail_on or settings.fail_on)

    if fix:
        files, chosen = read_files(paths), settings()
        is_changed = fix_policies(
            files, chosen, now() if day is None else day, kept, diff, not no_analysis
        )
        if diff:
            raise exits.Stop(exits.FINDINGS if is_changed else exits.CLEAN)
    if not watch:
        raise exits.Stop(once(read_files(paths), settings()))
    from .input.watch import whenever_changed

    for files, chosen in whenever_changed(paths, settings):
        once(files, chosen)


def fix_policies(
    files: list[PolicyFile],
    settings: Settings,
    at: int,
    kept: ReviewKept,
    diff: bool,
    analysis: bool,
) -> bool:
    """Apply the fixes that keep the meaning, or print what they would change; whether there are any."""
    from pathlib import Path

    from ..compiler.check.edits.fixing import fixed
    from ..compiler.check.project.files import read_text
    from ..compiler.check.review.review import review
    from ..compiler.text.visible import visible
    from .input.policies import or_told
    from .output.difference import difference
    from .output.fixes import told
    from .output.whole_file import write_whole

    made, unreadable = fixed(
        [each.source for each in files],
        lambda now: review(now, settings, analysis=analysis, kept=kept, at=at).diagnostics,
    )
    paths = {each.source.name: each.path for each in files}
    for each in made:
        path = paths[each.before.name]
        if diff:
            print("\n".join(difference(path, each.before.text, each.after.text)), flush=True)
        else:
            with or_told():
                is_changed = read_text(Path(path)) != each.before.text
            if is_changed:
                raise exits.Failure(
                    f"`{visible(path)}` has changed since it was checked, and is left as it is"
                )
            write_whole(Path(path), each.after.text)
        for line in told([each], files, is_done=not diff):
            print(line, file=sys.stderr, flush=True)
    for source in unreadable:
        what = "is not changed: it has mistakes of syntax that no safe fix mends"
        print(f"{visible(paths[source.name])} {what}", file=sys.stderr, flush=True)
    return bool(made)


def show_check(found: Checked, format: str) -> None:
    """Print what was found."""
    if format == "text":
        show(found.report)
        print(summary(found.files, found.report), flush=True)
    else:
        from ..compiler.report import renderer

        print(renderer(format)(found.report), end="", flush=True)


def told_of_leases(policy: ir.Policy) -> Iterator[str]:
    """Say for which capabilities that have credentials a lease may stand, and why not for the others."""
    from ..compiler.ir.leases import leased

    for capability, why in leased(policy):
        said = "a lease may stand for it" if why is None else f"no lease may stand for it: {why}"
        yield f"{capability}: {said}"


def wrote_baseline(path: Path, found: Checked) -> str:
    """Write what was found to a baseline, and say so; what cannot be in one is left in the report."""
    from ..compiler.check.project.baseline import entries_of, to_text
    from ..compiler.text.visible import visible
    from .output.whole_file import write_whole

    if found.review.policy is None:
        return f"{visible(str(path))} was not written: the policy does not compile"
    entries = entries_of(found.report)
    write_whole(path, to_text(entries))
    count = sum(each.count for each in entries)
    return f"wrote {counted(count, 'finding')} to {visible(str(path))}"


def summary(files: int, report: Report) -> str:
    """Say in one line what came of it."""

    counts = report.count()
    said = [counted(counts["error"], "error"), counted(counts["warning"], "warning")]
    if counts["info"]:
        said.append(f"{counts['info']} for information")
    if report.silenced:
        said.append(f"{report.silenced} silenced")
    if report.known:
        said.append(f"{len(report.known)} in the baseline")
    return f"{counted(files, 'file')}: {', '.join(said)}"
