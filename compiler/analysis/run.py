"""The analysis: the findings, in the order of their codes, over one policy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from importlib import import_module
from types import ModuleType

from ..garbage import seldom_collected
from ..ir import nodes as ir
from ..report.codes import CODES
from ..report.diagnostics import Diagnostic
from .answers import Answers
from .inquiry import Find, Inquiry, joined
from .limits import Limits
from .statements import all_stated, unasked

FINDINGS = {
    "AGP2101": "contradictions.redundant",
    "AGP2102": "contradictions.partly_forbidden",
    "AGP2103": "contradictions.overridden",
    "AGP2104": "contradictions.covered_forbid",
    "AGP2105": "contradictions.vacuous",
    "AGP2106": "contradictions.always_true",
    "AGP2107": "contradictions.unless_never",
    "AGP2108": "contradictions.bypassed",
    "AGP2109": "contradictions.absent_permits",
    "AGP2111": "contradictions.path_glob",
    "AGP2112": "contradictions.empty_every",
    "AGP2113": "contradictions.forbid_glob",
    "AGP2201": "facts.limit_below_one",
    "AGP2202": "facts.unfed",
    "AGP2203": "facts.no_record_opens",
    "AGP2204": "facts.written_by_others",
    "AGP2205": "facts.beyond_retention",
    "AGP2206": "facts.larger_count",
    "AGP2207": "facts.chosen_key",
    "AGP2208": "facts.number_from_text",
    "AGP2209": "facts.free_look_up",
    "AGP2210": "facts.unread_text",
    "AGP3101": "statements.asserted",
    "AGP3102": "statements.unreachable",
    "AGP3103": "statements.contained",
    "AGP3201": "privilege.overlap",
    "AGP3202": "privilege.toxic",
    "AGP3203": "privilege.broad_capability",
    "AGP3204": "privilege.broad_family",
    "AGP3205": "privilege.unlimited_level",
    "AGP3206": "privilege.any_intent",
    "AGP3207": "privilege.swallowed",
    "AGP3208": "privilege.empty_chain",
    "AGP3209": "privilege.cut_off",
    "AGP3211": "privilege.exposed",
    "AGP3212": "privilege.open_action",
    "AGP3301": "statements.separated",
    "AGP3302": "statements.isolated",
    "AGP4101": "lifecycle.unending",
    "AGP4102": "lifecycle.without_credential",
    "AGP4103": "lifecycle.long_credential",
    "AGP4104": "lifecycle.without_revoke",
    "AGP4105": "lifecycle.over",
    "AGP4106": "lifecycle.far_end",
    "AGP4201": "accountability.without_owner",
    "AGP4202": "accountability.without_control",
    "AGP4301": "accountability.without_because",
    "AGP4302": "accountability.evidence_of_any_age",
    "AGP4303": "accountability.asking_allow",
    "AGP4304": "accountability.asking_forbid",
    "AGP4401": "unused.unserved_intent",
    "AGP4402": "unused.agent_without_grant",
    "AGP4501": "unused.unmentioned_action",
    "AGP4502": "unused.unread_attribute",
}
"""Code: the module of this package that finds it. A new finding adds a row here and in `codes`."""

DATED = ("AGP4105", "AGP4106")
"""What is found only at a time that somebody names; the analysis has no clock of its own."""

PROOFS = tuple(code for code in FINDINGS if CODES[code].severity == "error")
"""What a policy states of itself, and no artifact may be made of it if that is refuted."""


WITHOUT_AGENTS = (
    *("AGP2109", "AGP3203", "AGP3204", "AGP3206"),
    *(code for code in FINDINGS if code.startswith("AGP4") and code != "AGP4402"),
)
"""What is found whoever the agents of families are."""


ABOUT = {
    **dict.fromkeys(("AGP2201", "AGP2205", "AGP2206", "AGP2207"), ("meters",)),
    **dict.fromkeys(("AGP2202", "AGP2203"), ("meters", "sources")),
    **dict.fromkeys(("AGP2204", "AGP2208", "AGP2209", "AGP2210"), ("sources",)),
    **dict.fromkeys(("AGP3208", "AGP3209"), ("delegations",)),
    "AGP3101": ("assertions",),
    "AGP3103": ("containments",),
    "AGP3301": ("separations",),
    "AGP3302": ("isolations",),
}
"""What some findings are about: a policy that has none of it need not load them."""


STATED = (*PROOFS, "AGP3102")
"""What is about statements, which are asked about first."""


def analyze(
    policy: ir.Policy,
    limits: Limits | None = None,
    codes: Collection[str] | None = None,
    watch: Callable[[str], None] | None = None,
    answers: Answers | None = None,
    at: int | None = None,
) -> tuple[Diagnostic, ...]:
    """Give everything that is found, and what could not be determined (AGP2999), by place.

    Without `codes` it looks for what is looked for by default. `watch` is told each code when its turn
    comes, so that a person can be told. With the answers of an analysis before, those are used that no
    change of a rule has touched.

    `at` is the time, as `read_time` gives it, at which grants are over or end soon; without one nothing of
    that is found.
    """
    limits, answers = limits or Limits(), answers or Answers()
    inquiry = Inquiry(answers.world(policy, limits), limits, answers=answers, at=at)
    if codes is None:
        codes = [code for code in FINDINGS if CODES[code].default]
    found: list[Diagnostic] = []
    if inquiry.ask("rules meet", None, lambda: inquiry.world.universe.agents) is None:
        inquiry.doubts += (
            unasked(each, "the patterns of families are too many") for each in all_stated(policy)
        )
        codes = [code for code in codes if code in WITHOUT_AGENTS]
    with seldom_collected():
        for code, find in finders(codes, policy):
            if watch is not None:
                watch(code)
            found.extend(find(inquiry))
    doubts = joined(inquiry.doubts)
    return tuple(sorted(dict.fromkeys((*found, *doubts)), key=lambda each: each.sort_key))


def finders(codes: Collection[str], policy: ir.Policy) -> Iterator[tuple[str, Find]]:
    """The search of each finding that is asked for and may be there, with its code; statements go first."""
    modules: dict[str, str] = {}
    for code in (*STATED, *(each for each in FINDINGS if each not in STATED)):
        about = ABOUT.get(code)
        if code in codes and (about is None or any(getattr(policy, each) for each in about)):
            modules.setdefault(FINDINGS[code], code)
    for name, code in modules.items():
        module = import_module(f".findings.{name}", __package__)
        find: Find | None = getattr(module, "find", None)
        yield code, find or partial(about_each, code, module)


def about_each(code: str, module: ModuleType, inquiry: Inquiry) -> Iterator[Diagnostic]:
    """What is found about single grants; and about single rules, looked for where it may have changed."""
    if about := getattr(module, "about_grant", None):
        for grant in inquiry.grants:
            yield from about(inquiry, grant)
    for rules, name in (
        (inquiry.policy.allows, "about_allow"),
        (inquiry.policy.forbids, "about_forbid"),
    ):
        if about := getattr(module, name, None):
            for rule in rules:
                yield from inquiry.keep(code, (rule,), partial(_all, about, inquiry, rule))


def _all(
    about: Callable[[Inquiry, ir.Rule], Iterator[Diagnostic]], inquiry: Inquiry, rule: ir.Rule
) -> tuple[Diagnostic, ...]:
    return tuple(about(inquiry, rule))
