"""Find the phrases of other languages, so that each is answered once and with what to write.

Parsing goes on after what is read in the phrase's place, or else at the next clause or statement,
and nothing more is said of the phrase.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .clause_phrases import CLAUSES
from .condition_phrases import CONDITIONS
from .expectation_phrases import EXPECTATIONS
from .habits import NEAR
from .phrases import Idiom
from .sign_phrases import SIGNS
from .statement_phrases import STATEMENTS

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*+")|#[^\n]*(?=\n)')
_IDIOMS = (*SIGNS, *CONDITIONS, *EXPECTATIONS, *CLAUSES, *STATEMENTS)


class FoundIdiom(NamedTuple):
    """What is said of a phrase, where it stands, and what is read in its place."""

    message: str
    help: str
    start: int
    end: int
    instead: tuple[tuple[str, str], ...] | None
    keeps: bool
    fix: tuple[int, int, str] | None = None
    """What to write in place of the phrase, from and to where."""


def idiom(text: str, start: int, expected: set[str]) -> FoundIdiom | None:
    """Find the phrase that begins at an offset where something else was expected."""
    near = _before(text, start)
    for each in _IDIOMS:
        if each.needs <= expected and (found := _match(each, text, start, near)):
            return found
    return None


def of_signs(text: str, start: int) -> FoundIdiom | None:
    """Find the phrase that begins at an offset with what is not a token, wherever the parser is."""
    if not any(each.here.match(text, start) for each in SIGNS):
        return None  # as of nearly all that is not a token
    near = _before(text, start)
    return next((found for each in SIGNS if (found := _match(each, text, start, near))), None)


def _before(text: str, start: int) -> str:
    near = text[max(0, start - NEAR) : start]
    return _COMMENT.sub(lambda each: each[1] or " " * len(each[0]), near)


def _match(row: Idiom, text: str, start: int, near: str) -> FoundIdiom | None:
    here = row.here.match(text, start)
    before = row.before.search(near) if here else None
    if here is None or before is None:
        return None
    word = re.compile(r"\w{0,40}").match(text, start)
    sign = re.compile(r"[!~=*<>|&]{0,4}").match(text, start)
    named = {
        "word": word[0] if word else "",
        "sign": sign[0] if sign else "",
        **before.groupdict(),
        **here.groupdict(),
    }
    shown = {name: value or "NAME" for name, value in named.items()}
    end = len(near.rstrip()) - len(near) + start if row.keeps else here.end()
    place = end - 1 if row.keeps else start
    instead = row.instead
    if instead:
        instead = tuple((key, read.format_map(shown)) for key, read in instead)
    return FoundIdiom(
        row.message.format_map(shown),
        row.help.format_map(shown),
        max(0, place),
        max(1, end),
        instead,
        row.keeps,
        None if row.fix is None else _fix(row, row.fix.format_map(shown), before, here, near),
    )


def _fix(
    row: Idiom, text: str, before: re.Match[str], here: re.Match[str], near: str
) -> tuple[int, int, str]:
    """Where to write what: in place of the phrase, or before it where it is no part of the mistake."""
    start = here.start() - len(near) + before.start(row.since) if row.since else here.start()
    if " and " in text and re.search(r"\bnot\s*\Z", near[: before.start(row.since or 0)]):
        text = f"({text})"
    return start, max(start, here.start()) if row.keeps else here.end(), text
