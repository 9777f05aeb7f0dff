"""The templates of a report, in which everything that comes from a policy is text."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ....compiler.text.visible import visible


def environment() -> Environment:
    """Templates that escape what they are given, and show what cannot be seen in it."""
    return Environment(
        loader=PackageLoader(__package__.rpartition(".")[0], "templates"),
        autoescape=True,
        finalize=seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def seen(value: Any) -> Any:
    """What a template prints: a text of which every character can be seen, or markup of ours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
