"""A line on standard error about what takes long, where a terminal is watching."""

from __future__ import annotations

import sys
from time import monotonic


class ProgressLine:
    """What is said stands in the place of what was said before, and in the end nothing does."""

    def __init__(self, patience: float = 0.0) -> None:
        """Start the clock; nothing is said before so many seconds are over."""
        self._after = monotonic() + patience
        self._watched = sys.stderr is not None and sys.stderr.isatty()
        self._shown = False

    def say(self, text: str) -> None:
        """Say how far it is."""
        if self._watched and monotonic() >= self._after:
            import click  # which a command that ends soon does without

            click.echo(f"\r\x1b[K{text}", nl=False, err=True, color=True)
            self._shown = True

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            import click

            click.echo("\r\x1b[K", nl=False, err=True, color=True)
