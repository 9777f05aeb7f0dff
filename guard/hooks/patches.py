"""Which files a patch of Codex changes, and what it puts into them: read line by line, or refused."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\*\*\* (Add File|Update File|Delete File|Move to): (\S(?:.*\S)?)")
_MARKS = ("*** End of File",)
BEGIN, END = "*** Begin Patch", "*** End Patch"


class NoPatch(Exception):
    """A text is no patch of which every line is understood; one plain sentence."""


def read_patch(text: str) -> tuple[list[str], list[str]]:
    """Give the paths of a patch, and for each file the lines that it adds. Raises `NoPatch`.

    Clients read patches leniently; what one of them might take for the head of a file is one here, or the patch is refused.
    """
    lines = text.strip("\n").split("\n")
    if len(lines) < 3 or lines[0] != BEGIN or lines[-1] != END:
        raise NoPatch("it is no patch from `*** Begin Patch` to `*** End Patch`")
    paths: list[str] = []
    added: list[list[str]] = []
    for line in lines[1:-1]:
        header = _HEADER.fullmatch(line)
        if header is not None:
            paths.append(header[2])
            if header[1] != "Move to":
                added.append([])
        elif line in _MARKS:
            continue
        elif line.strip().startswith("***"):
            raise NoPatch(
                "a patch has a line that may be the head of a file, and is not written as one"
            )
        elif not added:
            raise NoPatch("a patch has lines before the head of its first file")
        elif line.startswith("+"):
            added[-1].append(line[1:])
        elif line and not line.startswith((" ", "-", "@@")):
            raise NoPatch("a patch has a line that is no part of one")
    if not paths:
        raise NoPatch("a patch names no file")
    return paths, ["\n".join(each) for each in added]
