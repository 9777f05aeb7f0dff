"""What waits for people: read by those who are asked and by those who may read all, and answered by people alone."""

from __future__ import annotations

from typing import Any

from ....runtime.time_text import format_time
from ...core import Confirm, Judge, Problem, View
from ...core.approvals.questions import STATES
from ...core.operations.problem import not_found
from ...core.waiting import WaitingRequest, WholeRequest, came_from, waiting, whole
from ..contract import answers, bodies
from ..contract.queries import BEFORE, LIMIT, only, page_in, word
from ..contract.routes import Exchange, Query, Route, roles
from ..gate.callers import EVERYBODY
from .face import Core
from .reading import ReadingRoutes

STATE = Query("state", "Requests in this state alone.", {"type": "string", "enum": list(STATES)})
OF = Query("of", "`me`: those that are asked of whoever looks.", {"type": "string", "enum": ["me"]})
_TEXTS = answers.listed(answers.TEXT)
LISTED: dict[str, Any] = {
    "id": answers.TEXT,
    "state": {"type": "string", "enum": list(STATES)},
    "call": answers.TEXT,
    "task": answers.TEXT,
    "agent": answers.TEXT,
    "capability": answers.TEXT,
    "requirements": answers.listed(answers.OBJECT),
    "asked_at": answers.TIME,
    "expires_at": answers.TIME,
    "asked_of_you": {"type": "boolean"},
}
REQUEST = answers.record(LISTED, {"answered_at": answers.TIME, "message": answers.TEXT})
SAID = answers.record(
    {"by": answers.TEXT, "roles": _TEXTS, "verdict": answers.TEXT, "at": answers.TIME},
    {"message": answers.TEXT, "used_by": answers.TEXT},
)
ASKED = answers.record(
    {
        "request": REQUEST,
        "may_approve": {"type": "boolean"},
        "asked": {
            "type": ["object", "null"],
            "description": "The call as it would be decided now: `subject`, `action`, `resource`, `context`. Null where "
            "the policy does not keep it, and for those who are not asked where it will not.",
        },
        "answer": {
            "type": "object",
            "description": "`effect`, `rules`, `reasons`, `requirements`, `owner`, as it would be answered now.",
        },
        "came_from": {
            "type": "object",
            "description": "For each argument the sources of the policy that it comes from; empty where no rule asks.",
        },
        "said": answers.listed(answers.OBJECT),
        "said_left_out": answers.LEFT_OUT,
        "verdicts": answers.listed(SAID),
        "policy": {
            "type": ["string", "null"],
            "description": "The digest of the active policy, which a verdict has to name.",
        },
    }
)


class AskingRoutes:
    """The routes about requests."""

    def __init__(self, core: Core, reading: ReadingRoutes) -> None:
        """Keep whom to ask."""
        self._core, self._reading = core, reading

    def routes(self) -> tuple[Route, ...]:
        """Give the rows of the table."""
        looks = roles("approve", "read", "admin")
        return (
            Route(
                "GET", "/v1/requests", looks, self.requests, "What is asked of people, the latest first.",
                gives=answers.record({"requests": answers.listed(REQUEST), "next": answers.NEXT}),
                query=(STATE, OF, BEFORE, LIMIT),
            ),
            Route(
                "GET", "/v1/requests/{id}", looks, self.request,
                "A request: the whole call, why it is asked, and what people said.",
                gives=ASKED, refuses=(404,),
            ),
            Route(
                "POST", "/v1/requests/{id}/verdict", roles("approve"), self.verdict,
                "Approve or refuse, as the person whose key it is.",
                takes=bodies.VERDICT, reads="json",
                gives=answers.record({"request": answers.TEXT, "verdict": answers.TEXT}), refuses=(404, 409),
            ),
            Route(
                "POST", "/v1/requests/{id}/confirmation", roles("confirm"), self.confirmation,
                "Say what the user of a task confirms, as who has them in front of it.",
                takes=bodies.CONFIRMATION, reads="json",
                gives=answers.record({"request": answers.TEXT, "verdict": answers.TEXT}), refuses=(404, 409),
            ),
        )  # fmt: skip

    async def requests(self, exchange: Exchange) -> dict[str, Any]:
        """List requests."""
        given = only(exchange, STATE, OF, BEFORE, LIMIT)
        state, mine = word(given, STATE), word(given, OF) is not None
        if mine and exchange.caller.person is None and exchange.caller is not EVERYBODY:
            raise Problem(
                403,
                "not_a_person",
                "nothing is asked of a program: people approve, with a key of their own",
            )
        before, limit = page_in(given)

        def look(view: View) -> dict[str, Any]:
            rows, more = waiting(
                self._core, view, exchange.caller, state=state, mine=mine, before=before, limit=limit
            )  # fmt: skip
            listed = [listed_shown(each) for each in rows]
            return {"requests": listed, "next": None if more is None else str(more)}

        return await self._reading.read(look)

    async def request(self, exchange: Exchange) -> dict[str, Any]:
        """Show a request."""
        only(exchange)

        def look(view: View) -> dict[str, Any]:
            found = whole(self._core, view, exchange.caller, exchange.id)
            if found is None:
                raise not_found("request")
            return whole_shown(found)

        return await self._reading.read(look)

    async def verdict(self, exchange: Exchange) -> dict[str, Any]:
        """Take in what a person says."""
        body = exchange.body
        return await self._core.do(
            Judge(
                caller=exchange.caller,
                key=body["key"],
                request=exchange.id,
                verdict=body["verdict"],
                policy=body["policy"],
                message=body.get("message"),
            )
        )

    async def confirmation(self, exchange: Exchange) -> dict[str, Any]:
        """Take in what the user of a task confirms."""
        body = exchange.body
        return await self._core.do(
            Confirm(
                caller=exchange.caller,
                key=body["key"],
                request=exchange.id,
                user=body["user"],
                verdict=body["verdict"],
                message=body.get("message"),
            )
        )


def listed_shown(found: WaitingRequest | WholeRequest) -> dict[str, Any]:
    """Give a request as a list has it."""
    each = found.question
    needed = (
        found.requirements
        if isinstance(found, WaitingRequest)
        else found.answer.get("requirements")
    )
    shown: dict[str, Any] = {
        "id": each.id,
        "state": found.state,
        "call": f"c-{each.call}",
        "task": each.task,
        "agent": each.agent,
        "capability": each.capability,
        "requirements": needed or [],
        "asked_at": format_time(each.asked),
        "expires_at": format_time(each.expires),
        "asked_of_you": found.mine,
    }
    if each.answered is not None:
        shown["answered_at"] = format_time(each.answered)
    if each.message is not None:
        shown["message"] = each.message
    return shown


def whole_shown(found: WholeRequest) -> dict[str, Any]:
    """Give a request whole."""
    verdicts = []
    for each in found.verdicts:
        row = each.verdict
        said: dict[str, Any] = {
            "by": row.person,
            "roles": answers.texts(row.roles),
            "verdict": row.verdict,
            "at": format_time(row.at),
        }
        if each.message is not None:
            said["message"] = each.message
        if row.used is not None:
            said["used_by"] = f"c-{row.used}"
        verdicts.append(said)
    return {
        "request": listed_shown(found),
        "may_approve": found.may_approve,
        "asked": found.request,
        "answer": found.answer,
        "came_from": came_from(found),
        "said": [answers.said_of(each) for each in found.words.events],
        "said_left_out": found.words.left_out,
        "verdicts": verdicts,
        "policy": found.policy,
    }
