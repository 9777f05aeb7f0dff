"""STS's documented logic for whether a role's trust policy gives somebody a session.

Pages of the IAM user guide: reference_policies_elements_principal.html, id_session-tags.html ([tags]),
id_credentials_temp_control-access_monitor.html ([source]), and the trust model of the IAM Roles
Anywhere user guide. A trust policy is a policy of a resource, the role: by
reference_policies_evaluation-logic_policy-eval-basics-single-account.html an explicit deny wins, and
a principal that it names directly needs no identity policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .iam import InvalidPolicy, Policy, action_matches, conditions_hold, many, statements


@dataclass(frozen=True)
class Asked:
    """Somebody asks for a session of a role.

    `principal` is a kind and a name as a trust policy has them; `tags` are those of the session,
    of which `transitive` go on to later sessions, and `context` holds the claims of a token and the
    tags and identity of the one who asks.
    """

    principal: tuple[str, str]
    action: str
    tags: Mapping[str, str] = field(default_factory=dict)
    source_identity: str | None = None
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    transitive: Sequence[str] = ()

    @property
    def keys(self) -> dict[str, str | Sequence[str]]:
        """The condition keys of the request."""
        keys = dict(self.context)
        keys |= {f"aws:RequestTag/{name}": value for name, value in self.tags.items()}
        if self.tags:
            keys["aws:TagKeys"] = list(self.tags)
        if self.transitive:
            keys["sts:TransitiveTagKeys"] = list(self.transitive)
        if self.source_identity is not None:
            keys["sts:SourceIdentity"] = self.source_identity
        return keys

    @property
    def actions(self) -> list[str]:
        """[tags], [source]: tags need `sts:TagSession`, a source identity `sts:SetSourceIdentity`."""
        more = ["sts:TagSession"] if self.tags else []
        more += ["sts:SetSourceIdentity"] if self.source_identity is not None else []
        return [self.action, *more]


def gives_session(trust: Policy, asked: Asked) -> bool:
    """Whether a trust policy gives the session that is asked for."""
    return all(_allows(trust, asked, action) for action in asked.actions)


def _allows(trust: Policy, asked: Asked, action: str) -> bool:
    effects = {
        each["Effect"]
        for each in statements(trust)
        if _names(each, asked.principal)
        and any(action_matches(pattern, action) for pattern in many(each["Action"]))
        and conditions_hold(each, asked.keys)
    }
    return effects == {"Allow"}


def _names(statement: Mapping[str, Any], principal: tuple[str, str]) -> bool:
    """Whether a statement is about a principal; it has to name one, and no resource."""
    if "Principal" not in statement or "Resource" in statement or "NotResource" in statement:
        raise InvalidPolicy("a trust policy has principals, and no resources")
    named = statement["Principal"]
    if named == "*":
        return True
    kind, name = principal
    return name in many(named.get(kind, []))
