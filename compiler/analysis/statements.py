"""What a policy states of itself: asked with steps of its own, and named where it stays open."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeAlias, TypeVar

from ..ir import nodes as ir
from ..report.diagnostics import Diagnostic, Label
from ..structs import Struct, field
from .inquiry import Inquiry
from .procedure.verdict import Undetermined
from .wording import cut

Said: TypeAlias = "ir.Separation | ir.Isolation | ir.Containment | ir.Assertion"
P = ParamSpec("P")
T = TypeVar("T")

MOST = 8  # rules that are pointed at
LONGEST = 200  # characters of a statement that a message shows


class Statement(Struct, frozen=False):
    """One statement, and the rules about which it could not be told whether they go with it."""

    inquiry: Inquiry
    said: Said
    open: dict[str, ir.Rule] = field(default_factory=dict)
    _reason: str = ""

    def ask(
        self,
        question: Hashable,
        rules: tuple[ir.Rule, ...],
        answer: Callable[P, T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """Ask something about rules that may be undetermined, as `Inquiry.keep`; None if it is."""

        def attempt() -> T | Undetermined:
            try:
                return answer(*args, **kwargs)
            except Undetermined as undetermined:
                return undetermined

        found = self.inquiry.keep(question, rules, attempt)
        if not isinstance(found, Undetermined):
            return found
        self.open.update((each.id, each) for each in rules)
        self._reason = self._reason or str(found)
        return None

    def leave_open(self, rule: ir.Rule, reason: str) -> None:
        """Note that it could not be told of a rule, for a reason of its own."""
        self.open[rule.id] = rule
        self._reason = self._reason or reason

    def doubt(self) -> None:
        """Note that it is open whether it holds, if it is."""
        if not self.open:
            return
        rules = list(self.open.values())
        more = (f"and {len(rules) - MOST} more rules",) if len(rules) > MOST else ()
        self.inquiry.doubts.append(
            Diagnostic(
                "AGP2999",
                f"could not tell whether `{statement_text(self.said)}` holds",
                (
                    Label(self.said.span),
                    *(Label(each.span, "open is whether by this") for each in rules[:MOST]),
                ),
                notes=(f"the procedure hit a limit: {self._reason}", *more),
            )
        )


def unasked(said: Said, reason: str) -> Diagnostic:
    """That nothing could be asked about a statement."""
    return Diagnostic(
        "AGP2999",
        f"could not tell whether `{statement_text(said)}` holds",
        (Label(said.span),),
        notes=(f"the procedure hit a limit: {reason}",),
    )


@contextmanager
def stated(inquiry: Inquiry, said: Said) -> Iterator[Statement]:
    """Ask about a statement, with steps that no other question takes."""
    with inquiry.world.effort.statement():
        yield Statement(inquiry, said)


def all_stated(policy: ir.Policy) -> tuple[Said, ...]:
    """All that a policy states of itself."""
    return (
        *policy.separations,
        *policy.isolations,
        *policy.containments,
        *policy.assertions,
    )


def statement_text(said: Said) -> str:
    """A statement as the language writes it, cut where a message would be too long."""
    from ..ir.printing.rules import constraint_text  # most statements hold, and are not shown

    return cut(constraint_text(said), LONGEST)
