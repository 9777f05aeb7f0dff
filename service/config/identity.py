"""Tables of `service.toml` about workloads: whose word on who calls is taken, and what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..identity.ids import is_trust_domain
from .kinds import Pattern, Seconds, Table, Text, Texts, listed, over_tls

WorkloadRole = Literal["decide", "start", "outcome", "admin", "read", "lease", "signal", "confirm"]


def _domain(value: str) -> str:
    if not is_trust_domain(value):
        raise ValueError(
            "a trust domain is written like `example.org`, in lower case and without `spiffe://`"
        )
    return value


def _https(value: str) -> str:
    return over_tls(value, "a bundle is fetched from")


class TrustDomain(Table):
    """A trust domain, and where its keys are."""

    name: Annotated[Text, AfterValidator(_domain)] = Field(
        description="Its name, as it stands in SPIFFE IDs behind `spiffe://`."
    )
    bundle: Text | None = Field(
        default=None,
        description="A file with its bundle: a SPIFFE bundle, or a JWKS with the keys of its tokens alone.",
    )
    bundle_url: Annotated[Text, AfterValidator(_https)] | None = Field(
        default=None, description="Or the URL of it. Redirects are not followed."
    )
    workload_api: Text | None = Field(
        default=None,
        description="Or the socket of SPIFFE's Workload API, of an agent beside the service; it needs `agpc[spiffe]`.",
    )
    ca: Text | None = Field(
        default=None,
        description="Who vouches for the server of `bundle_url`, as PEM; those whom the system trusts if not given.",
    )
    private: bool = Field(
        default=False,
        description="The server of `bundle_url` may have an address of a private network, of a link or of this machine.",
    )
    refresh: Seconds = Field(default=300, description="How often the bundle is looked at.")
    keep: Seconds = Field(
        default=86_400,
        description="How long the last good bundle counts where no newer one can be had.",
    )

    @model_validator(mode="after")
    def _one_place(self) -> TrustDomain:
        if [self.bundle, self.bundle_url, self.workload_api].count(None) != 2:
            raise ValueError("a trust domain has one of `bundle`, `bundle_url` and `workload_api`")
        if self.bundle_url is None and (self.private or self.ca is not None):
            raise ValueError("`private` and `ca` are for a `bundle_url`")
        if self.keep < self.refresh:
            raise ValueError(
                "a bundle is kept for longer than until it is looked at again: `keep` is less than `refresh`"
            )
        return self


class Workload(Table):
    """Workloads that may call, by JWT-SVID or by X.509-SVID. Each is called by its SPIFFE ID in events and logs."""

    spiffe: Pattern = Field(
        description="A SPIFFE ID, or a pattern: `*` is a segment, a last `**` one or more."
    )
    roles: Annotated[tuple[WorkloadRole, ...], BeforeValidator(listed), Field(min_length=1)] = (
        Field(description="What it may do, as of `[[callers]]`.")
    )
    agents: Annotated[tuple[Pattern, ...], BeforeValidator(listed)] = Field(
        default=(), description="For which other agents it may decide and start."
    )
    itself: bool = Field(
        default=False,
        description="It is an agent that acts for itself. It then asks about no call that is not recorded: evaluations and searches are closed to it.",
    )

    @model_validator(mode="after")
    def _for_somebody(self) -> Workload:
        if {"decide", "start", "lease", "confirm"} & set(self.roles) and not (
            self.agents or self.itself
        ):
            raise ValueError(
                "who may `decide`, `start`, `confirm` or get a `lease` says for which `agents`, or `itself = true`"
            )
        if self.itself and {"start", "admin", "read", "signal", "confirm"} & set(self.roles):
            raise ValueError(
                "an agent that acts for itself may `decide`, report an `outcome` and get a `lease`, and no more"
            )
        return self


class SVID(Table):
    """How tokens of workloads are checked."""

    audience: Texts = Field(
        default=(),
        description="What we are called in `aud`, any of these; `public_url` if not given.",
    )
    leeway: Annotated[Seconds, Field(le=300)] = Field(
        default=30, description="How far the clocks of issuers may differ from ours."
    )
    longest: Seconds = Field(
        default=86_400, description="How long a token may be good, from now on; longer is refused."
    )


def check_workloads(
    workloads: Sequence[Workload], domains: Sequence[TrustDomain], audience: Sequence[str]
) -> None:
    """Raise `ValueError` for workloads that nobody could vouch for."""
    names = [each.name for each in domains]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the trust domain `{name}` stands twice")
    for each in workloads:
        domain = each.spiffe.removeprefix("spiffe://").partition("/")[0]
        if domain not in names:
            raise ValueError(
                f"`{each.spiffe}` is of a trust domain that is none of `trust_domains`"
            )
    if workloads and not audience:
        raise ValueError("tokens of workloads are for us: give `svid.audience`, or `public_url`")
