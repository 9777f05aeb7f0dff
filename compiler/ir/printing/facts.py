"""Meters and sources as source text of the language: what they say of themselves, behind their names."""

from __future__ import annotations

from ...text.field_names import dotted
from .. import nodes as ir
from .conditions import condition_text, duration_text, name_text, term_text


def meter_text(meter: ir.Meter, package: str | None = None) -> str:
    """Write what a meter says of itself, as behind the `=` of its declaration."""
    attribute = "" if meter.attribute is None else f" {term_text(meter.attribute)}"
    of = "" if meter.counted == "permitted" else f"{meter.counted} "
    names = ", ".join(name_text(each, package) for each in meter.capabilities)
    return f"{meter.aggregate}{attribute} of {of}{names}{window_of_meter(meter, package)}"


def window_of_meter(meter: ir.Meter, package: str | None = None) -> str:
    """Write which of the calls a meter counts, behind their capabilities."""
    when = "" if meter.condition is None else f" when {condition_text(meter.condition, package)}"
    keys = [*meter.scopes, *map(_key_text, meter.keys)]
    within = "" if meter.within is None else f" within {duration_text(meter.within)}"
    return f"{when} per {', '.join(keys or ['everyone'])}{within}"


def _key_text(key: ir.MeterKey) -> str:
    recorded, called = term_text(key.recorded), term_text(key.called)
    return recorded if recorded == called else f"{recorded} as {called}"


def origin_text(origin: ir.Origin, package: str | None = None) -> str:
    """Write where a value may have stood."""
    match origin:
        case ir.Origin("user", attribute=ir.Attribute() as attribute):
            return term_text(attribute)
        case ir.Origin("set", values=ir.Constants(name=str() as name)):
            return name_text(name, package)
        case ir.Origin("result" | "quoted" as kind, str() as capability, path, condition):
            quoted = "quoted " if kind == "quoted" else ""
            when = "" if condition is None else f" when {condition_text(condition, package)}"
            return f"{quoted}{dotted(name_text(capability, package), path)}{when}"
        case ir.Origin(kind):
            return kind
