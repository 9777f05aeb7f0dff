"""What the tests of a policy notice of its mutants: which of them some test fails on, and what shows the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from multiprocessing import current_process
from os import cpu_count
from time import monotonic
from typing import Any, Literal, TypeAlias

from ...runtime.decision import Decision
from ..analysis.diff.changes import compare
from ..analysis.diff.difference import Difference
from ..analysis.procedure.verdict import Undetermined
from ..ir import nodes as ir
from ..meaning.interpreter import decide
from ..meaning.request import Call
from ..processes import as_they_come, begun
from ..structs import Struct
from .expected import terms_of
from .homes import home_of, name_at_home
from .mutants import Mutant, mutants
from .run import passes
from .suggest import Suggested, renamed, suggest
from .tidy import Unwritable
from .witnesses import Witnesses
from .writable import writable

Fate: TypeAlias = Literal["killed", "survived", "equivalent", "unseen", "undetermined"]
"""Whether a test fails on a mutant; if none does, whether there is a request that a test could have."""

Progress: TypeAlias = Callable[[int, int], None]
FEW = 24  # mutants, which are judged sooner than a second process starts


class Verdict(Struct):
    """What became of a mutant."""

    mutant: Mutant
    fate: Fate
    by: tuple[str, ...] = ()
    """The tests that fail on it."""
    request: dict[str, Any] | None = None
    """Of one that survived: a request that it answers otherwise."""
    expected: Decision | None = None
    """What the policy answers."""
    got: Decision | None = None
    """What the mutant answers."""
    test: Suggested | None = None
    """A test that would notice it."""
    reason: str = ""
    """Of one that is undetermined, or that no test was found to see: why."""


class Mutation(Struct):
    """What became of all mutants, in their order."""

    verdicts: tuple[Verdict, ...]
    not_reached: tuple[Mutant, ...]
    """Those that the time did not suffice for."""

    def count(self, fate: Fate) -> int:
        """How many had this fate."""
        return sum(each.fate == fate for each in self.verdicts)

    @property
    def counted(self) -> int:
        """All that tests should notice, as far as it is known: what is open counts as not noticed."""
        open_ = len(self.not_reached) + self.count("undetermined")
        return self.count("killed") + self.count("survived") + open_

    @property
    def percent(self) -> float:
        """How many of those were killed; of none, all."""
        return 100 * self.count("killed") / self.counted if self.counted else 100.0


# --- One mutant -----------------------------------------------------------------------------------


class Judge:
    """Judges mutants of one policy by its tests, all of which it passes."""

    def __init__(self, policy: ir.Policy, tests: Sequence[ir.Test]) -> None:
        """Take a policy and the tests that count."""
        stated = {"separations": (), "isolations": (), "containments": (), "assertions": ()}
        self.policy = replace(policy, tests=(), **stated)
        self.policy_tests = policy.tests
        self.tests = tests
        self.mutants = mutants(policy)
        self._answers: dict[int, Decision] = {}

    def judge(self, number: int) -> Verdict:
        """Run the tests on a mutant, and ask the analysis about it if none of them fails."""
        mutant = self.mutants[number]
        touched = self._touched(mutant)
        base = self._about(touched)
        changed = mutant.applied(base)
        tests = [test for each in touched for test in self._tests_of.get(each, ())]
        answers = [(each, decide(changed, each.request)) for each in tests]
        by = [test for test, got in answers if not passes(test, got)]
        if by:
            names = dict.fromkeys(each.name for each in sorted(by, key=lambda each: each.span))
            return Verdict(mutant, "killed", tuple(names))
        seen = (e.request for e, got in answers if is_seen(self._answer(e, base), got))
        shown = self._noticing(mutant, base, changed, seen)
        return shown or self._compared(mutant, base, changed, self._starts_tasks(touched))

    def _answer(self, test: ir.Test, base: ir.Policy) -> Decision:
        """What the policy answers a test; it is asked once, as the mutants are many."""
        if id(test) not in self._answers:
            self._answers[id(test)] = decide(base, test.request)
        return self._answers[id(test)]

    def _compared(
        self, mutant: Mutant, base: ir.Policy, changed: ir.Policy, of_starts: bool
    ) -> Verdict:
        """Ask the analysis for a request that shows it, and if no test can make that for one that a test can."""
        found = compare(base, changed, of_starts=of_starts)
        if not found.changes and not found.undetermined:
            try:
                asking = self._asking(mutant, base)
            except Undetermined as undetermined:
                return Verdict(mutant, "undetermined", reason=str(undetermined))
            shown = self._noticing(mutant, base, changed, asking)
            return shown or Verdict(mutant, "equivalent")
        shown = self._noticing(mutant, base, changed, _witnesses(found))
        if shown is not None:
            return shown
        if found.undetermined:
            return Verdict(mutant, "undetermined", reason=found.undetermined[0].reason)
        if not any(_witnesses(found)):
            return Verdict(mutant, "unseen", reason="only an earlier lease tells")
        says_starter = any(each.name == "starter" for each in self.policy.context)
        found = compare(
            base,
            changed,
            within=partial(writable, self.policy),
            of_starts=of_starts and says_starter,
        )
        shown = self._noticing(mutant, base, changed, _witnesses(found))
        if shown is not None:
            return shown
        if found.undetermined:
            return Verdict(mutant, "undetermined", reason=found.undetermined[0].reason)
        return Verdict(mutant, "unseen", reason="only a request that no test can make tells")

    def _asking(self, mutant: Mutant, base: ir.Policy) -> list[dict[str, Any]]:
        """Requests where an allow and its mutant ask for other things: a test may expect even what is redundant."""
        old, new = self._rules.get(mutant.of), mutant.rule
        if not isinstance(old, ir.Allow) or not isinstance(new, ir.Allow):
            return []
        both = (*old.requirements, *new.requirements)
        alone = [e for e in both if (e in old.requirements) != (e in new.requirements)]
        found = (Witnesses(base).asking(old, each) for each in alone)
        return [each for each in found if each is not None]

    def _noticing(
        self,
        mutant: Mutant,
        base: ir.Policy,
        changed: ir.Policy,
        requests: Iterable[dict[str, Any]],
    ) -> Verdict | None:
        """Write the test that one of some requests makes, if it shows a mutant."""
        for request in requests:
            expected, got = decide(base, request), decide(changed, request)
            if not is_seen(expected, got):
                continue
            with suppress(Unwritable):
                test = suggest(
                    self.policy,
                    request,
                    name=self._name(mutant),
                    home=home_of(self.policy, mutant.of),
                    against=mutant.applied(self.policy),
                )
                return Verdict(mutant, "survived", (), request, expected, got, test)
        return None

    def _name(self, mutant: Mutant) -> str:
        """What a test is there for, which notices a mutant."""
        of = name_at_home(self.policy, mutant.of)
        return f"{of}: notices that {mutant.change.replace('`', '')}"

    def with_few_tests(self, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
        """Show what survived by tests that show several, where they do; each has a name of its own."""
        taken = {each.name for each in self.policy_tests}
        kept: dict[str, list[Suggested]] = {}
        for verdict in verdicts:
            if verdict.test is None:
                yield verdict
                continue
            touched = self._touched(verdict.mutant)
            changed = verdict.mutant.applied(self._about(touched))
            near = [each for call in touched for each in kept.get(call, ())]
            test = next((e for e in near if not _stands(e.test, changed)), None)
            if test is None:
                test = renamed(verdict.test, taken)
                taken.add(test.test.name)
                call = Call.read(self.policy, test.test.request)
                if call is not None and call.capability is not None:
                    kept.setdefault(call.capability, []).append(test)
            yield replace(verdict, test=test)

    # --- what a mutant can touch ---

    def _touched(self, mutant: Mutant) -> list[str]:
        """The calls that a mutant may answer otherwise: no rule about others has changed."""
        if mutant.family is not None or mutant.delegation is not None:
            return sorted(self.policy.rules_about)
        old = self._rules[mutant.of]
        found = set(self.policy.expand(old.capabilities))
        if mutant.rule is not None:
            found.update(self.policy.expand(mutant.rule.capabilities))
        return sorted(found)

    def _about(self, touched: list[str]) -> ir.Policy:
        """The policy, with those of its rules alone that are about some calls."""
        ids = {rule.id for each in touched for rule in self.policy.rules_about.get(each, ())}
        if self._starts_tasks(touched):  # to which every allow for the intent opens the way
            ids.update(each.id for each in self.policy.allows)
        return replace(
            self.policy,
            allows=tuple(each for each in self.policy.allows if each.id in ids),
            forbids=tuple(each for each in self.policy.forbids if each.id in ids),
        )

    def _starts_tasks(self, touched: list[str]) -> bool:
        return not self.policy.starts.keys().isdisjoint(touched)

    @cached_property
    def _rules(self) -> dict[str, ir.Rule]:
        return {each.id: each for each in self.policy.rules}

    @cached_property
    def _tests_of(self) -> dict[str, list[ir.Test]]:
        """The tests of each call; what calls nothing that is declared, no rule answers."""
        found: dict[str, list[ir.Test]] = {}
        for test in self.tests:
            call = Call.read(self.policy, test.request)
            if call is not None and call.capability is not None:
                found.setdefault(call.capability, []).append(test)
        return found


def _witnesses(found: Difference) -> Iterator[dict[str, Any]]:
    """The requests that two policies answer otherwise."""
    for change in found.changes:
        for each in change.witnesses:
            if each.later is None:
                yield each.request


def _stands(test: ir.Test, policy: ir.Policy) -> bool:
    """Whether a policy passes a test."""
    return passes(test, decide(policy, test.request))


def is_seen(expected: Decision, got: Decision) -> bool:
    """Whether a test can tell two answers to one request apart, by more than the names of the rules."""
    return _seen(expected) != _seen(got)


def _seen(answer: Decision) -> object:
    said = terms_of(answer)
    return answer.effect, said.credential, said.obligations, said.asking


# --- All of them ----------------------------------------------------------------------------------


def mutate(
    policy: ir.Policy, tests: Sequence[ir.Test], time_limit: float, progress: Progress
) -> Mutation:
    """Judge all mutants of a policy that passes its tests, in several processes where there are many.

    After the time limit, in seconds, no more are judged; those that remain are named.
    """
    until = monotonic() + time_limit
    judge = Judge(policy, tests)
    total = len(judge.mutants)
    found: dict[int, Verdict] = {}
    with suppress(TimeoutError):
        for number, verdict in _each(judge, until):
            found[number] = verdict
            progress(len(found), total)
    return Mutation(
        tuple(judge.with_few_tests([found[number] for number in sorted(found)])),
        tuple(each for number, each in enumerate(judge.mutants) if number not in found),
    )


def _each(judge: Judge, until: float) -> Iterator[tuple[int, Verdict]]:
    """The verdicts as they come, each with the number of its mutant. Raises `TimeoutError` and `Lost`."""
    processes = cpu_count() or 1
    numbers = range(len(judge.mutants))
    if processes == 1 or len(numbers) <= FEW or current_process().daemon:
        for number in numbers:
            if monotonic() >= until:
                raise TimeoutError
            yield number, judge.judge(number)
        return
    given = (judge.policy, judge.tests)
    seconds = max(0.0, until - monotonic())
    yield from as_they_come(_one, numbers, processes, _begin, given, seconds)


_judges: list[Judge] = []
"""In a process of the pool: the one judge that it has."""


def _begin(policy: ir.Policy, tests: Sequence[ir.Test]) -> None:
    begun()
    _judges.append(Judge(policy, tests))


def _one(number: int) -> tuple[int, Verdict]:
    return number, _judges[0].judge(number)
