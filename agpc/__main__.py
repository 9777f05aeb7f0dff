"""`python -m agpc` is the `agpc` command."""

from __future__ import annotations

from .cli import command

command()
