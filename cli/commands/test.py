"""`agpc test`: the `test` blocks of a policy, and which rule decided each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from .. import exits
from ..input.policies import PATHS, compiled, read

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir

FORMATS = ("text", "json", "junit")


@click.command()
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
def test(paths: tuple[str, ...], format: str, keyword: str | None, request: str | None) -> None:
    """Run the tests that policies hold, and say which rule decided; exit 4 if one fails.

    Of a test that fails it says why, as `agpc explain` does.
    """
    from ...compiler.report import Report
    from ...compiler.testing.run import run_test
    from ..output.outcomes import RENDERERS

    files = read(paths)
    policy, _ = compiled(files)
    report = Report.of((), files)
    tests = sorted(policy.tests, key=lambda test: test.span)
    if request is not None:
        click.echo(json.dumps(named(tests, request).request, indent=2))
        return
    if keyword is not None:
        tests = list(matching(tests, keyword))
    outcomes = [run_test(policy, each) for each in tests]
    click.echo(RENDERERS[format](outcomes, report), nl=False)
    if not outcomes:
        click.echo("warning: the policy has no tests", err=True)
    if not all(each.passed for each in outcomes):
        raise exits.Stop(exits.FAILED)


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
    from ...compiler.meaning.observed import nearest

    found = [each for each in tests if each.name == name]
    if not found:
        near = nearest(name, (each.name for each in tests))
        raise exits.Failure(f"no test is named `{name}`{near}")
    if len(found) > 1:
        raise exits.Failure(f"{len(found)} tests are named `{name}`")
    return found[0]
