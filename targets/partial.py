"""For platforms that can say a part of a policy: what is lost of a rule, and how that is accounted for.

A target asks of each rule what its platform cannot say, and keeps it as a `Loss`. An allow is narrowed or
left out by it, a forbid is widened; never the other way. `account` makes the ledger's entry of what was
lost, and `warning` says it aloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ..compiler.ir import nodes as ir
from ..compiler.ir.printing.conditions import evidence_word
from ..compiler.ir.type_words import in_words
from ..compiler.ir.walk import NOW
from ..compiler.report.diagnostics import Diagnostic, Label, at
from ..compiler.report.source import Span
from ..compiler.structs import Struct
from ..compiler.text.field_names import dotted
from .abilities import Abilities, Ability, Cannot, Part
from .emission import Emission, Enforcement, LedgerEntry

T = TypeVar("T")

AUDIT = "audit"
"""The obligation that the platform's own trail meets, and no part of the decision."""


class Unsayable(Exception):
    """Something that a platform cannot say; the reason is one that a person can act on."""

    def __init__(self, reason: str) -> None:
        """Keep the reason: a phrase that the ledger quotes."""
        super().__init__(reason)
        self.reason = reason


class Loss(Struct):
    """What a platform cannot say, and where that stands in the policy."""

    reason: str
    span: Span | None = None


class Platform(Struct):
    """What the ledger and the warnings call a platform, and what it can say, which the kit reads."""

    name: str
    can: Abilities
    elsewhere: str
    stricter: str = "permits less on {} than the policy does"
    wider: str = "forbids more on {} than the policy does"


# --- What is lost ---------------------------------------------------------------------------------


def clauses_of(rule: ir.Allow) -> Iterator[tuple[Part, str, Span | None]]:
    """The clauses of an allow beside its conditions, with what each names."""
    for each in rule.requirements:
        yield "evidence", evidence_word(each), each.span
    if rule.validity is not None:
        yield "valid", "", None
    if rule.window is not None:
        yield "during", "", None
    yield from (("obligations", each.name, None) for each in duties_of(rule))


def unsaid_clauses(rule: ir.Rule, platform: Platform) -> Iterator[Loss]:
    """The clauses of a rule that a platform cannot say: of a forbid its window, and the evidence that would lift it."""
    if isinstance(rule, ir.Forbid):
        during = platform.can["during"]
        if rule.window is not None and isinstance(during, Cannot):
            yield Loss(during.reason.format(""))
        evidence = platform.can["evidence"]
        if isinstance(evidence, Cannot):
            yield from (Loss(evidence.beside, each.span) for each in rule.unless_evidence)
        return
    for part, what, span in clauses_of(rule):
        ability = platform.can[part]
        if isinstance(ability, Cannot):
            yield Loss(ability.reason.format(what), span)


def see(attribute: ir.Attribute, platform: Platform) -> Ability:
    """How conditions on an attribute are said. Raises `Unsayable` where the platform does not see it."""
    ability = platform.can.of_attribute(attribute.root, attribute.path)
    if ir.has_form(attribute.type):
        raise Unsayable(f"{platform.name} reads no {in_words(ir.whole_type(attribute.type))}")
    if isinstance(ability, Cannot):
        raise Unsayable(ability.reason.format(dotted(attribute.root, attribute.path)))
    return ability


def conditions_of(rule: ir.Rule) -> Iterator[tuple[ir.Condition, bool]]:
    """What a rule asks, and as which of true and false it wants it.

    An allow applies where each is definitely so, a forbid unless one is definitely not so.
    """
    if rule.condition is not None:
        yield rule.condition, True
    if isinstance(rule, ir.Allow):
        yield from ((each, False) for each in rule.revoke)
    elif rule.unless is not None:
        yield rule.unless, False


def validity_of(rule: ir.Allow) -> Iterator[ir.Condition]:
    """The absolute window of an allow, as conditions on the clock."""
    if rule.validity is not None:
        if rule.validity.start:
            yield ir.Compare(">=", NOW, ir.Constant(ir.TIME, rule.validity.start))
        if rule.validity.end:
            yield ir.Compare("<", NOW, ir.Constant(ir.TIME, rule.validity.end))


def duties_of(rule: ir.Allow) -> Iterator[ir.Obligation]:
    """The obligations of an allow that no platform's own trail meets."""
    return (each for each in rule.obligations if each.name != AUDIT)


def obliging(allows: Iterable[ir.Allow]) -> tuple[ir.Allow, ...]:
    """The allows that have such obligations."""
    return tuple(each for each in allows if any(duties_of(each)))


def obliging_too(
    rule: ir.Allow,
    capabilities: Iterable[str],
    others: Iterable[ir.Allow],
    policy: ir.Policy,
    platform: Platform,
) -> Iterator[tuple[ir.Allow, Loss]]:
    """Allows, but for their agents, whose obligations may add to what one permits, and what is lost so."""
    ability = platform.can["obligations"]
    if not isinstance(ability, Cannot):
        return
    asked = set(capabilities)
    for other in others:
        if (
            other is not rule
            and ir.overlap(rule.intents, other.intents)
            and not asked.isdisjoint(policy.expand(other.capabilities))
        ):
            yield other, Loss(ability.beside.format(other.id))


# --- The ledger and the warnings ------------------------------------------------------------------


def account(
    rule: ir.Rule,
    losses: Iterable[Loss],
    *,
    reasons: tuple[str, ...] | None = None,
    is_left_out: bool = False,
    idle: tuple[str, ...] = (),
) -> LedgerEntry:
    """The ledger's entry of a rule. A forbid that loses something is stricter, and never left out.

    `reasons` are those of the losses, unless they are given in other words or there are more.
    """
    losses = tuple(losses)
    reasons = unique(each.reason for each in losses) if reasons is None else reasons
    span = next((each.span for each in losses if each.span is not None), rule.span)
    is_allow = isinstance(rule, ir.Allow)
    how: Enforcement = "exact"
    if reasons:
        how = "elsewhere" if is_left_out and is_allow else "stricter"
    return LedgerEntry(rule.id, how, reasons, span, () if is_allow and reasons else idle)


def warning(
    rule: ir.Rule, entry: LedgerEntry, platform: Platform, code: str = "", said: str = ""
) -> Iterator[Diagnostic]:
    """Say aloud what the ledger says of one rule, unless it is exact."""
    if entry.enforcement == "exact":
        return
    left_out = entry.enforcement == "elsewhere"
    kept = platform.stricter if isinstance(rule, ir.Allow) else platform.wider
    words = said or (platform.elsewhere if left_out else kept).format(platform.name)
    span = entry.span or rule.span
    yield Diagnostic(
        code or ("AGP5004" if left_out else "AGP5003"),
        f"`{rule.id}` {words}",
        (Label(span), *(() if span == rule.span else (Label(rule.span, "this rule"),))),
        notes=entry.reasons,
    )


def unaudited(rule: ir.Rule, entry: LedgerEntry, who: str, help: str) -> Iterator[Diagnostic]:
    """Remind of an audit that the platform leaves to its operator."""
    if (
        isinstance(rule, ir.Allow)
        and entry.enforcement != "elsewhere"
        and any(each.name == AUDIT for each in rule.obligations)
    ):
        message = f"`{rule.id}` is to be audited, which {who} does not see to"
        yield at("AGP5008", rule.span, message, help=help)


# --- Bindings -------------------------------------------------------------------------------------


def binding_of(policy: ir.Policy, target: str) -> ir.Binding | None:
    """What a policy says of a platform, if it says anything."""
    return next((each for each in policy.bindings if each.target == target), None)


def unbound(
    policy: ir.Policy, target: str, name: str, location: str, action: str, identity: str
) -> Emission:
    """Nothing, for a policy that does not bind a platform; advice shows a block to start from.

    The block has the policy's first resource, at a location, and its first agent.
    """
    lines = [f"bind {target} {{"]
    for resource in policy.resources[:1]:
        lines.append(f"    resource {_last(resource.name)} {location} {{")
        lines += [f"        {each.name} = {action}" for each in resource.actions[:3]]
        lines.append("    }")
    lines += [f"    agent {_last(each.name)} {identity}" for each in policy.agents[:1]]
    message = f"the policy has no `bind {target}`, so that nothing of it can be said to {name}"
    help = "\n".join(("begin with a block like this one:", *lines, "}"))
    return Emission({}, (), (Diagnostic("AGP5006", message, help=help),), unbound=True)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def unique(values: Iterable[T]) -> tuple[T, ...]:
    """Without what stood before, in order."""
    return tuple(dict.fromkeys(values))
