"""The pages are within limits of their own, by where a request comes from: nobody has to sign in to ask for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from agpc.service.config.limits import Limits
from agpc.service.core import Passkeys
from agpc.service.http.contract.routes import Route
from agpc.service.http.gate.callers import Callers
from agpc.service.http.gate.gate import Gate, TooMany, whence
from agpc.service.http.telemetry.metrics import Metrics
from agpc.service.page.routes import page_routes
from agpc.service.passkeys.ceremony import Site

from ..http.served import CALL, KEY, Remembering, callers, serving, wait_for

HEAD = (
    b"POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n"
    b"content-type: application/x-www-form-urlencoded\r\n\r\n"
)


def request_from(host: str | None) -> Request:
    client = None if host is None else (host, 1)
    return Request({"type": "http", "headers": [], "client": client, "path": "/", "method": "GET"})


async def _nothing(exchange: Any) -> dict[str, Any]:
    return {}


PAGE = Route("POST", "/sign-in/passkey", None, _nothing, "A page.", hidden=True)
OPEN = Route("GET", "/healthz", None, _nothing, "Open.")


def gate(**limits: Any) -> Gate:
    found = Callers.of([], Path())
    made = Gate(found, Limits(**limits), Metrics(), False)
    made.open = False
    return made


def test_an_address_asks_for_pages_as_often_as_it_may_and_others_go_on() -> None:
    found = gate(page_rate=1, page_burst=2)
    for host in ("192.0.2.1", "2001:db8::1"):
        for _ in range(2):
            found.admit(PAGE, request_from(host))
        with pytest.raises(TooMany) as raised:
            found.admit(PAGE, request_from(host))
        assert raised.value.status == 429 and raised.value.wait >= 1
    with pytest.raises(TooMany):  # whose house has as many addresses as it likes
        found.admit(PAGE, request_from("2001:db8::2"))
    with pytest.raises(TooMany):
        found.admit(PAGE, request_from("::ffff:192.0.2.1"))
    found.admit(PAGE, request_from("192.0.2.2"))
    found.admit(PAGE, request_from("2001:db8:0:1::1"))
    for _ in range(5):  # what says whether the service lives, and gives keys
        found.admit(OPEN, request_from("192.0.2.1"))


@pytest.mark.parametrize(
    ("host", "found"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::/64"),
     ("2001:db8::5:0:0:1", "2001:db8::/64"), (None, ""), ("testclient", "testclient")],
)  # fmt: skip
def test_from_where_a_request_comes(host: str | None, found: str) -> None:
    assert whence(request_from(host)) == found


def test_every_page_is_within_them() -> None:
    core: Any = Remembering()
    passkeys = Passkeys(Site("agpc.example", "https://agpc.example"))
    for each in page_routes(core, is_secure=True, passkeys=passkeys)(gate(), Metrics()):
        assert each.hidden, each.path


def test_whoever_sends_forms_slowly_takes_no_place_of_a_decision() -> None:
    core: Any = Remembering()
    settings = {"callers": callers(), "limits": {"concurrency": 4, "page_rate": 1, "page_burst": 3}}
    with serving(settings, core, more=[page_routes(core, is_secure=False)]) as served:
        gate = served.service.gate
        with served.connect() as slow:
            slow.sendall(HEAD)
            wait_for(lambda: gate.inside_pages == 1)
            busy = served.ask("POST", "/sign-in")
            assert (busy.status, busy.json["code"], busy.headers["connection"]) == (
                503,
                "busy",
                "close",
            )
            assert gate.inside == 0
            assert served.ask("POST", "/v1/calls", CALL, key=KEY["decide"]).status == 200
        wait_for(lambda: gate.inside_pages == 0)
        assert served.ask("GET", "/sign-in").status == 200
        often = served.ask("GET", "/sign-in")
        assert (often.status, often.json["code"]) == (429, "too_many_requests")
        assert int(often.headers["retry-after"]) >= 1
        assert served.ask("POST", "/v1/calls", CALL, key=KEY["decide"]).status == 200
        assert served.ask("GET", "/healthz").status == 200
