"""What Vault can say of a policy (README.md has the details)."""

from __future__ import annotations

from ..abilities import Abilities, Cannot, Lowers
from ..partial import Platform

_UNSEEN = Cannot(reason="a condition on something else than the path")
ABILITIES = Abilities(
    "HashiCorp Vault",
    {
        "of the call": Lowers("those on attributes in the path", unless=_UNSEEN.reason),
        "of the identity": _UNSEEN,
        "of the attested": _UNSEEN,
        "of the arguments": _UNSEEN,
        "of lists": _UNSEEN,
        "facts": _UNSEEN,
        "intents": Lowers("as a policy for each"),
        "forbids": Cannot(
            "an allow that one may meet is left out", beside="the forbid `{}`, which may meet it,"
        ),
        "evidence": Cannot(reason="what it requires"),
        "valid": Cannot(reason="how long it is valid"),
        "during": Cannot(reason="the window of time that it has"),
        "obligations": Cannot(
            "such an allow is left out, except for `audit`",
            reason="what it obliges to",
            beside="what `{}` may oblige to",
        ),
        "terms": Cannot(),
    },
)
"""Each reason completes *… cannot be said to Vault*."""
VAULT = Platform(
    "Vault",
    ABILITIES,
    elsewhere="is left to another target on {}",
    stricter="is stricter on {}",
)
