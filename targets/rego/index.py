"""The tables that a bundle carries as data (`data.agpc.index`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...compiler.ir import nodes as ir
from ...compiler.ir.arguments import Names, names_of
from .scope import ScopeWriter


def index(policy: ir.Policy, scopes: ScopeWriter) -> dict[str, Any]:
    """Make the tables, as JSON data; they grow with the text of the policy."""
    owners = {each.name: each.owner for each in policy.packages}
    return {
        "arguments": {
            resource: {
                name: _arguments(policy.declared_actions[f"{resource}.{action}"])
                for name, action in sorted(called.items())
            }
            for resource, called in policy.actions_called.items()
        },
        "agents": dict.fromkeys(policy.identify()[0], True),
        "capabilities": {
            resource: {name: f"{resource}.{action}" for name, action in sorted(called.items())}
            for resource, called in policy.actions_called.items()
        },
        "has_user": policy.user is not None,
        "intents": {each.name: True for each in policy.intents},
        "lists": scopes.lists,
        "owners": {
            each.name: owner_data(owners.get(each.name.rpartition(".")[0]))
            for each in policy.resources
        },
    }


def _arguments(action: ir.Action) -> dict[str, Any]:
    """What an action may be called with: names, and those in records by the names on the way to each."""
    names = names_of(action.parameters)
    return {
        "names": dict.fromkeys(names, True),
        "open": action.is_open,
        "records": dict(_records((), names)),
    }


def _records(path: tuple[str, ...], names: Names) -> Iterator[tuple[str, dict[str, bool]]]:
    for name, inner in names.items():
        if inner is not None:
            way = (*path, name)
            yield "\n".join(way), dict.fromkeys(inner, True)
            yield from _records(way, inner)


def owner_data(owner: ir.Owner | None) -> dict[str, str] | None:
    """Give an owner as JSON data."""
    return None if owner is None else {"name": owner.name, "contact": owner.contact}
