"""Open what an option names: a file, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from .. import exits


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Open a file, or standard input, or end the command with the reason why not."""
    from ...compiler.check.project.files import reason

    if name == "-":
        if sys.stdin is None:
            raise exits.Failure("standard input is closed")
        yield sys.stdin.buffer
        return
    try:
        stream = open(name, "rb")  # noqa: SIM115 -- only the opening is guarded, not what reads
    except (OSError, ValueError) as error:
        raise exits.Failure(f"cannot read `{name}`: {reason(error)}") from None
    with stream:
        yield stream
