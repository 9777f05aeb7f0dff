"""What evaluators are asked: policies that their platform can say something of, calls, and calls spoiled.

A call is what the interpreter is asked, and the same as an evaluator is given it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol

from generators import FEATURES, deletions, policies
from generators.edits import Path
from generators.general import general_policies, general_requests
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.starts import KIND
from agpc.compiler.meaning.interpreter import agent_matches
from agpc.compiler.meaning.request import Call as ReadCall
from agpc.compiler.meaning.request import strangers
from agpc.runtime.values import is_too_deep

from . import vault_cases
from .aws_cases import bound_policies, calls
from .bound_calls import BoundCall, agp_request, aws_request
from .variants import variants

SPOILED = 24
"""Ways in which one call is spoiled, of the many that there are."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `is_less` where something was taken out of another, so that it is known less of it."""

    request: Any
    given: Any
    is_less: bool = False


class Asked(Protocol):
    """Policies and calls of one kind."""

    may_be_refused: bool
    """Whether a target may make nothing of such a policy, and say why."""

    def policies(self, *, sees_absence: bool = True) -> st.SearchStrategy[ir.Policy]:
        """Policies; without those that `has` something where absence must not be seen."""

    def calls(self, data: st.DataObject, policy: ir.Policy) -> list[Call]:
        """Calls about a policy, whole ones and others."""

    def spoiled(self, data: st.DataObject, policy: ir.Policy) -> tuple[Call, list[Call]]:
        """A call, and others in which something is missing or malformed."""


def same(request: Any) -> Call:
    """Give a request as it is."""
    return Call(request, request)


class Requests:
    """AuthZEN requests about any policy; `options` are those of the generator."""

    may_be_refused = False

    def __init__(self, **options: bool) -> None:
        self.options = options

    def policies(self, *, sees_absence: bool = True) -> st.SearchStrategy[ir.Policy]:
        return general_policies(FEATURES if sees_absence else FEATURES - {"has"})

    def calls(self, data: st.DataObject, policy: ir.Policy) -> list[Call]:
        return [same(data.draw(general_requests(policy, **self.options))) for _ in range(8)]

    def spoiled(self, data: st.DataObject, policy: ir.Policy) -> tuple[Call, list[Call]]:
        whole = data.draw(general_requests(policy, **self.options))
        less = [
            replace(same(request), is_less=True)
            for path, request in deletions(whole)
            if not is_another_call(policy, path, whole, request)
            and not (type(whole) is dict and is_too_deep(whole))
        ]
        wrong = [same(each) for each in variants(policy, whole)]
        rng = data.draw(st.randoms(use_true_random=False))
        chosen = [rng.sample(each, min(len(each), SPOILED // 2)) for each in (less, wrong)]
        return same(whole), chosen[0] + chosen[1]


class CallsOfAgentCore(Requests):
    """The same requests, about policies whose actions are tools of a gateway, of which some are two of one name.

    Half of the policies have none of the clauses of which AgentCore knows nothing.
    """

    def policies(self, *, sees_absence: bool = True) -> st.SearchStrategy[ir.Policy]:
        said = policies(features={"forbid", "revoke", "valid", *(("has",) if sees_absence else ())})
        drawn = st.one_of(super().policies(sees_absence=sees_absence), said)
        return st.builds(bound_to_gateway, drawn, st.booleans())


def bound_to_gateway(policy: ir.Policy, is_shared: bool = False) -> ir.Policy:
    """A policy with a tool of a gateway for each action, or one for the first action of every resource."""
    others = tuple(each for each in policy.bindings if each.target != ir.TOOLS)
    bound = tuple(
        ir.ResourceBinding(
            resource.name,
            None,
            tuple(
                ir.ActionBinding(
                    action.name,
                    (
                        "Shared___tool"
                        if is_shared and number == 0
                        else f"T{place}___{action.name}",
                    ),
                )
                for number, action in enumerate(resource.actions)
            ),
            (),
            resource.span,
        )
        for place, resource in enumerate(policy.resources)
        if resource.actions and resource.kind != KIND  # a start is no tool
    )
    if not bound:
        return policy
    span = bound[0].span
    return replace(policy, bindings=(*others, ir.Binding(ir.TOOLS, bound, (), (), (), span)))


def is_another_call(policy: ir.Policy, path: Path, whole: Any, less: Any) -> bool:
    """Whether without the field at a path a request is about something else, not less known.

    An approval is of one exact call: without an argument, on either side, it is another call. So is one without an
    argument that nobody declared, as arguments are closed. A request without a user acts for nobody, where the policy
    declares no `user` block; and one without a chain is of an agent by itself, where no `delegate` names that agent.
    """
    requirements = [
        *(each for rule in policy.allows for each in rule.requirements),
        *(each for rule in policy.forbids for each in rule.unless_evidence),
    ]
    approvals = [each for each in requirements if isinstance(each, ir.Approval)]
    exact = any(not each.per_task for each in approvals)
    in_arguments = path[:2] == ("action", "properties") and len(path) > 2
    in_approved = path[:2] == ("context", "approvals") and path[3:4] == ("args",) and len(path) > 4
    if exact and (in_arguments or in_approved):
        return True
    if path[:2] in (("action",), ("action", "properties")) and (
        undeclared(policy, whole) != undeclared(policy, less)
    ):
        return True
    if path == ("context", "delegation"):
        return not is_delegate(policy, whole)
    return bool(approvals) and policy.user is None and path == ("context", "user")


def is_delegate(policy: ir.Policy, request: Any) -> bool:
    """Whether some `delegate` names the agent of a request, with its intent, as one to whom tasks are handed."""
    call = ReadCall.read(policy, request)
    return call is not None and any(
        agent_matches(policy, (each.delegate,), call.agent) and each.delegate_intent == call.intent
        for each in policy.delegations
    )


def undeclared(policy: ir.Policy, request: Any) -> set[tuple[str, ...]]:
    """The arguments of a request that nobody declared."""
    call = ReadCall.read(policy, request)
    return set() if call is None else set(strangers(call))


class CallsOfAWS:
    """Calls of bound agents, as AWS sees them: an action on an ARN, with condition keys."""

    may_be_refused = True

    def policies(self, *, sees_absence: bool = True) -> st.SearchStrategy[ir.Policy]:
        return bound_policies()

    def calls(self, data: st.DataObject, policy: ir.Policy) -> list[Call]:
        return [self.of(policy, each) for each in self.bound(data, policy, 40)]

    def spoiled(self, data: st.DataObject, policy: ir.Policy) -> tuple[Call, list[Call]]:
        (whole,) = self.bound(data, policy, 1)
        keys = [
            replace(whole, keys={name: value for name, value in whole.keys.items() if name != gone})
            for gone in whole.keys
        ]
        others = self.bound(data, policy, 6)  # a key is what AWS makes it: of its type, or any text
        wrong = [
            replace(whole, keys={**whole.keys, name: value})
            for other in others
            for name, value in other.keys.items()
        ]
        tags = [
            Call(agp_request(policy, whole), (whole, aws_request(policy, whole, without_tags=gone)))
            for gone in (("task",), ("agent",), ("intent",), ("task", "agent", "intent"))
        ]
        return self.of(policy, whole), [*(self.of(policy, each) for each in keys + wrong), *tags]

    def bound(self, data: st.DataObject, policy: ir.Policy, count: int) -> Iterator[BoundCall]:
        return calls(policy, Random(data.draw(st.integers(0, 2**32))), count)

    def of(self, policy: ir.Policy, call: BoundCall) -> Call:
        return Call(agp_request(policy, call), (call, aws_request(policy, call)))


class CallsOfVault:
    """Operations on paths of Vault."""

    may_be_refused = False

    def policies(self, *, sees_absence: bool = True) -> st.SearchStrategy[ir.Policy]:
        return vault_cases.policies()

    def calls(self, data: st.DataObject, policy: ir.Policy) -> list[Call]:
        return [self.of(*each) for each in vault_cases.CALLS]

    def spoiled(self, data: st.DataObject, policy: ir.Policy) -> tuple[Call, list[Call]]:
        action, team, name = data.draw(st.sampled_from(vault_cases.CALLS))
        broken = [(action, "", name), (action, team, ""), (action, "", "")]
        return self.of(action, team, name), [
            replace(self.of(*each), is_less=True) for each in broken
        ]

    def of(self, action: str, team: str, name: str) -> Call:
        return Call(vault_cases.request(action, team, name), (action, f"{team}/{name}"))
