"""Sets of texts: which values of a string, enum or level make a condition true, or false.

`holds` gives the tests for *it is in the set*, which an allow needs: a missing key fails them.
`may_hold` gives those for *it is not in the opposite set, or it is missing*, which a forbid needs:
a missing key, and a value that is none of the type's, meet them.
"""

from __future__ import annotations

from collections.abc import Iterable

from ....compiler.structs import Struct
from ....runtime.glob import Wildcard
from ...partial import Unsayable, unique
from ..binding.locations import Placeholder
from ..language.patterns import (
    Glob,
    is_literal,
    is_sayable,
    join,
    literal,
    widened,
)
from ..language.products import ALWAYS, KeyTest, Product

ODD_PATHS: tuple[Glob, ...] = (
    (Wildcard.ANY, "//", Wildcard.ANY),
    (Wildcard.ANY, "/./", Wildcard.ANY),
    (Wildcard.ANY, "/../", Wildcard.ANY),
    (Wildcard.ANY, "/"),
    (Wildcard.ANY, "/."),
    (Wildcard.ANY, "/.."),
)
"""What a path with an empty, `.` or `..` segment looks like, but for the first one of a relative path."""

NOT_RELATIVE: tuple[Glob, ...] = (
    (),
    (".",),
    ("..",),
    ("/", Wildcard.ANY),
    ("./", Wildcard.ANY),
    ("../", Wildcard.ANY),
)
"""What is absolute, or has such a segment at its beginning."""


class TextSet(Struct):
    """Texts that match one of `any_of` (None: all do) and none of `none_of`.

    With `whole_path` a text with an odd segment is not in it either.
    """

    any_of: tuple[Glob, ...] | None = None
    none_of: tuple[Glob, ...] = ()
    whole_path: bool = False

    @property
    def excluded(self) -> tuple[Glob, ...]:
        """All that keeps a text out."""
        return (*self.none_of, *ODD_PATHS) if self.whole_path else self.none_of


class SaidTexts(Struct):
    """Alternatives (a disjunction), and why they are not quite what was asked for."""

    products: tuple[Product, ...]
    losses: tuple[str, ...] = ()


NEVER = SaidTexts(())


def key_holds(key: str, texts: TextSet) -> SaidTexts:
    """Tests of a key for a value in the set: there, and no other value."""
    excluded, losses = _widen(texts.excluded)
    tests = [_match(key, excluded, "StringNot{}")] if excluded else []
    if texts.any_of is None:
        tests.append(KeyTest("Null", key, ("false",)))
    elif not texts.any_of:
        return NEVER
    else:
        wanted, lost = _narrow(texts.any_of)
        losses += lost
        if not wanted:
            raise Unsayable(lost[0])
        tests.append(_match(key, wanted))
    return SaidTexts((Product(tuple(sorted(tests, key=lambda t: t.operator))),), losses)


def key_may_hold(key: str, opposite: TextSet) -> SaidTexts:
    """Tests of a key for no value, or one that is not in the opposite set."""
    excluded, losses = _widen(opposite.excluded)
    if opposite.any_of is None:
        if not excluded:
            return SaidTexts((Product((KeyTest("Null", key, ("true",)),)),))
        return SaidTexts((Product((_match(key, excluded, "String{}IfExists"),)),), losses)
    wanted, lost = _narrow(opposite.any_of)
    losses += lost
    if not wanted:
        return SaidTexts((ALWAYS,), losses)
    products = [Product((_match(key, wanted, "StringNot{}"),))]
    if excluded:
        products.append(Product((_match(key, excluded),)))
    return SaidTexts(tuple(products), losses)


def place_holds(placeholder: Placeholder, texts: TextSet) -> SaidTexts:
    """Patterns of the resource for a value in the set."""
    name = placeholder.name
    if texts.none_of:
        raise Unsayable(
            f"an allow cannot leave out values of `resource.{name}` that are in the ARN"
        )
    if texts.any_of is None:
        return SaidTexts((ALWAYS,))
    wanted, losses = _narrow(texts.any_of)
    if texts.any_of and not wanted:
        raise Unsayable(losses[0])
    fitting = tuple(each for each in wanted if placeholder.fits(each))
    if any(not is_literal(each) for each in wanted if each not in fitting):
        raise Unsayable(f"a `*` in the ARN would match more than `resource.{name}` stands for")
    if any(Wildcard.ANY in each[:-1] for each in fitting):
        losses += (f"a `*` before other text of `resource.{name}` may not match a `:`",)
    if not fitting:
        return NEVER
    paths = ((name, _odd_in(fitting)),) if texts.whole_path else ()
    return SaidTexts((Product(places=((name, fitting),), paths=paths),), losses)


def place_may_hold(placeholder: Placeholder, opposite: TextSet) -> SaidTexts:
    """Patterns of the resource for a value that is not in the opposite set."""
    absolute = opposite.any_of == (("/", Wildcard.ANY),) and placeholder.is_path
    if opposite.any_of is not None and not absolute:
        raise Unsayable(
            f"a deny cannot spare some values of `resource.{placeholder.name}` that are in the ARN"
        )
    excluded, losses = _widen(opposite.excluded)
    if not excluded:
        return NEVER
    if placeholder.is_path and (absolute_ones := tuple(map(_absolute, excluded))) != excluded:
        excluded = absolute_ones
        name = f"`resource.{placeholder.name}`"
        losses += (f"{name} is an absolute path in the ARN, so the deny puts a `/` before it",)
    return SaidTexts((Product(places=((placeholder.name, excluded),)),), losses)


def _absolute(glob: Glob) -> Glob:
    """The pattern of a path with the `/` that an ARN has before it."""
    start = glob[0] if glob else "/"
    return join(("/",), glob) if isinstance(start, str) and start[:1] != "/" else glob


def _odd_in(globs: Iterable[Glob]) -> tuple[Glob, ...]:
    """Patterns of the values with an odd segment among those inside a path."""
    stems = unique(str(each[0]).rstrip("/") for each in globs)
    return tuple(join(literal(stem), odd) for stem in stems for odd in ODD_PATHS)


def _match(key: str, globs: tuple[Glob, ...], form: str = "String{}") -> KeyTest:
    """A string test by `Equals` where no value has a wildcard, else by `Like`."""
    word = "Equals" if all(map(is_literal, globs)) else "Like"
    return KeyTest(form.format(word), key, unique(globs))


def _narrow(globs: tuple[Glob, ...]) -> tuple[tuple[Glob, ...], tuple[str, ...]]:
    """Leave out the patterns that IAM cannot say."""
    kept = tuple(each for each in globs if is_sayable(each))
    return kept, () if len(kept) == len(globs) else (_why(globs),)


def _widen(globs: tuple[Glob, ...]) -> tuple[tuple[Glob, ...], tuple[str, ...]]:
    """Widen the patterns that IAM cannot say."""
    wide = tuple(map(widened, globs))
    return wide, () if wide == globs else (_why(globs),)


def _why(globs: Iterable[Glob]) -> str:
    """Say what IAM cannot say of these patterns."""
    if any(part is Wildcard.ONE for glob in globs for part in glob):
        return "`?` in a pattern is not surely one character on AWS"
    return "a text has characters outside U+0020 to U+00FF, which no policy of AWS can hold"
