"""Tables of `service.toml` about signals: who is told of leases that have ended, and whose word ends them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..core.operations.of_leases import Effect
from ..signals.meanings import NAMES
from .kinds import Name, Pattern, Seconds, Table, Text, Texts, listed, over_tls
from .secrets import SecretFrom


def _url(value: str) -> str:
    return over_tls(value, "events are sent to")


class ReceiverEntry(Table):
    """Who is sent an event when a lease has ended (RFC 8935). Who fetches them is a caller with the role `read`."""

    name: Name = Field(
        description="What it is called here, and by what is remembered what it was sent."
    )
    url: Annotated[Text, AfterValidator(_url)] = Field(
        description="Where events are sent. Redirects are not followed."
    )
    audience: Text | None = Field(
        default=None, description="What stands in `aud`; the URL if not given."
    )
    token: SecretFrom | None = Field(
        default=None, description="What it knows us by, sent as `Authorization: Bearer`."
    )
    ca: Text | None = Field(
        default=None,
        description="Who vouches for the server, as PEM; those whom the system trusts if not given.",
    )
    private: bool = Field(
        default=False,
        description="The server may have an address of a private network, of a link or of this machine.",
    )


def _fetched(value: str) -> str:
    return over_tls(value, "this is fetched from")


def _lists(value: Any) -> Any:
    return (
        {name: listed(each) for name, each in value.items()} if isinstance(value, dict) else value
    )


class TransmitterEntry(Table):
    """Whose security events are taken in (OpenID SSF, CAEP and RISC): they are brought to `/ssf/events`, fetched, or both."""

    name: Name = Field(description="What it is called here, in events and logs.")
    issuer: Text = Field(description="What stands in `iss`, to the letter.")
    audience: Texts = Field(
        default=(),
        description="What we are called in `aud`, any of these; `public_url` if not given.",
    )
    jwks: Text | None = Field(default=None, description="A file with its keys, a JWKS.")
    jwks_url: Annotated[Text, AfterValidator(_fetched)] | None = Field(
        default=None, description="Or the URL of it. Redirects are not followed."
    )
    caller: Text | None = Field(
        default=None,
        description="Which of `[[callers]]`, with the role `signal`, brings its events; nobody if not given.",
    )
    poll: Annotated[Text, AfterValidator(_fetched)] | None = Field(
        default=None, description="Where its events are fetched (RFC 8936)."
    )
    token: SecretFrom | None = Field(
        default=None, description="What it knows us by there, sent as `Authorization: Bearer`."
    )
    every: Seconds = Field(default=10, description="How often events are fetched.")
    agents: Annotated[tuple[Pattern, ...], BeforeValidator(listed)] = Field(
        default=(),
        description="Of which agents it may speak: SPIFFE IDs, or patterns of them. Without any, of people alone.",
    )
    issuers: Texts = Field(
        default=(), description="Whose `sub` it names people by, beside its own: `iss` of subjects."
    )
    prefix: str = Field(
        default="user:",
        max_length=64,
        description="What stands before `sub`, an address or an opaque id in the ids of people, as of `oidc`.",
    )
    events: Annotated[dict[Text, tuple[Effect, ...]], BeforeValidator(_lists)] = Field(
        default={},
        description="What an event ends, by its name (`session-revoked`) or its URI, where that is not what it ends "
        'by itself: any of `"leases"`, `"sessions"`, `"person"`, or `[]` to record it alone.',
    )
    leeway: Annotated[Seconds, Field(le=300)] = Field(
        default=30, description="How far its clock may be ahead of ours."
    )
    refresh: Seconds = Field(default=300, description="How often its keys are looked at.")
    keep: Seconds = Field(
        default=86_400,
        description="How long the last good keys count where no newer ones can be had.",
    )
    ca: Text | None = Field(
        default=None,
        description="Who vouches for its servers, as PEM; those whom the system trusts if not given.",
    )
    private: bool = Field(
        default=False,
        description="Its servers may have an address of a private network, of a link or of this machine.",
    )

    @model_validator(mode="after")
    def _whole(self) -> TransmitterEntry:
        if (self.jwks is None) == (self.jwks_url is None):
            raise ValueError("a transmitter has `jwks` or `jwks_url`, and not both")
        if self.caller is None and self.poll is None:
            raise ValueError("events are brought by a `caller`, or fetched where `poll` says")
        if self.token is not None and self.poll is None:
            raise ValueError("`token` is for `poll`")
        if self.keep < self.refresh:
            raise ValueError(
                "keys are kept for longer than until they are looked at again: `keep` is less than `refresh`"
            )
        unknown = [each for each in self.events if ":" not in each and each not in NAMES]
        if unknown:
            raise ValueError(
                f"`{unknown[0]}` is the name of no event: write its URI, or one of {', '.join(NAMES)}"
            )
        return self


def check_transmitters(
    transmitters: tuple[TransmitterEntry, ...], callers: dict[str, bool], audience: str | None
) -> None:
    """Raise `ValueError` for what cannot be; of each caller it is said whether it has the role `signal`."""
    for name in ("name", "issuer"):
        given = [getattr(each, name) for each in transmitters]
        for each in given:
            if given.count(each) > 1:
                raise ValueError(f"two transmitters have the {name} `{each}`")
    for each in transmitters:
        if each.caller is not None and not callers.get(each.caller, False):
            raise ValueError(
                f"`{each.caller}` brings events, and is none of `callers` with the role `signal`"
            )
        if not each.audience and audience is None:
            raise ValueError(
                "events are for us: give the `audience` of a transmitter, or `public_url`"
            )
