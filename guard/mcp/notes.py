"""What the operator is told, on standard error: each thing once, and nothing at any length."""

from __future__ import annotations

import sys

from ...compiler.text.visible import visible

MOST = 1_000
"""Different things that are said; a server that has more to complain about than that is known by then."""


class Notes:
    """Says each thing once. What foreign text is in it is made visible."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._said: set[str] = set()

    def say(self, text: str) -> None:
        """Say something, unless it was said before."""
        if text in self._said or len(self._said) >= MOST:
            return
        self._said.add(text)
        print(f"agpc guard: {visible(text)}", file=sys.stderr, flush=True)
