"""The tree as JSON data, every field under its own name."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from .facts import Audit


def to_json(audit: Audit) -> str:
    """The document; what cannot be seen is escaped."""
    return json.dumps(plain(audit), indent=1, ensure_ascii=True) + "\n"


def plain(value: Any) -> Any:
    """A part of the tree as data.

    >>> from .facts import Owner
    >>> plain((Owner("a", "b"), None))
    [{'name': 'a', 'contact': 'b'}, None]
    """
    if dataclasses.is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value
