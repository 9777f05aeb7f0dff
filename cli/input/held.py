"""Policies that a session holds: what commands read there in place of files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from ...compiler.structs import Struct

if TYPE_CHECKING:
    from ...compiler.check.compiling.compile import Compilation
    from ...compiler.report.source import PolicyFile


class Held(Struct):
    """Policies that compile, and what came of them, which has been shown."""

    files: list[PolicyFile]
    compilation: Compilation


_HELD: ContextVar[Held | None] = ContextVar("held", default=None)


def held() -> Held | None:
    """What a session holds, if a command runs in one."""
    return _HELD.get()


@contextmanager
def holding(policies: Held) -> Iterator[None]:
    """Have commands answer about these policies."""
    token = _HELD.set(policies)
    try:
        yield
    finally:
        _HELD.reset(token)
