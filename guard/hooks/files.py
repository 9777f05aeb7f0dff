"""Files by their one path: absolute, without `..`, and with every symbolic link on the way followed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

LONGEST = 4_096


class NoPath(Exception):
    """A text names no file that can be decided about; one plain sentence."""


def located(path: str, cwd: str) -> str:
    """Give the one path of a file as it is now, be it there or not. Raises `NoPath`.

    Clients take `..` out of a path before they follow links, and some take out spaces around it. A path of which that would
    make another is none.
    """
    if not path or len(path) > LONGEST or not path.isprintable():
        raise NoPath("a path is empty, too long, or has characters that cannot be seen")
    if path != path.strip():
        raise NoPath("a path begins or ends with a space, which some clients leave out")
    if path.startswith("~"):
        raise NoPath("a path begins with `~`: nobody knows whose home that would be")
    if not os.path.isabs(cwd):
        raise NoPath("the folder that the client works in is not absolute")
    try:
        whole = os.path.join(cwd, path)
        found, plain = os.path.realpath(whole), os.path.realpath(os.path.normpath(whole))
        found.encode()
    except (OSError, ValueError):
        raise NoPath("a path cannot be followed") from None
    if found != plain:
        raise NoPath("a path has `..` behind a link: name the file without")
    return found


def searched(pattern: str) -> str:
    """Give a pattern that stays in the folder where it begins. Raises `NoPath`."""
    begins = any(f"{before}{sign}" in f",{pattern}" for before in ",{(|" for sign in "/~\\")
    if begins or ".." in pattern or pattern != pattern.strip():
        raise NoPath("a pattern leaves the folder in which it searches: name that folder as `path`")
    return pattern


def standing(paths: Sequence[str], root: str) -> dict[str, Any]:
    """Say how files stand to the folder that the agent works in: `inside`, and if all are, `relative` and `folded`.

    Some disks take `.GIT` for `.git`, and two ways to write a letter for one: a rule that forbids looks at `folded`.
    """
    relative = [os.path.relpath(each, root) for each in paths]
    inside = bool(paths) and all(_is_in(each, root) for each in paths)
    if not inside:
        return {"inside": False}
    return {"inside": True, "relative": relative, "folded": [_folded(each) for each in relative]}


def _folded(path: str) -> str:
    return normalize("NFKC", normalize("NFKC", path).casefold())


def _is_in(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
