"""The OpenAPI document, made of the table of routes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .... import __version__
from .request_ids import REQUEST_ID
from .routes import Route

PROBLEM = {
    "type": "object",
    "description": "RFC 9457: nothing was recorded, unless the code says that it may have been.",
    "properties": {
        "type": {
            "type": "string",
            "description": "`about:blank`; of requests for access, a URN of AuthZEN's.",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for people."},
        "code": {"type": "string", "description": "A short word for programs."},
    },
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": False,
}
REFUSALS = {
    400: "The form of the request is wrong; nothing was recorded.",
    401: "No key, or one that nobody has.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "The key was used for something else, or the state does not allow it.",
    410: "The denial is too old.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    424: "The platform gave no credential. Ask again with another key.",
    429: "The caller asks too often.",
    500: "The service failed.",
    503: "Not now: not ready, too busy, or the time was over. The same key may be used again.",
}
_FORM = "application/x-www-form-urlencoded"
_OAUTH = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "required": ["error"],
}
_NOT_TAKEN = {
    "type": "object",
    "properties": {"err": {"type": "string"}, "description": {"type": "string"}},
    "required": ["err", "description"],
}
TAGS = (
    (r"/v1/tasks", "Tasks", "Started, told of, ended."),
    (r"/v1/calls", "Calls", "Decided and recorded."),
    (
        r"/v1/(leases|token|introspect)|/ssf/|/\.well-known/(jwks|ssf)",
        "Leases",
        "What may be done for a while without asking about each call.",
    ),
    (r"/v1/requests", "Requests", "Asked of people, answered by them."),
    (r"/v1/people", "People", "Who is there, and who has left."),
    (r"/v1/clock", "Operators", "Health, metrics, the clock, this document."),
    (r"/v1/", "Trail", "What was recorded."),
    (r"/log/", "Log", "C2SP tlog-tiles."),
    (
        r"/access/v1/requests",
        "Requests",
        "Asked of people, answered by them.",
    ),
    (r"/access/|/\.well-known/", "AuthZEN", "OpenID AuthZEN 1.0: pure decisions and searches."),
    (r"", "Operators", "Health, metrics, the clock, this document."),
)


def document(routes: Sequence[Route], public_url: str | None) -> dict[str, Any]:
    """Give the document of the routes that are part of the API."""
    shown = [each for each in routes if not each.hidden]
    paths: dict[str, Any] = {}
    for route in shown:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        item = paths.setdefault(path, {})
        item[route.method.lower()] = operation(route, path)
    used = {each["tags"][0] for item in paths.values() for each in item.values()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "agpc service",
            "version": __version__,
            "summary": "Decisions that are recorded, limits that hold, a trail that proves itself.",
            "description": "What changes something takes a `key`: the same key gives the same answer, and does nothing "
            "twice.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": public_url or "/"}],
        "tags": [
            {"name": name, "description": about}
            for name, about in dict.fromkeys((name, about) for _, name, about in TAGS)
            if name in used
        ],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {
                f"Problem{status}": {
                    "description": about,
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    },
                    **(
                        {
                            "headers": {
                                "Retry-After": {
                                    "description": "Seconds.",
                                    "schema": {"type": "integer"},
                                }
                            }
                        }
                        if status in (429, 503)
                        else {}
                    ),
                }
                for status, about in REFUSALS.items()
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, `agpk_…`. Without callers in the settings none is needed, on the "
                    "loopback interface alone.",
                }
            },
        },
    }


def operation(route: Route, path: str) -> dict[str, Any]:
    """Describe one route."""
    found: dict[str, Any] = {
        "operationId": name_of(route),
        "tags": [next(name for pattern, name, _ in TAGS if re.match(pattern, path))],
        "summary": route.about.rstrip("."),
        "description": _roles(route),
        "security": [{"key": []}] if route.needs is not None else [{}],
    }
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "maxLength": 512},
        }
        for name in re.findall(r"\{(\w+)\}", path)
    ] + [
        {"name": each.name, "in": "query", "description": each.about, "schema": each.schema}
        for each in route.query
    ]
    if parameters:
        found["parameters"] = parameters
    if route.takes is not None:
        found["requestBody"] = {
            "required": True,
            "content": {
                _media(route): {"schema": route.takes.schema()},
            },
        }
    schema = route.gives if route.gives is not None else {"type": "string"}
    found["responses"] = {
        str(route.answers): {
            "description": "The answer.",
            "content": {route.media: {"schema": schema}},
        },
        **{
            str(each): {"$ref": f"#/components/responses/Problem{each}"} for each in refusals(route)
        },
    }
    if route.form:
        found["responses"]["400"] = {
            "description": "RFC 6749: a word for programs, and a sentence for people.",
            "content": {"application/json": {"schema": _OAUTH}},
        }
    elif route.event:
        found["responses"]["202"] = {"description": "It was taken in, now or before."}
        del found["responses"]["200"]
        found["responses"]["400"] = {
            "description": "RFC 8935: a word for programs, and a sentence for people.",
            "content": {"application/json": {"schema": _NOT_TAKEN}},
        }
    elif REQUEST_ID in route.headers:  # as AuthZEN has it
        found["responses"]["400"] = {
            "description": "The request is not one that AuthZEN knows; a sentence says why.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    if route.path == "/readyz":
        found["responses"]["503"] = {
            "description": "Not ready, with the reasons.",
            "content": {route.media: {"schema": schema}},
        }
    return found


def _media(route: Route) -> str:
    """Give what a body is."""
    if route.event:
        return "application/secevent+jwt"
    return _FORM if route.form else "application/json"


def refusals(route: Route) -> list[int]:
    """Which refusals a route may answer, those that all may among them."""
    found = {400, 500, 503, *route.refuses}
    if route.needs is not None:
        found |= {401, 403, 429}
    if route.reads != "nothing":
        found.add(413)
    if route.reads == "json":
        found.add(415)
    return sorted(found)


def name_of(route: Route) -> str:
    """Give a name that generated clients may use.

    >>> from .routes import Route
    >>> name_of(Route("POST", "/v1/tasks/{id}/said", None, None, ""))
    'post_tasks_id_said'
    """
    words = re.findall(r"[a-z0-9]+", route.path.replace("/v1/", "/").lower())
    return "_".join([route.method.lower(), *words])


def _roles(route: Route) -> str:
    if route.needs is None:
        return "Open to everybody."
    return f"Needs the role {' or '.join(f'`{each}`' for each in sorted(route.needs))}."
