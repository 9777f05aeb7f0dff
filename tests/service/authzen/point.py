"""A decision point that runs: the example of the certification, or another one, over HTTP, with a store of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from agpc.service.authzen.point import DecisionPoint
from agpc.service.core import SYSTEM, Adopt, Caller, Core, CoreSettings, Start
from agpc.service.decisions.log import DecisionLog
from agpc.service.http.endpoints.authzen import routes
from agpc.service.http.gate.callers import hashed
from agpc.service.policies.generation import Generation, load_generation
from agpc.service.store import Store

from ..http.served import Answer, Served, serving

EXAMPLE = Path(__file__).parents[3] / "examples" / "authzen"
URL = "https://pdp.example.com"
KEY = "agpk_key-of-a-gateway"
GATEWAY = {
    "name": "gateway",
    "roles": ["decide", "start"],
    "agents": ["spiffe://example.org/**"],
    "key_sha256": hashed(KEY),
}
READER = {"name": "reader", "roles": ["read"], "key_sha256": hashed("agpk_reader")}
STARTER = Caller("front-office", ("start",), ("spiffe://example.org/**",))


def example() -> Generation:
    """The policy of the certification, with its mapping and its directory."""
    return load_generation(
        [EXAMPLE], mapping=EXAMPLE / "mapping.toml", directory=EXAMPLE / "directory.json"
    )


def started(
    core: Core,
    agent: str,
    intent: str,
    *,
    user: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> str:
    """Start a task, and give its id."""
    request = {
        "subject": {"type": "agent", "id": agent},
        "action": {"name": "start", "properties": dict(fields or {})},
        "resource": {"type": intent, "id": "new"},
        "context": {} if user is None else {"user": {"id": user}},
    }
    key = f"{agent} {intent} {user}"
    answer = core.do_now(Start(caller=STARTER, key=key, request=request))
    assert answer["decision"] is True, answer
    return str(answer["task"]["id"])


@contextmanager
def deciding(
    folder: Path,
    generation: Generation,
    *,
    log: DecisionLog | None = None,
    most: int = 100,
    url: str | None = None,
    limits: Mapping[str, int] | None = None,
    callers: tuple[dict[str, Any], ...] = (GATEWAY, READER),
) -> Iterator[tuple[Served, Core]]:
    """Serve a policy while the block lasts."""
    store = Store(url or f"sqlite:///{folder}/agpc.db")
    core = Core(store, generation, CoreSettings(secret=b"s" * 32))
    with ExitStack() as stack:
        stack.callback(core.stop)
        core.do_now(Adopt(caller=SYSTEM, key="first", generation=generation))
        point = DecisionPoint(core, key=b"p" * 32, most=most, log=log)
        settings = {"callers": list(callers), "limits": dict(limits or {})}
        yield stack.enter_context(serving(settings, core, more=(routes(point, URL),))), core


@contextmanager
def certifying(
    folder: Path, log: DecisionLog | None = None, url: str | None = None
) -> Iterator[Served]:
    """Serve the example, with a task of each of the two."""
    with deciding(folder, example(), log=log, url=url) as (served, core):
        for name in ("alice", "bob"):
            started(core, f"spiffe://example.org/people/{name}", "records.desk")
        yield served


def ask(served: Served, endpoint: str, body: Any, **more: Any) -> Answer:
    """Ask an endpoint as the gateway."""
    return served.ask("POST", f"/access/v1/{endpoint}", body, KEY, **more)


def answered(served: Served, endpoint: str, body: Any) -> Any:
    """Ask, and give the answer, which is one."""
    answer = ask(served, endpoint, body)
    assert answer.status == 200, answer.content
    assert answer.headers["content-type"] == "application/json"
    return json.loads(answer.content)
