"""The table of subcommands. Each is a module in a room of `commands/`, loaded when it is called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module

import click

from .. import __version__
from . import exits

COMMANDS = {
    "init": ("writing.init", "init"),
    "check": ("writing.check", "check"),
    "fmt": ("writing.fmt", "fmt"),
    "upgrade": ("writing.upgrade", "upgrade"),
    "test": ("writing.test", "test"),
    "compile": ("releasing.compile", "compile"),
    "decide": ("asking.decide", "decide"),
    "facts": ("asking.facts", "facts"),
    "explain": ("asking.explain", "explain"),
    "who-can": ("asking.who_can", "who_can"),
    "what-can": ("asking.what_can", "what_can"),
    "exposure": ("asking.exposure", "exposure"),
    "matrix": ("asking.matrix", "matrix"),
    "diff": ("releasing.diff", "diff"),
    "replay": ("releasing.replay", "replay"),
    "report": ("releasing.report", "report"),
    "ci": ("releasing.ci", "ci"),
    "comment": ("releasing.comment", "comment"),
    "serve": ("service.serve", "serve"),
    "guard": ("guard.guard", "guard"),
    "task": ("service.task", "task"),
    "approve": ("service.approve", "approve"),
    "people": ("service.people", "people"),
    "lease": ("service.lease", "lease"),
    "candidate": ("service.candidate", "candidate"),
    "audit": ("service.audit", "audit"),
    "import": ("writing.import_", "import_"),
    "bundle": ("releasing.bundle", "bundle"),
    "targets": ("releasing.targets", "targets"),
    "rule": ("writing.rule", "rule"),
    "repl": ("asking.repl", "repl"),
    "lsp": ("writing.lsp", "lsp"),
    "completion": ("completion", "completion"),
}
"""Name of a subcommand: the module in `commands/` that has it, and what it is called there."""
COMPLETION_VARIABLE = "_AGPC_COMPLETE"
"""What a shell sets to ask for completions."""


class Table(click.Group):
    """A group that loads a subcommand when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the subcommands, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a subcommand."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(import_module(f".commands.{module}", __package__), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or name the one that is nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from ..compiler.text.suggestions import did_you_mean
            from ..compiler.text.visible import visible

            help = did_you_mean(args[0], COMMANDS)
            ctx.fail(f"there is no command `{visible(args[0])}`" + (f": {help}" if help else ""))
        return super().resolve_command(ctx, args)


@click.command(
    cls=Table,
    context_settings={"auto_envvar_prefix": "AGPC", "help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 clean, 1 findings, 2 usage or input/output, 3 the policy does not "
    "compile, 4 tests failed, 5 undetermined.",
)
@click.version_option(
    __version__,
    prog_name="agpc",
    message="%(prog)s %(version)s",
    allow_from_autoenv=False,  # AGPC_VERSION is what builds call the version that they install
)
def agpc() -> None:
    """Check, test, compile and question agent-governance policies (.agp)."""


def run_command(arguments: Sequence[str]) -> int:
    """Parse the arguments, run the subcommand that they name, and give the exit status."""
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from click.shell_completion import shell_complete

        return shell_complete(agpc, {}, "agpc", COMPLETION_VARIABLE, instruction)
    try:
        return invoked(arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code


def invoked(arguments: Sequence[str]) -> int:
    """The exit status of the subcommand. Raises `click.ClickException` where it is misused."""
    try:
        with agpc.make_context("agpc", list(arguments)) as context:
            agpc.invoke(context)
    except click.exceptions.Exit as end:  # of `--help` and the like
        return end.exit_code
    except click.Abort:
        return exits.INTERRUPTED
    return exits.CLEAN
