"""`notify(channel: "payments-log")`: somebody is told of the call before it is made, and if that fails it is not made."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...service.outbound.fetching import NotFetched, Reach, fetch
from .duties import CannotDo, Duty, Obligation

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where those who listen to a channel are told, by a webhook. Its URL is a secret: who has it may write there."""

    url: str = field(repr=False)
    reach: Reach = field(default_factory=Reach)


class Notify(Obligation):
    """Tells a channel: which call, of which agent, in which task; of arguments nothing.

    `text` is what Slack and what is like it show. Other properties of the duty go along as they are.
    """

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        """Take the channels of the settings."""
        self._channels = channels

    def check(self, duty: Duty) -> None:
        """Know the channel."""
        name = duty.properties.get("channel")
        if type(name) is not str or name not in self._channels:
            raise CannotDo("the policy obliges to `notify` a channel that the settings do not have")

    def lacks(self, properties: Mapping[str, Any]) -> str | None:
        """Name a channel that the settings do not have."""
        name = properties.get("channel")
        if type(name) is not str:
            return "a `channel`"
        return None if name in self._channels else f"the channel `{name}`"

    async def before(self, duty: Duty) -> None:
        """Tell the channel."""
        channel = self._channels[duty.properties["channel"]]
        content = json.dumps(told(duty)).encode()
        try:
            reply = await asyncio.to_thread(
                fetch,
                channel.url,
                channel.reach,
                method="POST",
                headers={"content-type": "application/json"},
                content=content,
            )
        except NotFetched as error:
            _log.warning("the channel %s cannot be told: %s", duty.properties["channel"], error)
            raise CannotDo(
                "the policy obliges to `notify` a channel that cannot be told now"
            ) from None
        if not 200 <= reply.status < 300:
            _log.warning("the channel %s answered %s", duty.properties["channel"], reply.status)
            raise CannotDo("the policy obliges to `notify` a channel that cannot be told now")


def told(duty: Duty) -> dict[str, Any]:
    """Give what a channel is told."""
    asked = duty.asked
    capability = asked.type + "." + asked.action if duty.tool is None else duty.tool.capability
    return {
        "text": f"{asked.task.agent} calls {capability} in the task {asked.task.id} ({duty.call})",
        "call": duty.call,
        "task": asked.task.id,
        "intent": asked.task.intent,
        "agent": asked.task.agent,
        "capability": capability,
        "rule": duty.rule,
        "properties": dict(duty.properties),
    }
