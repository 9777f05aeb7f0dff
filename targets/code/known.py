"""Conditions of which a part alone is known: what they may come to, as expressions of a language."""

from __future__ import annotations

from collections.abc import Collection

from ...compiler.ir.known import is_known
from ...compiler.ir.walk import Leaf
from .conditions import ConditionWriter
from .constants import Constants
from .expressions import TRUE, Expression


class KnownConditions(ConditionWriter):
    """Asks of a condition whether it may be true, or may be false: a leaf over what is not known may be either."""

    def __init__(self, constants: Constants, roots: Collection[str]) -> None:
        """Take the roots of which all is known."""
        super().__init__(constants)
        self._roots = roots

    def _leaf(self, leaf: Leaf, wanted: bool) -> Expression:
        return super()._leaf(leaf, wanted) if is_known(leaf, self._roots) else TRUE
