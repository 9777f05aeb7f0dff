"""Suggested tests as files of the language, printed or written to a directory, and as JSON."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import exits

if TYPE_CHECKING:
    from ...compiler.report.source import PolicyFile
    from ...compiler.testing.suggestions import Gap, Suggestions

HEAD = "# Suggested by `agpc test --suggest`. Read each one, and keep those whose answer is the right one.\n"
ENDING = "_suggested_test.agp"
NOTHING = "nothing to suggest"


def render(found: Suggestions) -> str:
    """Render a file for each package, one after the other, and as comments what no test can show."""
    tests = "\n".join(_pages(found).values())
    rest = "".join(f"# {each}\n" for each in _not_shown(found))
    return "\n".join(filter(None, (tests and HEAD + tests, rest)))


def write(found: Suggestions, directory: str) -> str:
    """Write a file for each package into a directory, and say so; with what no test can show.

    A file that is there already is never written over: then none is written.
    """
    from ...compiler.check.project.files import make_directories, reason
    from ...compiler.text.visible import visible
    from .whole_file import create_whole

    pages = {
        Path(directory) / f"{package}{ENDING}": HEAD + text
        for package, text in _pages(found).items()
    }
    there = next((path for path in pages if os.path.lexists(path)), None)
    if there is not None:
        raise exits.Failure(
            f"`{there}` is there already, and is not written over: keep what is right of it under another name"
        )
    made: list[Path] = []
    try:
        if pages:
            make_directories(Path(directory))
        for path, text in pages.items():
            create_whole(path, text.encode("utf-8"))
            made.append(path)
    except (OSError, ValueError) as error:  # a NUL byte in the path is a ValueError
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise exits.Failure(f"cannot write to `{directory}`: {reason(error)}") from None
    said = [f"wrote {visible(str(path))}" for path in made] or [NOTHING]
    return "".join(f"{each}\n" for each in (*said, *_not_shown(found)))


def refuse_policy_as_output(files: Sequence[PolicyFile]) -> None:
    """End the command where what it prints would become a part of the policy that it reads."""
    with suppress(
        OSError, ValueError, AttributeError
    ):  # there may be no such stream, or no such file
        out = os.fstat(sys.stdout.fileno())
        if not stat.S_ISREG(out.st_mode):
            return
        for each in files:
            if os.path.exists(each.path) and os.path.samestat(out, os.stat(each.path)):
                raise exits.Failure(
                    f"standard output is `{each.path}`, which is one of the policies: give --suggest=DIRECTORY"
                )


def _pages(found: Suggestions) -> dict[str, str]:
    from dataclasses import replace

    from ...compiler.testing.suggest import pages

    return pages(
        replace(each.test, text="".join(_also(each.closes[1:])) + each.test.text)
        for each in found.tests
    )


def _also(gaps: tuple[Gap, ...]) -> Iterator[str]:
    for each in gaps:
        yield f"# {_line('also shows', each)}\n"


def _not_shown(found: Suggestions) -> Iterator[str]:
    for each in found.never:
        yield _line("never", each)
    for each in found.open:
        yield _line("undetermined", each)


def _line(word: str, gap: Gap) -> str:
    """A line about a gap; nothing in it ends the line or hides what it says."""
    from ...compiler.text.visible import visible

    why = f": {gap.why}" if gap.why else ""
    return f"{word}: {visible(f'{gap.point.rule.id}: {gap.text}{why}')}"


def document(found: Suggestions) -> dict[str, Any]:
    """The suggestions as data."""
    return {
        "tests": [
            {
                "name": each.test.test.name,
                "package": each.test.package,
                "uses": list(each.test.uses),
                "text": each.test.text,
                "request": each.test.test.request,
                "shows": [_gap(gap) for gap in each.closes],
            }
            for each in found.tests
        ],
        "never": [{**_gap(each), "why": each.why} for each in found.never],
        "undetermined": [{**_gap(each), "why": each.why} for each in found.open],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    point = gap.point
    return {
        "rule": point.rule.id,
        "kind": point.kind,
        "clause": point.clause or None,
        "text": point.text or None,
        "result": gap.result,
    }
