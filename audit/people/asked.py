"""Of whom a call asks something, and who may answer: nobody for whom the agents above act, however their name is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never
from unicodedata import normalize

from ...runtime.call import fields_of
from ..reading.requests import links_of, named_by, objects_of, user_of

if TYPE_CHECKING:
    from ...compiler.ir import nodes as ir


def people_above(
    request: dict[str, Any], known: Callable[[str], tuple[Any, Any] | None]
) -> tuple[list[Any], bool]:
    """Give the users of the tasks of the agents above, but for the user of the task itself; and whether all tasks are known.

    `known` gives the agent of a task and its user.
    """
    own = user_of(request)
    found, are_known = [], True
    for agent, id in map(named_by, links_of(request)):
        task = known(id) if type(id) is str else None
        are_known = are_known and task is not None
        if task is not None and task[0] == agent:
            user = fields_of(task[1]).get("id")
            if user is not None and user != own:
                found.append(user)
    return list(dict.fromkeys(found)), are_known


def confirms(body: dict[str, Any], request: dict[str, Any]) -> Any:
    """Give the user who is asked to confirm a call; None if nobody is."""
    answer = fields_of(fields_of(body.get("answer")).get("context"))
    kinds = [each.get("type") for each in objects_of(answer.get("requirements"))]
    return user_of(request) if "confirmation" in kinds else None


def asks(policy: ir.Policy, capability: str, body: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether any rule about a capability asks something that this person may give."""
    from ...compiler.ir import nodes as ir
    from ...compiler.ir.walk import evidence_of_rule

    by, own = body["by"], {body["by"], *body["roles"]}
    is_other = not is_one_of(by, [asked["user"], *asked["above"]])
    for rule in policy.rules_about.get(capability, ()):
        for each in evidence_of_rule(rule):
            match each:
                case ir.Confirmation():
                    is_asked = by == asked["user"]
                case ir.Approval(names):
                    is_asked = is_other and not own.isdisjoint(names)
                case ir.StepUp():
                    is_asked = False
                case _:
                    assert_never(each)
            if is_asked:
                return True
    return False


def is_one_of(name: str, others: list[Any]) -> bool:
    """Whether a name is taken for one of others."""
    return any(type(each) is str and folded(each) == folded(name) for each in others)


def folded(name: str) -> str:
    """What a name has in common with others that are taken for it."""
    text = normalize("NFKC", normalize("NFKC", normalize("NFD", name)).casefold())
    return normalize("NFKC", text.casefold())
