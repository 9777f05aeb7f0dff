"""Ask a server for its tools, as the guard would."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import anyio

from ..mcp.notes import Notes
from ..mcp.server_side.child import child
from ..mcp.server_side.remote_server import remote_server
from ..mcp.server_side.upstream import Faulty, Gone, connected, named, only_of
from ..mcp.settings import ServerSettings


class CannotList(Exception):
    """A server does not list its tools; the message says why."""


def tools_of(
    command: Sequence[str] = (), url: str | None = None, headers: Mapping[str, str] | None = None
) -> str:
    """Give what a server lists, all pages of it, as the JSON of one `tools/list` result. Raises `CannotList`.

    The server is started for it, and ended again; nothing of it is called.
    """

    async def ask() -> str:
        notes = Notes()
        transport = (
            remote_server(url, headers or {})
            if url is not None
            else child(command, anyio.Event(), notes)
        )
        async with connected(transport, ServerSettings(), notes) as upstream:
            return json.dumps({"tools": [named(each) for each in await upstream.tools()]})

    what = command[0] if command else str(url)
    try:
        return anyio.run(ask)
    except BaseExceptionGroup as errors:
        raise _said(only_of(errors), what) from None
    except (Gone, Faulty, OSError) as error:
        raise _said(error, what) from None


def _said(error: BaseException, what: str) -> BaseException:
    match error:
        case Gone():
            return CannotList(f"the server does not answer: {error}")
        case Faulty():
            return CannotList(f"the server does not list its tools: {error.message}")
        case OSError():
            return CannotList(f"`{what}` cannot be started: {error.strerror or error}")
        case _:
            return error
