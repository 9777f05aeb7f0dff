"""Exit statuses, and the exceptions that end a command with one."""

from __future__ import annotations

CLEAN = 0
FINDINGS = 1  # at or above the level that fails; with `decide --exit-code`, not permitted
USAGE = 2  # wrong arguments, or something that could not be read or written
INVALID = 3  # the policy does not compile
FAILED = 4  # a test of the policy failed
UNDETERMINED = 5  # a limit was hit
INTERRUPTED = 130  # by SIGINT, as shells say it
TERMINATED = 143  # by SIGTERM, as shells say it
PIPE_CLOSED = 141  # by SIGPIPE, as shells say it


class Stop(Exception):
    """End the command with a status, after what it had to say was said."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(status)
        self.status = status


class Failure(Exception):
    """End the command with a message on standard error, as a usage or input/output error."""
