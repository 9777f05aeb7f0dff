"""What a lease is at AWS: the session of an agent's role, limited to what the lease stands for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...compiler.check.compiling.ir_json import loads
from ...compiler.ir import nodes as ir
from ...compiler.structs import changed
from ...targets.aws_iam.around.trust import source_identity
from ...targets.aws_iam.binding.facts import read_facts
from ...targets.aws_iam.documents.left_out import SESSION
from ...targets.aws_iam.limits import PRINCIPAL_TAG, SESSION_POLICY_SIZE, can_tag
from ...targets.aws_iam.target import AwsIam
from ...targets.emission import Artifact, Options
from ...targets.partial import binding_of
from .generation import Generation, catalogue_of

OVER = "LeaseIsOver"


class NoSession(Exception):
    """A lease stands for nothing at AWS that could be said there; one sentence."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is asked for. `policy` is the session policy without its end."""

    role: str
    policy: str
    tags: tuple[tuple[str, str], ...]
    source_identity: str


@lru_cache(maxsize=64)
def session_of(
    generation: Generation,
    agent: str,
    intent: str,
    task: str,
    capabilities: tuple[str, ...],
    denies: str,
) -> Session:
    """Give the session of a lease: what the target `aws-iam` emits of the allows of its capabilities. Raises `NoSession`."""
    found = _emitted(generation, agent, intent, capabilities, denies)
    if isinstance(found, str):
        raise NoSession(found)
    role, document, tags, identity = found
    values = {"intent": intent, "agent": agent, "task": task}
    for name in tags:
        if not can_tag(values[name]):
            raise NoSession(f"no session tag can hold the {name} of the lease")
    return Session(
        role, document, tuple((key, values[name]) for name, key in tags.items()), identity
    )


@lru_cache(maxsize=64)
def _emitted(
    generation: Generation, agent: str, intent: str, capabilities: tuple[str, ...], denies: str
) -> tuple[str, str, dict[str, str], str] | str:
    """Give what is emitted, or why nothing is: to be asked for nothing often costs no more than once."""
    policy = _narrowed(_policy_of(generation), frozenset(capabilities))
    binding = binding_of(policy, "aws")
    if binding is None:
        return "the policy binds nothing at AWS"
    facts = read_facts(policy, binding, [])
    found = next(((each, arn) for each, arn in facts.roles if each.id == agent), None)
    if found is None:
        return "the policy binds no role at AWS for the agent"
    who, arn = found
    artifacts = "session" if denies == "session" else "identity,session"
    settings = {"artifacts": artifacts, "session-denies": denies, "oversize": "leave-out"}
    emission = AwsIam().emit(policy, Options(settings))
    wanted = Artifact(SESSION, who.name, intent)
    paths = [path for path, each in emission.artifacts.items() if each == wanted]
    if not emission.is_written or len(paths) != 1:
        errors = [each.message for each in emission.diagnostics if each.severity == "error"]
        why = (
            errors[0] if errors else "AWS cannot say what the lease stands for, or it is not bound"
        )
        return why
    tags = {name: key.removeprefix(PRINCIPAL_TAG) for name, key in facts.tags.items()}
    return arn, emission.files[paths[0]], tags, source_identity(who)


def with_end(document: str, until: str) -> str:
    """Give a session policy that ends at a time, whatever AWS has as the least that a session lasts.

    It is a deny, so that it holds against all that the policy allows; where AWS tells no time, it denies. Raises `NoSession`.
    """
    policy: dict[str, Any] = json.loads(document)
    over = {
        "Sid": OVER,
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateGreaterThanEqualsIfExists": {"aws:CurrentTime": until}},
    }
    policy["Statement"] = [*policy["Statement"], over]
    text = json.dumps(policy, separators=(",", ":"))
    if len(text) > SESSION_POLICY_SIZE:
        raise NoSession(
            f"the session policy has {len(text)} characters with its end, and AWS takes {SESSION_POLICY_SIZE}"
        )
    return text


@lru_cache(maxsize=2)
def _policy_of(generation: Generation) -> ir.Policy:
    return loads(generation.ir, "the active policy", catalogue_of(generation.ir))


def _narrowed(policy: ir.Policy, capabilities: frozenset[str]) -> ir.Policy:
    """Give a policy that allows what a lease stands for and nothing else; what it forbids stays."""
    allows = []
    for each in policy.allows:
        kept = tuple(name for name in policy.expand(each.capabilities) if name in capabilities)
        if kept:
            allows.append(changed(each, capabilities=kept))
    return changed(policy, allows=tuple(allows))
