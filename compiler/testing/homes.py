"""In which package a rule or a family stands, and what it is called there."""

from __future__ import annotations

from ..ir import nodes as ir
from ..ir.identities import place_of


def home_of(policy: ir.Policy, identity: str) -> str:
    """The package of the rule with this identity, or of the family with this name."""
    for rule in policy.allows:
        if rule.id == identity:
            return place_of(rule, policy.package_names)[0]
    return identity.rpartition(".")[0]


def name_at_home(policy: ir.Policy, identity: str) -> str:
    """A rule or a family as its own package calls it."""
    return identity.removeprefix(f"{home_of(policy, identity)}.")
