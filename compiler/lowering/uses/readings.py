"""What was noted of a name to what its words stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

from ...ir import nodes as ir
from ...report.source import Span
from ...syntax import tree as syntax
from ..names.definitions import Target, TargetKind
from ..names.mentions import Meant, Noted, holder_of_arguments
from ..references.references import References
from .rule_names import parts_of_rule
from .words import Word, Words, joined, span_of

Reading: TypeAlias = tuple[Span, tuple[Target, ...]]
"""A place, and what the word there stands for: several things only if they are fields."""

_FIELDS: tuple[TargetKind, ...] = ("field", "parameter")
_BLOCKS = ("context", "user")


class Readings:
    """Reads what was noted, of one policy set."""

    def __init__(
        self, refer: References, words: Words, is_declared: Callable[[Target], bool]
    ) -> None:
        """Built-in fields and members, and the names of controls apart, what nobody declares is nothing."""
        self._refer = refer
        self._words = words
        self._is_declared = is_declared
        self._known: dict[str, tuple[Target, ...]] = {}
        self._holders: dict[tuple[str, ir.Names], tuple[str, ...]] = {}

    def of(self, node: syntax.Name | syntax.Text, noted: Noted, meant: Meant) -> Iterator[Reading]:
        """Give the words of a name that stand for something, each with what it stands for."""
        if isinstance(node, syntax.Text):  # a member in quotes
            assert isinstance(meant, str)
            yield node.span, (Target("member", meant),)
            return
        if noted == "rule":
            yield from self._of_rule(node, cast(str, meant))
            return
        if noted == "control":
            yield node.span, (Target("control", cast(str, meant)),)
            return
        words = self._words.of(node)
        if noted == "path":
            root, names = cast("tuple[str, ir.Names]", meant)
            yield from self._fields(node, words[1:], self._holders_of(root, names))
        elif noted == "fields":
            yield from self._fields(node, words, cast("tuple[str, ...]", meant))
        elif noted == "result":
            capability, *path = cast("tuple[str, ...]", meant)
            yield from self._fields(node, words[len(words) - len(path) :], (f"{capability}()",))
        elif noted == "action":
            yield from self._of_capability(node, words, cast(str, meant))
        elif noted == "member":
            yield from self._of_member(node, words, cast(str, meant))
        else:
            yield from self._of_declared(node, words, noted, cast(str, meant))

    def _of_declared(
        self, node: syntax.Name, words: list[Word], kind: TargetKind, name: str
    ) -> Iterator[Reading]:
        """`pkg.name`."""
        if kind == "meter" and words[-1].text != name.rpartition(".")[2]:
            words = words[:-1]  # as in `meter.before`
        yield from self._package(node, words[:-1])
        yield span_of(node, words[-1], words[-1]), (Target(kind, name),)

    def _package(self, node: syntax.Name, words: list[Word]) -> Iterator[Reading]:
        if words:
            target = Target("package", joined(words))
            yield span_of(node, words[0], words[-1]), (target,)

    def _of_capability(
        self, node: syntax.Name, words: list[Word], capability: str
    ) -> Iterator[Reading]:
        """`pkg.tool.action`, `pkg.tool.*` or `pkg.intent.start`; `action` alone where a tool is named before."""
        holder = capability.rpartition(".")[0]
        is_start = self._refer.vocabulary.resources[holder].kind == "intent"
        if len(words) > 1:
            kind: TargetKind = "intent" if is_start else "resource"
            yield from self._of_declared(node, words[:-1], kind, holder)
        if words[-1].text != "*" and not is_start:
            yield span_of(node, words[-1], words[-1]), (Target("action", capability),)

    def _of_member(self, node: syntax.Name, words: list[Word], member: str) -> Iterator[Reading]:
        """`EUR`, `currency.EUR` or `pkg.currency.EUR`."""
        target = Target("member", member)
        if not self._is_declared(target):
            return  # a state of a task
        if len(words) > 1:
            type_ = member.removesuffix(f".{words[-1].text}")
            yield from self._of_declared(node, words[:-1], "type", type_)
        yield span_of(node, words[-1], words[-1]), (target,)

    def _fields(
        self, node: syntax.Name, words: list[Word], holders: tuple[str, ...]
    ) -> Iterator[Reading]:
        """The words of a path, as long as somebody declares them."""
        path = ""
        for word in words:
            path = f"{path}.{word.text}"
            found = tuple(one for each in holders for one in self._declared(f"{each}{path}"))
            if not found:
                return
            yield span_of(node, word, word), found

    def _declared(self, name: str) -> tuple[Target, ...]:
        """The field of a name, or the parameter."""
        found = self._known.get(name)
        if found is None:
            both = (Target(kind, name) for kind in _FIELDS)
            found = self._known[name] = tuple(each for each in both if self._is_declared(each))
        return found

    def _holders_of(self, root: str, names: ir.Names) -> tuple[str, ...]:
        """What may declare the fields of a root, for what a rule names."""
        found = self._holders.get((root, names))
        if found is None:
            found = self._holders[root, names] = tuple(self._holding(root, names))
        return found

    def _holding(self, root: str, names: ir.Names) -> Iterator[str]:
        if root in _BLOCKS:
            yield root
        elif root == "it":
            yield from cast("tuple[str, ...]", names)
        elif root == "args":
            known = self._refer.vocabulary.resources
            for capability in self._refer.declarers(root, names):
                resource, _, action = capability.rpartition(".")
                yield holder_of_arguments(known[resource], action)
        else:
            yield from (f"{each}.{root}" for each in self._refer.declarers(root, names))

    def _of_rule(self, node: syntax.Name, id: str) -> Iterator[Reading]:
        """A rule in a test: the name of the grant or forbid, a label, or the capabilities of an allow."""
        span = node.span
        start = (
            span.column + (span.end_column - span.column - len(node.text)) // 2
        )  # in quotes or not
        before = len(id) - len(node.text)  # what is not written here
        for part, at, target in parts_of_rule(id, self._refer):
            if at >= before:
                column = start + at - before
                yield Span(span.file, span.line, column, span.line, column + len(part)), (target,)
