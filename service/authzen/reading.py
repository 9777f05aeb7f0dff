"""What AuthZEN requires of a request, and nothing beyond: what is not required and is malformed is unknown to the policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

Semantic: TypeAlias = Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"]
Kind: TypeAlias = Literal["subject", "resource", "action"]

EXECUTE_ALL: Final = "execute_all"
SEMANTICS: tuple[Semantic, ...] = get_args(Semantic)
MEMBERS: tuple[str, ...] = ("subject", "action", "resource", "context")
_NAMES: dict[str, tuple[str, ...]] = {
    "subject": ("type", "id"),
    "action": ("name",),
    "resource": ("type", "id"),
}


class BadRequest(ValueError):
    """A request is none, by AuthZEN; the message says why, and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Several evaluations, each with the defaults filled in; or why one of them is none."""

    items: tuple[dict[str, Any] | str, ...]
    semantic: Semantic


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the results is asked for; None stands for what was not said."""

    token: str | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """A search: what is known of the request, with the type alone of what is looked for, and the page if one was asked for."""

    kind: Kind
    request: dict[str, Any]
    page: Page | None


def read_evaluation(data: object) -> dict[str, Any]:
    """Give the members of an evaluation that mean something. Raises `BadRequest`."""
    members = _object(data)
    problem = problem_of(members)
    if problem is not None:
        raise BadRequest(problem)
    return {name: members[name] for name in MEMBERS if name in members}


def problem_of(members: dict[str, Any]) -> str | None:
    """Say what AuthZEN requires and these members lack; None if it is nothing."""
    for member, names in _NAMES.items():
        problem = _lacking(members, member, names)
        if problem is not None:
            return problem
    return None


def read_batch(data: object, most: int) -> Batch | None:
    """Read several evaluations; None where there are none, so that it is a single one. Raises `BadRequest`.

    A default is replaced as a whole. An item that is none keeps its place.
    """
    members = _object(data)
    items = members.get("evaluations")
    if items is None or items == []:
        return None
    if type(items) is not list:
        raise BadRequest("`evaluations` is not an array")
    if len(items) > most:
        raise BadRequest(f"`evaluations` has more than {most} items")
    for name in _NAMES:
        if name in members and type(members[name]) is not dict:
            raise BadRequest(f"`{name}` is not an object")
    defaults = {name: members[name] for name in MEMBERS if name in members}
    return Batch(tuple(_item(each, defaults) for each in items), _semantic(members.get("options")))


def _item(item: object, defaults: dict[str, Any]) -> dict[str, Any] | str:
    if type(item) is not dict:
        return "the evaluation is not an object"
    whole = {**defaults, **{name: item[name] for name in MEMBERS if name in item}}
    problem = problem_of(whole)
    return whole if problem is None else problem


def _semantic(options: object) -> Semantic:
    if options is None:
        return EXECUTE_ALL
    if type(options) is not dict:
        raise BadRequest("`options` is not an object")
    asked = options.get("evaluations_semantic", EXECUTE_ALL)
    for semantic in SEMANTICS:
        if asked == semantic:
            return semantic
    raise BadRequest(f"`evaluations_semantic` is none of {', '.join(SEMANTICS)}")


def read_search(kind: Kind, data: object) -> Search:
    """Read a search. The id of what is looked for is ignored, and so is an action that is looked for. Raises `BadRequest`."""
    members = _object(data)
    request = {name: members[name] for name in MEMBERS if name in members and name != kind}
    for member, names in _NAMES.items():
        if member == kind:
            names = tuple(name for name in names if name == "type")
        problem = _lacking(members, member, names) if names else None
        if problem is not None:
            raise BadRequest(problem)
    if kind != "action":
        request[kind] = {"type": members[kind]["type"]}
    return Search(kind, request, _page(members.get("page")))


def _page(page: object) -> Page | None:
    if page is None:
        return None
    if type(page) is not dict:
        raise BadRequest("`page` is not an object")
    token, limit = page.get("token"), page.get("limit")
    if token is not None and type(token) is not str:
        raise BadRequest("`page.token` is not a string")
    if limit is not None and (type(limit) is not int or limit < 0):
        raise BadRequest("`page.limit` is not a whole number from 0 on")
    return Page(token or None, limit)


def _object(data: object) -> dict[str, Any]:
    if type(data) is not dict:
        raise BadRequest("the body is not an object")
    return data


def _lacking(members: dict[str, Any], member: str, names: tuple[str, ...]) -> str | None:
    holder = members.get(member)
    if type(holder) is not dict:
        return f"`{member}` is {'not an object' if member in members else 'missing'}"
    for name in names:
        if type(holder.get(name)) is not str:
            return f"`{member}.{name}` is {'not a string' if name in holder else 'missing'}"
    return None
