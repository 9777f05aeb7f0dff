"""The rules of a policy that mean something else than they did in another one."""

from __future__ import annotations

from dataclasses import replace

from ..analysis.diff.changes import compare
from ..analysis.diff.joint.sides import Joined
from ..ir import nodes as ir


def changed_rules(base: ir.Policy, head: ir.Policy) -> set[str]:
    """The identities of rules that are new, or decide otherwise than the rule of their name did.

    What could not be determined has changed. A rule is compared by itself, so that it is among them also
    where other rules leave nothing of the change.
    """
    before = {rule.id: rule for rule in base.rules}
    found: set[str] = set()
    for part in Joined(base, head).parts.values():
        rule = part.of.get("head")
        if part.is_shared or rule is None or rule.id in found:
            continue
        old = before.get(rule.id)
        if old is None or not _means_the_same(base, old, head, rule):
            found.add(rule.id)
    return found


def _means_the_same(base: ir.Policy, old: ir.Rule, head: ir.Policy, new: ir.Rule) -> bool:
    if type(old) is not type(new):
        return False
    difference = compare(_alone(base, old), _alone(head, new))
    return difference.verdict == "equivalent"


def _alone(policy: ir.Policy, rule: ir.Rule) -> ir.Policy:
    """A policy of one rule; beside a forbid everything is open that it could close."""
    if isinstance(rule, ir.Allow):
        return replace(policy, allows=(rule,), forbids=(), tests=())
    opens = ir.Allow(
        id="everything",
        agents=ir.DECLARED,
        intents=ir.DECLARED,
        capabilities=policy.expand(rule.capabilities),
        condition=None,
        requirements=(),
        revoke=(),
        credential=None,
        validity=None,
        window=None,
        obligations=(),
        owner=None,
        controls=(),
        span=rule.span,
    )
    return replace(policy, allows=(opens,), forbids=(rule,), tests=())
