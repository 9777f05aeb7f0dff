"""Rules and vocabulary of the IR as the library's objects, written out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.arguments import Names, names_of
from ...runtime.values import read_time
from ..code.literals import Code
from .literals import literal, nanoseconds, new


def vocabulary_of(policy: ir.Policy) -> str:
    """Write what a policy declares, as far as decisions need it."""
    owners = {package.name: package.owner for package in reversed(policy.packages)}
    found = {each.name: owners.get(each.name.rpartition(".")[0]) for each in policy.resources}
    return literal(
        {
            "agents": [(name, *of) for name, of in policy.identities.items()],
            "intents": sorted(each.name for each in policy.intents),
            "resources": [
                (each.name, [action.name for action in each.actions]) for each in policy.resources
            ],
            "owners": [(name, _owner(owner)) for name, owner in found.items() if owner],
            "userDeclared": policy.user is not None,
            "tools": policy.tools_called,
            "delegations": [
                (each.delegator, each.intent, each.delegate, each.delegate_intent)
                for each in policy.delegations
            ],
            "arguments": [
                (each.name, action.name, _pairs(names_of(action.parameters)), action.is_open)
                for each in policy.resources
                for action in each.actions
                if action.parameters or action.is_open
            ],
        }
    )


def _pairs(names: Names) -> list[tuple[str, object]]:
    """Write names as pairs, of which an object would lose those that its prototype has."""
    return [(name, None if inner is None else _pairs(inner)) for name, inner in names.items()]


def rule_of(rule: ir.Rule, function: str | None, binding: str | None) -> str:
    """Write a rule, whose tests have the names of functions; fields with default values are left out."""
    fields: dict[str, object] = {
        "id": rule.id,
        "capabilities": rule.capabilities,
        "agents": ir.named(rule.agents),
        "intents": ir.named(rule.intents),
        "applies": None if function is None else Code(function),
    }
    if isinstance(rule, ir.Forbid):
        fields["window"] = _window(rule.window)
        fields["unlessEvidence"] = _requirements(rule.unless_evidence)
        fields["because"] = rule.because
    else:
        fields["isFirstStart"] = True if rule.is_first_start else None
        fields["binds"] = None if binding is None else Code(binding)
        fields["validity"] = _validity(rule.validity)
        fields["window"] = _window(rule.window)
        fields["requirements"] = _requirements(rule.requirements)
        fields["obligations"] = [(each.name, each.properties) for each in rule.obligations]
        if rule.credential is not None:
            fields["credential"] = (rule.credential.ttl, rule.credential.renew)
    if rule.owner is not None:
        fields["owner"] = _owner(rule.owner)
    given = {name: value for name, value in fields.items() if value is not None and value != []}
    kind = "Forbid" if isinstance(rule, ir.Forbid) else "Allow"
    return f"new {kind}({literal(given, indent=2)})"


def _owner(owner: ir.Owner) -> dict[str, str]:
    return {"name": owner.name, "contact": owner.contact}


def _requirements(requirements: Iterable[ir.Requirement]) -> list[Code]:
    return list(map(_requirement, requirements))


def _requirement(requirement: ir.Requirement) -> Code:
    match requirement:
        case ir.StepUp(method, within):
            return new("StepUp", (method, within))
        case ir.Confirmation(within):
            return new("Confirmation", (within,))
        case ir.Approval(by, count, within, per_task):
            return new("Approval", (by, count, within, per_task))
        case _:
            assert_never(requirement)


def _validity(validity: ir.Validity | None) -> Code | None:
    if validity is None:
        return None
    return new("Validity", (_time(validity.start), _time(validity.end)))


def _time(text: str | None) -> Code | None:
    """Write a moment; what is none is an error, not a rule that is always valid."""
    if text is None:
        return None
    found = read_time(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time")
    return nanoseconds(found)


def _window(window: ir.Window | None) -> Code | None:
    if window is None:
        return None
    return new("Window", (window.days, window.start, window.end, window.zone))
