"""A server that gives what AgentDojo's tools gave: the answers of a run, in its order, and for each call the next like it.

    python dojo_server.py SUITE FOLDER

`FOLDER/run` names the run that is played, as `NUMBER ORDER`, of those of `.cache/agentdojo/runs.jsonl`; `FOLDER/calls` gets
each call that reaches the server. A call that the run does not have is an error.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SUITE, FOLDER = sys.argv[1], Path(sys.argv[2])
CACHE = Path(__file__).resolve().parents[3] / ".cache" / "agentdojo"
TOOLS = [
    {name: value for name, value in each.items() if name != "outputSchema"}
    for each in json.loads((CACHE / "tools.json").read_text("utf-8"))[SUITE]
]
"""Many give back what is no object, which has no place in MCP's structured content: so each gives JSON as text."""
RUNS = (CACHE / "runs.jsonl").read_text("utf-8").splitlines()
playing: tuple[str, list[dict[str, Any]]] = ("", [])


def answer(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What the benchmark's tool gave back to this call."""
    global playing
    named = (FOLDER / "run").read_text()
    if playing[0] != named:
        number, order = named.split()[:2]
        playing = named, [*json.loads(RUNS[int(number)])[order]]
    with (FOLDER / "calls").open("a") as file:
        file.write(json.dumps([named, tool, arguments]) + "\n")
    steps = playing[1]
    for at, step in enumerate(steps):
        if step["tool"] == tool and step["args"] == arguments:
            del steps[at]
            if "error" in step:
                return {"content": [{"type": "text", "text": step["error"]}], "isError": True}
            result = step["result"]
            text = result if isinstance(result, str) else json.dumps(result)
            return {"content": [{"type": "text", "text": text}]}
    return {"content": [{"type": "text", "text": "no such call"}], "isError": True}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        id, method, params = message.get("id"), message.get("method"), message.get("params") or {}
        if id is None:
            continue
        said: dict[str, Any] = {"error": {"code": -32601, "message": "no such method"}}
        if method == "initialize":
            told = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}}
            said = {"result": {**told, "serverInfo": {"name": SUITE, "version": "0"}}}
        elif method == "tools/list":
            said = {"result": {"tools": TOOLS}}
        elif method == "tools/call":
            said = {"result": answer(params["name"], params.get("arguments") or {})}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": id, **said}) + "\n")
        sys.stdout.flush()


main()
