"""Pages of the templates, with the headers that keep a browser to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from .reading import time_text, value_text, values
from .text import shown

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
SCRIPTED = f"{POLICY}; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
"""Of the pages with a form for passkeys, which a file of ours fills in."""
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",  # without any, a browser says that a form is of nowhere
    "x-frame-options": "DENY",
}
"""What every page says beside what the gate does: nothing is loaded from elsewhere or run, and nobody keeps or frames it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the content of a page: who looks, and where in the pages it is."""

    is_let_in: bool
    is_open: bool = False
    name: str | None = None
    """Who is signed in; None where nobody has to be."""
    form: str = ""
    part: str = ""
    is_first: bool = True
    has_passkeys: bool = False
    """Whether there are pages of passkeys, for a person."""
    may_read: bool = True
    """Whether they see all pages, and not only what is asked of them."""


@cache
def templates() -> Environment:
    """The templates, which show what they are given as text of which every character can be seen."""
    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        finalize=_seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": time_text,
        "values": values,
        "written": lambda value: value_text(value)[1],
        "segment": _segment,
        "span": span,
        "word": lambda text: text if text in ("done", "failed", "withdrawn") else "quiet",
    }
    return environment


def _seen(value: Any) -> Any:
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(
    name: str, frame: Frame, status: int = 200, *, scripted: bool = False, **about: Any
) -> Response:
    """Write a page; one that is `scripted` has a form for passkeys."""
    template = templates().get_template(f"{name}.html.j2")
    text = template.render(frame=frame, scripted=scripted, **about)
    headers = {**HEADERS, "content-security-policy": SCRIPTED} if scripted else HEADERS
    return Response(text, status, headers, media_type="text/html")


def problem(frame: Frame, status: int, title: str, said: str) -> Response:
    """Write a page that says why there is no other."""
    return page("problem", frame, status, title=title, said=said)


def span(seconds: int) -> str:
    """Write how long something is.

    >>> span(3600), span(5400), span(45)
    ('1 h', '1 h 30 min', '45 s')
    """
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def task_path(id: str) -> str:
    """Give the path of the page of a task.

    >>> task_path("t-1/..")
    '/tasks/t-1%2F%2E%2E'
    """
    return f"/tasks/{_segment(id)}"


def _segment(text: str) -> str:
    return quote(text, safe="").replace(".", "%2E")


def style() -> Response:
    """The style sheet."""
    text = templates().get_template("page.css").render()
    return Response(text, 200, {**HEADERS, "cache-control": "no-cache"}, media_type="text/css")


def script() -> Response:
    """The script of the forms for passkeys."""
    text = templates().get_template("passkeys.js").render()
    headers = {**HEADERS, "cache-control": "no-cache"}
    return Response(text, 200, headers, media_type="text/javascript")


def to(path: str, headers: Mapping[str, str] | None = None) -> Response:
    """Lead to another page of ours."""
    return Response(b"", 303, {**HEADERS, "location": path, **(headers or {})})
