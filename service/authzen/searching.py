"""Searches: which entities of the directory are tried, page by page.

A token is authenticated and bound to the question and to who asked it, so that nobody gets a place in another question.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any

from ..policies.directory import Directory, Entity
from ..policies.generation import Generation
from .mapped import TOOLS_CALL
from .reading import BadRequest, Search

MOST_RESULTS = 1_000  # of one page
MOST_TRIED = 2_000  # entities for one page
_BYTES = 8
_TAG = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that may be a result, and the evaluation that tells."""

    result: dict[str, str]
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page begins, and how many results it has at most; `is_paged` is whether its answer has to speak of pages."""

    start: int
    limit: int
    is_paged: bool


class Entities:
    """A directory, arranged for searches."""

    __slots__ = ("_by_type", "_known")

    def __init__(self, directory: Directory) -> None:
        """Arrange it once."""
        self._by_type: dict[tuple[str, str], tuple[Entity, ...]] = {}
        for side, entities in (("subject", directory.subjects), ("resource", directory.resources)):
            by_type: dict[str, list[Entity]] = {}
            for each in entities:
                by_type.setdefault(each.type, []).append(each)
            for kind, some in by_type.items():
                self._by_type[side, kind] = tuple(sorted(some, key=lambda each: each.id))
        self._known = frozenset(
            (side, each.type, each.id) for (side, _), some in self._by_type.items() for each in some
        )

    def entries(self, generation: Generation, search: Search) -> list[Entry]:
        """Give what may be a result, in one order; nothing where the search names what nobody knows."""
        request = search.request
        for side in ("subject", "resource"):
            given = request[side]
            if side != search.kind and (side, given["type"], given["id"]) not in self._known:
                return []
        if search.kind == "action":
            return [
                Entry({"name": name}, {**request, "action": {"name": name}})
                for name in _names(generation, request["resource"]["type"])
            ]
        kind = request[search.kind]["type"]
        return [
            Entry(
                {"type": kind, "id": each.id},
                {
                    **request,
                    search.kind: {"type": kind, "id": each.id, "properties": each.properties},
                },
            )
            for each in self._by_type.get((search.kind, kind), ())
        ]


def _names(generation: Generation, kind: str) -> tuple[str, ...]:
    """The names by which others ask for the actions of a type of resource."""
    mapping = generation.mapping
    alias = mapping.resources.get(kind)
    if alias is not None and alias.tools:
        return (TOOLS_CALL,)
    own = kind if alias is None or alias.as_ is None else alias.as_
    actions = generation.actions.get(own, ())
    aliases = {**mapping.actions, **({} if alias is None else alias.actions)}
    renamed = {target for target in aliases.values() if target in actions}
    others = {name for name, target in aliases.items() if target in actions}
    return tuple(sorted({*others, *(name for name in actions if name not in renamed)}))


def place_of(key: bytes, caller: str, search: Search) -> PageStart:
    """Say where a search goes on. Raises `BadRequest` for a token that was not given for it."""
    page = search.page
    if page is None:
        return PageStart(0, MOST_RESULTS, False)
    if page.token is None:
        return PageStart(
            0, MOST_RESULTS if page.limit is None else min(page.limit, MOST_RESULTS), True
        )
    start, limit = _opened(key, caller, search, page.token)
    if page.limit is not None and min(page.limit, MOST_RESULTS) != limit:
        raise BadRequest("`page.limit` is another than that of the page before")
    return PageStart(start, limit, True)


def answer(
    key: bytes,
    caller: str,
    search: Search,
    place: PageStart,
    results: list[dict[str, str]],
    end: int | None,
) -> dict[str, Any]:
    """Give the answer of a search, whose next page begins at `end`; None if there is none."""
    if end is None and not place.is_paged:
        return {"results": results}
    token = "" if end is None else _token(key, caller, search, end, place.limit)
    return {"page": {"next_token": token, "count": len(results)}, "results": results}


def _token(key: bytes, caller: str, search: Search, start: int, limit: int) -> str:
    numbers = start.to_bytes(_BYTES, "big") + limit.to_bytes(_BYTES, "big")
    return base64.urlsafe_b64encode(numbers + _tag(key, caller, search, numbers)).decode("ascii")


def _opened(key: bytes, caller: str, search: Search, token: str) -> tuple[int, int]:
    try:
        content = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        content = b""
    numbers, tag = content[: 2 * _BYTES], content[2 * _BYTES :]
    if len(tag) != _TAG or not hmac.compare_digest(tag, _tag(key, caller, search, numbers)):
        raise BadRequest("`page.token` was not given for this search")
    return int.from_bytes(numbers[:_BYTES], "big"), int.from_bytes(numbers[_BYTES:], "big")


def _tag(key: bytes, caller: str, search: Search, numbers: bytes) -> bytes:
    # Not the canonical form: a request may hold a number that is too large, which is read as infinite.
    asked = json.dumps([caller, search.kind, search.request], sort_keys=True)
    return hmac.digest(key, b"page" + numbers + asked.encode("ascii"), "sha256")[:_TAG]
