"""A whole condition to alternatives, each of which one IAM statement can ask for.

What is asked of its leaves is the same on both sides (`compiler.ir.definite`); what is made of them is not:

- An allow is met only where the condition is definitely as wanted. What cannot be said is left out
  of an `or`, and takes an `and` with it.
- A deny is met wherever the condition is not definitely the opposite. What cannot be said counts as
  met.

Either way the platform permits less, never more, and each loss is kept with its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from ....compiler.ir import nodes as ir
from ....compiler.ir.definite import answer, definitely
from ....compiler.ir.roots import bare_request
from ....compiler.ir.walk import Leaf, attributes
from ....compiler.meaning.conditions import truth
from ....compiler.meaning.request import Call
from ....compiler.structs import Struct
from ...partial import Loss, Unsayable, unique
from ..language.products import ALWAYS, LIMIT, Product, conjoin
from .leaves import Sight, say


class Lowered(Struct):
    """Alternatives, and what makes them less (in an allow) or more (in a deny) than was said."""

    products: tuple[Product, ...]
    losses: tuple[Loss, ...] = ()

    @property
    def is_never(self) -> bool:
        """Whether it is exactly false."""
        return not self.products and not self.losses

    @property
    def is_always(self) -> bool:
        """Whether it is exactly true."""
        return self.products == (ALWAYS,) and not self.losses


NEVER, TRUE = Lowered(()), Lowered((ALWAYS,))


class Lowering(Struct):
    """Lowers the conditions of one agent on one capability."""

    sight: Sight
    agent: ir.Agent
    for_deny: bool

    def lower(self, condition: ir.Condition, wanted: bool) -> Lowered:
        """The alternatives for a condition being as wanted."""
        return answer(definitely(condition, wanted), self._leaf, self.all_of, self.any_of)

    def all_of(self, parts: Iterable[Lowered]) -> Lowered:
        """Join by `and`."""
        parts = tuple(parts)
        if any(part.is_never for part in parts):
            return NEVER
        losses = [loss for part in parts for loss in part.losses]
        products: tuple[Product, ...] = (ALWAYS,)
        for part in parts:
            try:
                products = self._pairs(products, part.products, losses)
            except Unsayable as problem:
                losses.append(Loss(problem.reason))
                if not self.for_deny:
                    return Lowered((), unique(losses))
        return Lowered(products, unique(losses))

    def any_of(self, parts: Iterable[Lowered]) -> Lowered:
        """Join by `or`."""
        parts = tuple(parts)
        if any(part.is_always for part in parts):
            return TRUE
        losses = unique(loss for part in parts for loss in part.losses)
        products = unique(each for part in parts for each in part.products)
        if ALWAYS in products:
            return Lowered((ALWAYS,), losses)
        if len(products) > LIMIT:
            problem = Loss(f"it comes to more than {LIMIT} alternatives")
            left = (ALWAYS,) if self.for_deny else ()
            return Lowered(left, (*losses, problem))
        return Lowered(products, losses)

    def _pairs(
        self, left: tuple[Product, ...], right: tuple[Product, ...], losses: list[Loss]
    ) -> tuple[Product, ...]:
        """Join each with each; one pair that no statement can hold is lost, or widened."""
        if len(left) * len(right) > LIMIT:
            raise Unsayable(f"it comes to more than {LIMIT} alternatives")
        found: list[Product] = []
        for one in left:
            for other in right:
                try:
                    product = conjoin(one, other)
                except Unsayable as problem:
                    losses.append(Loss(problem.reason))
                    product = one if self.for_deny else None
                if product is not None:
                    found.append(product)
        return unique(found)

    def _leaf(self, leaf: Leaf, wanted: bool) -> Lowered:
        """One comparison."""
        known = self._known(leaf)
        if known is not None:
            (value,) = known
            return TRUE if value is wanted or (value is None and self.for_deny) else NEVER
        try:
            said = say(leaf, wanted, self.sight, for_deny=self.for_deny)
        except Unsayable as problem:
            left = (ALWAYS,) if self.for_deny else ()
            return Lowered(left, (Loss(problem.reason, leaf.span),))
        return Lowered(said.products, tuple(Loss(each, leaf.span) for each in said.losses))

    def _known(self, leaf: Leaf) -> tuple[bool | None] | None:
        """The value of a comparison that depends on the agent and on the task's being active."""
        read = {(each.root, *each.path) for each, _ in attributes(leaf)}
        if not read <= {("agent", "id"), ("task", "state")}:
            return None
        resource = self.sight.place.resource
        request = bare_request(agent=("agent", self.agent.id), args=("",), resource=(resource, ""))
        request["context"] = {"task": {"state": "active"}}
        call = Call.read(self.sight.policy, request)
        return None if call is None else (truth(leaf, call),)
