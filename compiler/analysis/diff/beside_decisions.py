"""What changed beside decisions: promises that went, who answers, what is bound; and what may surprise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ...ir import nodes as ir
from ...ir.printing.expectations import expectation_text
from ...ir.printing.rules import constraint_text
from ...ir.spiffe import spiffe_matches
from ...structs import Struct
from ...text.counted import counted, first_of
from .joint.facts import actions, definitions
from .joint.naming import BEFORE, Statement
from .joint.sides import Joined
from .renames import renames

LISTED = 6
"""Names that a sentence has."""


class Also(Struct):
    """Something else that changed, in a sentence; `first` is what a reviewer has to see before all else."""

    kind: str
    text: str
    first: bool = False


def also(joined: Joined) -> tuple[Also, ...]:
    """All that changed beside decisions, what matters most first."""
    found = [
        *_delegations(joined),
        *_statements(joined),
        *_tests(joined.base, joined.head),
        *(Also(kind, text, first=True) for kind, text in (*definitions(joined), *actions(joined))),
        *_surprises(joined),
        *_renames(joined.base, joined.head),
        *_answering(joined.base, joined.head),
        *_bindings(joined.base, joined.head),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: not each.first))


# --- Promises -------------------------------------------------------------------------------------


def _statements(joined: Joined) -> Iterator[Also]:
    """What went or came: a statement is what it says of whom, by whatever names."""
    before = {joined.names.statement(each): constraint_text(each) for each in _said(joined.base)}
    after = {each: constraint_text(each) for each in _said(joined.head)}
    gone = {text for each, text in before.items() if each not in after}
    came = {text for each, text in after.items() if each not in before}
    for text in sorted(gone & came):
        yield Also("statement", f"`{text}` is about something else now", first=True)
    for text in sorted(gone - came):
        yield Also("statement", f"`{text}` is stated no more", first=True)
    for text in sorted(came - gone):
        yield Also("statement", f"`{text}` is stated now")


def changed_delegations(joined: Joined) -> Iterator[tuple[ir.Delegation, bool]]:
    """Each `delegate` that only one of the policies has, in the new names, and whether it came."""
    before = {joined.names.delegation(each) for each in joined.base.delegations}
    after = set(joined.head.delegations)
    for each in sorted(before ^ after, key=repr):
        yield each, each in after


def _delegations(joined: Joined) -> Iterator[Also]:
    told = [(_delegation_text(each), came) for each, came in changed_delegations(joined)]
    both = {text for text, _ in told if (text, True) in told and (text, False) in told}
    for text in sorted(both):
        now = "its chains are of other agents"
        yield Also("delegation", f"`{text}` is about something else now: {now}", first=True)
    for text, came in told:
        if text in both:
            continue
        now = "calls of its chains may be permitted now" if came else "its chains are denied now"
        verb = "came" if came else "went"
        yield Also("delegation", f"`{text}` {verb}: {now}", first=True)


def _delegation_text(delegation: ir.Delegation) -> str:
    """As the policy that has it says it: a name that is another thing's now is a name all the same."""
    delegator, delegate = (
        each.removesuffix(BEFORE) for each in (delegation.delegator, delegation.delegate)
    )
    return constraint_text(replace(delegation, delegator=delegator, delegate=delegate))


def _said(policy: ir.Policy) -> Iterable[Statement]:
    return (
        *policy.separations,
        *policy.isolations,
        *policy.containments,
        *policy.assertions,
    )


def _tests(base: ir.Policy, head: ir.Policy) -> Iterator[Also]:
    left = list(head.tests)
    gone = 0
    for test in base.tests:
        alike = [each for each in left if _situation(each) == _situation(test)]
        now = next((each for each in alike if each.name == test.name), next(iter(alike), None))
        if now is None:
            gone += 1
            continue
        left.remove(now)
        if (now.effect, now.terms) != (test.effect, test.terms):
            other = now.effect if now.terms == test.terms else _expected(now)
            was = test.effect if now.terms == test.terms else _expected(test)
            yield Also("test", f"the test `{now.name}` expects {other}, {was} before", first=True)
    if gone:
        yield Also("test", f"{counted(gone, 'test')} of before went or changed")
    if left:
        yield Also("test", f"{counted(len(left), 'test')} came")


def _situation(test: ir.Test) -> tuple[Any, ...]:
    """What a test says: not the facts of it, whose names and values are those of the meters and sources of its policy."""
    context = _without_facts(test.request["context"])
    if isinstance(chain := context.get("delegation"), list):
        context["delegation"] = [_without_facts(link) for link in chain]
    return {**test.request, "context": context}, test.record


def _without_facts(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in ("meters", "sources")}


def _expected(test: ir.Test) -> str:
    return f"`{expectation_text(test.effect, terms=test.terms)}`"


def _renames(base: ir.Policy, head: ir.Policy) -> Iterator[Also]:
    for what, old, new in renames(base, head):
        text = f"{what} `{new}` looks like a rename of `{old}`: requests carry the name, so both changed"
        yield Also("rename", text)


# --- Surprises ------------------------------------------------------------------------------------


def _surprises(joined: Joined) -> Iterator[Also]:
    base, head = joined.base, joined.head
    yield from _grown(joined)
    yield from _joined_families(base, head)
    yield from _reached(joined)
    if base.user is None and head.user is not None:
        text = "a `user` block appeared: approvals count only where a request names its user"
        yield Also("surprise", text, first=True)


def _grown(joined: Joined) -> Iterator[Also]:
    before = {each.name: each.members for each in (*joined.base.levels, *joined.base.enums)}
    for each in (*joined.head.levels, *joined.head.enums):
        more = [name for name in each.members if name not in before.get(each.name, each.members)]
        if more:
            text = (
                f"`{each.name}` has new members ({', '.join(more)}): what was unknown there, and so"
                " was forbidden by what could not be told, is a value now"
            )
            yield Also("surprise", text, first=True)


def _joined_families(base: ir.Policy, head: ir.Policy) -> Iterator[Also]:
    before = {each.id for each in base.agents}
    old = {each.name: each.patterns for each in base.families}
    for family in head.families:
        for agent in head.agents:
            is_member = any(spiffe_matches(each, agent.id) for each in family.patterns)
            was = agent.id in before and any(
                spiffe_matches(each, agent.id) for each in old.get(family.name, ())
            )
            if is_member and not was:
                text = f"`{family.name}` takes in `{agent.name}` now"
                yield Also("surprise", text, first=True)


def _reached(joined: Joined) -> Iterator[Also]:
    """Rules about everything, or all of a resource, that reach an action that is new."""
    new = {each for each in joined.head.capabilities if each not in joined.base.capabilities}
    old = {rule.id: rule.capabilities for rule in joined.base.rules}
    if not new:
        return
    for rule in joined.head.rules:
        for written in old.get(rule.id, ()):
            if written in rule.capabilities and (written == "any" or written.endswith(".*")):
                reached = sorted(new.intersection(joined.head.expand((written,))))
                if reached:
                    text = f"`{written}` in `{rule.id}` reaches {_listed(reached)} now"
                    yield Also("surprise", text, first=True)


# --- Who answers, and what is bound ---------------------------------------------------------------


def _answering(base: ir.Policy, head: ir.Policy) -> Iterator[Also]:
    old_packages = {each.name: each for each in base.packages}
    for package in head.packages:
        before = old_packages.get(package.name)
        if before is not None and before.owner != package.owner:
            yield Also("owner", f"`{package.name}` is answered for by {_owner(package.owner)} now")
        if before is not None and before.controls != package.controls:
            yield Also("controls", f"`{package.name}` names other controls")
    old = {rule.id: rule for rule in base.rules}
    changed: dict[str, list[str]] = {"owner": [], "controls": [], "because": []}
    for rule in head.rules:
        was = old.get(rule.id)
        if was is None or type(was) is not type(rule):
            continue
        for what, names in changed.items():
            if getattr(was, what, None) != getattr(rule, what, None):
                names.append(rule.id)
    words = {
        "owner": "is answered for by somebody else",
        "controls": "names other controls",
        "because": "gives another reason",
    }
    for what, names in changed.items():
        for name in names:
            yield Also(what, f"`{name}` {words[what]}")


def _owner(owner: ir.Owner | None) -> str:
    return "nobody" if owner is None else f"{owner.name} ({owner.contact})"


def _bindings(base: ir.Policy, head: ir.Policy) -> Iterator[Also]:
    before, after = ({each.target: each for each in policy.bindings} for policy in (base, head))
    for target in sorted({*before, *after}):
        if before.get(target) != after.get(target):
            how = "went" if target not in after else "came" if target not in before else "changed"
            yield Also("binding", f"what is bound on {target} {how}")


def _listed(names: list[str]) -> str:
    return first_of([f"`{each}`" for each in names], LISTED)
