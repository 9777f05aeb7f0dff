"""Service control policies: what holds for the agents' roles whatever else is attached anywhere.

They are made of denies alone, each for the roles that it names, and go beside `FullAWSAccess`. A deny
of all *but* what an agent's allows name reaches further than an identity policy can: to what other
policies of the role allow, and to resource policies that name one of its sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ....compiler.ir import nodes as ir
from ....compiler.structs import Struct
from ...partial import unique
from ..binding.facts import PlatformFacts
from ..language.patterns import (
    ANYTHING,
    SOMETHING,
    Glob,
    literal,
)
from ..language.products import KeyTest, Product, conjoin
from ..language.statement import Statement
from ..language.tidy import tidy
from .trust import STEP


class Role(Struct):
    """An agent's role: its ARN, its identity policy's statements, and the intents that it serves.

    `steps` says that its sessions assume the role once more, to get their tags.
    """

    agent: ir.Agent
    arn: str
    statements: tuple[Statement, ...]
    intents: tuple[str, ...]
    steps: bool

    @property
    def account(self) -> str:
        """The account that it is in."""
        return self.arn.split(":")[4]


def control_statements(roles: Sequence[Role], facts: PlatformFacts) -> tuple[Statement, ...]:
    """The statements for the roles of one account."""
    return tidy(each for role in roles for each in _of_role(role, facts))


def _of_role(role: Role, facts: PlatformFacts) -> Iterable[Statement]:
    """What the policy forbids an agent, and all that no allow names."""
    mine = KeyTest("ArnEqualsIfExists", "aws:PrincipalArn", (role.arn,))
    for each in role.statements:
        if each.effect == "Deny":
            joined = conjoin(Product(each.tests), Product((mine,)))
            if joined is not None:
                yield replace(each, tests=joined.tests)
    yield from (replace(each, tests=(*each.tests, mine)) for each in _fence(role, facts))


def _fence(role: Role, facts: PlatformFacts) -> Iterable[Statement]:
    """Deny all but the actions, the resources and the session tags of an agent's allows."""
    places: dict[str, tuple[Glob, ...]] = {}
    for each in role.statements:
        if each.effect == "Allow":
            for action in each.actions:
                places[action] = unique((*places.get(action, ()), *each.resources))
    everything = Statement("Deny", ("*",), (ANYTHING,), (), about=role.agent)
    step = STEP if role.steps and places else ()
    if not places:
        yield replace(everything, title=f"{role.agent.name}.nothing")
        return
    for action in step:
        places[action] = unique((*places.get(action, ()), literal(role.arn)))
    yield replace(
        everything,
        actions=tuple(sorted(places)),
        all_but="actions",
        title=f"{role.agent.name}.actions",
    )
    for action, resources in sorted(places.items()):
        if ANYTHING not in resources:
            yield replace(
                everything,
                actions=(action,),
                resources=resources,
                all_but="resources",
                title=f"{role.agent.name}.resources",
            )
    untagged = replace(everything, actions=step, all_but="actions") if step else everything
    for what, test in _tags(role, facts):
        yield replace(untagged, tests=(test,), title=f"{role.agent.name}.{what}")


def _tags(role: Role, facts: PlatformFacts) -> Iterable[tuple[str, KeyTest]]:
    """What a session lacks that may do nothing."""
    tags = facts.tags
    if "intent" in tags:
        yield (
            "intent",
            KeyTest("StringNotEquals", tags["intent"], tuple(map(literal, role.intents))),
        )
    if "agent" in tags:
        yield "tag", KeyTest("StringNotEquals", tags["agent"], (literal(role.agent.id),))
    if "task" in tags:
        yield "task", KeyTest("StringNotLike", tags["task"], (SOMETHING,))
