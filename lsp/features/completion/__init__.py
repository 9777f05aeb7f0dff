"""What may be written at a place: words of the language, names, values and snippets that would be right there."""

from __future__ import annotations

from collections.abc import Iterable

from ....compiler.lowering.references.references import References
from ....compiler.structs import Struct
from ....compiler.syntax import tree as syntax
from .asked import CompletionPoint
from .cursor import Token, cursor_at
from .expected_names import names_at
from .keywords import keywords
from .offers import Offer
from .strings import strings

MOST = 1000
"""How many things are offered at once; who types on is offered what fits then."""


class Completion(Struct):
    """What is offered at a place, and the token that it would replace."""

    token: Token
    offers: tuple[Offer, ...]
    is_whole: bool
    """Whether nothing more would be offered after more is typed."""


def complete(
    text: str, offset: int, tree: syntax.File, refer: References, rule_ids: Iterable[str] = ()
) -> Completion | None:
    """Find what may stand at an offset of a file; None where nothing is to be offered, as in a comment."""
    cursor = cursor_at(text, offset, tree.statements)
    if cursor is None or _is_behind_text(text, offset, cursor.token):
        return None
    asked = CompletionPoint.of(text, cursor, tree, refer, tuple(rule_ids))
    found: dict[tuple[str, str], Offer] = {}
    for offer in _offers(asked):
        found.setdefault((offer.label, offer.sort), offer)
    typed = cursor.token.typed
    fitting = [each for each in found.values() if _fits(each, typed)]
    fitting.sort(key=lambda each: (each.rank, each.label))
    return Completion(cursor.token, tuple(fitting[:MOST]), len(fitting) <= MOST)


def _is_behind_text(text: str, offset: int, token: Token) -> bool:
    """Whether the cursor is right behind a closed text: the quote asks, too, and the next key is Enter."""
    return not token.typed and text[offset - 1 : offset] == '"'


def _offers(asked: CompletionPoint) -> Iterable[Offer]:
    if asked.cursor.token.in_string:
        yield from (each for each in (*strings(asked), *names_at(asked)) if each.label[0] == '"')
        return
    yield from keywords(asked)
    yield from names_at(asked)
    yield from strings(asked)


def _fits(offer: Offer, typed: str) -> bool:
    """Whether what is typed may be the beginning of it: its letters in their order, as clients look for them."""
    letters = iter(offer.label.lower())
    return all(each in letters for each in typed.lower())
