"""A coding agent and its hooks: events as the client writes them, and what the trail says afterwards."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agpc.guard.enforcing.embedded import Embedded
from agpc.guard.enforcing.governed import Guard, Settings
from agpc.guard.hooks.events import Client, read_event
from agpc.guard.hooks.running import bounded
from agpc.guard.hooks.sessions import Plan, Sessions
from agpc.service.config.read import read_settings
from agpc.service.core import SYSTEM, Judge, Know, as_person

ROOT = Path(__file__).resolve().parents[3]
POLICY = ROOT / "examples" / "coding-agent"
CODER = "spiffe://acme.example/ns/dev/sa/coder"
JOE, ANN = "user:joe", "user:ann"
SESSION = "31d665c2-1b36-4bc6-8c82-9305dfc591e1"


class Agent:
    """Sends events to hooks."""

    def __init__(self, sessions: Sessions, enforcement: Embedded, root: Path) -> None:
        self.sessions, self.enforcement, self.root = sessions, enforcement, root
        self.client: Client = "claude-code"
        self.session = SESSION
        self._uses, self._keys = itertools.count(), itertools.count()

    def event(self, name: str, **more: Any) -> dict[str, Any]:
        """An event as both clients write it."""
        return {
            "session_id": self.session,
            "transcript_path": f"{self.root}/transcript.jsonl",
            "cwd": str(self.root),
            "permission_mode": "default",
            "hook_event_name": name,
            **more,
        }

    async def send(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the hooks answer."""
        return await self.sessions.answer(read_event(self.client, json.dumps(event).encode()))

    async def say(self, text: str) -> dict[str, Any]:
        """What a person typed."""
        return await self.send(self.event("UserPromptSubmit", prompt=text))

    def using(self, tool: str, use: str | None = None, **given: Any) -> dict[str, Any]:
        """An event before a tool runs."""
        id = use or f"toolu_{next(self._uses)}"
        return self.event("PreToolUse", tool_name=tool, tool_input=given, tool_use_id=id)

    async def use(self, tool: str, **given: Any) -> str | None:
        """Use a tool, which gives something back at once; what keeps it from running, or None."""
        before = self.using(tool, **given)
        why = denial(await self.send(before))
        if why is None:
            await self.send(
                {**before, "hook_event_name": "PostToolUse", "tool_response": {"ok": 1}}
            )
        return why

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """What the trail has."""
        with self.enforcement.core.view() as view:
            rows = view.events(0, view.head.seq)
            return [json.loads(bytes(each.body or b"{}")) for each in rows if each.kind in kinds]

    def decisions(self) -> list[tuple[str, str]]:
        """The calls that were decided: which, and how."""
        return [
            (each["request"]["action"]["name"], each["effect"])
            for each in self.events("call")
            if each["request"]["action"]["name"] != "start"
        ]

    def outcomes(self) -> list[str]:
        """What became of them."""
        return [each["outcome"] for each in self.events("outcome")]

    def open_calls(self) -> int:
        """Calls of which nobody knows what became."""
        with self.enforcement.core.view() as view:
            return len(view.calls(without_outcome=True))

    async def judge(self, person: str, *roles: str) -> None:
        """Approve the latest question."""
        core = self.enforcement.core
        know = Know(caller=SYSTEM, key=f"k-{next(self._keys)}", person=person, roles=roles)
        await core.do(know)
        with core.view() as view:
            question = view.requests(state="pending")[0]
        judge = Judge(
            caller=as_person(person),
            key=f"k-{next(self._keys)}",
            request=question.id,
            verdict="approve",
            policy=core.generation.digest,
        )
        await core.do(judge)


def denial(answer: dict[str, Any]) -> str | None:
    """Why a tool may not run; None if it may."""
    said = answer.get("hookSpecificOutput", {})
    if said.get("permissionDecision") == "deny":
        reason: str = said["permissionDecisionReason"]
        assert reason
        return reason
    assert answer == {} or said.get("permissionDecision") == "allow", answer
    return None


@asynccontextmanager
async def hooked(folder: Path, policy: Path = POLICY, **plan: Any) -> AsyncIterator[Agent]:
    """Hooks on a store in a folder, and an agent that works in `repo` there."""
    root = (folder / "repo").resolve()
    (root / "src").mkdir(parents=True, exist_ok=True)
    flags = {"policies": [str(policy)], "store": f"sqlite:///{folder}/agpc.db"}
    enforcement = await Embedded.begin(read_settings(None, flags))
    guard = Guard(enforcement, bounded(Settings(wait=0)))
    sessions = Sessions(guard, Plan(CODER, "developing.develop", str(root), user=JOE, **plan))
    try:
        yield Agent(sessions, enforcement, root)
    finally:
        await sessions.close()
        await guard.close()
        await enforcement.close()
