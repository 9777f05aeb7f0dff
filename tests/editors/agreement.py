"""The tree-sitter grammar beside `agp.lark`, on generated policies and on texts with mistakes.

`make editors` runs it at length and writes docs/editors-results.md; a small run is a test. The same seed and
versions give the same texts.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engines.plain_lark import plain_lark
from generators.sugar import written_policies
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from lark.exceptions import UnexpectedInput

from agpc import __version__

from .mistakes import mutated
from .sitter import accepts

PAGE = Path(__file__).parents[2] / "docs" / "editors-results.md"


@dataclass(slots=True)
class Count:
    """What was compared."""

    policies: int = 0
    accepted: int = 0
    mistaken: int = 0
    """Texts with mistakes that `agp.lark` refuses."""
    refused: int = 0
    """Those of them that tree-sitter refuses too."""
    stricter: list[str] = field(default_factory=list)
    """Texts that are taken by `agp.lark` and not by tree-sitter: there must be none."""
    looser: Counter[str] = field(default_factory=Counter)


def is_policy(text: str) -> bool:
    """Whether the grammar takes a text."""
    try:
        plain_lark().parse(text)
    except UnexpectedInput:
        return False
    return True


def compare(count: Count, text: str) -> None:
    """Ask both of a text."""
    taken = accepts(text)
    if is_policy(text):
        count.policies += 1
        count.accepted += taken
        if not taken:
            count.stricter.append(text)
    else:
        count.mistaken += 1
        count.refused += not taken
        if taken:
            count.looser[text] += 1


def drawn(
    strategy: st.SearchStrategy[Any], number: int, chosen: int, use: Callable[[Any], None]
) -> None:
    """Use so many examples of a strategy."""
    health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    options = settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=health,
    )

    @seed(chosen)
    @options
    @given(strategy)
    def run(example: Any) -> None:
        use(example)

    run()


def compared(policies: int, mistakes: int, chosen: int) -> Count:
    """Compare generated policies, and texts with mistakes."""
    count = Count()
    drawn(
        written_policies(),
        policies,
        chosen,
        lambda each: [compare(count, file.text) for file in each[1]],
    )
    drawn(mutated(), mistakes, chosen, lambda text: compare(count, text))
    return count


def report(count: Count, policies: int, chosen: int) -> str:
    """The page."""
    today = datetime.datetime.now(datetime.UTC).date()
    versions = f"agpc {__version__}, tree-sitter {version('tree-sitter')}, Python {platform.python_version()}"
    share = 100 * count.refused / max(count.mistaken, 1)
    return f"""# tree-sitter beside the grammar

The tree-sitter grammar is made of `grammar/agp.lark`. Here both read the same texts: generated policies, as many
files as they have, and files with pieces taken out, put in, or exchanged.

- {today}, {versions}, seed {chosen}: `make editors`
- {policies} generated policies and the mutated files that are policies still: of {count.policies} files that the
  grammar takes, tree-sitter takes {count.accepted} with neither an error nor a missing node.
- Of {count.mistaken} mutated files that the grammar refuses, tree-sitter refuses {count.refused}
  ({share:.1f} %).

It may take more, and never less: its patterns cannot look ahead. `renew 3to` is a number and a word for it, and a
mistake for `agpc check`; what an editor says of mistakes comes from the language server, which runs the parser itself.
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", type=int, default=10_000)
    parser.add_argument("--mistakes", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="write docs/editors-results.md")
    options = parser.parse_args()
    found = compared(options.policies, options.mistakes, options.seed)
    page = report(found, options.policies, options.seed)
    print(page)
    for text in [*found.stricter[:5], *list(found.looser)[:5]]:
        print("---", text, sep="\n")
    if options.write and not found.stricter:
        PAGE.write_text(page, encoding="utf-8")
    raise SystemExit(bool(found.stricter))
