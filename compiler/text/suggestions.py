"""The known name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


class Suggestion(str):
    """Advice that a tool can follow: the name that is `written`, and the one that is `meant`."""

    __slots__ = ("meant", "written")

    written: str
    meant: str

    @classmethod
    def of(cls, written: str, meant: str) -> Suggestion:
        """Ask whether one name was meant for another."""
        found = cls(f"did you mean `{meant}`?")
        found.written, found.meant = written, meant
        return found


def did_you_mean(text: str, known: Iterable[str]) -> Suggestion | None:
    """Suggest the known name that is nearest to a mistyped one, if one is near."""
    from difflib import get_close_matches  # only a mistake pays for it

    names = sorted(set(known))
    near = get_close_matches(text, names, n=1, cutoff=0.6)
    if not near and len(text) > 2:  # `sens` for `sensitivity`
        near = [each for each in names if each.lower().startswith(text.lower())][:1]
    return Suggestion.of(text, near[0]) if near else None
