"""Markdown (GitHub's) in which names and values are text: none is read as Markdown, as HTML or as a mention.

They come from whoever proposes a change, so they stand in code spans and code blocks, and what stands outside has
every sign escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from ..text.visible import visible

_SIGNS = re.compile(r"[!-/:-@\[-`{-~]")
"""What Markdown may read as a sign, each of which a backslash before it makes a letter."""


def code(text: str) -> str:
    r"""A code span, in which nothing is read as anything; a line, and nothing unseen in it.

    >>> code("a@b"), code("a`b")
    ('`a@b`', '``a`b``')
    """
    shown = visible(text)
    runs = [len(run) for run in re.findall("`+", shown)]
    fence = "`" * next(n for n in range(1, len(runs) + 2) if n not in runs)
    if not shown.strip(" "):
        return f"({len(shown)} spaces)" if shown else "(empty)"
    pad = " " if shown[0] in " `" or shown[-1] in " `" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def codes(texts: Iterable[str], otherwise: str = "none") -> str:
    """Several of them."""
    return ", ".join(map(code, texts)) or otherwise


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; a stroke in a cell would end it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        cells = (each.replace("|", "\\|") for each in row)
        yield f"| {' | '.join(cells)} |"


def block(data: object) -> str:
    """JSON as a block of code; all that is not ASCII is escaped in it, as are ends of lines."""
    return f"\n{fenced(json.dumps(data, ensure_ascii=True), 'json')}\n"


def fenced(text: str, language: str) -> str:
    """A block of code between fences that are longer than all in it.

    >>> print(fenced("a", "text"))
    ```text
    a
    ```
    """
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def prose(text: str) -> str:
    """A sentence, in which what stands between backticks is code and no sign is one of Markdown's."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:  # a name with a backtick in it
        return code(text)
    return "".join(code(part) if n % 2 else _plain(part) for n, part in enumerate(parts))


def _plain(text: str) -> str:
    """Text as it is; `@` and `#` in code, or somebody would be mentioned and told."""
    return _SIGNS.sub(lambda sign: f"`{sign[0]}`" if sign[0] in "@#" else f"\\{sign[0]}", text)
