"""The routes of AuthZEN 1.0. They answer as it says: 400 with a sentence for what is no request, else 200 with a decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, get_args

from starlette.responses import Response

from ....runtime.decision import Effect
from ....runtime.strict_json import NotJSON, read_request
from ....runtime.values import MAX_DEPTH
from ...authzen.answers import written
from ...authzen.metadata import PATHS, WELL_KNOWN, metadata
from ...authzen.point import Asker, DecisionPoint
from ...authzen.reading import BadRequest, Kind
from ..contract import answers
from ..contract.request_ids import REQUEST_ID, request_id_of
from ..contract.routes import Exchange, Route, roles
from ..contract.shapes import Free
from ..gate.endpoint import levels
from ..gate.gate import Gate
from ..telemetry.metrics import Metrics

JSON = "application/json"
SENTENCE = "text/plain; charset=utf-8"

More: TypeAlias = Callable[[Gate, Metrics], Sequence[Route]]
Ask: TypeAlias = Callable[[Asker, Any], Awaitable[bytes]]

_SEARCHED = answers.record({"results": answers.listed(answers.OBJECT)}, {"page": answers.OBJECT})


def routes(
    point: DecisionPoint, public_url: str, access_request_endpoint: str | None = None
) -> More:
    """Give what makes the rows of the table; `public_url` is where others reach the service."""
    document = written(metadata(public_url, access_request_endpoint))

    async def discover(exchange: Exchange) -> Response:
        return _response(exchange, document, cached="public, max-age=300")

    def searching(kind: Kind) -> Ask:
        return lambda asking, data: point.search(asking, kind, data)

    asked: tuple[tuple[str, Ask, str, Any], ...] = (
        ("evaluation", point.evaluation, "Decide a call, and record nothing.", answers.DECISION),
        ("evaluations", point.evaluations, "Decide several calls, and record nothing.", answers.OBJECT),
        ("search/subject", searching("subject"), "Find who may make a call.", _SEARCHED),
        ("search/resource", searching("resource"), "Find what a call may be about.", _SEARCHED),
        ("search/action", searching("action"), "Find which calls may be made.", _SEARCHED),
    )  # fmt: skip

    def rows(gate: Gate, metrics: Metrics) -> Sequence[Route]:
        effects: tuple[Effect, ...] = get_args(Effect)
        of_effect = {each: metrics.decisions.labels("evaluation", each) for each in effects}
        point.count = lambda effect: of_effect[effect].inc()
        found = [
            Route(
                "POST", f"/access/v1/{name}", roles("decide"), _answering(name, ask, gate.limits.depth), about,
                takes=Free("As AuthZEN 1.0 has it; members that it does not know are ignored."),
                reads="bytes", gives=gives, for_agents=False, headers={REQUEST_ID: "The id that the request had."},
            )
            for name, ask, about, gives in asked
        ]  # fmt: skip
        assert [each.path for each in found] == list(PATHS.values())
        about = "Where the endpoints of AuthZEN are."
        return (*found, Route("GET", WELL_KNOWN, None, discover, about, gives=answers.OBJECT))

    return rows


def _answering(name: str, ask: Ask, depth: int) -> Callable[[Exchange], Awaitable[Response]]:
    async def work(exchange: Exchange) -> Response:
        asking = Asker(exchange.caller, name, request_id_of(exchange.request.headers))
        try:
            return _response(exchange, await ask(asking, _body(exchange, depth)))
        except BadRequest as error:
            return _response(exchange, str(error).encode("utf-8"), status=400, media=SENTENCE)

    return work


def _body(exchange: Exchange, depth: int) -> Any:
    """Read the body. Raises `BadRequest`."""
    media = exchange.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != JSON:
        raise BadRequest("the content type is not `application/json`")
    found = read_body(exchange.content)
    if depth < MAX_DEPTH and levels(found, depth):
        raise BadRequest(f"the body has more than {depth} levels")
    return found


def read_body(content: bytes) -> Any:
    """Read JSON. Raises `BadRequest`, which repeats nothing of it."""
    try:
        return read_request(content)
    except NotJSON as error:
        said = str(error)  # which may hold a key that stands twice
        clean = said.startswith(("not UTF-8", "not JSON", "nested"))
        raise BadRequest(said if clean else "a key stands twice in one object") from None


def _response(
    exchange: Exchange,
    content: bytes,
    *,
    status: int = 200,
    media: str = JSON,
    cached: str = "no-store",
) -> Response:
    id = request_id_of(exchange.request.headers)
    return _Answer(status, media, cached, id, content)


class _Answer(Response):
    """An answer whose headers are few and known, which takes a fourth of the time to make."""

    def __init__(self, status: int, media: str, cached: str, id: str, content: bytes) -> None:
        self.status_code, self.media_type, self.body = status, media, content
        self.background = None
        self.raw_headers = [
            (b"content-type", media.encode("ascii")),
            (b"content-length", b"%d" % len(content)),
            (b"cache-control", cached.encode("ascii")),
        ]
        if id:
            self.raw_headers.append((b"x-request-id", id.encode("ascii")))
