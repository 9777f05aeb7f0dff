"""A denial about which people may be asked: how to ask, and what became of an approval that an evaluation brings.

An approval that is brought is no evidence: it names a request to people, and the store says what they have said to that.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ...runtime.evidence import agrees
from ...runtime.time_text import format_time
from ..core import Caller, Decide, Operation, View
from ..core.approvals.questions import APPROVED
from ..core.waiting import Deciding, status_of
from .access import Access
from .answers import COUNTS, EvaluationAnswer

_EXPIRED, _OTHER, _UNKNOWN = "approval_expired", "out_of_scope", "approval_unverifiable"


class Core(Deciding, Protocol):
    """What is asked of the core."""

    async def do(self, operation: Operation) -> dict[str, Any]:
        """Do something once. Raises `Problem`."""

    def view(self) -> AbstractContextManager[View]:
        """Look at one state of the store."""


@dataclass(frozen=True, slots=True)
class Seeking:
    """One evaluation that is challenged."""

    core: Core
    access: Access
    caller: Caller
    endpoint: str

    async def answer(
        self,
        answer: EvaluationAnswer,
        request: Mapping[str, Any],
        own: dict[str, Any],
        approval: object,
    ) -> EvaluationAnswer:
        """Give the answer with what its context says beside the decision. `own` is the request as one of the policy."""
        template = f"{own['resource']['type']}.{own['action']['name']}"
        more: dict[str, Any] = {}
        if any(agrees(each["type"]) for each in answer.decision.requirements):
            denial = self.access.denial(self.caller.name, request, template, int(time.time()))
            if denial is not None:
                more = {"reason": "approval_required", "access_request": denial}
        if approval is None:
            return replace(answer, more=more) if more else answer
        id = self.access.request_of_approval(approval)
        until = None if id is None else await asyncio.to_thread(self._until, id, own)
        if id is None or until is None:
            return replace(answer, more={**more, "reason": _UNKNOWN, "next_action": "none"})
        if until <= 0:
            return _again(answer, more, _EXPIRED)
        if not (self.caller.reserves and self.endpoint == "evaluation"):
            reasons = [*answer.decision.reasons, COUNTS]
            only = {"reason": "calls_only", "next_action": "none", "reasons": reasons}
            return replace(answer, more=only)
        found = await self.core.do(
            Decide(
                caller=self.caller,
                key=f"arap-{secrets.token_hex(16)}",
                request=own,
                approval=id,
            )
        )
        if found["decision"] is not True:
            return _again(replace(answer, recorded=found), more, _OTHER)
        told: dict[str, Any] = {"id": approval, "approved_until": format_time(until)}
        return EvaluationAnswer(
            answer.decision, False, {"approval": told, "call": found["call"]}, found
        )

    def _until(self, id: str, own: Mapping[str, Any]) -> int | None:
        """Until when the approval of a request is good: 0 if it is so no more, None if it is none of that agent's."""
        with self.core.view() as view:
            question = view.request(id)
            if question is None or question.agent != own["subject"]["id"]:
                return None
            if status_of(self.core, view, question) != APPROVED or question.answered is not None:
                return 0
            return question.expires


def _again(answer: EvaluationAnswer, more: dict[str, Any], reason: str) -> EvaluationAnswer:
    """Say that the approval is not good for this, and that another one may be asked for, if it may."""
    action = "request" if "access_request" in more else "none"
    return replace(answer, more={**more, "reason": reason, "next_action": action})
