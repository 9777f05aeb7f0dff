"""When the files of the policies change: what they say, or what is put in their place."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

MOST_LINKS = 40  # as of the system, which then says that they lead in a circle


async def watch(paths: Iterable[Path], settle: int, ask: Callable[[], None]) -> None:
    """Ask whenever something changes, until it is cancelled. `settle` is in milliseconds.

    Directories are looked through. A path that is put in the place of another one, a link on the way to it included,
    is another directory or file, so that the looking begins anew.
    """
    named = [each.absolute() for each in paths]

    async def inside() -> None:
        folders = {each for each in named if each.is_dir()}
        async for _ in _changes(folders, is_policy, settle, recursive=True):
            ask()

    async def in_their_place() -> None:
        ways = set().union(*(ways_to(each) for each in named))
        beside = {each.parent for each in ways if each.parent.is_dir()}
        async for _ in _changes(beside, lambda path: Path(path) in ways, settle, recursive=False):
            return

    while True:
        looking = [asyncio.create_task(each()) for each in (inside, in_their_place)]
        try:
            await asyncio.wait(looking, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in looking:
                each.cancel()
            ends = await asyncio.gather(*looking, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        ask()
        asyncio.get_running_loop().call_later(1 + settle / 1000, ask)  # of what nobody looked at


async def _changes(
    roots: set[Path], what: Callable[[str], bool], settle: int, *, recursive: bool
) -> AsyncIterator[object]:
    from watchfiles import awatch

    if not roots:
        await asyncio.Event().wait()
    async for each in awatch(
        *roots,
        watch_filter=lambda _, path: what(path),
        debounce=settle,
        step=100,
        recursive=recursive,
    ):
        yield each


def ways_to(path: Path) -> set[Path]:
    """Give a path, and the links that lead to it."""
    found = {path}
    pending = [path]
    while pending and len(found) < MOST_LINKS:
        for each in (way := pending.pop(), *way.parents):
            if each.is_symlink() and (each not in found or each == path):
                target = Path(os.path.normpath(each.parent / os.readlink(each)))
                found.add(each)
                if target not in found:
                    found.add(target)
                    pending.append(target)
    return found


def is_policy(path: str) -> bool:
    """Whether a change in a directory of policies may change them: a store that lies there changes all the time.

    Where a directory is put in place of another one, by renaming a link, the link is named; of one that is gone no
    more than its name is left.
    """
    found = Path(path)
    return (
        found.suffix == ".agp"
        or found.is_symlink()
        or found.is_dir()
        or not (found.suffix or found.exists())
    )
