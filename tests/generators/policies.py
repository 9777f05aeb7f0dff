"""Well-typed policies of a few rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.starts import KIND
from agpc.compiler.ir.walk import attributes, conditions_of

from .chains import draw_delegations
from .conditions import Surroundings, draw_condition
from .declared_facts import afters, draw_facts, readings, without_unread
from .starts import starts_of, with_fields, with_starts
from .texts import hostile_text
from .values import BOOLEANS, Draw, chance, integers, pick
from .vocabularies import CONTROLS, OWNERS, Places, draw_vocabulary, readable

FEATURES = frozenset(
    {
        "has", "forbid", "require", "revoke", "valid", "during", "credential", "oblige", "evidence",
        "unwritten", "delegate", "start", "facts",
    }
)  # fmt: skip
"""What a policy may hold beside allows with conditions; `evidence` is `unless approval`.

`delegate` is who may hand tasks on to whom, `start` that starting a task is a call, and `facts` are meters and sources, of
all of which `requests` then speak; a start asks for its fields, and so for `has`. `unwritten` is what the IR has and source text says in another way: `every` and `some` over the Not
of a test that is neither a `==` nor an `in`.
"""
WRITTEN = FEATURES - {"unwritten"}
"""What comes back the same when it is printed and compiled."""

WINDOWS = (
    ir.Window((0, 1, 2, 3, 4), 420, 1140, "Europe/Berlin"),
    ir.Window((1,), 600, 601, "UTC"),
    ir.Window((0, 1, 2, 3, 4, 5, 6), 0, 1440, "America/St_Johns"),
    ir.Window((5, 6), 1320, 360, "Europe/Berlin"),
    ir.Window((6,), 1, 0, "Asia/Kathmandu"),
    ir.Window((1, 6), 120, 180, "Europe/Berlin"),
)
VALIDITIES = (
    ir.Validity("2026-01-01T00:00:00Z", "2027-07-01T00:00:00Z"),
    ir.Validity("2026-11-24T10:00:00Z", None),
    ir.Validity(None, "2026-11-24T11:00:00Z"),
    ir.Validity("2026-11-24T10:00:00.000000001Z", "2026-11-24T11:00:00Z"),
)
APPROVERS = ("role:controller", "role:ciso", "user:ann", "user:joe", 'role:"\n')


@st.composite
def policies(
    draw: st.DrawFn,
    *,
    features: Iterable[str] = FEATURES,
    max_rules: int = 5,
    user_block: bool | None = None,
    is_handed_on: bool = False,
) -> ir.Policy:
    """A well-typed policy with at least one allow, and every feature that is named.

    `user_block` says whether a package declares `user`, None for either; `is_handed_on` that there is a `delegate`.
    """
    allowed = frozenset(features)
    unknown = allowed - FEATURES
    if unknown:
        raise ValueError(f"no such features: {sorted(unknown)}")
    places = Places()
    policy = draw_vocabulary(draw, places, user_block)
    if {"start", "has"} <= allowed and chance(draw, 35):
        policy = with_starts(policy)
    if "facts" in allowed and chance(draw, 35):
        policy = draw_facts(draw, policy, places)
    makes = Maker(draw, policy, places, allowed)
    allows: list[ir.Allow] = []
    forbids: list[ir.Forbid] = []
    for number in range(1 + draw(integers(0, max_rules - 1))):
        if number and "forbid" in allowed and chance(draw, 45):
            forbids.append(makes.forbid(number))
        else:
            allows.extend(makes.grant(number))
    handed_on = "delegate" in allowed and (is_handed_on or chance(draw, 60))
    return with_rules(
        policy,
        delegations=draw_delegations(draw, policy, places.next) if handed_on else (),
        allows=tuple(sorted(allows, key=lambda rule: rule.id)),
        forbids=tuple(sorted(forbids, key=lambda rule: rule.id)),
    )


def with_rules(policy: ir.Policy, **rules: Any) -> ir.Policy:
    """A policy with its rules, and of the facts without a name those that they read."""
    made = replace(policy, **rules)
    if not (policy.meters or policy.sources):
        return made
    read = {
        attribute.path[1]
        for condition in conditions_of(made)
        for attribute, _ in attributes(condition)
        if ir.is_fact(attribute)
    }
    return without_unread(made, read)


class Maker:
    """Draws the rules of one policy."""

    def __init__(
        self, draw: Draw, policy: ir.Policy, places: Places, features: frozenset[str]
    ) -> None:
        self.draw = draw
        self.policy = policy
        self.places = places
        self.features = features
        self.agents = tuple(sorted(policy.identities))
        self.intents = tuple(each.name for each in policy.intents)
        self.starts = starts_of(policy)
        self.calls = tuple(each for each in policy.capabilities if each not in self.starts)
        self.whole = tuple(f"{each.name}.*" for each in policy.resources if each.kind != KIND)

    def some(self, names: tuple[str, ...], unnamed: ir.Unnamed) -> Any:
        """One or two of the names, or none of them."""
        if chance(self.draw, 30):
            return unnamed
        return tuple(sorted({pick(self.draw, names), pick(self.draw, names)}))

    def allowed(self) -> tuple[str, ...]:
        """What an allow is about: one start, or whatever is none."""
        if self.starts and chance(self.draw, 25):
            return (pick(self.draw, self.starts),)
        found = self.capabilities(self.calls, unmarked=False)
        return self.whole if found == ("any",) and self.starts else found

    def capabilities(self, names: tuple[str, ...], unmarked: bool) -> tuple[str, ...]:
        """What a rule is about, as written; whether actions without a kind are of each is the rule's."""
        draw = self.draw
        kind = draw(integers(0, 9))
        if kind == 7 and (of_kind := self.of_kind(names, unmarked)):
            return of_kind
        if kind == 8:
            return (pick(draw, self.whole),)
        if kind == 9:
            return ("any",)
        return tuple(
            sorted({pick(draw, names), pick(draw, names)} if kind > 5 else {pick(draw, names)})
        )

    def of_kind(self, names: tuple[str, ...], unmarked: bool) -> tuple[str, ...]:
        """The capabilities that a rule names by what they do."""
        chosen = pick(self.draw, ir.KINDS)
        return tuple(
            name
            for name, action in sorted(self.policy.declared_actions.items())
            if name in names and (chosen in action.kinds or (unmarked and not action.kinds))
        )

    def surroundings(
        self,
        agents: ir.Names,
        intents: ir.Names,
        capabilities: tuple[str, ...],
        of_all: bool = False,
    ) -> Surroundings:
        """What conditions read; `of_all` is what the calls of all capabilities have."""
        known = readable(self.policy, agents, intents, capabilities)
        if of_all:
            known = [each for each in known if each.root not in ("args", "resource")]
        return Surroundings(
            [*known, *readings(self.policy, known)],
            self.policy.members_of,
            self.policy.sets,
            self.places,
            "has" in self.features,
            "unwritten" in self.features,
            self.policy.sources,
            tuple(afters(self.policy, known)),
        )

    def grant(self, number: int) -> list[ir.Allow]:
        """One or two allows that share what a grant's clauses say."""
        draw = self.draw
        package = pick(draw, self.policy.packages)
        agents = self.some(self.agents, ir.DECLARED)
        intents = self.some(self.intents, ir.DECLARED)
        shared = ir.Allow(
            id="",
            agents=agents,
            intents=intents,
            capabilities=(),
            condition=None,
            requirements=(),
            revoke=(),
            credential=self.credential(),
            validity=pick(draw, VALIDITIES) if self.has("valid", 25) else None,
            window=pick(draw, WINDOWS) if self.has("during", 25) else None,
            obligations=self.obligations(),
            owner=pick(draw, OWNERS) or package.owner,
            controls=self.controls(package),
            span=self.places.next(),
        )
        labels = ("small", "large")[: pick(draw, (1, 1, 2))]
        named = [self.allowed() for _ in labels]
        if self.has("revoke", 20):
            # One `revoke` holds for each allow of the grant, so it reads what all of them have.
            where = self.surroundings(agents, intents, named[0], of_all=len(named) > 1)
            where.sources = ()  # that a value comes from nowhere is nothing to go by
            revoke = tuple(draw_condition(draw, where, 1) for _ in range(pick(draw, (1, 2))))
            shared = replace(shared, revoke=revoke)
        found: list[ir.Allow] = []
        for label, capabilities in zip(labels, named, strict=True):
            where = self.surroundings(agents, intents, capabilities)
            where.demanded = True
            name = label if chance(draw, 80) else self.unlabelled(package.name, capabilities)
            rule = replace(
                shared,
                id=f"{package.name}.g{number}.{name}",
                capabilities=capabilities,
                condition=draw_condition(draw, where) if chance(draw, 80) else None,
                requirements=self.requirements() if self.has("require", 60) else (),
                span=self.places.next(),
            )
            if rule.id not in {each.id for each in found}:
                found.append(with_fields(self.policy, rule))
        return found

    def forbid(self, number: int) -> ir.Forbid:
        draw = self.draw
        package = pick(draw, self.policy.packages)
        agents, intents = self.some(self.agents, ir.ANYONE), self.some(self.intents, ir.ANYONE)
        capabilities = self.capabilities(self.policy.capabilities, unmarked=True)
        where = self.surroundings(agents, intents, capabilities)
        exception = draw(integers(0, 2))
        evidence = exception == 2 and "evidence" in self.features
        return ir.Forbid(
            id=f"{package.name}.f{number}",
            agents=agents,
            intents=intents,
            capabilities=capabilities,
            condition=draw_condition(draw, where) if chance(draw, 80) else None,
            unless=draw_condition(draw, replace(where, demanded=True), 1)
            if exception == 1
            else None,
            unless_evidence=self.requirements() if evidence else (),
            because=draw(hostile_text()) or None if draw(BOOLEANS) else None,
            owner=pick(draw, OWNERS) or package.owner,
            controls=self.controls(package),
            window=pick(draw, WINDOWS) if self.has("during", 15) else None,
            span=self.places.next(),
        )

    def has(self, feature: str, percent: int) -> bool:
        return feature in self.features and chance(self.draw, percent)

    def unlabelled(self, package: str, capabilities: tuple[str, ...]) -> str:
        """The name that a rule has without a label."""
        return "+".join(each.removeprefix(f"{package}.") for each in capabilities)

    def controls(self, package: ir.Package) -> tuple[str, ...]:
        own = CONTROLS[1:] if chance(self.draw, 10) else ()
        return tuple(sorted({*package.controls, *own}))

    def credential(self) -> ir.Credential | None:
        if not self.has("credential", 40):
            return None
        return ir.Credential(pick(self.draw, (900, 60, 5400)), pick(self.draw, (0, 3, 1000)))

    def requirements(self) -> tuple[ir.Requirement, ...]:
        """One or two pieces of evidence."""
        draw = self.draw
        found: list[ir.Requirement] = []
        for _ in range(pick(draw, (1, 1, 2))):
            within = pick(draw, (None, 900, 3600))
            if chance(draw, 25):
                method = pick(draw, ("mfa", 'x"\\'))
                found.append(ir.StepUp(method, within, self.places.next()))
                continue
            if chance(draw, 20):
                found.append(ir.Confirmation(within, self.places.next()))
                continue
            by = {pick(draw, APPROVERS), pick(draw, APPROVERS)}
            count = pick(draw, (1, 1, 2))
            per_task = draw(BOOLEANS)
            found.append(
                ir.Approval(tuple(sorted(by)), count, within, per_task, self.places.next())
            )
        return tuple(found)

    def obligations(self) -> tuple[ir.Obligation, ...]:
        if not self.has("oblige", 25):
            return ()
        draw = self.draw
        values = (True, 1, 0.5, "x", "15m", draw(hostile_text(1)))
        made = {
            ir.Obligation("audit", (("level", pick(draw, ("full", "metadata"))),)),
            ir.Obligation("redact", (("fields", pick(draw, values)), ("n", pick(draw, values)))),
        }
        chosen = [each for each in sorted(made, key=repr) if draw(BOOLEANS)]
        return tuple(chosen)
