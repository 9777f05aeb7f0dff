"""Files of the compiler's own that go out among those made of a policy, with the licence they are under."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable

from .emission import LICENCE


def embedded(
    package: str, folder: str, names: Iterable[str], comment: str, behind: str = "\n"
) -> dict[str, str]:
    """Give the text of files of a package, each with a notice as its first line.

    `folder` is one inside of the package, or empty; `comment` begins a line of comment, and `behind` ends it.
    """
    place = resources.files(package) / folder
    return {name: f"{comment} {LICENCE}{behind}{_text(place / name)}" for name in names}


def notice(folder: str, *more: str) -> dict[str, str]:
    """Give the licence of what is embedded in folders, in the first, and the note at the top that says so."""
    named = " and ".join(f"`{each}/`" for each in (folder, *more))
    return {
        "NOTICE": f"The files in {named} are part of agpc, the compiler for AGP, under the Apache License,\n"
        f"Version 2.0 ({folder}/LICENSE). The others were made of a policy, and are its owner's.\n",
        f"{folder}/LICENSE": _text(resources.files(__package__) / "LICENSE-agpc"),
    }


def _text(file: Traversable) -> str:
    return file.read_bytes().decode("utf-8").replace("\r\n", "\n")
