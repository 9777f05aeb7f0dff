"""What a server answers to requests that are passed on."""

from __future__ import annotations

import anyio
import pytest

from agpc.guard.mcp.server_side.upstream import Faulty, Upstream


class _Asks(Upstream):
    def __init__(self) -> None:
        pass

    async def ask(self, *_: object) -> dict[str, object]:
        return {"resultType": "input_required", "inputRequests": {}, "requestState": "x"}


def test_a_server_asks_nobody_by_what_is_passed_on() -> None:
    with pytest.raises(Faulty, match="asks something"):
        anyio.run(_Asks().complete, "prompts/get", {"name": "x"})
