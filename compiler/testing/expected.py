"""What a decision says beside its effect, and how that differs from what a test expects of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import Any

from ...runtime.decision import Decision
from ...runtime.values import json_equal
from ..ir import nodes as ir
from ..ir.printing.conditions import string_text
from ..ir.printing.expectations import credential_terms, duty_text, owner_terms, rule_text
from ..ir.printing.rules import needs_text
from ..meaning.evidence import described
from ..structs import Struct

NOTHING = "nothing"


class Mismatch(Struct):
    """One thing that a decision says otherwise than expected, in the words of the language."""

    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.what}: expected {self.expected}, got {self.got}"


def terms_of(decision: Decision) -> ir.Terms:
    """Everything that a decision says beside its effect and rules, as a test would expect it."""
    owner = decision.owner
    return ir.Terms(
        _credential(decision) if decision.effect == "permit" else None,
        _duties(decision) if decision.effect == "permit" else None,
        _asking(decision) if decision.effect == "challenge" else None,
        _reasons(decision) if decision.effect == "deny" else None,
        "none" if owner is None else ir.Owner(owner["name"], owner["contact"]),
    )


def _reasons(decision: Decision) -> tuple[str, ...] | None:
    """In the order that the compiler gives them; that no rule allows is said by no rule."""
    return tuple(sorted({*decision.reasons})) if decision.rules else None


def differences(test: ir.Test, got: Decision) -> tuple[Mismatch, ...]:
    """All that a test expects otherwise; none if it passes.

    Where the effect is another one nothing is said of terms, since they go with the effect.
    """
    found: list[Mismatch] = []
    if got.effect != test.effect:
        found.append(Mismatch("effect", test.effect, got.effect))
    if test.rules is not None and set(got.rules) != set(test.rules):
        found.append(Mismatch("rules", _rules(test.rules), _rules(got.rules)))
    if test.terms is not None and got.effect == test.effect:
        found += _differing_terms(test.terms, terms_of(got), got)
    return tuple(found)


def _differing_terms(expected: ir.Terms, said: ir.Terms, got: Decision) -> Iterator[Mismatch]:
    if expected.asking is not None:
        yield from _unlike("asking", _ways(expected.asking), _ways(said.asking or ()))
    if expected.credential is not None and expected.credential != said.credential:
        yield Mismatch("credential", *_both(credential_terms, expected, said))
    if expected.obligations is not None:
        yield from _differing_duties(expected.obligations, said.obligations or ())
    if expected.reasons is not None:
        before, after = (map(string_text, each) for each in (expected.reasons, got.reasons))
        yield from _unlike("because", before, after)
    if expected.owner is not None and expected.owner != said.owner:
        yield Mismatch("owner", *_both(owner_terms, expected, said))


def _differing_duties(
    expected: tuple[ir.Duty, ...], said: tuple[ir.Duty, ...]
) -> Iterator[Mismatch]:
    """Say which obligations are missing, and which come unexpected; those of one name are compared."""
    missing = [each for each in expected if not any(_is_met(each, duty) for duty in said)]
    more = [duty for duty in said if not any(_is_met(each, duty) for each in expected)]
    for name in dict.fromkeys(each.name for each in (*missing, *more)):
        before, after = (
            [duty_text(each) for each in duties if each.name == name] for duties in (missing, more)
        )
        yield from _unlike("obligation", before, after)


def _unlike(what: str, expected: Iterable[str], said: Iterable[str]) -> Iterator[Mismatch]:
    """Say what is on one side alone, side by side."""
    before, after = set(expected), set(said)
    for one, other in zip_longest(sorted(before - after), sorted(after - before)):
        yield Mismatch(what, one or NOTHING, other or NOTHING)


def _is_met(expected: ir.Duty, duty: ir.Duty) -> bool:
    return expected.name == duty.name and (
        expected.properties is None
        or json_equal(dict(expected.properties), dict(duty.properties or ()))
    )


# --- Decisions in the words of the IR -------------------------------------------------------------


def _credential(decision: Decision) -> Any:
    terms = decision.credential
    return "none" if terms is None else ir.Credential(terms["ttl_seconds"], terms["renew"])


def _duties(decision: Decision) -> tuple[ir.Duty, ...]:
    return ir.once(
        ir.Duty(each["type"], tuple(sorted(each["properties"].items())))
        for each in decision.obligations
    )


def _asking(decision: Decision) -> tuple[tuple[ir.Requirement, ...], ...]:
    """The ways to a permit: what each rule asks for, together."""
    by_rule: dict[str, list[ir.Requirement]] = {}
    for each in decision.requirements:
        by_rule.setdefault(each["rule"], []).append(described(each))
    return ir.once(ir.once(each) for each in by_rule.values())


def _ways(asking: Iterable[Iterable[ir.Requirement]]) -> list[str]:
    return [needs_text(ir.once(each)) for each in asking]


def _both(
    write: Callable[[ir.Terms], Iterator[str]], expected: ir.Terms, said: ir.Terms
) -> tuple[str, str]:
    return ", ".join(write(expected)), ", ".join(write(said))


def _rules(rules: Iterable[str]) -> str:
    return ", ".join(map(rule_text, rules)) or "no rule"
