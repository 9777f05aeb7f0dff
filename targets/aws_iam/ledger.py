"""How each rule is enforced, and the warnings that say so aloud."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...compiler.ir import nodes as ir
from ...compiler.ir.walk import attributes
from ...compiler.report.diagnostics import (
    Diagnostics,
    at,
)
from ...compiler.structs import Struct, field
from ..emission import LedgerEntry
from ..partial import Loss, account, unaudited, unique, warning
from .abilities import AWS
from .binding.facts import PlatformFacts
from .language.statement import Statement, may_share
from .limits import SHORTEST_SESSION
from .rules.statements import CapabilityPart

MOST_NAMED = 3
"""Capabilities that one reason names."""


class Ledger(Struct, frozen=False):
    """The entries so far, and what there is to say of them."""

    policy: ir.Policy
    facts: PlatformFacts
    diagnostics: Diagnostics
    entries: list[LedgerEntry] = field(default_factory=list)

    def fill(self, parts: Iterable[CapabilityPart]) -> None:
        """Say of every rule how its parts enforce it."""
        by_rule: dict[str, list[CapabilityPart]] = {}
        for part in parts:
            by_rule.setdefault(part.rule.id, []).append(part)
        for rule in self.policy.rules:
            self._judge(rule, by_rule.get(rule.id, []))

    def _judge(self, rule: ir.Rule, parts: list[CapabilityPart]) -> None:
        """Say how one rule is enforced."""
        losses = unique(loss for part in parts for loss in part.losses)
        unbound = self._unbound(rule) if isinstance(rule, ir.Allow) else []
        entry = account(
            rule,
            losses,
            reasons=unique((*reasons(parts), *unbound)),
            is_left_out=not any(part.statements or not part.losses for part in parts),
            idle=self._idle(rule, parts),
        )
        self.entries.append(entry)
        self._remind(rule, entry)
        about_nothing = not losses and entry.enforcement == "elsewhere"
        self.diagnostics.extend(
            warning(
                rule,
                entry,
                AWS,
                code="" if losses else "AGP5007",
                said="is about nothing on AWS" if about_nothing else "",
            )
        )

    def _idle(self, rule: ir.Rule, parts: Iterable[CapabilityPart]) -> tuple[str, ...]:
        """What of a rule has nothing to do: what is not bound, for one, cannot be called there."""
        then = "there is nothing to deny" if isinstance(rule, ir.Forbid) else "nothing is allowed"
        names = self.policy.expand(rule.capabilities)
        unbound = [each for each in names if each not in self.facts.places]
        if len(unbound) == len(names):
            return (f"it names nothing that is bound on AWS, so {then}",)
        if not parts:
            return (f"it is about no agent that has a role on AWS, so {then}",)
        found = []
        if isinstance(rule, ir.Forbid) and _reads_state(rule):
            found.append(
                "a session is taken to be of an active task, so what it says of `task.state` meets "
                "none: end the session with the task"
            )
        elif not any(part.statements or part.losses for part in parts):
            found.append(f"no request of an agent with a role can meet it, so {then}")
        if len(unbound) == 1:
            found.append(f"`{unbound[0]}` is not bound on AWS, so of it {then}")
        elif unbound:
            found.append(
                f"{len(unbound)} of the {len(names)} capabilities that it names are not bound on "
                f"AWS, so of them {then}"
            )
        return tuple(found)

    def _unbound(self, rule: ir.Allow) -> list[str]:
        """What of a rule is not on the platform at all."""
        names = self.policy.expand(rule.capabilities)
        reasons = [f"`{each}` is not bound" for each in names if each not in self.facts.places]
        bound = {agent.id for agent, _ in self.facts.roles}
        ids, patterns = self.policy.identify(rule.agents)
        agents = {agent.id: agent.name for agent in self.policy.agents}
        reasons += [f"`{agents.get(each, each)}` has no role" for each in ids if each not in bound]
        reasons += [f"other agents that match `{each}` have no role" for each in patterns]
        return reasons

    def _remind(self, rule: ir.Rule, entry: LedgerEntry) -> None:
        """Warn of what a rule asks for beside its decision, and IAM does not see to."""
        if isinstance(rule, ir.Forbid) or entry.enforcement == "elsewhere":
            return
        if rule.credential is not None and rule.credential.ttl < SHORTEST_SESSION:
            self.diagnostics.append(
                at(
                    "AGP5008",
                    rule.span,
                    f"`{rule.id}` gives credentials of {rule.credential.ttl} s, and a session of "
                    f"AWS lasts {SHORTEST_SESSION} s at least",
                    help="whoever issues the session has to end it in time",
                )
            )
        help = "have a CloudTrail trail record the data events of these resources"
        self.diagnostics.extend(unaudited(rule, entry, "IAM", help))


def reasons(parts: Iterable[CapabilityPart]) -> tuple[str, ...]:
    """Why something is lost, and of which capabilities where it is not of all."""
    lost: dict[str, dict[str, None]] = {}
    capabilities: dict[str, None] = {}
    for part in parts:
        capabilities[part.place.capability] = None
        for each in part.losses:
            lost.setdefault(each.reason, {})[part.place.capability] = None
    return tuple(
        reason if of.keys() == capabilities.keys() else f"{reason} (for {_listed([*of])})"
        for reason, of in lost.items()
    )


def _listed(capabilities: Sequence[str]) -> str:
    """Some capabilities by name, and how many more there are."""
    named = ", ".join(f"`{each}`" for each in capabilities[:MOST_NAMED])
    more = len(capabilities) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _reads_state(rule: ir.Forbid) -> bool:
    """Whether a forbid depends on the state of the task, which is decided while compiling."""
    return any(
        (attribute.root, attribute.path) == ("task", ("state",))
        for condition in (rule.condition, rule.unless)
        if condition is not None
        for attribute, _ in attributes(condition)
    )


def with_guards_of_others(parts: Iterable[CapabilityPart]) -> tuple[CapabilityPart, ...]:
    """Note where the deny that keeps odd paths out of one allow meets another allow as well."""
    parts = tuple(parts)
    guards = [(part.rule, each) for part in parts for each in part.statements if each.is_guard]

    def losses(part: CapabilityPart) -> tuple[Loss, ...]:
        mine = [each for each in part.statements if each.effect == "Deny"]
        return tuple(
            Loss(f"odd paths are denied to it too, since `{rule.id}` reads a path with `under`")
            for rule, guard in guards
            if rule is not part.rule
            and not any(_covers(other, guard) for other in mine)
            and any(each.effect == "Allow" and may_share(guard, each) for each in part.statements)
        )

    return tuple(
        CapabilityPart(
            part.rule, part.place, part.statements, unique((*part.losses, *losses(part)))
        )
        if isinstance(part.rule, ir.Allow)
        else part
        for part in parts
    )


def _covers(one: Statement, other: Statement) -> bool:
    """Whether a deny meets all that another one does, plainly."""
    return set(other.actions) <= set(one.actions) and set(other.resources) <= set(one.resources)
