"""What values of `service.toml` look like, whichever key they belong to."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ...runtime.values import NANOSECONDS, is_spiffe_segment, read_duration


class Table(BaseModel):
    """A table of the file: no key that it does not have, no value of another type, and nothing changes it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        defer_build=True,  # tables are read as parts of `Settings`, whose validator is made at once
    )


def _seconds(value: Any) -> Any:
    """Read `"30s"` as seconds; a number alone has no unit."""
    read = read_duration(value) if isinstance(value, str) else None
    if not read:
        raise ValueError('a duration is written like "30s" or "1h30m"')
    return read // NANOSECONDS


def _days(value: Any) -> Any:
    seconds = _seconds(value)
    if seconds < 86_400:
        raise ValueError('this is a day at least, as in "180d"')
    return seconds


def listed(value: Any) -> Any:
    """Take what TOML has as a list for the tuple that a frozen model holds."""
    return tuple(value) if isinstance(value, list) else value


def _agents(value: str) -> str:
    """Read a SPIFFE ID or a pattern of some, as policies write them."""
    scheme, _, rest = value.partition("://")
    *segments, last = rest.split("/")
    whole = [*segments, *([] if last == "**" else [last])]
    if scheme != "spiffe" or not all(each == "*" or is_spiffe_segment(each) for each in whole):
        raise ValueError(
            "agents are SPIFFE IDs, or patterns like `spiffe://example.org/ns/*/sa/payments` and"
            " `spiffe://example.org/**`: `*` is a segment, a last `**` one or more"
        )
    return value


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nobody else reaches it; a name other than `localhost` is not looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def over_tls(value: str, what: str) -> str:
    """Take a URL that begins with `https://`, or with `http://` to this machine. Raises `ValueError`."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
    except ValueError:  # brackets that hold no address
        host, parts = "", urlsplit("")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise ValueError(f"{what} a URL that begins with `https://`, but for one of this machine")
    return value


Seconds = Annotated[int, BeforeValidator(_seconds)]
Days = Annotated[int, BeforeValidator(_days)]
Text = Annotated[str, Field(min_length=1, max_length=4096)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(listed)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Pattern = Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_agents)]
