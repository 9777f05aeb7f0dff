"""Guards that are killed at a chosen stage of a call, each forked by a process that has imported everything.

The stages are counted from the moment at which a call has come: each statement of the store and each commit, before and
after the server is asked, and before and after the answer is written. The process that forks a guard is also its client.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[2]
PROGRAM = (
    f"import sys; sys.path.insert(0, {str(TESTS)!r}); from guard.mcp import killed; killed.serve()"
)
HELLO = {"name": "echo", "arguments": {"text": "hello"}}


class Killing:
    """Runs one guard after the other."""

    def __init__(self) -> None:
        """Get ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, policy: Path, server: list[str], at: int) -> dict[str, Any]:
        """Have a guard make one call, killed at a stage; give its status, and the answer if one came."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(
            json.dumps([str(folder), str(policy), server, at]), file=self._process.stdin, flush=True
        )
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """Let it go."""
        self._process.communicate()


def serve() -> None:
    """Fork a guard for each line that is read, call, and print what came of it."""
    from agpc.compiler.check.compiling import compile as compiling
    from agpc.compiler.check.project import settings_file
    from agpc.grammar import tables
    from agpc.guard.enforcing import embedded
    from agpc.guard.mcp import running

    assert embedded and running and compiling and settings_file and tables()
    for line in sys.stdin:
        folder, policy, server, at = json.loads(line)
        for_guard, to_guard = os.pipe()
        from_guard, for_client = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(to_guard)
            os.close(from_guard)
            try:
                _guard(Path(folder), policy, server, at, for_guard, for_client)
                os._exit(0)
            finally:  # whatever it was
                traceback.print_exc()
                os._exit(1)
        os.close(for_guard)
        os.close(for_client)
        answer = _ask(to_guard, from_guard)
        _, status = os.waitpid(child, 0)
        print(
            json.dumps({"status": os.waitstatus_to_exitcode(status), "answer": answer}), flush=True
        )


def _ask(to_guard: int, from_guard: int) -> Any:
    """Speak as a client does, until an answer comes or nothing more does."""
    hello = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "0"},
    }
    asked = [(1, "initialize", hello), (2, "tools/list", {}), (3, "tools/call", HELLO)]
    found = None
    with os.fdopen(to_guard, "w") as writing, os.fdopen(from_guard) as reading:
        try:
            for id, method, params in asked:
                said = {"jsonrpc": "2.0", "id": id, "method": method, "params": params}
                print(json.dumps(said), file=writing, flush=True)
                for line in reading:
                    answer = json.loads(line)
                    if answer.get("id") == id:
                        found = answer if id == 3 else None
                        break
                if id == 1:
                    line = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
                    print(line, file=writing, flush=True)
        except BrokenPipeError:
            pass
    return found


def _guard(folder: Path, policy: str, server: list[str], at: int, input: int, output: int) -> None:
    import anyio

    from agpc.guard.enforcing.embedded import Embedded
    from agpc.guard.enforcing.governed import Settings as GuardSettings
    from agpc.guard.mcp.running import Plan, WantedTask, run
    from agpc.guard.mcp.settings import ServerSettings
    from agpc.service.config.read import read_settings

    from .guarding import BOT

    _arm(at)
    store = f"sqlite:///{folder / 'guard.db'}"
    loaded = read_settings(None, {"policies": [policy], "store": store})
    plan = Plan(
        WantedTask(agent=BOT, intent="desk.answer"),
        ServerSettings(),
        GuardSettings(),
        tuple(server),
        streams=(input, output),
    )

    async def main() -> None:
        await run(await Embedded.begin(loaded), plan)

    anyio.run(main)


def _arm(at: int) -> None:
    """Kill this process at the stage of a call that has this number."""
    from agpc.guard.mcp.calls import Calls
    from agpc.guard.mcp.client_side import standard_streams
    from agpc.guard.mcp.server_side import upstream
    from agpc.service.store.sqlite import SQLite

    stages: list[int] = []

    def stage() -> None:
        if stages:
            stages[0] += 1
            if stages[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)

    begin, ask, write = SQLite.__init__, upstream.Upstream.ask, standard_streams._write_all
    call = Calls.call

    def opened(self: Any, path: Any, **how: Any) -> None:
        begin(self, path, **{**how, "hook": lambda _: stage()})

    async def asked(self: Any, *given: Any) -> Any:
        stage()
        answer = await ask(self, *given)
        stage()
        return answer

    def written(*given: Any) -> None:
        stage()
        write(*given)
        stage()

    async def called(self: Any, *given: Any) -> Any:
        stages.append(0)
        stage()
        return await call(self, *given)

    SQLite.__init__ = opened  # type: ignore[method-assign]
    upstream.Upstream.ask = asked  # type: ignore[method-assign]
    standard_streams._write_all = written
    Calls.call = called  # type: ignore[method-assign]
