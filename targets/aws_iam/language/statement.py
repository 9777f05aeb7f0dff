"""One IAM statement, before it is written as JSON."""

from __future__ import annotations

from typing import Literal

from ....compiler.ir import nodes as ir
from ....compiler.structs import Struct
from .patterns import Glob, may_meet
from .products import KeyTest


class Statement(Struct):
    """One IAM statement; `rules` are those that it comes from, the first names it.

    One that comes from no rule is `about` an agent, and `title` names it. `all_but` turns actions or
    resources around (`NotAction`, `NotResource`); only a deny does so. With a `principal` it belongs
    to a trust policy, and has no resource.
    """

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    resources: tuple[Glob, ...]
    tests: tuple[KeyTest, ...]
    rules: tuple[ir.Rule, ...] = ()
    about: ir.Agent | None = None
    title: str = ""
    all_but: Literal["", "actions", "resources"] = ""
    principal: tuple[tuple[str, str], ...] = ()

    @property
    def is_guard(self) -> bool:
        """Whether it is the deny that an allow brings along."""
        return self.effect == "Deny" and any(isinstance(each, ir.Allow) for each in self.rules)


def may_share(one: Statement, other: Statement) -> bool:
    """Whether some action on some resource may be matched by both."""
    return bool(
        {each.lower() for each in one.actions} & {each.lower() for each in other.actions}
    ) and any(may_meet(a, b) for a in one.resources for b in other.resources)
