"""The analysis: the findings, in the order of their codes, over one policy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from importlib import import_module

from .. import ir
from ..codes import CODES
from ..diagnostics import Diagnostic
from .finding import Find, Inquiry, Limits
from .world import World

FINDINGS = {
    "AGP2101": "redundant",
    "AGP2102": "partly_forbidden",
    "AGP2103": "overridden",
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
    "AGP4101": "unending",
    "AGP4102": "without_credential",
    "AGP4103": "long_credential",
    "AGP4104": "without_revoke",
    "AGP4201": "without_owner",
    "AGP4202": "without_control",
    "AGP4301": "without_because",
    "AGP4302": "evidence_of_any_age",
    "AGP4401": "unserved_intent",
    "AGP4402": "agent_without_grant",
    "AGP4501": "unmentioned_action",
    "AGP4502": "unread_attribute",
}
"""Code: the module of this package that finds it. A new finding adds a row here and in `codes`."""

PROOFS = tuple(code for code in FINDINGS if CODES[code].severity == "error")
"""What a policy states of itself, and no artifact may be made of it if that is refuted."""


def analyze(
    policy: ir.Policy,
    limits: Limits | None = None,
    codes: Collection[str] | None = None,
    watch: Callable[[str], None] | None = None,
) -> tuple[Diagnostic, ...]:
    """Give everything that is found, and what could not be determined (AGP2999), by place.

    Without `codes` it looks for what is looked for by default. `watch` is told each code when its turn
    comes, so that a person can be told.
    """
    inquiry = Inquiry(World(policy), limits or Limits())
    if codes is None:
        codes = [code for code in FINDINGS if CODES[code].default]
    found: list[Diagnostic] = []
    if inquiry.ask("any finding applies", None, lambda: inquiry.world.agents) is None:
        codes = ()
    for code, find in finders(codes):
        if watch is not None:
            watch(code)
        found.extend(find(inquiry))
    return tuple(sorted(dict.fromkeys((*found, *inquiry.doubts)), key=lambda each: each.sort_key))


def finders(codes: Collection[str]) -> Iterator[tuple[str, Find]]:
    """The search of each finding that is asked for, with its code."""
    modules: dict[str, str] = {}
    for code, module in FINDINGS.items():
        if code in codes:
            modules.setdefault(module, code)
    for module, code in modules.items():
        find: Find = import_module(f".{module}", __package__).find
        yield code, find
