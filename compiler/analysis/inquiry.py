"""What a finding is: a module whose docstring is its documentation page, and a search in a world."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property
from typing import ParamSpec, TypeVar

from ..ir import nodes as ir
from ..report.diagnostics import Diagnostic, Label
from ..structs import Struct, field
from .answers import Answers
from .grants import Grant, grants
from .limits import Limits
from .procedure.asked_of_rules.truths import Truths
from .procedure.verdict import Undetermined, Unseen
from .procedure.world import World

UNSEEN = "all findings apply to rules of `{}`"
"""What is open of each rule whose agents are not told apart, which is said once of them together."""
MOST_RULES = 8  # that are pointed at

P = ParamSpec("P")
T = TypeVar("T")


class Inquiry(Struct, frozen=False, slots=False):
    """One analysis of one policy: the world, the limits, and what could not be determined."""

    world: World
    limits: Limits = field(default_factory=Limits)
    doubts: list[Diagnostic] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    at: int | None = None

    @property
    def policy(self) -> ir.Policy:
        """The policy under analysis."""
        return self.world.policy

    @cached_property
    def truths(self) -> Truths:
        """What conditions can be."""
        return Truths(self.world)

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """The grants of the policy, in the order of their names."""
        return tuple(grants(self.policy))

    def keep(self, question: Hashable, rules: tuple[ir.Rule, ...], answer: Callable[[], T]) -> T:
        """Answer a question about rules, or give the answer of an earlier analysis and its doubts.

        Two questions about the same rules have different names.
        """

        def make() -> tuple[T, tuple[Diagnostic, ...]]:
            before = len(self.doubts)
            found = answer()
            doubts = tuple(self.doubts[before:])
            del self.doubts[before:]
            return found, doubts

        found: T
        found, doubts = self.answers.keep(question, rules, make)
        self.doubts.extend(doubts)
        return found

    def ask(
        self,
        what: str,
        rule: ir.Rule | None,
        question: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """Ask something that may be undetermined; then it is noted, and the answer is None.

        `what` completes *could not tell whether …*.
        """
        try:
            return question(*args, **kwargs)
        except Undetermined as undetermined:
            labels = () if rule is None else (Label(rule.span),)
            if isinstance(undetermined, Unseen):
                what = UNSEEN.format(undetermined.capability)
            self.doubts.append(
                Diagnostic(
                    "AGP2999",
                    f"could not tell whether {what}",
                    labels,
                    notes=(f"the procedure hit a limit: {undetermined}",),
                )
            )
            return None

    def ask_once(
        self,
        question: Hashable,
        what: str,
        rules: tuple[ir.Rule, ...],
        answer: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """Ask something about rules that may be undetermined, and keep what was answered."""
        return self.keep(question, rules, lambda: self.ask(what, rules[0], answer, *args, **kwargs))


def joined(doubts: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Doubts, those about rules whose agents are not told apart as one of each capability."""
    start = UNSEEN.partition("{}")[0]
    same: dict[tuple[str, tuple[str, ...]], list[Label]] = {}
    for each in doubts:
        if start in each.message:
            same.setdefault((each.message, each.notes), []).extend(each.labels)
        else:
            yield each
    for (message, notes), labels in same.items():
        places = sorted(dict.fromkeys(labels), key=lambda label: label.span)
        left = len(places) - MOST_RULES
        more = (f"and {left} more rules",) if left > 0 else ()
        yield Diagnostic("AGP2999", message, tuple(places[:MOST_RULES]), notes=(*notes, *more))


Find = Callable[[Inquiry], Iterator[Diagnostic]]
"""The search for a finding in a policy, `find(inquiry)` of its module.

What is found about one rule, and calls that it names, has in its place `about_allow(inquiry, allow)`,
`about_forbid(inquiry, forbid)`, or both; what is found about one grant, `about_grant(inquiry, grant)`.
"""
