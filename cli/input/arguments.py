"""Arguments that most subcommands take."""

from __future__ import annotations

import click

PATHS = click.argument("paths", nargs=-1, metavar="[PATH]...")
"""Files and directories with policies; the working directory if none is given."""
