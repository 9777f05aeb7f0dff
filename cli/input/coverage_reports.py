"""How coverage and suggestions are asked for on the command line, `--coverage[=FORMAT[=FILE]]`, and of which rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ...compiler.structs import Struct

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir
    from ...compiler.report.source import PolicyFile
    from ...compiler.testing.coverage import Coverage
    from ...compiler.testing.suggestions import Suggestions

FORMATS = ("text", "json", "lcov", "cobertura", "html")
OPTION = "--coverage"
SUGGEST = "--suggest"
STANDARD_OUTPUT = "-"
ALONE = {OPTION: "text", SUGGEST: STANDARD_OUTPUT}
"""What the options mean that take a value only after `=`, where they stand without one."""


class Wanted(Struct):
    """A report on coverage: its format, and the file to write; without one it goes to standard output."""

    format: str
    file: str | None


class ValueAfterEquals(click.Command):
    """A command with options that take a value only after `=`, so that they never take a path for one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give an option a value where it stands alone."""
        end = args.index("--") if "--" in args else len(args)
        before = [f"{each}={ALONE[each]}" if each in ALONE else each for each in args[:end]]
        return super().parse_args(ctx, [*before, *args[end:]])


def read_wanted(values: tuple[str, ...]) -> list[Wanted]:
    """What reports are wanted. Ends the command where one is unknown, or two would be mixed."""
    found = []
    for value in values:
        format, equals, file = value.partition("=")
        if format not in FORMATS:
            raise click.BadParameter(
                f"`{format}` is none of {', '.join(FORMATS)}", param_hint=OPTION
            )
        if equals and not file:
            raise click.BadParameter(f"`{value}` names no file", param_hint=OPTION)
        found.append(Wanted(format, file if file not in ("", STANDARD_OUTPUT) else None))
    if sum(each.file is None for each in found) > 1:
        raise click.UsageError(f"give all reports of {OPTION} but one a file: FORMAT=FILE")
    return found


def measured(policy: ir.Policy, tests: Sequence[ir.Test], rules: set[str] | None) -> Coverage:
    """What tests show of some rules, or of all; without what no test can show."""
    from ...compiler.testing.coverage import Coverage
    from ...compiler.testing.impossible import note_impossible
    from ...compiler.testing.witnesses import Witnesses

    coverage = Coverage.of_tests(policy, tests, rules)
    note_impossible(coverage, Witnesses(policy))
    return coverage


def changed(
    policy: ir.Policy, files: list[PolicyFile], paths: tuple[str, ...], revision: str
) -> set[str]:
    """The rules that mean something else than where a revision and the last commit parted."""
    from ...compiler.check.compiling.memory import Memory
    from ...compiler.testing.changed import changed_rules
    from .policies import catalogue_of, or_told
    from .sides import compiled, parted

    with or_told():
        base = parted(revision, paths or (".",))
    catalogue = catalogue_of([*files, *base])
    return changed_rules(compiled("base", base, Memory(), catalogue), policy)


def suggested(policy: ir.Policy, tests: Sequence[ir.Test], rules: set[str] | None) -> Suggestions:
    """Tests for what tests do not show of some rules, or of all."""
    from ...compiler.testing.coverage import Coverage
    from ...compiler.testing.suggestions import suggest
    from ...compiler.testing.witnesses import Witnesses

    coverage = Coverage.of_tests(policy, tests, rules)
    return suggest(coverage, Witnesses(policy))
