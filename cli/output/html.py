"""Pages that need nothing from outside, in which everything that comes from a policy is text."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ...compiler.text.visible import visible


def templates_of(package: str) -> Environment:
    """The templates of a room, which escape what they are given, and show what cannot be seen in it."""
    return Environment(
        loader=PackageLoader(package, "templates"),
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


def hash_of(text: str) -> str:
    """What a page says of a script or a style sheet in it, so that a browser takes no other one."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
