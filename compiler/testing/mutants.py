"""Mutants of a policy: the policy with one rule or one family of agents made weaker, or a `delegate` gone.

Without a `delegate` chains are denied, and who need not say for whom it acts may do more. A weaker allow is for more calls, asks for less or lives longer; a weaker forbid is for fewer calls, or is
gone. What no test can show is left as it is: owners, controls, `because`; and that an approval counts for the
whole task, as those of a test are for the call that it makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from ..ir import nodes as ir
from ..ir.printing.conditions import (
    duration_text,
    requirement_text,
    string_text,
    time_text,
    window_text,
)
from ..ir.printing.rules import constraint_text, obligation_text
from ..ir.spiffe import parted, without
from ..ir.times import DAYS
from ..ir.walk import attributes, conditions_of_rule
from ..structs import Struct
from . import steps
from .weaker_conditions import became, edits, gone


class Mutant(Struct):
    """One change: of a rule (None where it is gone), of a family, or a `delegate` that is gone."""

    of: str
    """The identity of the rule, or the name of the family or of who is delegated to."""
    change: str
    rule: ir.Rule | None = None
    family: ir.Family | None = None
    delegation: ir.Delegation | None = None

    def applied(self, policy: ir.Policy) -> ir.Policy:
        """The policy with this change; of a part of its rules, a part with it."""
        if self.family is not None:
            families = (self.family if f.name == self.of else f for f in policy.families)
            return replace(policy, families=tuple(families))
        if self.delegation is not None:
            left = tuple(each for each in policy.delegations if each != self.delegation)
            return replace(policy, delegations=left)
        return replace(
            policy,
            allows=tuple(self._rules(policy.allows)),  # type: ignore[arg-type] # of its own kind
            forbids=tuple(self._rules(policy.forbids)),  # type: ignore[arg-type]
        )

    def _rules(self, rules: Iterable[ir.Rule]) -> Iterator[ir.Rule]:
        for each in rules:
            if each.id != self.of:
                yield each
            elif self.rule is not None:
                yield self.rule


def mutants(policy: ir.Policy) -> list[Mutant]:
    """All mutants of a policy, by rule, each once; families and delegations last."""
    found: list[Mutant] = []
    for rule in sorted(policy.rules, key=lambda rule: rule.id):
        weaker = _allow(rule, policy) if isinstance(rule, ir.Allow) else _forbid(rule, policy)
        seen: list[ir.Rule | None] = [rule]
        for new, change in weaker:
            if new not in seen:
                seen.append(new)
                found.append(Mutant(rule.id, change, rule=new))
    for family in policy.families:
        for at, pattern in enumerate(family.patterns):
            for wider in dict.fromkeys(_wider_patterns(pattern)):
                patterns = (*family.patterns[:at], wider, *family.patterns[at + 1 :])
                change = became(string_text(pattern), string_text(wider))
                new_family = replace(family, patterns=patterns)
                found.append(Mutant(family.name, change, family=new_family))
    for each in policy.delegations:
        change = gone(constraint_text(each))
        found.append(Mutant(each.delegate, change, delegation=each))
    return found


# --- Allows ---------------------------------------------------------------------------------------


def _allow(rule: ir.Allow, policy: ir.Policy) -> Iterator[tuple[ir.Rule, str]]:
    if not isinstance(rule.agents, ir.Unnamed):
        yield replace(rule, agents=ir.DECLARED), became(_to(rule.agents), "to any agent")
    if not isinstance(rule.intents, ir.Unnamed):
        yield replace(rule, intents=ir.DECLARED), became(_for(rule.intents), "for any intent")
    for capability in rule.capabilities:
        resource, _, action = capability.rpartition(".")
        if resource and action != "*":
            rest = {each for each in rule.capabilities if each.rpartition(".")[0] != resource}
            wider = f"{resource}.*"
            new = replace(rule, capabilities=tuple(sorted({*rest, wider})))
            if not _reads_what_all_declare(new, policy):
                continue
            yield new, became(f"allow {capability}", f"allow {wider}")
    if rule.condition is not None:
        for edit in edits(rule.condition, True, policy):
            yield replace(rule, condition=edit.condition), edit.change
    for left, change in _easier(rule.requirements):
        yield replace(rule, requirements=left), change
    for at, condition in enumerate(rule.revoke):
        for edit in edits(condition, False, policy):
            middle = () if edit.condition is None else (edit.condition,)
            revoke = (*rule.revoke[:at], *middle, *rule.revoke[at + 1 :])
            yield replace(rule, revoke=revoke), f"revoke when: {edit.change}"
    yield from _terms(rule)
    yield from _times(rule)


def _reads_what_all_declare(rule: ir.Allow, policy: ir.Policy) -> bool:
    """Whether every call that a rule is about has the arguments that it reads: else nobody could write it.

    Nor would it be weaker: the arguments of a call are closed.
    """
    read = {
        each.path[0]
        for condition in conditions_of_rule(rule)
        for each, _ in attributes(condition)
        if each.root == "args"
    }
    declared = (policy.declared_actions[each] for each in policy.expand(rule.capabilities))
    return all(read <= {each.name for each in action.parameters} for action in declared)


def _terms(rule: ir.Allow) -> Iterator[tuple[ir.Rule, str]]:
    """Permits that last longer, or oblige to less."""
    if rule.credential is not None:
        ttl, renew = rule.credential.ttl, rule.credential.renew
        more = steps.longer(ttl)
        yield (
            replace(rule, credential=replace(rule.credential, ttl=more)),
            became(f"ttl {duration_text(ttl)}", f"ttl {duration_text(more)}"),
        )
        yield (
            replace(rule, credential=replace(rule.credential, renew=renew + 1)),
            became(f"renew {renew}", f"renew {renew + 1}"),
        )
    for at, obligation in enumerate(rule.obligations):
        rest = rule.obligations[:at] + rule.obligations[at + 1 :]
        yield replace(rule, obligations=rest), gone(obligation_text(obligation))


def _times(rule: ir.Allow) -> Iterator[tuple[ir.Rule, str]]:
    """Longer validities and wider windows."""
    if rule.validity is not None:
        for word, side in (("from", "start"), ("until", "end")):
            time = getattr(rule.validity, side)
            if time is None:
                continue
            text = f"valid {word} {time_text(time)}"
            other = rule.validity.end if side == "start" else rule.validity.start
            left = None if other is None else _with(rule.validity, side, None)
            near = steps.moved_time(time, side == "end")
            if near is not None:
                moved = _with(rule.validity, side, near)
                yield replace(rule, validity=moved), became(text, f"valid {word} {time_text(near)}")
            yield replace(rule, validity=left), gone(text)
    if rule.window is not None:
        for wider in _windows(rule.window):
            change = became(f"during {window_text(rule.window)}", f"during {window_text(wider)}")
            yield replace(rule, window=wider), change
        yield replace(rule, window=None), gone(f"during {window_text(rule.window)}")


def _with(validity: ir.Validity, side: str, time: str | None) -> ir.Validity:
    return ir.Validity(time, validity.end) if side == "start" else ir.Validity(validity.start, time)


def _windows(window: ir.Window) -> Iterator[ir.Window]:
    """A day more, and an hour or a minute at either end."""
    day = next((each for each in range(7) if each not in window.days), None)
    if day is not None:
        yield replace(window, days=tuple(sorted((*window.days, day))))
    ends_next_day = window.end <= window.start
    for start, end in (
        (window.start - _step(window.start), window.end),
        (window.start, window.end + _step(window.end)),
    ):
        if start >= 0 and end <= steps.DAY // 60 and (end <= start) is ends_next_day:
            yield replace(window, start=start, end=end)


def _step(minutes: int) -> int:
    return 60 if minutes % 60 == 0 else 1


# --- Evidence -------------------------------------------------------------------------------------


def _easier(
    asked: tuple[ir.Requirement, ...],
) -> Iterator[tuple[tuple[ir.Requirement, ...], str]]:
    """Less evidence than is asked for."""
    for at, each in enumerate(asked):
        before, after = asked[:at], asked[at + 1 :]
        text = requirement_text(each)
        for less in _less(each):
            yield (*before, less, *after), became(text, requirement_text(less))
        yield (*before, *after), gone(text)


def _less(asked: ir.Requirement) -> Iterator[ir.Requirement]:
    if asked.within is not None:
        yield replace(asked, within=steps.longer(asked.within))
        yield replace(asked, within=None)
    match asked:
        case ir.Approval(count=count):
            if count > 1:
                yield replace(asked, count=count - 1)
        case ir.StepUp() | ir.Confirmation():
            pass
        case _:
            assert_never(asked)


# --- Forbids --------------------------------------------------------------------------------------


def _forbid(rule: ir.Forbid, policy: ir.Policy) -> Iterator[tuple[ir.Rule | None, str]]:
    if not isinstance(rule.agents, ir.Unnamed):
        for agents, name in _one_less(rule.agents):
            yield replace(rule, agents=agents), f"`{_to(rule.agents)}` without `{name}`"
    if not isinstance(rule.intents, ir.Unnamed):
        for intents, name in _one_less(rule.intents):
            yield replace(rule, intents=intents), f"`{_for(rule.intents)}` without `{name}`"
    for capabilities, name in _one_less(rule.capabilities):
        written = f"deny {', '.join(rule.capabilities)}"
        yield replace(rule, capabilities=capabilities), f"`{written}` without `{name}`"
    if rule.condition is not None:
        for edit in edits(rule.condition, False, policy):
            if edit.condition is not None:  # or the rule would be gone
                yield replace(rule, condition=edit.condition), edit.change
    if rule.unless is not None:
        for edit in edits(rule.unless, True, policy):
            if edit.condition is not None:
                yield replace(rule, unless=edit.condition), f"unless: {edit.change}"
    if rule.window is not None:
        for days, name in _one_less(tuple(map(str, rule.window.days))):
            less = replace(rule.window, days=tuple(map(int, days)))
            written = f"during {window_text(rule.window)}"
            yield replace(rule, window=less), f"`{written}` without `{DAYS[int(name)]}`"
    for left, change in _easier(rule.unless_evidence):
        if left:
            yield replace(rule, unless_evidence=left), f"unless: {change}"
    yield None, "the rule is gone"


def _one_less(names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if len(names) > 1:
        for at, name in enumerate(names):
            yield names[:at] + names[at + 1 :], name


def _to(names: tuple[str, ...]) -> str:
    return f"to {', '.join(names)}"


def _for(names: tuple[str, ...]) -> str:
    return f"for {', '.join(names)}"


# --- Families -------------------------------------------------------------------------------------


def _wider_patterns(pattern: str) -> Iterator[str]:
    """A last segment that is any one, or any and more; the parts before it stay. And one that leaves nobody out."""
    pattern, left_out = parted(pattern)
    if left_out:
        yield pattern
    yield from (without(each, left_out) for each in _wider(pattern))


def _wider(pattern: str) -> Iterator[str]:
    start, _, last = pattern.rpartition("/")
    if last == "*":
        yield f"{start}/**"
    elif last != "**" and "://" in start:
        yield f"{start}/*"
    segments = pattern.split("/")
    for at in range(3, len(segments) - 1):
        if segments[at] != "*":
            yield "/".join((*segments[:at], "*", *segments[at + 1 :]))
