"""A server whose one tool says back what it is told: as little work as a server can have.

python echo_server.py              on standard input and output
python echo_server.py HOST PORT    over Streamable HTTP, by the SDK
"""

from __future__ import annotations

import json
import sys
from typing import Any

TOOL = {
    "name": "echo",
    "inputSchema": {
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "required": ["text"],
    },
}


def on_streams() -> None:
    """Serve the process that started this one."""
    for line in sys.stdin:
        message = json.loads(line)
        id, method, params = message.get("id"), message.get("method"), message.get("params") or {}
        if id is None:
            continue
        said: dict[str, Any] = {"error": {"code": -32601, "message": "no such method"}}
        if method == "initialize":
            told = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}}
            said = {"result": {**told, "serverInfo": {"name": "echo", "version": "0"}}}
        elif method == "tools/list":
            said = {"result": {"tools": [TOOL]}}
        elif method == "tools/call":
            text = params["arguments"]["text"]
            said = {"result": {"content": [{"type": "text", "text": text}]}}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": id, **said}) + "\n")
        sys.stdout.flush()


def over_http(host: str, port: int) -> None:
    """Serve whoever comes."""
    import mcp_types as types
    import uvicorn
    from mcp.server import Server

    async def listed(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[types.Tool.model_validate(TOOL)])

    async def called(_: Any, params: Any) -> types.CallToolResult:
        text = types.TextContent(type="text", text=params.arguments["text"])
        return types.CallToolResult(content=[text])

    server = Server("echo", on_list_tools=listed, on_call_tool=called)
    app = server.streamable_http_app(json_response=True)
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False)


if len(sys.argv) == 1:
    on_streams()
else:
    over_http(sys.argv[1], int(sys.argv[2]))
