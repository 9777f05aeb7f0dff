"""Look at policies and settings again and again, and tell each time that they have changed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import TYPE_CHECKING

import click

from .. import exits

if TYPE_CHECKING:
    from ...compiler.check.project.settings import Settings
    from ...compiler.report.source import PolicyFile

PAUSE = 0.3  # seconds between two looks at the least
SHARE = 20  # times as long as the last look took


def whenever_changed(
    paths: tuple[str, ...], settings: Callable[[], Settings]
) -> Iterator[tuple[list[PolicyFile], Settings]]:
    """Give the policies and the settings at once, and after each change, until an interrupt.

    Files are read whole, since times and sizes can be the same after a change. What cannot be read is
    said once, and waited for.
    """
    from ...compiler.check.project.files import STANDARD_INPUT, PolicyFilesError, read_policies
    from ...compiler.text.visible import visible

    if STANDARD_INPUT in paths:
        raise exits.Failure("standard input does not change: give files or directories to watch")
    seen: object = None
    try:
        while True:
            start = monotonic()
            problems: tuple[str, ...] = ()
            try:
                found = read_policies(paths or (".",)), settings()
            except PolicyFilesError as error:
                problems = error.problems
            except exits.Failure as failure:
                problems = (str(failure),)
            if problems and problems != seen:
                for each in problems:
                    click.echo(f"error: {visible(each)}", err=True)
                seen = problems
            elif not problems and found != seen:
                seen = found
                yield found
                gc.freeze()  # what is kept is not garbage: do not look through it each time
                start = monotonic()
            sleep(max(PAUSE, SHARE * (monotonic() - start)))
    finally:
        gc.unfreeze()  # whoever goes on without looking has garbage again


def repeat(
    paths: tuple[str, ...], settings: Callable[[], Settings], run: Callable[[], object]
) -> None:
    """Run a command at once, and after each change, until an interrupt; where it ends, look on."""
    from ...compiler.text.visible import visible

    for _ in whenever_changed(paths, settings):
        try:
            run()
        except exits.Stop:
            pass  # after what it had to say was said
        except exits.Failure as failure:
            click.echo(f"error: {visible(str(failure))}", err=True)
