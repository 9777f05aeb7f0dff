"""What the guard passes on beside calls of tools, and how long it waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Passed: TypeAlias = Literal["resources", "prompts", "logging", "sampling", "elicitation", "roots"]
"""What nobody decides, and passes only where it is configured: text that a server sends round the policy, and what a server
asks of the client."""
WHY: Final = {
    "resources": "what a server has to read is governed where the policy binds it, and is not passed on otherwise",
    "prompts": "prompts are the server's words to the model, which no policy governs",
    "logging": "a log is the server's words outside of any call that was decided",
    "sampling": "the server would ask the client's model, and no policy governs that",
    "elicitation": "the server would ask the person, who could take it for the guard's question",
    "roots": "the server would learn what the client has open",
}
"""Why each is refused by default."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the guard behaves; times are seconds."""

    passes: frozenset[Passed] = frozenset()
    resources: tuple[str, ...] = ()
    """Of the policy's resources those that this server has; all if none is named."""
    answer_within: float = 300.0
    """For a server to answer a call; what became of one that took longer nobody knows."""
    ask_within: float = 300.0
    """For a client to come back with an answer, while a call waits for it."""
    confirms: bool = False
    """Whether the person at the client is the user of the task, and may confirm for them."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What the operator says of every call, beside what the policy finds out by itself."""
