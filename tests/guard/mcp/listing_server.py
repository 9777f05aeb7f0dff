"""A server that lists the tools in a file, one a page, and writes down what is called."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server

FILE = Path(sys.argv[1])


async def listed(_: Any, params: Any) -> types.ListToolsResult:
    at = int((params and params.cursor) or 0)
    tools = json.loads(FILE.read_text())
    page = [types.Tool.model_validate(each) for each in tools[at : at + 1]]
    following = str(at + 1) if at + 1 < len(tools) else None
    return types.ListToolsResult(tools=page, next_cursor=following)


async def called(_: Any, params: Any) -> types.CallToolResult:
    FILE.with_name("called").write_text(params.name)
    return types.CallToolResult(content=[])


async def main() -> None:
    server = Server("listing", on_list_tools=listed, on_call_tool=called)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


anyio.run(main)
