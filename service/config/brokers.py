"""Tables of `service.toml` about brokers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class BrokerEntry(BaseModel):
    """A broker. What it has beside `plugin` is its own, and the broker reads it when the service starts."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, defer_build=True)

    plugin: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None,
        description="Which plug-in it is: `aws`, `github`, `vault`, or one that is installed beside agpc; the one of its "
        "NAME if not given. Its other keys are in [brokers.md](brokers.md).",
    )

    def own(self) -> dict[str, Any]:
        """Give what the broker itself reads."""
        return dict(self.model_extra or {})


BrokerName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
