"""What a program asks of the service: each thing once, however often the network makes it ask.

What changes something carries an idempotency key. When no answer came, the same request is sent again
with the same key, and is answered as it was the first time.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from time import sleep
from typing import Any
from urllib.parse import quote, urlencode

from ...runtime.strict_json import NotJSON, read_request
from .address import Address
from .exchange import HttpAnswer, Lost, NotTrusted, exchange

PAUSES = (0.2, 1.0)
"""Seconds before each further attempt, where the service does not say when."""
MAX_PAUSE = 5.0
BUSY = frozenset({429, 502, 503, 504})
"""Statuses that another attempt may change."""
MAX_SAID = 500
WAYS_OUT = {
    401: "set AGPC_API_KEY, or name the file with the key: --key-file",
    403: "ask whoever runs the service for a key with the role that this takes",
    404: "see that the id and the address of the service are right",
    413: "say less at once",
    429: "wait, or ask whoever runs the service for a higher limit",
}
"""What to do about a status, where nothing else says it."""
WAYS_OUT_OF = {
    "not_a_person": "use the key of a person, who stands in `[[people]]` of the settings",
    "no_candidate": "start it with `agpc serve --candidate PATH`, or say PATH and --store here",
}
"""What to do about a code, of which its status does not say enough."""


class ServiceProblem(Exception):
    """No answer, or one that refuses; the message is one sentence with a way out."""


class Unreachable(ServiceProblem):
    """No answer came; whether anything was recorded is not known."""


class Refused(ServiceProblem):
    """The service refused, and recorded nothing."""

    def __init__(self, status: int, code: str, said: str) -> None:
        """Keep the status, the word that programs look at, and what the service said of it."""
        way_out = WAYS_OUT_OF.get(code) or WAYS_OUT.get(status)
        super().__init__(f"{said}: {way_out}" if way_out else said)
        self.status, self.code, self.said = status, code, said


def new_key() -> str:
    """A key that nobody used before."""
    return secrets.token_urlsafe(18)


class Client:
    """A service at an address. Its methods give the JSON of the answer, and raise `ServiceProblem`."""

    def __init__(
        self,
        address: Address,
        *,
        api_key: str | None = None,
        timeout: float = 10.0,
        ca: str | None = None,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        """Take a key only where it cannot be read on the way."""
        if api_key is not None and not address.is_secure:
            raise ServiceProblem(
                f"the key would be readable on the way to `{address}`: use an address with `https://`"
            )
        self.address, self.timeout, self._ca, self._pause = address, timeout, ca, pause
        self._headers = {"Accept": "application/json, application/problem+json"}
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {api_key}"

    def start(self, request: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Start a task; a denied one is an answer, too."""
        return self.post("/v1/tasks", {"key": key, **request})

    def say(self, task: str, text: str, key: str) -> dict[str, Any]:
        """Hand over what the person said."""
        return self.post(f"/v1/tasks/{_segment(task)}/said", {"key": key, "text": text})

    def report(self, task: str, context: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Report what the policy may revoke for."""
        body = {"key": key, "context": dict(context)}
        return self.post(f"/v1/tasks/{_segment(task)}/context", body)

    def move(self, task: str, state: str, why: str | None, key: str) -> dict[str, Any]:
        """End a task, or say that it drifted."""
        body = {"key": key, "state": state} | ({} if why is None else {"why": why})
        return self.post(f"/v1/tasks/{_segment(task)}/state", body)

    def tasks(self, **query: str | int | None) -> dict[str, Any]:
        """List tasks, the latest first."""
        return self.get("/v1/tasks", query)

    def task(self, task: str, **query: str | int | None) -> dict[str, Any]:
        """Give all that is known of a task."""
        return self.get(f"/v1/tasks/{_segment(task)}", query)

    def possible(self, task: str) -> dict[str, Any]:
        """Give what may ever be permitted, or asked for, in a task: `capabilities`, sorted."""
        return self.get(f"/v1/tasks/{_segment(task)}/possible")

    def introspect(self, token: str) -> dict[str, Any]:
        """Say whether the lease of a token holds now, and what it says (RFC 7662)."""
        form = "application/x-www-form-urlencoded"
        return self._asked("POST", "/v1/introspect", urlencode({"token": token}).encode(), form)

    def call(self, call: str) -> dict[str, Any]:
        """Give a call, and the event that records it."""
        return self.get(f"/v1/calls/{_segment(call)}")

    def decide(self, request: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Decide a call and record it; a denied one is an answer, too."""
        return self.post("/v1/calls", {"key": key, **request})

    def tell(self, call: str, told: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Tell what became of a call: `outcome`, and `result` or `result_digest` if it gave one back."""
        return self.post(f"/v1/calls/{_segment(call)}/outcome", {"key": key, **told})

    def refuse(self, task: str | None, why: str, what: Any, key: str) -> dict[str, Any]:
        """Record that something was refused before there was a call."""
        body = {"key": key, "why": why, "what": what} | ({} if task is None else {"task": task})
        return self.post("/v1/refusals", body)

    def confirm(
        self, request: str, user: str, verdict: str, message: str | None, key: str
    ) -> dict[str, Any]:
        """Hand over what the user of a task says to what they are to confirm."""
        body = {"key": key, "user": user, "verdict": verdict}
        body |= {} if message is None else {"message": message}
        return self.post(f"/v1/requests/{_segment(request)}/confirmation", body)

    def requests(self, **query: str | int | None) -> dict[str, Any]:
        """List what is asked of people, the latest first."""
        return self.get("/v1/requests", query)

    def request(self, request: str) -> dict[str, Any]:
        """Give a request whole."""
        return self.get(f"/v1/requests/{_segment(request)}")

    def verdict(
        self, request: str, verdict: str, policy: str, message: str | None, key: str
    ) -> dict[str, Any]:
        """Approve or refuse a request, as it was shown under a policy."""
        body = {"key": key, "verdict": verdict, "policy": policy}
        body |= {} if message is None else {"message": message}
        return self.post(f"/v1/requests/{_segment(request)}/verdict", body)

    def people(self, **query: str | int | None) -> dict[str, Any]:
        """List people, by their ids."""
        return self.get("/v1/people", query)

    def attend(self, person: str, state: str, why: str, key: str) -> dict[str, Any]:
        """Say that a person has left, or is `here` again."""
        body = {"key": key, "person": person, "state": state, "why": why}
        return self.post("/v1/people", body)

    def leases(self, **query: str | int | None) -> dict[str, Any]:
        """List leases, the latest first."""
        return self.get("/v1/leases", query)

    def lease(self, lease: str) -> dict[str, Any]:
        """Give a lease, and whether it holds."""
        return self.get(f"/v1/leases/{_segment(lease)}")

    def revoke(self, lease: str, why: str | None, key: str) -> dict[str, Any]:
        """End a lease."""
        body = {"key": key} | ({} if why is None else {"why": why})
        return self.post(f"/v1/leases/{_segment(lease)}/revoke", body)

    def credential(self, lease: str, broker: str, key: str) -> dict[str, Any]:
        """Turn a lease into a credential of a platform. A key gives one, since it is kept nowhere."""
        body = {"key": key, "broker": broker}
        return self.post(f"/v1/leases/{_segment(lease)}/credential", body)

    def get(self, path: str, query: Mapping[str, str | int | None] | None = None) -> dict[str, Any]:
        """Read something."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        return self._asked("GET", path + (f"?{urlencode(given)}" if given else ""), None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do something once; `body` holds the key that makes it so."""
        return self._asked("POST", path, json.dumps(body).encode())

    def _asked(
        self, method: str, path: str, body: bytes | None, media: str = "application/json"
    ) -> dict[str, Any]:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = media
        for pause in (*PAUSES, None):
            try:
                answer = exchange(self.address, method, path, body, headers, self.timeout, self._ca)
            except NotTrusted as problem:
                raise ServiceProblem(
                    f"the service at `{self.address}` cannot be used: {problem}"
                ) from None
            except Lost as problem:
                if pause is None:
                    raise Unreachable(
                        f"no answer from the service at `{self.address}`: {problem}; start it with"
                        " `agpc serve`, or say where it is with --service"
                    ) from None
            else:
                if answer.status not in BUSY or pause is None:
                    return self._read(answer)
                pause = _asked_pause(answer, pause)
            self._pause(pause)
        raise AssertionError("the last attempt answers or raises")

    def _read(self, answer: HttpAnswer) -> dict[str, Any]:
        """Give the object that the service answered, or raise what it refused for."""
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        found = None
        is_redirect = 300 <= answer.status < 400
        if kind in ("application/json", "application/problem+json") and not is_redirect:
            try:
                found = read_request(answer.body)
            except NotJSON as problem:
                raise ServiceProblem(
                    f"the service at `{self.address}` answered what cannot be read: {problem}"
                ) from None
        if 200 <= answer.status < 300 and kind == "application/json" and type(found) is dict:
            return found
        if answer.status >= 400 and type(found) is dict:
            said = found.get("detail") or found.get("title")
            code = found.get("code")
            raise Refused(
                answer.status,
                code if type(code) is str else "",
                _sentence(said) if type(said) is str and said else f"status {answer.status}",
            )
        if answer.status in WAYS_OUT:
            raise Refused(answer.status, "", f"the service answered {answer.status}")
        raise ServiceProblem(
            f"what listens at `{self.address}` answered {answer.status} and not as this service does:"
            " see that the address is right"
        )


def _asked_pause(answer: HttpAnswer, pause: float) -> float:
    """How long the service asks to be left alone, within bounds."""
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), MAX_PAUSE) if asked.isascii() and asked.isdigit() else pause


def _segment(id: str) -> str:
    """An id as one segment of a path: a `/` in it leads nowhere else, and `.` and `..` neither."""
    return quote(id, safe="").replace(".", "%2E")


def _sentence(said: str) -> str:
    """What the service said, without the period at its end, so that more can follow."""
    cut = said if len(said) <= MAX_SAID else f"{said[:MAX_SAID]}… ({len(said)} characters)"
    return cut.removesuffix(".")
