"""What Cedar can say of a policy (README.md has the details)."""

from __future__ import annotations

from ..abilities import Abilities, Cannot, Says

_CONDITIONS = Says(but="`?` and some of `every` and `some`")
ABILITIES = Abilities(
    "Cedar and Amazon Verified Permissions",
    {
        "of the call": _CONDITIONS,
        "of the identity": _CONDITIONS,
        "of the attested": _CONDITIONS,
        "of the arguments": _CONDITIONS,
        "intents": Says(),
        "forbids": Says(),
        "evidence": Cannot(),
        "valid": Says(),
        "during": Cannot(),
        "obligations": Cannot("such an allow is left out, except for `audit`"),
        "terms": Cannot(),
    },
)
