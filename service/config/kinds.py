"""What values of `service.toml` look like, whichever key they belong to."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from ...runtime.values import NANOSECONDS, is_spiffe_segment, read_duration


class Table(BaseModel):
    """A table of the file: no key that it does not have, no value of another type, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


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


Seconds = Annotated[int, BeforeValidator(_seconds)]
Days = Annotated[int, BeforeValidator(_days)]
Text = Annotated[str, Field(min_length=1, max_length=4096)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(listed)]
Pattern = Annotated[str, Field(min_length=1, max_length=2048), AfterValidator(_agents)]
