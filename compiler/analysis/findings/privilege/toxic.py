"""One agent that may read what is sensitive and send outside

## What it means
For one and the same intent an agent may read from a resource at a sensitive level, and may do something
that sends outside. Whoever leads it astray, by a text that it reads for instance, has a way out for the
data. Each half is shown with a request that is permitted.

Reading is an action that is marked `read`, and sending one that is marked `send`. Of actions without a kind,
reading is one called `read`, `get`, `list`, `search`, `query`, `fetch`, `find`, `view` or `download`,
or so followed by more. What sends, and which level is sensitive, are limits that one can set: without
them it is actions such as `send`, `share`, `post`, `publish`, `export` and `upload`, and the second highest
level, or the highest of two. An allow that requires an approval is not counted: somebody looks at it. Nor is an action
by itself that is both `read` and `send`, nor sending that is forbidden once a `max` meter per task has seen what is sensitive.

## Example
```agp
language 2
package desk
level sensitivity = public < internal < confidential < restricted
agent bot = "spiffe://acme.example/bot"
intent answer "Answer a customer"
dataset files { sensitivity: sensitivity action read }
tool mail { action send(to: string) }

grant answering {
    to bot
    for answer
    allow files.read                        # AGP3202
    allow mail.send
}
```

## What to do
Limit what it reads, or have somebody approve what it sends, or give the two to different agents:

```agp
language 2
package desk
level sensitivity = public < internal < confidential < restricted
agent bot = "spiffe://acme.example/bot"
intent answer "Answer a customer"
dataset files { sensitivity: sensitivity action read }
tool mail { action send(to: string) }

grant answering {
    to bot
    for answer
    allow files.read
        when resource.sensitivity <= internal
    allow mail.send
}
```

Where it needs both, let what it has read close what it sends, with `meter peak = max resource.sensitivity of files.read per task` and
`forbid exfiltration { deny any send when peak.before >= confidential because "…" }`.

## How to silence it
`# agpc: allow AGP3202 -- REASON` on the line of the allow that reads or above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .....runtime.glob import glob_match, parse_glob
from ....ir import nodes as ir
from ....ir.walk import approvals_of
from ....meaning.conditions import definitely_true
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct
from ...inquiry import Inquiry
from ...limits import Limits
from ...procedure.calls.scope import Scope, bits
from ...procedure.cubes.cube import conjunction
from ...procedure.search.avoid import permits
from ...procedure.verdict import Undetermined
from ...procedure.world import World
from ...wording import agent_in_words, witness_note
from .high_water import Half, Ingredient, is_cured

READS = tuple(
    f"{verb}*"
    for verb in ("read", "get", "list", "search", "query", "fetch", "find", "view", "download")
)


class Halves(Struct, frozen=False):
    """Witnesses of halves."""

    inquiry: Inquiry

    def witnesses(
        self, one: Half, other: Half, agent: int, intent: int
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Permitted requests of two halves, of two actions: one that does both is not led from here to there."""
        rid = sum(
            1 << sender
            for sender in bits(other.part.capabilities)
            if is_cured(self.inquiry, one, Scope(agent, intent, 1 << sender))
        )
        reading = self.witness(one, agent, intent)
        if reading is None:
            return None
        read = _action(self.inquiry, reading)
        sending = self.witness(other, agent, intent, rid | read)
        if sending is not None:
            return reading, sending
        sending = self.witness(other, agent, intent, rid)  # by what reads, too
        if sending is None:
            return None
        reading = self.witness(one, agent, intent, _action(self.inquiry, sending))
        return None if reading is None else (reading, sending)

    def witness(self, half: Half, agent: int, intent: int, but: int = 0) -> dict[str, Any] | None:
        """A permitted request of a half by one agent for one intent, both as bits, and not of some capabilities."""
        what = f"allow `{half.allow.id}` {half.part.kind} what it should not"
        scope = Scope(agent, intent, half.part.capabilities & ~but)
        if not scope:
            return None
        return self.inquiry.ask_once(
            (half.part, scope), what, (half.allow,), self._find, half, scope
        )

    def _find(self, half: Half, scope: Scope) -> dict[str, Any] | None:
        world, allow = self.inquiry.world, half.allow

        return world.find(
            world.rules.scope(allow) & scope,
            conjunction([world.rules.permits(allow), world.cubes.of(half.part.condition, "true")]),
            lambda call: permits(allow, call) and definitely_true(half.part.condition, call),
            world.denials(allow),
            shown=True,
        )


def find(inquiry: Inquiry) -> Iterator[Diagnostic]:
    """Report each two allows that together let one agent read and send for one intent."""
    world, policy, limits = inquiry.world, inquiry.policy, inquiry.limits
    alone = [each for each in policy.allows if not approvals_of(each.requirements)]
    readers = _halves(inquiry, alone, list(_reading(inquiry, limits)))
    senders = _halves(inquiry, alone, list(_sending(inquiry, limits)))
    halves, seen = Halves(inquiry), set[tuple[str, str]]()
    for agent in bits(world.names.agents_of()) if readers and senders else ():
        mine = [each for each in readers if world.rules.scope(each.allow).agents >> agent & 1]
        theirs = [each for each in senders if world.rules.scope(each.allow).agents >> agent & 1]
        if 1 << agent == world.universe.unseen:
            what = "an agent of several families may read what is sensitive and send outside"
            inquiry.ask(what, None, _check_that_none_comes_together, world, mine, theirs)
            continue
        for found in _together(halves, agent, mine, theirs):
            key = (found[0].allow.id, found[1].allow.id)
            if key not in seen:
                seen.add(key)
                yield _describe(inquiry, agent, *found)


def _action(inquiry: Inquiry, request: dict[str, Any]) -> int:
    """The capability of a request, as a bit."""
    name = f"{request['resource']['type']}.{request['action']['name']}"
    return inquiry.world.names.capabilities_of((name,))


Found = tuple[Half, Half, int, dict[str, Any], dict[str, Any]]


def _together(
    halves: Halves, agent: int, readers: Sequence[Half], senders: Sequence[Half]
) -> Iterator[Found]:
    """For each intent, the first two halves that an agent has."""
    world = halves.inquiry.world
    done = 0
    for one in readers:
        for other in senders:
            common = (
                world.rules.scope(one.allow).intents
                & world.rules.scope(other.allow).intents
                & ~done
            )
            for intent in bits(common):
                found = halves.witnesses(one, other, 1 << agent, 1 << intent)
                if found is not None:
                    done |= 1 << intent
                    yield one, other, intent, *found


def _check_that_none_comes_together(
    world: World, readers: Sequence[Half], senders: Sequence[Half]
) -> None:
    """Raise `Undetermined` if an agent that is unseen may have two halves for one intent."""
    for one in readers:
        for other in senders:
            both = world.rules.scope(one.allow), world.rules.scope(other.allow)
            if both[0].intents & both[1].intents and both[0].agents != both[1].agents:
                raise Undetermined("the families that rules name match in too many ways")


def _halves(
    inquiry: Inquiry, allows: Sequence[ir.Allow], parts: Sequence[Ingredient]
) -> list[Half]:
    """What allows give of some parts."""
    return [
        Half(allow, part)
        for allow in allows
        for part in parts
        if inquiry.world.rules.scope(allow).capabilities & part.capabilities
    ]


def _reading(inquiry: Inquiry, limits: Limits) -> Iterator[Ingredient]:
    """What reads, for each level of a resource."""
    policy = inquiry.policy
    for resource in policy.resources:
        names = policy.actions_by_resource[resource.name]
        here = tuple(each for each in names if _does(policy, each, "read", READS))
        for attribute in resource.attributes if here else ():
            threshold = _threshold(policy, attribute.type, limits)
            if threshold is not None:
                where = ir.Attribute("resource", (attribute.name,), attribute.type)
                condition = ir.Compare(">=", where, ir.Constant(attribute.type, threshold))
                yield Ingredient("reads", inquiry.world.names.capabilities_of(here), condition)


def _sending(inquiry: Inquiry, limits: Limits) -> Iterator[Ingredient]:
    """What sends."""
    policy = inquiry.policy
    outward = [each for each in policy.capabilities if _does(policy, each, "send", limits.outward)]
    if outward:
        yield Ingredient("sends", inquiry.world.names.capabilities_of(tuple(outward)), None)


def _does(policy: ir.Policy, capability: str, kind: ir.ActionKind, patterns: Sequence[str]) -> bool:
    """Whether an action is of a kind, or is called so where nobody has marked it."""
    kinds = policy.declared_actions[capability].kinds
    return kind in kinds if kinds else _is_called(capability, patterns)


def _is_called(capability: str, patterns: Sequence[str]) -> bool:
    action = capability.rpartition(".")[2]
    return any(glob_match(parse_glob(each), action) for each in patterns)


def _threshold(policy: ir.Policy, type_: ir.Type, limits: Limits) -> str | None:
    """The member of a level from which reading counts as sensitive, if it is a level that has one."""
    if not isinstance(type_, ir.LevelType):
        return None
    members = policy.members_of[type_.name]
    if limits.read_level is None:
        return members[-2] if len(members) > 2 else members[-1]
    return limits.read_level if limits.read_level in members else None


def _describe(
    inquiry: Inquiry,
    agent: int,
    one: Half,
    other: Half,
    intent: int,
    reading: dict[str, Any],
    sending: dict[str, Any],
) -> Diagnostic:
    world = inquiry.world
    assert isinstance(one.part.condition, ir.Compare)
    assert isinstance(one.part.condition.right, ir.Constant)
    who = agent_in_words(world.policy, world.universe.agents[agent])
    read, sent = (
        f"{each['resource']['type']}.{each['action']['name']}" for each in (reading, sending)
    )
    return Diagnostic(
        "AGP3202",
        f"{who} may for `{world.universe.intents[intent]}` both `{read}` from `{one.part.condition.right.value}` "
        f"up and `{sent}`",
        (
            Label(one.allow.span, "reads what is sensitive"),
            Label(other.allow.span, "and sends outside"),
        ),
        "limit what it reads, require an approval for sending, or give the two to different agents",
        (witness_note(reading), witness_note(sending)),
    )
