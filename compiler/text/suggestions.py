"""The known name that somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(text: str, known: Iterable[str]) -> str | None:
    """Suggest the known name that is nearest to a mistyped one, if one is near."""
    from difflib import get_close_matches  # only a mistake pays for it

    names = sorted(set(known))
    near = get_close_matches(text, names, n=1, cutoff=0.6)
    if not near and len(text) > 2:  # `sens` for `sensitivity`
        near = [each for each in names if each.lower().startswith(text.lower())][:1]
    return f"did you mean `{near[0]}`?" if near else None
