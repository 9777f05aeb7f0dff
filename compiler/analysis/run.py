"""The analysis: the findings, in the order of their codes, over one policy."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import import_module

from .. import ir
from ..codes import CODES
from ..diagnostics import Diagnostic
from .finding import Find, Inquiry, Limits
from .world import World

FINDINGS = {
    "AGP2101": "overridden",
    "AGP2102": "partly_forbidden",
    "AGP2103": "redundant",
    "AGP2104": "covered_forbid",
    "AGP2105": "vacuous",
    "AGP2106": "always_true",
    "AGP2107": "unless_never",
    "AGP2108": "bypassed",
    "AGP3101": "asserted",
    "AGP3102": "unreachable",
    "AGP3201": "overlap",
    "AGP3202": "toxic",
    "AGP3203": "broad_capability",
    "AGP3204": "broad_family",
    "AGP3205": "unlimited_level",
    "AGP3206": "any_intent",
    "AGP3207": "swallowed",
    "AGP3301": "separated",
    "AGP3302": "isolated",
}
"""Code: the module of this package that finds it. A new finding adds a row here and in `codes`."""


def analyze(
    policy: ir.Policy, limits: Limits | None = None, codes: Collection[str] | None = None
) -> tuple[Diagnostic, ...]:
    """Give everything that is found, and what could not be determined (AGP2999), by place.

    Without `codes` it looks for what is looked for by default.
    """
    inquiry = Inquiry(World(policy), limits or Limits())
    if codes is None:
        codes = [code for code in FINDINGS if CODES[code].default]
    found = [diagnostic for find in finders(codes) for diagnostic in find(inquiry)]
    return tuple(sorted(dict.fromkeys((*found, *inquiry.doubts)), key=lambda each: each.sort_key))


def finders(codes: Collection[str]) -> Iterator[Find]:
    """The search of each finding that is asked for."""
    for module in dict.fromkeys(FINDINGS[code] for code in FINDINGS if code in codes):
        find: Find = import_module(f".{module}", __package__).find
        yield find
