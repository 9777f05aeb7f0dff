"""The log as files (C2SP tlog-tiles): the checkpoint, tiles of hashes and bundles of entries."""

from __future__ import annotations

import re

from starlette.responses import Response

from ...core import View
from ...core.operations.problem import not_found
from ..contract.queries import only
from ..contract.routes import Exchange, Route, roles
from .reading import ReadingRoutes

_TILE = re.compile(
    r"(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII
)
WIDTH = 256
LARGEST = 10**12  # index of a tile; no log comes there
BYTES = {"type": "string", "format": "binary"}


def tile_at(path: str) -> tuple[int | None, int, int] | None:
    """Read what stands behind `tile/`: the level (None for entries), the index, and how wide it is.

    >>> tile_at("0/x001/234.p/7"), tile_at("entries/000"), tile_at("0/1")
    ((0, 1234, 7), (None, 0, 256), None)
    """
    match = _TILE.fullmatch(path)
    if match is None:
        return None
    level = None if match[1] == "entries" else int(match[1])
    if level is not None and (str(level) != match[1] or level > 63):
        return None
    index = int("".join(re.findall("[0-9]{3}", match[2] + match[3])))
    width = WIDTH if match[4] is None else int(match[4])
    if index > LARGEST:
        return None
    whole = match[4] is None or (str(width) == match[4] and 0 < width < WIDTH)
    first = match[2][:5]
    return (level, index, width) if whole and first != "x000/" else None


class LogRoutes:
    """The routes of the log."""

    def __init__(self, reading: ReadingRoutes) -> None:
        """Keep what it is read from."""
        self._reading = reading

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        read = roles("read", "admin")
        return (
            Route(
                "GET", "/log/checkpoint", read, self.checkpoint, "The latest signed checkpoint.",
                media="text/plain", refuses=(404,),
            ),
            Route(
                "GET", "/log/tile/{path:path}", read, self.tile,
                "A tile of hashes, `LEVEL/INDEX`, or a bundle of entries, `entries/INDEX`.",
                media="application/octet-stream", gives=BYTES, refuses=(404,),
            ),
        )  # fmt: skip

    async def checkpoint(self, exchange: Exchange) -> Response:
        """Give the checkpoint."""
        only(exchange)
        note = await self._reading.read(lambda view: view.checkpoint())
        if note is None:
            raise not_found("checkpoint yet")
        return Response(
            note, headers={"cache-control": "no-cache"}, media_type="text/plain; charset=utf-8"
        )

    async def tile(self, exchange: Exchange) -> Response:
        """Give a tile."""
        only(exchange)
        place = tile_at(str(exchange.request.path_params["path"]))
        if place is None:
            raise not_found("tile")
        level, index, width = place

        def look(view: View) -> bytes | None:
            if level is None:
                return view.entries(index, width)
            return view.tile(level, index, width)

        content = await self._reading.read(look)
        if content is None:
            raise not_found("tile")
        kept = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(content, headers=kept, media_type="application/octet-stream")
