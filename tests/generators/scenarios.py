"""Tests in policies: a request, and what is expected of it, right or wrong, whole or in part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.meaning.interpreter import decide
from agpc.compiler.testing.expected import terms_of
from agpc.compiler.testing.suggest import suggest
from agpc.compiler.testing.tidy import Unwritable

from .policies import WRITTEN, Maker, policies
from .requests import draw_aimed
from .texts import hostile_text
from .values import BOOLEANS, Draw, chance, integers, pick
from .vocabularies import OWNERS, Places

EFFECTS = ("permit", "challenge", "deny")


@st.composite
def policies_with_tests(
    draw: st.DrawFn, *, features: Iterable[str] = WRITTEN, max_rules: int = 4
) -> ir.Policy:
    """A policy with tests, most of them three, which expect all kinds of terms; about half of them pass."""
    policy = draw(policies(features=features, max_rules=max_rules))
    places = Places()
    makes = Expectations(draw, policy, Maker(draw, policy, places, frozenset(features)))
    tests: list[ir.Test] = []
    for number in range(3):
        try:
            made = suggest(policy, draw_aimed(draw, policy)).test
        except Unwritable:
            continue
        name = f"{number}{draw(hostile_text(1)) if chance(draw, 20) else ''}"
        test = replace(made, name=name, span=places.next())
        tests.append(makes.other(test) if chance(draw, 15) else makes.partly_right(test))
    tests = list(_as_read(policy, tests))
    return replace(policy, tests=tuple(sorted(tests, key=lambda each: (each.name, repr(each)))))


def _as_read(policy: ir.Policy, tests: list[ir.Test]) -> Iterator[ir.Test]:
    """Each test with values as the compiler reads them, `1`, say, and not `1.0`; and with what it says of before."""
    plain = tuple(
        replace(test, name=f"{number}", rules=None, terms=None) for number, test in enumerate(tests)
    )
    read = compile_sources(policy_sources(replace(policy, tests=plain))).policy
    assert read is not None
    found = {test.name: test for test in read.tests}
    for number, test in enumerate(tests):
        known = found[f"{number}"]
        yield replace(test, request=known.request, record=known.record)


class Expectations:
    """Draws what tests of one policy expect: of each kind nothing, what comes out, or something else."""

    def __init__(self, draw: Draw, policy: ir.Policy, makes: Maker) -> None:
        self.draw = draw
        self.policy = policy
        self.makes = makes

    def partly_right(self, test: ir.Test) -> ir.Test:
        """The test with the effect that comes out, and of the rest what is drawn."""
        got = decide(self.policy, test.request)
        said, other = terms_of(got), self.terms(test.effect)
        terms = ir.Terms(
            **{name: self.one_of(getattr(said, name), getattr(other, name)) for name in KINDS}
        )
        if terms.obligations is not None and chance(self.draw, 40):
            terms = replace(terms, obligations=ir.once(map(self.vaguer, terms.obligations)))
        rules = self.one_of(test.rules, self.rules(test.effect))
        return replace(test, rules=rules, terms=None if terms == ir.Terms() else terms)

    def other(self, test: ir.Test) -> ir.Test:
        """The test with any effect, and with terms that go with it."""
        effect = pick(self.draw, EFFECTS)
        terms = self.terms(effect)
        rules = self.rules(effect)
        terms_said = None if terms == ir.Terms() else terms
        return replace(test, effect=effect, rules=rules, terms=terms_said)

    def one_of(self, right: Any, other: Any) -> Any:
        kind = self.draw(integers(0, 9))
        return None if kind < 3 else right if kind < 9 else other

    # --- what may be something else ---

    def terms(self, effect: str) -> ir.Terms:
        """Terms that may be expected of an effect, about which a decision may say otherwise."""
        draw, makes = self.draw, self.makes
        owner = pick(draw, (None, "none", *filter(None, OWNERS)))
        if effect == "challenge":
            ways = [ir.once(makes.requirements()) for _ in range(pick(draw, (0, 1, 1, 2)))]
            return ir.Terms(asking=ir.once(ways) or None, owner=owner)
        if effect == "deny":
            reasons = {draw(hostile_text()) for _ in range(pick(draw, (0, 1, 2)))}
            return ir.Terms(reasons=tuple(sorted(reasons)) or None, owner=owner)
        credential = pick(draw, (None, "none", ir.Credential(900, 0), ir.Credential(61, 3)))
        duties = [each for each in self.duties() if draw(BOOLEANS)]
        return ir.Terms(credential, pick(draw, (None, (), ir.once(duties))), owner=owner)

    def duties(self) -> list[ir.Duty]:
        """Obligations that the allows of the policy have, and others of the same names."""
        found = [
            ir.Duty(each.name, each.properties)
            for allow in self.policy.allows
            for each in allow.obligations
        ]
        others = [
            replace(each, properties=(("n", pick(self.draw, (1, True, 1.5, "1", "15m"))),))
            for each in found
            if each.name != "audit"
        ]
        return [*found, *others, ir.Duty("audit", (("level", "full"),))]

    def vaguer(self, duty: ir.Duty) -> ir.Duty:
        """The obligation with any properties, where that can be written."""
        if duty.name == "audit" or self.draw(BOOLEANS):
            return duty
        return replace(duty, properties=None)

    def rules(self, effect: str) -> tuple[str, ...] | None:
        """Rules, of a denial none, too."""
        if chance(self.draw, 40):
            return None
        ids = [each.id for each in self.policy.rules]
        found = {pick(self.draw, ids) for _ in range(pick(self.draw, (1, 1, 2)))}
        return () if effect == "deny" and chance(self.draw, 30) else tuple(sorted(found))


KINDS = ("credential", "obligations", "asking", "reasons", "owner")
