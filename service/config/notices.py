"""How people are told that something waits: the tables `notices` of `service.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from .kinds import Name, Table, Text, Texts, listed
from .secrets import SecretFrom


class Webhook(Table):
    """An address to which each request is told once, as JSON that Slack and what is like it take."""

    name: Name = Field(
        description="How logs and metrics name it; under another name it is told of everything again."
    )
    url: SecretFrom = Field(
        description="Where the URL stands, which is a secret: who has it may write to the channel."
    )
    roles: Texts = Field(
        default=(),
        description="Whom it reaches: only requests that one of these roles or people is asked. All if not given.",
    )
    private: bool = Field(default=False, description="The address may be one of a private network.")
    ca: Text | None = Field(
        default=None,
        description="The certificates to believe, as PEM; those of the system if not given.",
    )


class Mail(Table):
    """A mail to the same people for each request."""

    host: Text = Field(description="The SMTP server, which may be one of a private network.")
    port: int = Field(default=587, ge=1, le=65_535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection is kept secret; `none` is for `localhost` alone.",
    )
    user: Text | None = Field(default=None, description="Who signs in there, if anybody has to.")
    password: SecretFrom | None = Field(default=None, description="Where the password stands.")
    sender: Annotated[str, Field(pattern=r"^[!-~]{1,200}@[!-~]{1,200}$")] = Field(
        description="The address that mails come from."
    )
    to: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[!-~]{1,200}@[!-~]{1,200}$")], ...],
        BeforeValidator(listed),
        Field(min_length=1, max_length=50),
    ] = Field(description="The addresses that they go to.")
    roles: Texts = Field(
        default=(), description="As of a webhook: whom it reaches, all requests if not given."
    )
    ca: Text | None = Field(default=None, description="The certificates to believe, as PEM.")

    @model_validator(mode="after")
    def _safe(self) -> Mail:
        if self.security == "none" and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("mail goes over TLS, but to a server on this machine")
        if (self.user is None) != (self.password is None):
            raise ValueError("`user` and `password` go together")
        return self


class Notices(Table):
    """Who is told that something waits for people, at most once of each request: what fails is counted and not tried again."""

    webhooks: Annotated[tuple[Webhook, ...], BeforeValidator(listed)] = Field(
        default=(), description="Addresses that are told."
    )
    mail: Mail | None = Field(default=None, description="Whom a mail is sent.")

    @model_validator(mode="after")
    def _named(self) -> Notices:
        names = [each.name for each in self.webhooks]
        if len(set(names)) < len(names) or "mail" in names:
            raise ValueError("each webhook has a name of its own, which is not `mail`")
        return self
