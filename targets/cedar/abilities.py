"""What Cedar can say of a policy (README.md has the details)."""

from __future__ import annotations

from ..abilities import Abilities, Cannot, Says
from ..partial import Platform

_CONDITIONS = Says(but="`?` and some of `every` and `some`")
ABILITIES = Abilities(
    "Cedar and Amazon Verified Permissions",
    {
        "of the call": _CONDITIONS,
        "of the identity": _CONDITIONS,
        "of the attested": _CONDITIONS,
        "of the arguments": _CONDITIONS,
        "of lists": Cannot(
            reason="Cedar has no sizes of lists, and no way through lists of records (`{}`)"
        ),
        "facts": Says(but="dates, and sources of what stands in lists of records"),
        "intents": Says(),
        "forbids": Says(),
        "evidence": Cannot(
            reason="Cedar cannot tell whether the {} that it requires is there",
            beside="Cedar cannot tell whether evidence is for this call, so nothing lifts it",
        ),
        "valid": Says(),
        "during": Cannot(reason="Cedar knows no time zones, and so no recurring windows of time"),
        "obligations": Cannot(
            "such an allow is left out, except for `audit`",
            reason="a decision of Cedar cannot carry what `{}` obliges to",
            beside="`{}` may oblige to more, which a decision of Cedar cannot carry",
        ),
        "terms": Cannot(),
    },
)
CEDAR = Platform(
    "Cedar", ABILITIES, elsewhere="cannot be said to {}, and is left to another target"
)
