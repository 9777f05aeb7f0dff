"""What is known of facts where a condition is read: the meters and sources that there are, and their attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...ir import nodes as ir
from ...ir.definite import All, Asked, Question, Some, definitely
from ...ir.type_words import in_words
from ...ir.walk import Leaf, leaves
from ...report.diagnostics import Diagnostics, at, report
from ...report.source import Span
from ...structs import Struct, field
from ...syntax import tree as syntax
from ...text.field_names import dotted
from ..names.names import Names
from .attributes import Environment

LONGEST = 900  # characters of what an unnamed fact says, which is its name


class Facts(Struct, frozen=False):
    """The meters and sources of a policy set.

    `meters` and `sources` are those that are declared; `unnamed` are those that conditions define where they read
    them, by key, with more of earlier compilations.
    """

    meters: dict[str, ir.Meter] = field(default_factory=dict)
    sources: dict[str, ir.Source] = field(default_factory=dict)
    unnamed: dict[str, ir.Meter | ir.Source] = field(default_factory=dict)

    def add_unnamed(self, fact: ir.Meter | ir.Source) -> None:
        """Keep what a condition defines."""
        self.unnamed[fact.key] = fact


def meter_named(names: Names, package: str, text: str) -> tuple[str, str] | None:
    """The qualified name of the meter that a name reads, and what stands behind it; None if it reads none."""
    found = names.find("meter", package, text)
    if found is not None:
        return found.name, ""
    base, _, last = text.rpartition(".")
    found = names.find("meter", package, base) if last in ("before", "with") else None
    return None if found is None else (found.name, last)


def read_meter(env: Environment, name: syntax.Name) -> ir.Attribute | None:
    """The attribute that the name of a meter reads; else say what is wrong."""
    named = meter_named(env.names, env.package, name.text)
    assert named is not None
    if env.facts is None:
        message = f"`{name.text}` is a fact, and a fact is read from what requests carry alone"
        report(env.diagnostics, "AGP1603", name.span, message)
        return None
    meter = env.facts.meters.get(named[0])
    if meter is None:  # what is wrong with it has been reported
        return None
    env.names.note(name, "meter", named[0])
    if named[1] == "with":
        text = name.text.removesuffix(".with")
        report(env.diagnostics, "AGP1603", name.span, "the value as if this call went ahead has the "
               "meter's name alone", f"write `{text}`")  # fmt: skip
        return None
    if not named[1] and not meter.has_with:
        message = f"this call does not count in meter `{name.text}`, which has only `.before`"
        report(env.diagnostics, "AGP1603", name.span, message, f"write `{name.text}.before`")
        return None
    package, _, last = named[0].rpartition(".")
    node = env.names.packages[package].declared["meter"][last].node
    assert isinstance(node, syntax.MeterDeclaration)
    check_keys(env, meter, node.keys, name.span, f"meter `{name.text}`")
    return meter.read("before" if named[1] else "with")


def check_keys(
    env: Environment, meter: ir.Meter, nodes: Iterable[syntax.Key], span: Span, what: str
) -> None:
    """Report a key that the calls of a rule do not have, for which the meter would be unknown for ever.

    `nodes` are the keys as they are written, in which names stand for what these calls have, too.
    """
    written = {name.text: name for each in nodes for name in (each.called or each.attribute,)}
    for key in meter.keys:
        path = dotted(key.called.root, key.called.path)
        found: Diagnostics = []
        attribute = env.of(env.package, found).read(written[path])
        if attribute is None and not found:
            continue  # it is not known yet what this is about
        if attribute is None or attribute.type != key.recorded.type:
            kind = in_words(key.recorded.type)
            has = "none" if attribute is None else f"one of type `{in_words(attribute.type)}`"
            env.diagnostics.append(
                at(
                    "AGP1602",
                    span,
                    f"{what} is kept per `{path}`, a `{kind}`, and what this reads it for has {has}",
                    help="declare it there, or say what of the call stands for it: "
                    f"`per {dotted(key.recorded.root, key.recorded.path)} as …`",
                )
            )


def misplaced(condition: ir.Condition | None, demanded: bool | None) -> Iterator[Span]:
    """Where a condition asks where values come from, and truth there opens nothing, or falsehood does.

    `demanded` is whether the condition has to be true; None where neither closes.
    """
    if condition is None or not any(map(asks_source, leaves(condition))):
        return
    for leaf, wanted in _asked(definitely(condition, True)):
        if asks_source(leaf) and wanted is not demanded and leaf.span is not None:
            yield leaf.span


def asks_source(leaf: Leaf) -> bool:
    """Whether a leaf asks where an argument comes from."""
    return isinstance(leaf, ir.In) and isinstance(leaf.item, ir.NameOf)


def _asked(question: Question) -> Iterator[tuple[Leaf, bool]]:
    match question:
        case Asked(leaf, wanted):
            yield leaf, wanted
        case All(parts) | Some(parts):
            for part in parts:
                yield from _asked(part)


def report_misplaced(diagnostics: Diagnostics, spans: Iterator[Span]) -> None:
    """Report each of them."""
    for span in spans:
        report(
            diagnostics,
            "AGP1605",
            span,
            "where a value comes from may only be demanded: changing one letter of it makes this false",
            "write it in an allow or in a forbid's `unless`, or after `not` in a forbid's `when`",
        )
