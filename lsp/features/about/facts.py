"""What a meter counts and what a source vouches for, in words."""

from __future__ import annotations

from collections.abc import Iterator

from ....compiler.ir import nodes as ir
from ....compiler.ir.printing.conditions import condition_text, duration_text, term_text
from ....compiler.ir.printing.facts import origin_text
from ....compiler.ir.type_words import in_words
from ...markup import Block, Code, Item, Items, Line, Piece, codes, item, said
from .rules import short, short_capability

_COUNTED = {
    "permitted": "that were permitted",
    "done": "that were reported done",
    "denied": "that were denied",
    "asked": "that were challenged",
}
_SCOPES = {
    "agent": "by the same agent",
    "resource": "on the same resource",
    "task": "in the same run of tasks",
    "user": "for the same user",
}
_READ = "read as "


def about_meter(meter: ir.Meter, package: str) -> Iterator[Block]:
    """What a meter counts."""
    yield said(*_aggregate(meter, package), " of the calls ", _COUNTED[meter.counted], " to ", *codes(
        short_capability(each, package) for each in meter.capabilities
    ), ".")  # fmt: skip
    yield Items(tuple(_narrowed(meter, package)))


def _aggregate(meter: ir.Meter, package: str) -> Line:
    of = "" if meter.attribute is None else term_text(meter.attribute, package)
    match meter.aggregate:
        case "count":
            return ("The number",)
        case "sum":
            return ("The sum of ", Code(of))
        case "sum size":
            return ("The number of elements of ", Code(of), ", added up,")
        case "max":
            return ("The greatest ", Code(of))
        case "distinct":
            return ("The number of different values of ", Code(of))
        case "last":
            return ("The time of the latest",)


def _narrowed(meter: ir.Meter, package: str) -> Iterator[Item]:
    if meter.condition is not None:
        yield item("only where ", Code(condition_text(meter.condition, package)))
    for scope in meter.scopes:
        yield item(_SCOPES[scope])
    for key in meter.keys:
        recorded, called = term_text(key.recorded), term_text(key.called)
        if recorded == called:
            yield item("with the same ", Code(called))
        else:
            yield item("whose ", Code(recorded), " is the ", Code(called), " of the call at hand")
    if not meter.scopes and not meter.keys:
        yield item("by everyone, in every task")
    if meter.within is not None:
        yield item("in the last ", Code(duration_text(meter.within)))
    name = short(meter.name, package)
    readings: list[Piece] = [_READ, Code(f"{name}.before"), " without the call at hand"]
    if meter.has_with:
        readings = [_READ, Code(name), " as if the call at hand went ahead, and as ", *readings[1:]]
    yield item(*readings, ": ", Code(in_words(meter.type)))


def about_source(source: ir.Source, package: str) -> Iterator[Block]:
    """What a source vouches for."""
    yield said("A value comes from it if one of these is so:")
    yield Items(tuple(item(*_origin(each, package)) for each in source.origins))


def _origin(origin: ir.Origin, package: str) -> Line:
    when = origin.condition
    only: Line = () if when is None else (", where ", Code(condition_text(when, package)))
    capability = short_capability(origin.capability or "", package)
    path = ".".join(origin.path)
    match origin.kind:
        case "said":
            return ("the person said it in this run",)
        case "task":
            return ("it is a field of the task",)
        case "result":
            return ("a call of ", Code(capability), " gave it back as ", Code(path), *only)
        case "quoted":
            at: Line = (" in ", Code(path)) if path else ()
            return ("it stands in a text that ", Code(capability), " gave back", *at, *only)
        case "set" | "user":
            return ("it is one of ", Code(origin_text(origin, package)))
