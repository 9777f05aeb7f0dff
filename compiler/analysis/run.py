"""The analysis: the findings, in the order of their codes, over one policy."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from .. import ir
from ..diagnostics import Diagnostic
from .finding import Find, Inquiry, Limits
from .world import World

FINDINGS = {
    "AGP2101": "overridden",
    "AGP3101": "asserted",
    "AGP3102": "unreachable",
    "AGP3301": "separated",
    "AGP3302": "isolated",
}
"""Code: the module of this package that finds it. A new finding adds a row here and in `codes`."""


def analyze(policy: ir.Policy, limits: Limits | None = None) -> tuple[Diagnostic, ...]:
    """Give everything that is found, and what could not be determined (AGP2999), by place."""
    inquiry = Inquiry(World(policy), limits or Limits())
    found = [diagnostic for find in finders() for diagnostic in find(inquiry)]
    return tuple(sorted((*found, *inquiry.doubts), key=lambda each: each.sort_key))


def finders() -> Iterator[Find]:
    """The search of each finding."""
    for module in dict.fromkeys(FINDINGS.values()):
        find: Find = import_module(f".{module}", __package__).find
        yield find
