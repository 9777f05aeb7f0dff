"""How often rules may ask people: the capabilities of which no count of what was asked ever stops the questions."""

from __future__ import annotations

from collections.abc import Iterator

from ..ir import nodes as ir
from ..ir.definite import MIRRORED, comparison
from ..ir.walk import Leaf, evidence_of_rule
from ..report.diagnostics import Diagnostic, Label
from .demands import demands, meter_read
from .wording import listed

ADVICE = "count the questions, `meter questions = count of asked CAPS per task`, and let `revoke when questions.before >= 3` or a forbid end them"


def unbounded(policy: ir.Policy, rule: ir.Rule) -> tuple[str, ...]:
    """The capabilities of which a rule may ask people again and again, sorted.

    What bounds a forbid that asks is a wall, or each allow that opens the call: where none applies nobody is asked.
    """
    return tuple(
        capability
        for capability in policy.expand(rule.capabilities)
        if not _is_bounded(policy, rule, capability)
    )


def _is_bounded(policy: ir.Policy, rule: ir.Rule, capability: str) -> bool:
    about = policy.rules_about.get(capability, ())
    if any(_is_wall_for(policy, each, rule, capability) for each in about):
        return True
    if isinstance(rule, ir.Allow):
        return _counts(policy, rule, capability)
    allows = [
        each
        for each in about
        if isinstance(each, ir.Allow)
        and ir.overlap(each.agents, rule.agents)
        and ir.overlap(each.intents, rule.intents)
    ]
    return all(_counts(policy, each, capability) for each in allows)


def _is_wall_for(policy: ir.Policy, wall: ir.Rule, rule: ir.Rule, capability: str) -> bool:
    """Whether a forbid that nobody lifts by evidence ends what a rule asks, for all whom that is about."""
    return (
        isinstance(wall, ir.Forbid)
        and not wall.unless_evidence
        and _holds(rule.agents, wall.agents)
        and _holds(rule.intents, wall.intents)
        and _counts(policy, wall, capability)
    )


def _holds(some: ir.Names, more: ir.Names) -> bool:
    """Whether names are all among others; of families this looks at no member."""
    if more is ir.ANYONE or some == more:
        return True
    return (
        not isinstance(some, ir.Unnamed)
        and not isinstance(more, ir.Unnamed)
        and set(some) <= set(more)
    )


def _counts(policy: ir.Policy, rule: ir.Rule, capability: str) -> bool:
    """Whether a rule ends what it opens once a meter of what was asked is large enough."""
    return any(_is_bound(policy, leaf, wanted, capability) for leaf, wanted in demands(rule))


def _is_bound(policy: ir.Policy, leaf: Leaf, wanted: bool, capability: str) -> bool:
    if not isinstance(leaf, ir.Compare):
        return False
    left, sign, right = comparison(leaf, wanted)
    return any(
        read is not None
        and read[0].counted == "asked"
        and capability in read[0].capabilities
        and direction in ("<", "<=", "==")
        for read, direction in (
            (meter_read(policy, left), sign),
            (meter_read(policy, right), MIRRORED[sign]),
        )
    )


def asking(policy: ir.Policy, rules: tuple[ir.Rule, ...], code: str) -> Iterator[Diagnostic]:
    """Report the rules that ask people again and again, and of which calls."""
    for rule in rules:
        if evidence_of_rule(rule) and (capabilities := unbounded(policy, rule)):
            yield Diagnostic(
                code,
                f"nothing ends how often `{rule.id}` asks people",
                (Label(rule.span, f"asked for {listed([f'`{each}`' for each in capabilities])}"),),
                ADVICE,
            )
