"""The command as a process: its streams, its exit status, and no traceback whatever happens."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from ..compiler.analysis.procedure.verdict import Undetermined
from ..compiler.processes import Lost
from . import exits

DEBUG = "AGPC_DEBUG"
VARIABLES = ("AGPC_", "_AGPC_")
"""How the names of environment variables begin that stand for options, or ask for completions."""


class Closed(io.TextIOBase):
    """A standard stream that the process was started without: what is written there is lost, and told.

    Python has None in its place, and passes over what is printed.
    """

    def write(self, text: str, /) -> int:
        """Fail, as the system does."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class Terminated(BaseException):
    """SIGTERM came: what was begun is cleared away on the way out, as after SIGINT."""


def run(arguments: Sequence[str]) -> int:
    """Run the command and give its exit status."""
    try:
        before = signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # not the main thread, which alone may say what a signal does
        return run_to_the_end(arguments)
    try:
        return run_to_the_end(arguments)
    except Terminated:
        silence(sys.stdout)
        return exits.TERMINATED
    finally:
        signal.signal(signal.SIGTERM, before)


def run_to_the_end(arguments: Sequence[str]) -> int:
    """Run the command, with its streams in order, and give its exit status."""
    sys.stdout, sys.stderr = sys.stdout or Closed(), sys.stderr or Closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # UTF-8 everywhere, also where the locale is not
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = invoke(arguments)
        sys.stdout.flush()  # here, where a failure has a status, and not at exit
    except BrokenPipeError:
        silence(sys.stdout)
        return exits.PIPE_CLOSED
    except OSError as error:
        silence(sys.stdout)
        what = "the output" if error.filename is None else f"`{error.filename}`"
        say(f"cannot read or write {what}: {error.strerror}")
        return exits.USAGE
    return status


def terminate(number: int, frame: object) -> None:
    """End the command in an orderly way, once: a second signal does not cut that short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def invoke(arguments: Sequence[str]) -> int:
    """Run the command and turn every exception but those of input and output into a status."""
    return guarded(partial(dispatch, arguments))


def dispatch(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name."""
    if is_plain(arguments):
        from .checking import check_policies

        check_policies(tuple(arguments[1:]))
        return exits.CLEAN
    from .table import run_command

    return run_command(arguments)


def guarded(work: Callable[[], int]) -> int:
    """Do something and give its status, whatever exception it ends with but those of input and output."""
    try:
        return work()
    except exits.Stop as stop:
        return stop.status
    except exits.Failure as failure:
        say(str(failure))
        return exits.USAGE
    except Undetermined as undetermined:
        say(f"undetermined: {undetermined}")
        return exits.UNDETERMINED
    except Lost as lost:
        say(str(lost))
        return exits.USAGE
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 -- the last guard: no traceback reaches a user
        if os.environ.get(DEBUG) == "1":
            import traceback

            traceback.print_exc()
        say(
            f"internal error: {type(error).__name__}: {error}; this is a bug in agpc: please report"
            f" it with the policy and what {DEBUG}=1 prints"
        )
        return exits.USAGE


def is_plain(arguments: Sequence[str]) -> bool:
    """Whether this is a check with no option: then every argument is a path, and nothing is left to parse.

    Loading the parser of arguments takes a sixth of such a check, which is what editors and hooks run.
    """
    return (
        arguments[:1] == ["check"]
        and not any(each.startswith("-") and each != "-" for each in arguments)
        and not any(each.startswith(VARIABLES) for each in os.environ)
    )


def say(message: str) -> None:
    """Print an error on standard error, on one line and without control characters."""
    from ..compiler.text.visible import visible

    with suppress(OSError):
        print(f"error: {visible(message)}", file=sys.stderr, flush=True)


def silence(stream: object) -> None:
    """Let the interpreter's own flush at exit go nowhere."""
    if isinstance(stream, io.TextIOWrapper):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
