"""The table of `service.toml` about people who sign in with a provider of OpenID Connect."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from .kinds import Seconds, Table, Text, Texts, listed, over_tls
from .secrets import SecretFrom


def _issuer(value: str) -> str:
    if "?" in value or "#" in value:
        raise ValueError("an issuer is a URL without a query, as the provider writes it")
    return over_tls(value, "an issuer is")


def _lists(value: Any) -> Any:
    """Take a text for a list of one, and what TOML has as lists for tuples."""
    if not isinstance(value, dict):
        return value
    return {
        name: (each,) if isinstance(each, str) else listed(each) for name, each in value.items()
    }


def _shown(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for each in (one for many in value.values() for one in many):
        if not each.startswith(("amr:", "acr:")):
            raise ValueError('what shows a method is written `"amr:VALUE"` or `"acr:VALUE"`')
    return value


def _no_workloads(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if any(each.startswith("spiffe://") for many in value.values() for each in many):
        raise ValueError("a role is no SPIFFE ID")
    return value


Lists = Annotated[dict[Text, tuple[Text, ...]], BeforeValidator(_lists)]


class OIDC(Table):
    """A provider with which people sign in: the code flow with PKCE. Browsers come back to `public_url` and `/callback`."""

    issuer: Annotated[Text, AfterValidator(_issuer)] = Field(
        description="The provider, to the letter as it writes itself."
    )
    client_id: Text = Field(description="What we are called there.")
    client_secret: SecretFrom | None = Field(
        default=None, description="Our secret there; a client without one is told by PKCE alone."
    )
    scopes: Texts = Field(
        default=("openid", "profile", "email"), description="What is asked for, beside `openid`."
    )
    person: Text = Field(
        default="sub",
        description="The claim that says who somebody is; of `email`, only one that the provider has verified.",
    )
    prefix: str = Field(
        default="user:",
        max_length=64,
        description="What stands before it in the ids of people, as policies and tasks write them.",
    )
    roles_claim: Text = Field(
        default="groups", description="The claim that says which groups they are in."
    )
    roles: Annotated[Lists, AfterValidator(_no_workloads)] = Field(
        default={},
        description='Which roles each value of it gives, as in `"finance-leads" = ["role:controller"]`. A value that is not here gives none.',
    )
    readers: Texts = Field(
        default=(), description="The roles whose people see all pages: tasks, calls, the trail."
    )
    step_up: Annotated[Lists, AfterValidator(_shown)] = Field(
        default={},
        description='What shows each method that policies ask for with `step_up`, as in `mfa = ["amr:mfa", "acr:aal2"]`.',
    )
    acr: Texts = Field(
        default=(),
        description="What is asked for, as `acr_values`, when somebody has to show anew who they are.",
    )
    ca: Text | None = Field(
        default=None,
        description="Who vouches for the provider's server, as PEM; those whom the system trusts if not given.",
    )
    private: bool = Field(
        default=False,
        description="The provider may have an address of a private network, of a link or of this machine.",
    )
    counts_for: Annotated[Seconds, Field(ge=60, le=28_800)] = Field(
        default=28_800,
        description="How long what the provider says of a person counts, from when they sign in: their roles, and that they "
        "are there. At most eight hours, after which nobody approves anything, and nothing rests on what they "
        "approved, until they have signed in again.",
    )
    leeway: Annotated[Seconds, Field(le=300)] = Field(
        default=30, description="How far the provider's clock may differ from ours."
    )
