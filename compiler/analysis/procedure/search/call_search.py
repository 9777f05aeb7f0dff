"""The search for one call: solve, ask the interpreter, split on what must be avoided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ....ir import nodes as ir
from ....meaning.request import Call
from ....structs import Struct
from ..cubes.clauses import AGENT_ID, ALWAYS_THERE, PRESENT_TEXT, TASK_ID, USER_ID
from ..cubes.cube import NOW_KEY, Cube, CubeKey, Relation, key_of, read_by
from ..domains.texts import OneOf, Texts
from ..domains.values import (
    EDGES,
    Finite,
    Intervals,
    OrNothing,
    Values,
    body_of,
    one_of,
)
from ..effort import POINTS_A_STEP, Effort
from ..solving.solve import Model, solve
from ..verdict import Doubts, Undetermined
from .avoid import Avoid
from .evidence import is_ruled_out
from .witness import build

MAX_NODES = 2_000  # of one search
FEW_NEAR = 8  # things to avoid, which are asked of a request sooner than compared with a cube
NODE_STEPS = 10  # that a node takes beside asking what it has to avoid
MAX_DEPTH = 300  # things that are avoided one after the other; each is a call of Python


class CallSearch(Struct, frozen=False):
    """The search for one call: solve, ask the interpreter, split on what must be avoided."""

    policy: ir.Policy
    effort: Effort
    capability: str
    agent: str
    is_known: bool
    """Whether rules can tell the agent from all others; else it stands for many."""
    intent: str | None
    avoid: list[Avoid]
    holds: Callable[[Call], bool]
    approved_as: tuple[str, ...] = ()
    """What approvals name, where that is not the capability."""
    nodes: int = 0

    def run(self, cube: Cube) -> dict[str, Any] | None:
        """Give a request in the cube, or None if there is provably none."""
        return self._run(cube, self.avoid, ())

    def _run(
        self, cube: Cube, near: Sequence[Avoid], escaped: tuple[Avoid, ...]
    ) -> dict[str, Any] | None:
        """As `run`, where of what must be avoided no more than what is near may happen in the cube."""
        self.nodes += 1
        shown = 1 + len(cube.relations) // 4  # each rule may look through all the evidence
        self.effort.spend(NODE_STEPS + sum(each.steps for each in near) * shown)
        if self.nodes > MAX_NODES:
            raise Undetermined(f"the search took more than {MAX_NODES} attempts")
        if len(escaped) > MAX_DEPTH:
            raise Undetermined(f"more than {MAX_DEPTH} things had to be avoided at once")
        settled = self._settled(cube)
        if settled is None or contradict(settled.relations):
            return None
        model = solve(settled, self.policy, self.effort)
        if model is None:
            if not self.is_known and reads(settled.relations, AGENT_ID):
                raise Undetermined("the agent's identity is compared with another attribute")
            return None
        request = self._request(model, settled)
        call = Call.read(self.policy, request)
        assert call is not None
        happening = next((each for each in near if each.happens(call)), None)
        if happening is None:
            apart = () if len(near) == len(self.avoid) else self.avoid
            if not self.holds(call) or any(each.happens(call) for each in apart):
                raise Undetermined("the values that were found make no request")
            return request
        if any(each is happening for each in escaped):
            raise Undetermined("the values that were found make no request")
        doubts = Doubts()
        left: Cube | None = cube
        for escape in happening.escapes():
            both = None if left is None else left & escape
            if both is None:
                continue
            with doubts:
                found = self._run(both, self._near(both, near), (*escaped, happening))
                if found is not None:
                    return found
                left = None if left is None else outside(left, escape, self.policy)
        doubts.settle()
        return None

    def _near(self, cube: Cube, avoid: Sequence[Avoid]) -> Sequence[Avoid]:
        """Of what must be avoided what may happen in a cube; all, where these are few."""
        if len(avoid) <= FEW_NEAR:
            return avoid
        self.effort.spend(len(avoid) // POINTS_A_STEP)
        return [each for each in avoid if each.may_happen(cube)]

    def _settled(self, cube: Cube) -> Cube | None:
        """The cube without what is known of every call: the agent's identity, and that ids are there."""
        values = dict(cube.values)
        mine = values.pop(AGENT_ID, None)
        if mine is not None and (mine.body is None or not mine.body.contains(self.agent)):
            self._check_that_no_other_agent_fits(mine)
            return None
        for key in ALWAYS_THERE:
            if key in values:
                values[key] = Values(False, False, values[key].body)
        relations = cube.relations
        if reads(relations, AGENT_ID):
            only = one_of((self.agent,), ir.STRING, self.policy)
            values[AGENT_ID] = Values(False, False, only)
        return Cube(values, relations)

    def _check_that_no_other_agent_fits(self, values: Values) -> None:
        """Raise `Undetermined` if one of those that this agent stands for could be asked for."""
        is_listed = isinstance(values.body, Texts) and any(
            isinstance(each, OneOf) for each in values.body.inside
        )
        if not self.is_known and values.body is not None and not is_listed:
            raise Undetermined("the agent's identity is matched with a pattern")

    def _request(self, model: Model, cube: Cube) -> dict[str, Any]:
        if any(isinstance(what, ir.Requirement) for what, _ in cube.relations):
            model.setdefault(NOW_KEY, next(iter(Intervals("time", EDGES["time"]).members())))
            for key in (TASK_ID, USER_ID):  # any will do, and the usual ones read better
                if cube.values.get(key) == PRESENT_TEXT and not reads(cube.relations, key):
                    model.pop(key, None)
        return build(
            self.policy,
            self.capability,
            self.agent,
            self.intent,
            model,
            cube.relations,
            self.approved_as,
        )

    def is_witness(self, request: dict[str, Any]) -> bool:
        """Whether a request holds, and does nothing that it must avoid."""
        call = Call.read(self.policy, request)
        return (
            call is not None
            and self.holds(call)
            and not any(each.happens(call) for each in self.avoid)
        )


def outside(cube: Cube, other: Cube, policy: ir.Policy) -> Cube | None:
    """What of a cube is not in another one, where that is a cube; otherwise all of it.

    Where nothing was found in the other one, the searches after it need not go there again.
    """
    if other.relations or len(other.values) != 1:
        return cube
    ((key, values),) = other.values.items()
    body = values.body or body_of(key.type, policy)
    if key.aged or key == NOW_KEY or not isinstance(body, Finite | Intervals | OrNothing):
        return cube
    (rest,) = body.complement() if values.body is not None else (body,)
    return cube & Cube({key: Values(not values.absent, not values.malformed, rest)})


def by_agent(cubes: Iterable[Cube], avoid: Sequence[Avoid]) -> bool:
    """Whether the identity of the agent itself matters to some condition."""
    return any(AGENT_ID in cube.values for cube in cubes) or any(
        AGENT_ID in cube.values for each in avoid for cube in each.escapes()
    )


def reads(relations: Iterable[Relation], key: CubeKey) -> bool:
    """Whether a relation is about an attribute."""
    return any(key_of(attribute) == key for what, _ in relations for attribute in read_by(what))


def contradict(relations: Iterable[Relation]) -> bool:
    """Whether evidence is there that would also be the evidence that is not."""
    met = [what for what, truth in relations if truth and isinstance(what, ir.Requirement)]
    lacking = [what for what, truth in relations if not truth and isinstance(what, ir.Requirement)]
    return any(is_ruled_out(each, lacking) for each in met)
