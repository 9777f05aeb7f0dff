"""`under`: what a path or a domain lies in, whether the policy says that or the request."""

from __future__ import annotations

from ...runtime.values import path_segments, relative_segments


def contained(value: object, outer: object, is_domain: bool) -> bool | None:
    """Whether a value is another one or below it; unknown where either is none of its kind."""
    if not isinstance(value, str) or not isinstance(outer, str):
        return None
    if is_domain:
        from ...runtime.hosts import is_below  # by policies that have them

        return is_below(value, outer)
    split = path_segments if outer.startswith("/") else relative_segments
    inner, around = split(value), split(outer)
    if outer == "/":  # every absolute path is inside
        around = ()
    return None if inner is None or around is None else inner[: len(around)] == around
