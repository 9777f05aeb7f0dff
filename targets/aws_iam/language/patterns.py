"""IAM's patterns: text with `*`, how they are written, and whether two can meet.

Inside the emitter a pattern is a parsed glob (`runtime.glob`): text and wildcards. It becomes IAM
text at the very end, so that no value is ever escaped twice or not at all.
"""

from __future__ import annotations

from itertools import product
from typing import TypeAlias

from ....runtime.glob import Wildcard, glob_match
from ...partial import Unsayable
from ..limits import can_hold

Glob: TypeAlias = tuple[str | Wildcard, ...]


MOST_INNER_WILDCARDS = 4
"""Wildcards before the end of a pattern, of which each doubles the ways to spell it in a deny."""

ANYTHING: Glob = (Wildcard.ANY,)
SOMETHING: Glob = (Wildcard.ONE, Wildcard.ANY)
"""Any text but the empty one, whatever AWS counts as a character."""


def literal(text: str) -> Glob:
    """The glob that matches a text and nothing else."""
    return (text,) if text else ()


def text_of(glob: Glob) -> str | None:
    """The one text that a glob without wildcards matches; None if it has any."""
    texts = [part for part in glob if isinstance(part, str)]
    return "".join(texts) if len(texts) == len(glob) else None


def is_literal(glob: Glob) -> bool:
    """Whether a glob has no wildcard."""
    return text_of(glob) is not None


def is_sayable(glob: Glob) -> bool:
    """Whether IAM can say exactly this.

    AWS does not say whether `?` is a code point, a UTF-16 unit or a byte, so that it is not used.
    """
    return all(
        part is Wildcard.ANY if isinstance(part, Wildcard) else can_hold(part) for part in glob
    )


def widened(glob: Glob) -> Glob:
    """A glob that IAM can say and that matches at least what this one does."""
    return join(
        *((part,) if isinstance(part, str) and can_hold(part) else ANYTHING for part in glob)
    )


def join(*globs: Glob) -> Glob:
    """Put globs one after the other; adjacent texts and adjacent `*` become one."""
    parts: list[str | Wildcard] = []
    for glob in globs:
        for part in glob:
            if parts and isinstance(part, str) and isinstance(parts[-1], str):
                parts[-1] += part
            elif not (parts and part is Wildcard.ANY and parts[-1] is Wildcard.ANY):
                parts.append(part)
    return tuple(parts)


def intersection(left: Glob, right: Glob) -> Glob | None:
    """What both match, None for nothing; Unsayable where it is not one glob."""
    for one, other in ((left, right), (right, left)):
        text = text_of(one)
        if text is not None:
            return one if glob_match(other, text) else None
    for one, other in ((left, right), (right, left)):
        if one in (other, ANYTHING) or (one == SOMETHING and other != ANYTHING):
            return other  # a pattern with any text in it matches no empty one
        prefix = one[0]
        if len(one) == 2 and isinstance(prefix, str) and one[1] is Wildcard.ANY:
            first = other[0]
            if isinstance(first, str) and first.startswith(prefix):
                return other
    if may_meet(left, right):
        raise Unsayable("two patterns of one attribute cannot be joined by `and`")
    return None


def may_meet(left: Glob, right: Glob) -> bool:
    """Whether some text may match both; True where that is hard to tell."""
    for one, other in ((left, right), (right, left)):
        text = text_of(one)
        if text is not None:
            return glob_match(other, text)
    return _agree(left, right, at_end=False) and _agree(left, right, at_end=True)


def arns_may_meet(left: Glob, right: Glob) -> bool:
    """Whether some ARN may match both, whose fields are those that the patterns show."""
    one, other = _fields(left), _fields(right)
    if one is None or other is None:
        return may_meet(left, right)
    return all(may_meet(a, b) for a, b in zip(one, other, strict=True))


def _fields(glob: Glob) -> tuple[Glob, ...] | None:
    """The six fields of an ARN's pattern; None where it does not show six."""
    fields: list[list[str | Wildcard]] = [[]]
    for part in glob:
        if isinstance(part, Wildcard):
            fields[-1].append(part)
            continue
        first, *others = part.split(":", 6 - len(fields))
        fields[-1] += literal(first)
        fields += ([*literal(each)] for each in others)
    return tuple(map(tuple, fields)) if len(fields) == 6 else None


def _agree(left: Glob, right: Glob, *, at_end: bool) -> bool:
    """Whether the texts that two globs start (or end) with can be those of one text."""
    if not left or not right:
        return True
    index = -1 if at_end else 0
    a, b = left[index], right[index]
    if not isinstance(a, str) or not isinstance(b, str):
        return True
    if at_end:
        return a.endswith(b) or b.endswith(a)
    return a.startswith(b) or b.startswith(a)


def beyond_colons(glob: Glob) -> tuple[Glob, ...]:
    """Spellings of a `Resource` pattern that together match all that the glob does.

    A `*` that does not end a segment of an ARN may stop at a colon ("IAM JSON policy elements:
    Resource"), and one right before a colon does not: `a*b` has to be said as `a*b` and `a*:*b`.
    With many of them it is the one pattern that ends at the first.
    """
    if glob[:-1].count(Wildcard.ANY) > MOST_INNER_WILDCARDS:
        return (join(glob[: glob.index(Wildcard.ANY)], ANYTHING),)
    choices: list[tuple[Glob, ...]] = []
    for position, part in enumerate(glob):
        inner = part is Wildcard.ANY and position < len(glob) - 1
        follower = glob[position + 1] if inner else ""
        if inner and not (isinstance(follower, str) and follower.startswith(":")):
            choices.append((ANYTHING, (Wildcard.ANY, ":", Wildcard.ANY)))
        else:
            choices.append(((part,),))
    return tuple(join(*choice) for choice in product(*choices))


def write_pattern(glob: Glob) -> str:
    """Write a glob for `Resource`, `StringLike` and `StringNotLike`."""
    return "".join(
        part.value
        if isinstance(part, Wildcard)
        else write_text(part).replace("*", "${*}").replace("?", "${?}")
        for part in glob
    )


def write_text(text: str) -> str:
    """Write a text for the operators that know no wildcards; a `$` would start a variable."""
    return text.replace("$", "${$}")
