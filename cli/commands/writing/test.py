"""`agpc test`: the `test` blocks of a policy, which rule decided each, and what they show of the rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from ... import exits
from ...input.arguments import PATHS
from ...input.coverage_reports import (
    OPTION,
    STANDARD_OUTPUT,
    SUGGEST,
    ValueAfterEquals,
    read_wanted,
)
from ...input.policies import compiled, read

if TYPE_CHECKING:
    from ....compiler.ir import nodes as ir
    from ...input.coverage_reports import Wanted

FORMATS = ("text", "matrix", "json", "junit")


@click.command(cls=ValueAfterEquals)
@PATHS
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "-k",
    "--keyword",
    "keyword",
    metavar="PATTERN",
    help="Run only tests with this in their names; `*` is anything.",
)
@click.option(
    "--request",
    metavar="NAME",
    help="Print the request of this test, as `agpc explain` takes it, and run nothing.",
)
@click.option(
    "--coverage",
    multiple=True,
    metavar="[=FORMAT[=FILE]]",
    help="Say what the tests show of the rules: text, json, lcov, cobertura or html; several times.",
)
@click.option(
    SUGGEST,
    metavar="[=DIRECTORY]",
    help="Print tests that would show what no test shows yet, or write them to new files, to read and keep.",
)
@click.option(
    "--changed-since",
    metavar="REVISION",
    help="Look only at rules that mean something else than at a revision of git.",
)
@click.option(
    "--mutate",
    is_flag=True,
    help="Weaken one rule at a time, and say which weaker policies no test notices.",
)
@click.option(
    "--time-limit",
    type=click.IntRange(min=0),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How long --mutate may take; what it has not reached then is counted apart.",
)
@click.option(
    "--fail-under",
    type=click.IntRange(0, 100),
    metavar="PERCENT",
    help="Exit 4 if the tests cover less, or with --mutate notice fewer, of what counts.",
)
@click.option(
    "--watch", is_flag=True, help="Run the tests again whenever policies or settings change."
)
@click.pass_context
def test(
    context: click.Context,
    paths: tuple[str, ...],
    format: str,
    keyword: str | None,
    request: str | None,
    coverage: tuple[str, ...],
    suggest: str | None,
    changed_since: str | None,
    mutate: bool,
    time_limit: int,
    fail_under: int | None,
    watch: bool,
) -> None:
    """Run the tests that policies hold, and say which rule decided; exit 4 if one fails.

    Of a test that fails it says why, as `agpc explain` does.
    """
    if watch:
        from ...input.settings import settings_for
        from ...input.watch import repeat

        again = partial(context.invoke, test, **{**context.params, "watch": False})
        return repeat(paths, lambda: settings_for(paths, None, (), ()), again)
    from ....compiler.testing.run import in_order, run_test
    from ...input.coverage_reports import changed, measured, suggested
    from ...output.suggestions import refuse_policy_as_output
    from ...output.test_results import show

    wanted = read_wanted(coverage)
    if mutate:
        refuse_beside_mutants(request, format, coverage, suggest, changed_since)
    else:
        refuse_unless_covered(wanted, format, suggest, changed_since, fail_under)
    files = read(paths)
    if suggest == STANDARD_OUTPUT:
        refuse_policy_as_output(files)
    policy, _ = compiled(files)
    tests = in_order(policy.tests)
    if request is not None:
        click.echo(json.dumps(named(tests, request).request, indent=2))
        return
    if keyword is not None:
        tests = list(matching(tests, keyword))
    outcomes = [run_test(policy, each) for each in tests]
    failed = [each for each in outcomes if not each.passed]
    rules = None if changed_since is None else changed(policy, files, paths, changed_since)
    found = measured(policy, tests, rules) if wanted else None
    more = suggested(policy, tests, rules) if suggest else None
    if not mutate or failed:
        directory = None if suggest == STANDARD_OUTPUT else suggest
        show(outcomes, format, found, wanted, more, directory, files)
    if not outcomes:
        click.echo("warning: the policy has no tests", err=True)
    if failed:
        if mutate:
            click.echo("error: only tests that pass can notice a mutant", err=True)
        raise exits.Stop(exits.FAILED)
    if found is not None and fail_under is not None and found.score.is_under(fail_under):
        click.echo(f"error: {found.score.text} % is under {fail_under} %", err=True)
        raise exits.Stop(exits.FAILED)
    if more is not None and more.open:
        raise exits.Stop(exits.UNDETERMINED)
    if mutate:
        notice(policy, tests, format, time_limit, fail_under)


def refuse_beside_mutants(
    request: str | None,
    format: str,
    coverage: tuple[str, ...],
    suggest: str | None,
    changed_since: str | None,
) -> None:
    """End the command where something is asked for that is not about mutants."""
    asked = {
        "--request": request is not None,
        f"--format {format}": format not in ("text", "json"),
        "--coverage": bool(coverage),
        SUGGEST: suggest is not None,
        "--changed-since": changed_since is not None,
    }
    for what, is_asked in asked.items():
        if is_asked:
            raise click.UsageError(f"{what} is not for --mutate")


def refuse_unless_covered(
    wanted: Sequence[Wanted],
    format: str,
    suggest: str | None,
    changed_since: str | None,
    fail_under: int | None,
) -> None:
    """End the command where something is asked for that says nothing, or would be mixed with suggestions."""
    if fail_under is not None and not wanted:
        raise click.UsageError("--fail-under is about --coverage: give that as well")
    if changed_since is not None and not (wanted or suggest is not None):
        raise click.UsageError("--changed-since is about --coverage: give that as well")
    if suggest == "":
        raise click.BadParameter("it names no directory", param_hint=SUGGEST)
    if suggest == STANDARD_OUTPUT and format == "junit":
        raise click.UsageError(
            "--format junit and --suggest both have standard output: give --suggest=DIRECTORY"
        )
    for each in wanted:
        if suggest == STANDARD_OUTPUT and each.file is None and each.format != "text":
            raise click.UsageError(
                f"--suggest has standard output: give {OPTION}={each.format} a file"
            )


def notice(
    policy: ir.Policy,
    tests: Sequence[ir.Test],
    format: str,
    time_limit: int,
    fail_under: int | None,
) -> None:
    """Say which mutants of a policy no test notices; end the command where too many."""
    from ....compiler.testing.mutation import mutate
    from ...output.mutation import RENDERERS
    from ...progress import ProgressLine

    line = ProgressLine()
    found = mutate(
        policy, tests, time_limit, lambda done, total: line.say(f"{done} of {total} mutants")
    )
    line.end()
    click.echo(RENDERERS[format](found, time_limit), nl=False)
    if fail_under is not None and found.percent < fail_under:
        click.echo(f"error: {found.percent:.1f} % is under {fail_under} %", err=True)
        raise exits.Stop(exits.FAILED)


# --- Which tests ----------------------------------------------------------------------------------


def matching(tests: Sequence[ir.Test], pattern: str) -> Iterator[ir.Test]:
    """The tests whose names hold a pattern. Ends the command if there are none."""
    parts = map(re.escape, pattern.casefold().split("*"))
    wanted = re.compile(".*?".join(parts), re.DOTALL)
    found = [each for each in tests if wanted.search(each.name.casefold())]
    if not found:
        raise exits.Failure(f"no test has `{pattern}` in its name")
    yield from found


def named(tests: Sequence[ir.Test], name: str) -> ir.Test:
    """The test of a name. Ends the command if there is none, or more than one."""
    from ....compiler.meaning.observed import nearest

    found = [each for each in tests if each.name == name]
    if not found:
        near = nearest(name, (each.name for each in tests))
        raise exits.Failure(f"no test is named `{name}`{near}")
    if len(found) > 1:
        raise exits.Failure(f"{len(found)} tests are named `{name}`")
    return found[0]
