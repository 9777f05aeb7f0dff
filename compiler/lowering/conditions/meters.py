"""Meters: declarations of them, and `after`, which is one without a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ...ir import nodes as ir
from ...ir.digests import digested
from ...ir.roots import ROOTS
from ...ir.type_words import in_words
from ...ir.walk import attributes
from ...report.diagnostics import at, report
from ...structs import Struct, changed
from ...syntax import tree as syntax
from ...text.field_names import segments
from ..literals.times import seconds
from ..references.attributes import Environment
from ..references.capabilities import capabilities_of
from ..references.facts import LONGEST, check_keys
from ..references.references import References
from .conditions import ConditionReader
from .operands import is_path

SCOPES: tuple[ir.Scope, ...] = ("agent", "resource", "task", "user")
EVERYONE = "everyone"
SUMMED = (ir.INT, ir.NUMBER)
GREATEST = ("int", "number", "time", "duration", "date")


def lower_meter(package: str, node: syntax.MeterDeclaration, refer: References) -> ir.Meter | None:
    """The meter that a declaration states; None if it is mistaken, which is reported."""
    # What counts more closes more, but for what has to be finished.
    reader = _Reader.of(package, node.capabilities, refer, unmarked=node.outcome != "done")
    if reader is None:
        return None
    aggregate, attribute = reader.aggregate(node.aggregate)
    return reader.meter(
        f"{package}.{node.name.text}", aggregate, attribute, node.outcome or "permitted", node
    )


def lower_after(env: Environment, node: syntax.After) -> ir.Condition | None:
    """`after …`: that there was a call, before this one."""
    refer = env.refer
    if env.facts is None or refer is None:
        report(
            env.diagnostics, "AGP1603", node.span, "a fact is read from what requests carry alone"
        )
        return None
    told = refer.reporting_to(env.diagnostics)
    reader = _Reader.of(env.package, node.capabilities, told, unmarked=not node.done)
    if reader is None:
        return None
    keys = node.keys or (syntax.Key(node.span, syntax.Name(node.span, "task"), None),)
    found = reader.meter(
        "", "count", None, "done" if node.done else "permitted", changed(node, keys=keys)
    )
    if found is None:
        return None
    meter = changed(found, name=after_text(found))
    if len(meter.name) > LONGEST:
        report(
            env.diagnostics,
            "AGP1008",
            node.span,
            f"this is longer than {LONGEST} characters when all that it names is written out",
            "give it a name: `meter NAME = count of …`, and ask `NAME.before > 0`",
        )
        return None
    check_keys(env, meter, keys, node.span, "this")
    env.facts.add_unnamed(meter)
    return ir.Compare(">", meter.read("before"), ir.Constant(ir.INT, 0), node.span)


def after_text(meter: ir.Meter) -> str:
    """Write an unnamed meter as `after` does, whatever package it stands in."""
    from ...ir.printing.facts import window_of_meter  # by policies that say `after`

    done = "done " if meter.counted == "done" else ""
    return f"after {done}({', '.join(meter.capabilities)}{window_of_meter(meter)})"


class _Reader(Struct, frozen=False):
    """Reads what a meter says of the records that it counts."""

    package: str
    refer: References
    capabilities: tuple[str, ...]
    env: Environment

    @classmethod
    def of(
        cls, package: str, nodes: Sequence[syntax.Name], refer: References, *, unmarked: bool
    ) -> _Reader | None:
        named = capabilities_of(refer, package, nodes, unmarked=unmarked)
        if named is None:
            return None
        expanded = refer.expand(named)
        return cls(package, refer, expanded, refer.records_environment(package, expanded))

    def meter(
        self,
        name: str,
        aggregate: ir.Aggregate,
        attribute: ir.Attribute | None,
        counted: ir.Counted,
        node: syntax.MeterDeclaration | syntax.After,
    ) -> ir.Meter | None:
        diagnostics = self.env.diagnostics
        before = len(diagnostics)
        condition = None
        if node.when is not None:
            condition = ConditionReader(self.env, user="this meter").lower(node.when)
        scopes, keys = self._keys(node.keys)
        within = None if node.within is None else seconds(node.within, diagnostics, positive=True)
        if node.within is None and "task" not in scopes:
            report(
                diagnostics,
                "AGP1601",
                node.span,
                "nothing ends the record that this counts",
                "say how far back it looks, as in `within 30d`, or keep it `per task`",
            )
        if any(each.severity == "error" for each in diagnostics[before:]) or (
            attribute is None and aggregate not in ("count", "last")
        ):
            return None
        read = [each.recorded for each in keys] + ([] if attribute is None else [attribute])
        read += [] if condition is None else [each for each, _ in attributes(condition)]
        counts = self._that_have(read)
        meter = ir.Meter(
            name, aggregate, attribute, counted, counts, condition, scopes, keys, within,
            "", node.span,
        )  # fmt: skip
        return digested(meter, self.refer.members)

    def _that_have(self, read: list[ir.Attribute]) -> tuple[str, ...]:
        """The capabilities, without the starts that have not what is read."""
        known = self.refer.vocabulary
        return tuple(
            each
            for each in self.capabilities
            if (name := each.rpartition(".")[0]) not in known.startable
            or all(self._has(known.intents[name], attribute) for attribute in read)
        )

    def _has(self, intent: ir.Intent, attribute: ir.Attribute) -> bool:
        """Whether the start of a task has an attribute, which is an argument if it is a field of the task."""
        name = attribute.path[0] if attribute.path else ir.EACH
        if attribute.root == "resource":
            return any(each.name == name for each in ROOTS["resource"].built_in)
        if attribute.root != "args" or name == ir.EACH:
            return True
        meant = self.env.roots["args"].fields[name].type
        return any(each.name == name and each.type == meant for each in intent.fields)

    def aggregate(self, node: syntax.Aggregate) -> tuple[ir.Aggregate, ir.Attribute | None]:
        kind: ir.Aggregate = "sum size" if node.size else node.kind
        if node.attribute is None:
            return kind, None
        attribute = self._attribute(node.attribute)
        if attribute is None:
            return kind, None
        type_ = attribute.type
        listed = isinstance(type_, ir.ListType)
        inner = ir.element_type(type_)
        plain = not isinstance(inner, ir.ListType | ir.RecordType) and inner != ir.JSON
        match kind:
            case "sum":
                fits, needed = type_ in SUMMED, "an `int` or a `number`"
            case "sum size":
                fits, needed = listed, "a list"
            case "max":
                ordered = isinstance(type_, ir.LevelType) or (
                    isinstance(type_, ir.Scalar) and type_.name in GREATEST
                )
                fits, needed = ordered, "numbers, times, durations or a level"
            case _:
                fits, needed = plain, "values that compare, or a list of them"
        if fits:
            return kind, attribute
        message = f"`{kind}` needs {needed}, and `{node.attribute.text}` is `{in_words(type_)}`"
        report(self.env.diagnostics, "AGP1202", node.attribute.span, message)
        return kind, None

    def _keys(
        self, nodes: Sequence[syntax.Key]
    ) -> tuple[tuple[ir.Scope, ...], tuple[ir.MeterKey, ...]]:
        scopes: set[ir.Scope] = set()
        keys: list[ir.MeterKey] = []
        for node in nodes:
            text = node.attribute.text
            if text in SCOPES and node.called is None:
                scopes.add(text)
            elif text != EVERYONE or node.called is not None:
                key = self._key(node)
                if key is not None and key not in keys:
                    keys.append(key)
        return tuple(sorted(scopes)), tuple(sorted(keys, key=repr))

    def _key(self, node: syntax.Key) -> ir.MeterKey | None:
        recorded = self._attribute(node.attribute)
        if recorded is None:
            return None
        if ir.part_of(recorded.type) is not None:
            message = f"a key is a whole value, and `{node.attribute.text}` is a part of one"
            report(self.env.diagnostics, "AGP1202", node.attribute.span, message)
            return None
        if isinstance(recorded.type, ir.ListType | ir.RecordType) or recorded.type == ir.JSON:
            report(
                self.env.diagnostics,
                "AGP1202",
                node.attribute.span,
                f"a key is a single value, and `{node.attribute.text}` is `{in_words(recorded.type)}`",
            )
            return None
        if node.called is None:
            return ir.MeterKey(recorded, recorded)
        root, *path = segments(node.called.text)
        if not is_path(node.called.text) or not path:
            self._no_attribute(node.called)
            return None
        called = ir.Attribute(cast("ir.Root", root), tuple(path), recorded.type)
        return ir.MeterKey(recorded, called)

    def _attribute(self, name: syntax.Name) -> ir.Attribute | None:
        if not is_path(name.text):
            self._no_attribute(name)
            return None
        found = self.env.read(name)
        return None if found is None else changed(found, optional=False)

    def _no_attribute(self, name: syntax.Name) -> None:
        self.env.diagnostics.append(
            at(
                "AGP1101",
                name.span,
                f"`{name.text}` is not an attribute",
                help="write one such as `args.amount`; a key may also be `task`, `agent`, `user`, "
                "`resource` or `everyone`",
            )
        )
