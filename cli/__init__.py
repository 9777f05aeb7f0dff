"""The `agpc` command.

The command as a process (`process.py`), its exit statuses (`exits.py`), the table of subcommands (`table.py`);
what `agpc check` does (`checking.py`), which with paths alone needs no parser of arguments.

Begin with `process.py`, `table.py`, `exits.py`.
"""

from __future__ import annotations

import atexit
import os
import sys

TYPE_CHECKING = False  # what typing says, without the cost of importing it
if TYPE_CHECKING:
    from typing import NoReturn


def command() -> NoReturn:
    """Be the process: run the command, and end with its status.

    What Python does at the end of a process is done here, but for taking apart all that was loaded, which the
    system takes back at once: that is a twentieth of a short command.
    """
    status = main()
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 -- Python's own way has words for it
        sys.exit(status)
    os._exit(status)


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
        from ..compiler.garbage import seldom_collected

        with seldom_collected():  # what is loaded and read stays
            from .process import run

            return run(sys.argv[1:])
    except KeyboardInterrupt:  # while loading, before the command can see to it
        return 130
