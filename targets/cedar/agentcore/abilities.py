"""What AgentCore can say of a policy."""

from __future__ import annotations

from ...abilities import Abilities, Cannot, Says
from ...partial import Platform

ABILITIES = Abilities(
    "a gateway of Amazon Bedrock AgentCore",
    {
        "of the call": Says(but="`resource` and `context`"),
        "of the identity": Says(),
        "of the attested": Says(but="all but strings, enums and levels"),
        "of the arguments": Says(but="all but strings, booleans, integers, enums and levels"),
        "of lists": Cannot(reason="AgentCore does not say what becomes of lists (`{}`)"),
        "facts": Cannot(reason="AgentCore is not given `{}`, which follows from the record"),
        "intents": Says(),
        "forbids": Says(),
        "evidence": Cannot(
            reason="AgentCore cannot tell whether the {} that it requires is there",
            beside="AgentCore cannot tell whether evidence is for this call, so nothing lifts it",
        ),
        "valid": Says(but="what is finer than milliseconds"),
        "during": Cannot(reason="AgentCore knows no time zones, and so no recurring windows"),
        "obligations": Cannot(
            "such an allow is left out, except for `audit`",
            reason="a decision of AgentCore cannot carry what `{}` obliges to",
            beside="`{}` may oblige to more, which a decision of AgentCore cannot carry",
        ),
        "terms": Cannot(),
    },
)
AGENTCORE = Platform(
    "AgentCore", ABILITIES, elsewhere="cannot be said to {}, and is left to another target"
)
