"""The digest of what a meter or a source is defined as: of what it means, and not of how it is written.

Named sets and levels count with what they hold, and names and places not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

from ..structs import changed, fields_of
from . import nodes as ir

F = TypeVar("F", ir.Meter, ir.Source)


def digested(fact: F, members: Mapping[str, tuple[str, ...]]) -> F:
    """Give a fact its digest; `members` are those of levels and enums, by name."""
    sha256 = _sha256()
    text = json.dumps(_plain(fact, members, ("name", "digest")), sort_keys=True)
    return changed(fact, digest=sha256(text.encode()).hexdigest())


def _plain(
    value: Any, members: Mapping[str, tuple[str, ...]], passed_over: tuple[str, ...] = ()
) -> Any:
    match value:
        case ir.LevelType(name) | ir.EnumType(name):
            return [type(value).__name__, *members[name]]
        case ir.Constants():
            passed_over = ("name",)
        case ir.Attribute(of=None):
            passed_over = ("optional", "of")  # so that a meter of before keeps its digest
        case ir.Attribute():
            passed_over = ("optional",)
        case tuple():
            return [_plain(each, members) for each in value]
        case _:
            pass
    its = fields_of(type(value))
    if its is None:
        return value
    return {
        "": type(value).__name__,
        **{
            each.name: _plain(getattr(value, each.name), members)
            for each in its
            if each.compare and each.name not in passed_over
        },
    }


def _sha256() -> Any:
    """The hash of `hashlib`, as far as Python has it without loading all of OpenSSL for it, as `random` does."""
    for name in ("_sha2", "_sha256"):  # of Python 3.12 and later, and of 3.11
        with suppress(ImportError):
            return import_module(name).sha256
    import hashlib

    return hashlib.sha256
