"""The one way out of a question that the procedure cannot answer within its limits."""

from __future__ import annotations

from types import TracebackType


class Undetermined(Exception):
    """Neither proved nor refuted; the message says why. It is never taken for a yes."""


class Unseen(Undetermined):
    """Agents are not told apart that rules at a capability tell apart."""

    def __init__(self, reason: str, capability: str) -> None:
        """Say why, and at which capability."""
        super().__init__(reason)
        self.capability = capability


class Doubts:
    """What attempts left open, of which one that finds something is enough.

    Each attempt is made `with` it; `settle` says in the end that none found anything, or that this is
    not known. (It is no function that makes the attempts, since a search nests them deeply.)
    """

    def __init__(self) -> None:
        """Begin without a doubt."""
        self._last: Undetermined | None = None

    def __enter__(self) -> None:
        """Begin an attempt."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Keep the doubt that an attempt ends in."""
        if isinstance(error, Undetermined):
            self._last = error
            return True
        return False

    def settle(self) -> None:
        """Raise the last doubt, if there is one."""
        if self._last is not None:
            raise self._last
