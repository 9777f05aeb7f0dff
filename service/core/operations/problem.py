"""Why an operation was refused. Nothing of it was recorded, unless its code says that it was."""

from __future__ import annotations


class Problem(Exception):
    """A refusal, as RFC 9457 tells it: `status` of HTTP, a `code` that is one short word, a plain sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Say what is wrong."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def not_found(what: str) -> Problem:
    """Say that there is no such thing, or none for this caller, who learns no difference."""
    return Problem(404, "not_found", f"there is no such {what}")


def forbidden(message: str) -> Problem:
    """Say that a caller may not do this."""
    return Problem(403, "forbidden", message)


def malformed(message: str) -> Problem:
    """Say what is wrong with the form of what was asked."""
    return Problem(400, "malformed", message)


def unavailable(message: str) -> Problem:
    """Say that nothing can be decided or recorded now."""
    return Problem(503, "unavailable", message)
