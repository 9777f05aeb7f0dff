"""What IAM can say of a policy (README.md has the details)."""

from __future__ import annotations

from ..abilities import Abilities, Cannot, Lowers

ABILITIES = Abilities(
    "AWS roles and sessions",
    {
        "of the call": Lowers("those with a condition key in `bind aws`"),
        "of the identity": Lowers(
            "the agent and the state while compiling, the task as a session tag"
        ),
        "of the attested": Cannot(),
        "of the arguments": Cannot("IAM does not see arguments"),
        "intents": Lowers("as a session tag"),
        "forbids": Lowers("as explicit denies"),
        "evidence": Cannot(),
        "valid": Lowers("as `aws:CurrentTime`"),
        "during": Cannot(),
        "obligations": Cannot("such an allow is left out, except for `audit`"),
        "terms": Cannot("a warning for terms that AWS cannot keep"),
    },
)
