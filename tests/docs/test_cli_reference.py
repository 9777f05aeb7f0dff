"""docs/cli.md names every subcommand, option, choice and exit status of the command."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from agpc.cli import exits
from agpc.cli.table import agpc
from docs.blocks import DOCS

TEXT = (DOCS / "cli.md").read_text(encoding="utf-8")


def commands(
    group: click.Group = agpc, prefix: str = "agpc"
) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


COMMANDS = dict(commands())


def section(name: str) -> str:
    found = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/cli.md has no section {name}"
    return found[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_choice_is_in_the_section_of_its_command(name: str) -> None:
    text = section(name)
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    rows = {
        word for row in re.findall(r"^\| (`-.*?) \| ", text, re.MULTILINE) for word in words(row)
    }
    flags = {flag for each in options for flag in each.opts if "--help" not in each.opts}
    assert rows == flags
    for each in options:
        if isinstance(each.type, click.Choice):
            shown = "\\|".join(each.type.choices)
            assert f"{each.opts[0]} {shown}`" in text


def words(cell: str) -> list[str]:
    return re.findall(r"--?[a-z][a-z-]*", cell)


def test_there_is_a_section_for_each_command_and_no_other() -> None:
    assert set(re.findall(r"^## (agpc .*)$", TEXT, re.MULTILINE)) == set(COMMANDS)


def test_the_summary_names_each_command() -> None:
    shown = re.findall(r"^(agpc(?: [a-z-]+)+) {2,}", TEXT, re.MULTILINE)
    assert shown == list(COMMANDS)


def test_every_exit_status_is_listed() -> None:
    statuses = {value for name, value in vars(exits).items() if name.isupper()}
    assert (
        set(map(int, re.findall(r"^\| (\d+) \|", section("Exit status"), re.MULTILINE))) == statuses
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_read_from_the_variable_that_its_name_gives(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = agpc.make_context("agpc", ["--help"], resilient_parsing=True)
    for word in name.split()[1:]:
        group = context.command
        assert isinstance(group, click.Group)
        command = group.get_command(context, word)
        assert command is not None
        context = click.Context(command, parent=context, info_name=word, resilient_parsing=True)
    for option in context.command.params:
        if isinstance(option, click.Option):
            flag = next(each for each in option.opts if each.startswith("--"))
            words = [*name.split(), flag.removeprefix("--")]
            variable = "_".join(words).upper().replace("-", "_")
            monkeypatch.setenv(variable, "value")
            # What a client's environment says changes nothing of a hook, which would let a tool run.
            said = None if name == "agpc guard hook" else "value"
            assert option.resolve_envvar_value(context) == said, variable
