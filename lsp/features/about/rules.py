"""What a rule does, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ....compiler.ir import nodes as ir
from ....compiler.ir.printing.conditions import (
    condition_text,
    duration_text,
    is_name,
    name_text,
    window_text,
)
from ....compiler.ir.printing.rules import capability_text, obligation_text
from ....compiler.lowering.names.controls import Catalogue
from ....compiler.text.counted import counted
from ...markup import Block, Code, Item, Items, Line, Piece, Strong, codes, item, listed, said
from ..days import left_in_words

MOST_ALLOWS = 12  # of a grant, that are told one by one


def about_rules(
    rules: list[ir.Rule], package: str, catalogue: Catalogue, now: float
) -> Iterator[Block]:
    """What the rules of one grant do, or one allow, or a forbid."""
    first = rules[0]
    if isinstance(first, ir.Forbid):
        yield said(Strong("Closes"), " ", *_calls(first, package), ", whatever is granted.")
        yield Items((*_of_forbid(first, package), *answering(first, catalogue)))
        return
    allows = [each for each in rules if isinstance(each, ir.Allow)]
    if len(allows) == 1:
        yield said(Strong("Opens"), " ", *_calls(first, package), ".")
        yield Items(
            (*_own(first, package), *_shared(first, package, now), *answering(first, catalogue))
        )
        return
    yield said(
        Strong("Opens"), " to ", *_agents(first, package), ", for ", *_intents(first, package), ":"
    )
    opened = [
        item(*_capabilities(each.capabilities, package), below=_own(each, package))
        for each in allows[:MOST_ALLOWS]
    ]
    if len(allows) > MOST_ALLOWS:
        opened.append(item(f"and {len(allows) - MOST_ALLOWS} more"))
    yield Items(tuple(opened))
    shared = (*_shared(first, package, now), *answering(first, catalogue))
    if shared:
        yield said("For all of them:")
        yield Items(shared)


def _calls(rule: ir.Rule, package: str) -> Line:
    what = _capabilities(rule.capabilities, package)
    return (*what, " to ", *_agents(rule, package), ", for ", *_intents(rule, package))


def _agents(rule: ir.Rule, package: str) -> Line:
    return _names(rule.agents, package, "agent")


def _intents(rule: ir.Rule, package: str) -> Line:
    return _names(rule.intents, package, "intent")


def _names(names: ir.Names, package: str, what: str) -> Line:
    match names:
        case ir.Unnamed.ANYONE:
            return (f"any {what}, declared or not",)
        case ir.Unnamed.DECLARED:
            return (f"any declared {what}",)
        case _:
            return codes(short(each, package) for each in names)


def _capabilities(capabilities: tuple[str, ...], package: str) -> Line:
    if capabilities == ("any",):
        return ("every call",)
    return codes(short_capability(each, package) for each in capabilities)


def _own(allow: ir.Allow, package: str) -> Iterator[Item]:
    """What belongs to one allow."""
    if allow.condition is not None:
        yield item("when ", Code(condition_text(allow.condition, package)))
    for each in allow.requirements:
        yield item("needs ", *requirement_in_words(each))


def _shared(allow: ir.Allow, package: str, now: float) -> Iterator[Item]:
    """What all allows of a grant have in common."""
    for condition in allow.revoke:
        yield item(
            "is taken back unless it is false that ", Code(condition_text(condition, package))
        )
    if allow.credential is not None:
        yield item(*credential_in_words(allow.credential))
    else:
        yield item("no credential is issued for it")
    if allow.validity is not None:
        yield item(*validity_in_words(allow.validity, now))
    else:
        yield item("never ends by itself")
    if allow.window is not None:
        yield item("only ", Code(window_text(allow.window)))
    for each in allow.obligations:
        yield item("obliges to ", Code(obligation_text(each).removeprefix("oblige ")))


def _of_forbid(forbid: ir.Forbid, package: str) -> Iterator[Item]:
    if forbid.condition is not None:
        text = condition_text(forbid.condition, package)
        yield item("when ", Code(text), ", and also where that is unknown")
    if forbid.window is not None:
        yield item("only ", Code(window_text(forbid.window)))
    if forbid.unless is not None:
        yield item("unless ", Code(condition_text(forbid.unless, package)))
    if forbid.unless_evidence:
        needs = (requirement_in_words(each) for each in forbid.unless_evidence)
        pieces: list[Piece] = []
        for each in needs:
            pieces += [" and ", *each] if pieces else each
        yield item("unless there is ", *pieces)
    if forbid.because is not None:
        yield item("because: ", forbid.because)


def answering(thing: ir.Rule | ir.Package, catalogue: Catalogue) -> Iterator[Item]:
    """Who answers for a rule or a package, and what it gives evidence for."""
    if thing.owner is None:
        yield item("nobody answers for it")
    else:
        yield item("answered for by ", thing.owner.name, " (", thing.owner.contact, ")")
    for each in thing.controls:
        yield item("evidence for ", Code(each), ": ", catalogue.titles.get(each, "unknown"))


# --- Parts ----------------------------------------------------------------------------------------


def requirement_in_words(requirement: ir.Requirement) -> Line:
    """What has to be shown."""
    match requirement:
        case ir.Approval(by, count, within, per_task):
            who = listed((Code(each) for each in by), " or ")
            many = "an approval" if count == 1 else f"approvals by {count} different people"
            word = "" if count == 1 else ", each"
            what = "of the capability in this task" if per_task else "of this exact call"
            return (f"{many} {what}{word} by ", *who, _age(within))
        case ir.StepUp(method, within):
            return ("a step-up by ", Code(method), _age(within))
        case ir.Confirmation(within):
            return (f"the user's own confirmation of this exact call{_age(within)}",)
        case _:
            assert_never(requirement)


def _age(within: int | None) -> str:
    return "" if within is None else f", at most {duration_text(within)} old"


def credential_in_words(credential: ir.Credential) -> Line:
    """How long what is issued lives."""
    renewed = f", renewed {counted(credential.renew, 'time')} at most" if credential.renew else ""
    whole = duration_text(credential.ttl * (credential.renew + 1))
    total = f": {whole} in all" if credential.renew else ""
    return ("a credential lives ", Code(duration_text(credential.ttl)), f"{renewed}{total}")


def validity_in_words(validity: ir.Validity, now: float) -> Line:
    """When it holds, and how long that still is."""
    pieces: list[Piece] = ["holds"]
    if validity.start is not None:
        pieces += [" from ", Code(validity.start)]
    if validity.end is not None:
        pieces += [" until ", Code(validity.end), f" ({left_in_words(validity.end, now)})"]
    return tuple(pieces)


def short(name: str, package: str) -> str:
    """A name as a package writes it."""
    return name_text(name, package) if is_name(name) else name


def short_capability(capability: str, package: str) -> str:
    """A capability as a package writes it."""
    try:
        return capability_text(capability, package)
    except ValueError:  # an odd name: in full
        return capability


def rules_of(policy: ir.Policy, name: str) -> list[ir.Rule]:
    """The rules of a grant, an allow or a forbid, by its qualified name."""
    below = f"{name}."
    exact: list[ir.Rule] = [each for each in policy.rules if each.id == name]
    return exact or [each for each in policy.allows if each.id.startswith(below)]
