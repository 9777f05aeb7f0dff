"""The hooks of coding agents from their beginning to their end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace

from ..enforcing.enforcement import Enforcement
from ..enforcing.governed import Guard, Settings
from ..obligations.duties import undone
from .door import Door, serve
from .sessions import Plan, Sessions

LONGEST_WAIT = 90.0
"""Seconds that a use of a tool waits for people at most: a hook that answers too late is none."""


async def run(
    enforcement: Enforcement,
    settings: Settings,
    plan: Plan,
    listener: socket.socket,
    secret: str,
    tell: Callable[[str], None],
) -> None:
    """Answer events until a signal comes; `tell` is for who starts them."""
    guard = Guard(enforcement, bounded(settings))
    sessions = Sessions(guard, plan)
    for each in undone(guard.settings.obligations, enforcement.vocabulary.duties):
        tell(each)
    door = Door(sessions, secret, enforcement.refuse)
    try:
        await serve(door, listener, lambda url: tell(f"hooks are answered at {url}"))
    finally:
        await sessions.close()
        await guard.close()
        await enforcement.close()


def bounded(settings: Settings) -> Settings:
    """Leave out what hooks cannot do: a client shows its model a result before anybody could take a part out of it."""
    obligations = {name: each for name, each in settings.obligations.items() if name != "redact"}
    return replace(settings, wait=min(settings.wait, LONGEST_WAIT), obligations=obligations)
