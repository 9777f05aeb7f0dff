"""No header of an answer, and no line of a log, is made of what came in: line ends that are sent in any way stay where they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from agpc.service.authzen.point import DecisionPoint
from agpc.service.http.endpoints.authzen import routes
from agpc.service.http.endpoints.leases import lease_routes
from agpc.service.page.routes import page_routes
from agpc.service.tokens.keys import TokenKeys
from agpc.service.tokens.tokens import Tokens

from .served import KEY, Remembering, Served, callers, people, said_to_the_end, serving

ENDS = (
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "\u2028",
    "\x85",
    "\x0b",
    "\0",
    "嘊嘍",
)  # the last end in 0A and 0D
INJECTED = "x-injected: yes"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    core = Remembering()
    point = DecisionPoint(core, key=bytes(32), most=10)  # type: ignore[arg-type]
    tokens = Tokens(TokenKeys(bytes(32), 86_400, time.time), "http://127.0.0.1")
    more = (
        routes(point, "http://127.0.0.1"),
        page_routes(core, is_secure=False),
        lease_routes(core, tokens),
    )
    with serving({"callers": callers(), "people": people()}, core, more=more) as found:
        yield found


@pytest.mark.parametrize("end", ENDS, ids=lambda end: quote(end))
@pytest.mark.parametrize(
    "path",
    [
        "/sign-in?back=/requests/q-1{}",
        "/sign-in?back={}",
        "/sign-in/provider?back=/requests/{}&again=1",
        "/callback?code=a{}&state=b{}",
        "/requests/q-1{}",
        "/requests?state={}",
        "/tasks/{}",
        "/v1/tasks/{}",
        "/v1/leases?task={}",
        "/v1/{}",
        "/log/tile/{}",
        "/{}",
    ],
)
def test_what_stands_in_a_url(served: Served, path: str, end: str) -> None:
    told = quote(f"{end}{INJECTED}{end}{end}<html>", safe="")
    for key in (None, KEY["read"]):
        answer = served.ask("GET", path.replace("{}", told), key=key)
        assert "x-injected" not in answer.headers
        assert answer.status < 500 or answer.status == 503  # which says that this core has no store
        for name, value in answer.headers.items():
            assert INJECTED not in value and "<html>" not in value, name


@pytest.mark.parametrize(
    "name", ["x-request-id", "traceparent", "tracestate", "host", "origin", "dpop"]
)
def test_what_stands_in_a_header(served: Served, name: str) -> None:
    """A head that is cut in the middle of a header is two headers of the request, and never of the answer."""
    for end in (b"\n", b"\r", b"\r\n", b"\0", b"\r\n\t", b"\x0b", b"\x85"):
        with served.connect() as connection:
            connection.sendall(
                b"POST /access/v1/evaluation HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer "
                + KEY["decide"].encode() + b"\r\ncontent-length: 2\r\ncontent-type: application/json\r\n"
                + name.encode() + b": a" + end + INJECTED.encode() + b"\r\n\r\n{}"
            )  # fmt: skip
            head = said_to_the_end(connection).partition(b"\r\n\r\n")[0].lower()
        assert b"\nx-injected" not in head and b"\rx-injected" not in head
        assert head.startswith(b"http/1.1 ")


def test_an_id_of_a_request_comes_back_only_where_it_is_one(served: Served) -> None:
    for id, comes_back in (
        ("r-1", True),
        ("a b", True),
        (" ", False),
        ("x" * 5_000, False),
        ("\xe9", False),
    ):
        answer = served.ask(
            "POST", "/access/v1/evaluation", {}, KEY["decide"], {"x-request-id": id}
        )
        assert (answer.headers.get("x-request-id") == id) is comes_back, id
