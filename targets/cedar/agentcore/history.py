"""Limits on what was done before, as temporal conditions of AgentCore (Dogwood).

Only an upper bound on a `count` or a `sum` of integers within a window can be said, of one tool within one task:

    exists (n: Long). (
      (count for (t: Timepoint). where (
        formerly within 600s (AgentCore::Action::"T___f"::request{ eventResource: resource } && tp(t)))) == n
      && n <= 3)

What that rests on (DG, API and DW as in `service.py`):

- The syntax is that of the examples *Cap how many times an action runs* and *Cap a running total* (DG
  *Temporal policy examples*); the grammar stands in DW, `dogwood-language/src/extension/temporal/grammar.pest`.
- Every predicate says `eventResource: resource` (the same page, *Before you use these examples*).
- The request at hand is counted, as a `request` that is recorded when it is decided (the same examples). One that
  was only attempted is one too (*Require a prerequisite action*): more is counted than was permitted.
- A window is closed on both sides, and 24 hours at most (DW 04, *Evaluation semantics*; DG *Temporal policies*).
- Nothing is counted beyond a session, which the caller names and which is bound to the principal (DG *Policy
  sessions and identity propagation*). So a limit holds as long as a session is a task, and nobody but the enforcement
  point names it: only who says so, by `sessions=tasks`, gets one.
- A policy has three temporal operators and an engine 20 temporal policies (DG *Temporal policies*, quotas). It is not
  said whether an aggregate is an operator; here it is.
- A sum is of integers, orders are of integers; without the time point equal amounts count once (DW 04).
- A negative amount, which makes the meter unknown, is looked for by itself.
"""

from __future__ import annotations

import re

from ....compiler.ir import nodes as ir
from ....compiler.ir.definite import Asked, Question, comparison
from ....compiler.ir.nodes.facts import Meter, is_fact
from ....compiler.report.source import Span
from ....compiler.structs import Struct
from ...partial import Unsayable
from ..names import entity
from .service import ACTION
from .tools import Tools

SESSIONS = "tasks"
"""What the setting `sessions` says for each task to be a session of its own."""
LONGEST = 24 * 60 * 60
"""Seconds in the longest window."""
MAX_OPERATORS = 3
"""Temporal operators of one policy."""
MAX_TEMPORAL = 20
"""Temporal policies of one engine."""
STRICTER = "AgentCore counts what was only attempted too, and the first instant of a window"

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Limit(Struct):
    """An upper bound on a meter, which may be reached or not."""

    meter: Meter
    sign: str
    bound: int
    span: Span | None


class SaidLimit(Struct):
    """The temporal conditions of a limit, which hold together, how much they use, and why they are stricter."""

    conditions: tuple[str, ...]
    operators: int
    stricter: str = STRICTER


class History:
    """What of the past of one policy may be said."""

    def __init__(self, policy: ir.Policy, sessions: str) -> None:
        """Take what the caller says of sessions; without it nothing may be said."""
        self._policy = policy
        self._meters = {each.key: each for each in policy.meters}
        self._is_told = sessions == SESSIONS

    def limit_of(self, question: Question) -> Limit | None:
        """The limit that is asked for, if it is one."""
        if not isinstance(question, Asked) or not isinstance(question.leaf, ir.Compare):
            return None
        left, sign, right = comparison(question.leaf, question.wanted)
        if not isinstance(left, ir.Attribute) or not is_fact(left) or sign not in ("<", "<="):
            return None
        meter = self._meters.get(left.path[1])
        if meter is None or not isinstance(right, ir.Constant) or type(right.value) is not int:
            return None
        return Limit(meter, sign, right.value, question.leaf.span)

    def said(self, limit: Limit, tools: Tools) -> SaidLimit:
        """Write a limit. Raises `Unsayable`."""
        meter = limit.meter
        self._check(meter)
        (tool,) = self._tool(meter, tools)
        event = f"{entity(ACTION, tool)}::request"
        window = f"formerly within {meter.within}s"
        if meter.attribute is None:
            domain = f"count for (t: Timepoint). where ({window} ({event}{{ eventResource: resource }} && tp(t)))"
            return SaidLimit((_bounded(domain, limit),), operators=2)
        amount = f"{event}{{ eventResource: resource, input.{_field(meter, self._policy)}: a }}"
        domain = (
            f"sum a for (a: Long), (t: Timepoint). where ({window} ({amount} && a >= 0 && tp(t)))"
        )
        negative = f"!(exists (a: Long). ({window} {amount} && a < 0))"
        return SaidLimit((_bounded(domain, limit), negative), operators=3)

    def _check(self, meter: Meter) -> None:
        """Refuse what counts more, or less, than a session of one tool can tell. Raises `Unsayable`."""
        if meter.aggregate not in ("count", "sum") or meter.counted != "permitted":
            raise Unsayable("AgentCore has only counts and sums of what was asked for")
        if meter.condition is not None or meter.keys:
            raise Unsayable(
                "AgentCore cannot tell whether an argument of an earlier call was well formed"
            )
        if "task" not in meter.scopes or not {*meter.scopes} <= {"task", "agent"}:
            raise Unsayable("AgentCore counts within a session, which is a task and nothing else")
        if meter.within is None or meter.within > LONGEST:
            raise Unsayable("AgentCore looks back no further than 24 hours")
        if not self._is_told:
            raise Unsayable("nobody says that a session is a task (`--set sessions=tasks`)")
        if self._policy.delegations or _starts_tasks(self._policy):
            raise Unsayable(
                "a task may start others, and AgentCore counts within one session alone"
            )

    def _tool(self, meter: Meter, tools: Tools) -> tuple[str, ...]:
        found, untold = tools.permitted(meter.capabilities)
        if len(meter.capabilities) != 1 or len(found) != 1 or untold:
            raise Unsayable("AgentCore adds up what one tool did, and not what several did")
        return found


def _bounded(domain: str, limit: Limit) -> str:
    return f"exists (n: Long). (({domain}) == n && n {limit.sign} {limit.bound})"


def _field(meter: Meter, policy: ir.Policy) -> str:
    """The argument that is added up. Raises `Unsayable`."""
    found = meter.attribute
    assert found is not None
    action = policy.declared_actions[meter.capabilities[0]]
    required = {each.name for each in action.parameters if not each.optional}
    if found.type != ir.INT or found.root != "args" or len(found.path) != 1:
        raise Unsayable("AgentCore adds up integers that are arguments, and nothing else")
    if found.path[0] not in required or _IDENTIFIER.fullmatch(found.path[0]) is None:
        raise Unsayable("AgentCore adds up arguments that a tool requires, with plain names")
    return found.path[0]


def _starts_tasks(policy: ir.Policy) -> bool:
    """Whether a task may start another one: some allow is of a start."""
    intents = {each.name for each in policy.intents}
    return any(
        name.rpartition(".")[0] in intents
        for rule in policy.allows
        for name in policy.expand(rule.capabilities)
    )
