"""How a file would change, for a terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterator


def difference(path: str, before: str, after: str) -> Iterator[str]:
    """Give a unified diff as lines, fit for a terminal."""
    from ...compiler.text.visible import visible

    lines = difflib.unified_diff(
        before.split("\n"), after.split("\n"), f"a/{path}", f"b/{path}", lineterm=""
    )
    return ("\t".join(map(visible, line.split("\t"))) for line in lines)
