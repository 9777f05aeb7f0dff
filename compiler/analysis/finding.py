"""What a finding is: a module whose docstring is its documentation page, and a search in a world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from .. import ir
from ..diagnostics import Diagnostic, Label
from .verdict import Undetermined
from .world import World

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is a matter of judgement, as a user may set it in `agpc.toml`."""

    max_ttl: int = 12 * 3600
    """Seconds that a credential may live before it counts as standing access."""
    read_level: str | None = None
    """The member of a level from which reading counts as sensitive; by default the second highest."""
    outward: tuple[str, ...] = ("send*", "share*", "post*", "publish*", "export*", "upload*")
    """Globs over actions that send something outside."""


@dataclass(slots=True)
class Inquiry:
    """One analysis of one policy: the world, the limits, and what could not be determined."""

    world: World
    limits: Limits = field(default_factory=Limits)
    doubts: list[Diagnostic] = field(default_factory=list)

    @property
    def policy(self) -> ir.Policy:
        """The policy under analysis."""
        return self.world.policy

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
            self.doubts.append(
                Diagnostic(
                    "AGP2999",
                    f"could not tell whether {what}",
                    labels,
                    notes=(f"the procedure hit a limit: {undetermined}",),
                )
            )
            return None


Find = Callable[[Inquiry], Iterator[Diagnostic]]


def witness_note(request: dict[str, Any]) -> str:
    """A request as a note: one line of JSON that `agpc decide` and `agpc explain` take."""
    return f"witness: {json.dumps(request, ensure_ascii=True)}"
