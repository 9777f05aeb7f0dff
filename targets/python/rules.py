"""Rules and vocabulary of the IR in the form that the evaluator takes.

The generated package is these objects written out, and the in-memory form is these objects.
"""

from __future__ import annotations

from typing import assert_never

from ...compiler.ir import nodes as ir
from ...compiler.ir.arguments import names_of
from ...runtime import evidence, rules, windows
from ...runtime.arguments import Arguments


def vocabulary_of(policy: ir.Policy) -> rules.Vocabulary:
    """Give what a policy declares, as far as decisions need it."""
    owners = {package.name: package.owner for package in reversed(policy.packages)}
    found = {each.name: owners.get(each.name.rpartition(".")[0]) for each in policy.resources}
    return rules.Vocabulary(
        agents=policy.identities,
        intents=tuple(sorted(each.name for each in policy.intents)),
        resources={
            each.name: tuple(action.name for action in each.actions) for each in policy.resources
        },
        owners={
            name: rules.Owner(owner.name, owner.contact)
            for name, owner in found.items()
            if owner is not None
        },
        user_declared=policy.user is not None,
        tools=policy.tools_called,
        arguments={
            capability: Arguments(names_of(action.parameters), action.is_open)
            for capability, action in sorted(policy.declared_actions.items())
            if action.parameters or action.is_open
        },
        delegations=tuple(
            (each.delegator, each.intent, each.delegate, each.delegate_intent)
            for each in policy.delegations
        ),
    )


def rule_of(rule: ir.Rule) -> rules.Allow | rules.Forbid:
    """Give a rule without its test: `applies` is None until the caller sets it."""
    owner = None if rule.owner is None else rules.Owner(rule.owner.name, rule.owner.contact)
    if isinstance(rule, ir.Forbid):
        return rules.Forbid(
            id=rule.id,
            source=str(rule.span),
            capabilities=rule.capabilities,
            agents=ir.named(rule.agents),
            intents=ir.named(rule.intents),
            window=_window(rule.window),
            unless_evidence=_requirements(rule.unless_evidence),
            because=rule.because,
            owner=owner,
        )
    return rules.Allow(
        id=rule.id,
        source=str(rule.span),
        capabilities=rule.capabilities,
        agents=ir.named(rule.agents),
        intents=ir.named(rule.intents),
        validity=_validity(rule.validity),
        window=_window(rule.window),
        requirements=_requirements(rule.requirements),
        obligations=tuple((each.name, each.properties) for each in rule.obligations),
        credential=None
        if rule.credential is None
        else (rule.credential.ttl, rule.credential.renew),
        owner=owner,
        is_first_start=rule.is_first_start,
    )


def _requirements(requirements: tuple[ir.Requirement, ...]) -> tuple[evidence.Requirement, ...]:
    return tuple(map(_requirement, requirements))


def _requirement(requirement: ir.Requirement) -> evidence.Requirement:
    match requirement:
        case ir.StepUp(method, within):
            return evidence.StepUp(method, within)
        case ir.Confirmation(within):
            return evidence.Confirmation(within)
        case ir.Approval(by, count, within, per_task):
            return evidence.Approval(by, count, within, per_task)
        case _:
            assert_never(requirement)


def _validity(validity: ir.Validity | None) -> windows.Validity | None:
    if validity is None:
        return None
    return windows.Validity(validity.start, validity.end)


def _window(window: ir.Window | None) -> windows.Window | None:
    if window is None:
        return None
    return windows.Window(window.days, window.start, window.end, window.zone)
