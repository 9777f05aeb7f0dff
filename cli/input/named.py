"""What the arguments of questions name: capabilities, agents and intents of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from .. import exits

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir


def named(kind: str, text: str, known: Iterable[str]) -> str:
    """Give the qualified name that somebody means: in full, or without its package where that will do.

    Ends the command with what is wrong, otherwise.
    """
    from ...compiler.text.suggestions import did_you_mean
    from ...compiler.text.visible import visible

    names = sorted(known)
    if text in names:
        return text
    ending = [each for each in names if each.endswith(f".{text}")]
    if len(ending) == 1:
        return ending[0]
    shown = visible(text)
    if ending:
        several = ", ".join(f"`{each}`" for each in ending[:5])
        raise exits.Failure(f"`{shown}` is more than one {kind}: {several}")
    endings = {part for each in names for part in endings_of(each)}
    help = did_you_mean(text, sorted(endings))
    raise exits.Failure(f"there is no {kind} `{shown}`" + (f": {help}" if help else ""))


def endings_of(name: str) -> Iterator[str]:
    """A qualified name, and what is left of it without its first parts.

    >>> list(endings_of("acme.till.open"))
    ['acme.till.open', 'till.open', 'open']
    """
    while name:
        yield name
        _, _, name = name.partition(".")


FOR = click.option("--for", metavar="INTENT", help="Only tasks with this intent.")
"""An option whose name is a word of Python, so that it comes among the `words` of a command."""


def intents_named(policy: ir.Policy, words: Mapping[str, str | None]) -> ir.Names:
    """The intent that `--for` names; any that is declared, where it is not given."""
    from ...compiler.ir.nodes import DECLARED

    text = words["for"]
    if text is None:
        return DECLARED
    return (named("intent", text, (each.name for each in policy.intents)),)
