"""The table `guard` of `service.toml`: how a guard answers, waits, records and does what a permit obliges to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .kinds import Name, Seconds, Table, Text
from .secrets import SecretFrom


class ChannelEntry(Table):
    """Where `oblige notify(channel: "NAME")` tells of a call before it is made, as JSON that Slack and what is like it take."""

    url: SecretFrom = Field(
        description="Where the URL stands, which is a secret: who has it may write to the channel."
    )
    private: bool = Field(default=False, description="The address may be one of a private network.")
    ca: Text | None = Field(
        default=None,
        description="The certificates to believe, as PEM; those of the system if not given.",
    )


class ObligationEntry(BaseModel):
    """A duty that a plug-in does, called as the policy calls it. What it has beside `plugin` is its own."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, defer_build=True)

    plugin: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None,
        description="Which plug-in it is, of those that are installed beside agpc; the one of its NAME if not given.",
    )

    def own(self) -> dict[str, Any]:
        """Give what the plug-in itself reads."""
        return dict(self.model_extra or {})


DutyName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class Guarding(Table):
    """How `agpc guard` and `agpc.guard` behave; a service does not look at it."""

    explain: Literal["full", "reasons", "nothing"] = Field(
        default="reasons",
        description="How much a denial tells the model: the reasons that the policy gives to everybody and who answers for it, "
        "with `full` also which rules decided, or `nothing` but that it was denied.",
    )
    ask: Seconds = Field(
        default=240,
        description="How long the person in front of a client has to answer there; longer asks the others.",
    )
    wait: Seconds = Field(
        default=45,
        description="How long a call waits for people elsewhere, before the model is told to repeat it later.",
    )
    result_bytes: int = Field(
        default=256 * 1024,
        ge=1024,
        le=512 * 1024,
        description="Bytes of a result, as JSON, whose values are recorded; of a larger one the trail has a digest, and its "
        "values are unknown.",
    )
    channels: dict[Name, ChannelEntry] = Field(
        default={}, description="Who is told by `oblige notify`, each by a name."
    )
    obligations: dict[DutyName, ObligationEntry] = Field(
        default={}, description="Duties that plug-ins do, each by a name."
    )
