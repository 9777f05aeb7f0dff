"""The `agpc` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command on the arguments of the process and give its exit status."""
    # Asked by scripts, often: not worth loading anything for.
    if sys.argv[1:] == ["--version"] and sys.stdout is not None:
        from .. import __version__

        try:
            print(f"agpc {__version__}", flush=True)
        except OSError:
            pass  # below, a failure has words and a status
        else:
            return 0
    try:
        from ..compiler.garbage import at_the_end, seldom_collected

        with seldom_collected():  # what is loaded and read stays
            from .process import run

            status = run(sys.argv[1:])
            at_the_end()
            return status
    except KeyboardInterrupt:  # while loading, before the command can see to it
        return 130
