"""Tables of `service.toml` about who is told of leases that have ended."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .kinds import Table, Text
from .secrets import SecretFrom


def _url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("events are sent to a URL that begins with `https://`")
    return value


class ReceiverEntry(Table):
    """Who is sent an event when a lease has ended (RFC 8935). Who fetches them is a caller with the role `read`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] = Field(
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
