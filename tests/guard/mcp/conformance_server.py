"""A server with the tools that the conformance package asks for, as far as these need nothing but tools."""

from __future__ import annotations

from typing import Any

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
SOUND = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
TEXT = types.TextContent(type="text", text="This is a simple text response for testing.")
IMAGE = types.ImageContent(type="image", data=PIXEL, mime_type="image/png")
EMBEDDED = types.EmbeddedResource(
    type="resource",
    resource=types.TextResourceContents(
        uri="test://embedded-resource",
        mime_type="text/plain",
        text="This is an embedded resource content.",
    ),
)
GIVEN: dict[str, list[Any]] = {
    "test_simple_text": [TEXT],
    "test_image_content": [IMAGE],
    "test_audio_content": [types.AudioContent(type="audio", data=SOUND, mime_type="audio/wav")],
    "test_embedded_resource": [EMBEDDED],
    "test_multiple_content_types": [TEXT, IMAGE, EMBEDDED],
    "test_tool_with_progress": [TEXT],
    "test_error_handling": [
        types.TextContent(type="text", text="This tool intentionally returns an error for testing")
    ],
}
NOTHING = {"type": "object", "properties": {}}


async def listed(_: Any, __: Any) -> types.ListToolsResult:
    tools = [types.Tool(name=each, description=each, input_schema=NOTHING) for each in GIVEN]
    return types.ListToolsResult(tools=tools)


async def called(ctx: Any, params: Any) -> types.CallToolResult:
    if params.name == "test_tool_with_progress":
        for at in (0, 50, 100):
            await ctx.session.report_progress(at, 100, None)
    return types.CallToolResult(
        content=GIVEN[params.name], is_error=params.name == "test_error_handling"
    )


async def main() -> None:
    server = Server("conformance", on_list_tools=listed, on_call_tool=called)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


anyio.run(main)
