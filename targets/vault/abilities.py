"""What Vault can say of a policy (README.md has the details)."""

from __future__ import annotations

from ..abilities import Abilities, Cannot, Lowers

ABILITIES = Abilities(
    "HashiCorp Vault",
    {
        "of the call": Lowers("those on attributes in the path"),
        "of the identity": Cannot(),
        "of the attested": Cannot(),
        "of the arguments": Cannot(),
        "intents": Lowers("as a policy for each"),
        "forbids": Cannot("an allow that one may meet is left out"),
        "evidence": Cannot(),
        "valid": Cannot(),
        "during": Cannot(),
        "obligations": Cannot("such an allow is left out, except for `audit`"),
        "terms": Cannot(),
    },
)
