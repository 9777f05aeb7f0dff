"""How deep and how large named conditions are, with those that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...ir.roots import ROOTS
from ...structs import Struct, changed
from ...syntax import tree as syntax

if TYPE_CHECKING:
    from .names import Names

MAX_DEPTH = 100  # of a condition, as in the text itself
MAX_TESTS = 10_000  # of a condition with its named conditions written out


class Extent(Struct):
    """How deep a condition is, how many tests it has, and how long a chain of names it leads to."""

    depth: int = 1
    tests: int = 1
    names: int = 0


class Extents:
    """How deep and how large named conditions are when those that they name are written out."""

    def __init__(self, names: Names) -> None:
        """Measure the named conditions of a policy set, each when it is first asked for."""
        self._names = names
        self._known: dict[str, Extent] = {}
        self._open: set[str] = set()

    def problem(self, name: str) -> tuple[str, str] | None:
        """The code and the message of what is too much about a named condition, if anything is."""
        found = self._of(name, 0)
        if max(found.depth, found.names) > MAX_DEPTH:
            return "AGP1007", f"is nested more than {MAX_DEPTH} deep with what it names"
        if found.tests > MAX_TESTS:
            return "AGP1008", f"has more than {MAX_TESTS} tests with what it names"
        return None

    def _of(self, name: str, above: int) -> Extent:
        if name in self._open:  # a cycle, which is reported where it is followed
            return Extent(0, 0)
        if above > 2 * MAX_DEPTH:  # names of names count here, so that there is an end to them
            return Extent(MAX_DEPTH + 1, 0)
        if name not in self._known:
            self._open.add(name)
            package, _, last = name.rpartition(".")
            node = self._names.packages[package].declared["condition"][last].node
            assert isinstance(node, syntax.LetDeclaration)
            found = self._measure(node.expression, package, above + 1)
            self._open.discard(name)
            self._known[name] = found
        return self._known[name]

    def _measure(self, node: syntax.Expression, package: str, above: int) -> Extent:
        match node:
            case syntax.All_(parts=parts) | syntax.Any_(parts=parts):
                found = [self._measure(part, package, above + 1) for part in parts]
                return Extent(
                    1 + max(each.depth for each in found),
                    sum(each.tests for each in found),
                    max(each.names for each in found),
                )
            case syntax.Not(part=part):
                within = self._measure(part, package, above + 1)
                return changed(within, depth=within.depth + 1)
            case syntax.Name(text=text) if text.partition(".")[0] not in ROOTS:
                declared = self._names.find("condition", package, text)
                if declared is not None:
                    named = self._of(declared.name, above)
                    return changed(named, names=named.names + 1)
        return Extent()
