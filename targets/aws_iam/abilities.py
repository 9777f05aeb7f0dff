"""What IAM can say of a policy (README.md has the details)."""

from __future__ import annotations

from ..abilities import Abilities, Cannot, Lowers
from ..partial import Platform

ABILITIES = Abilities(
    "AWS roles and sessions",
    {
        "of the call": Lowers(
            "those with a condition key in `bind aws`",
            unless="`bind aws` has no condition key for `{}`",
        ),
        "of the identity": Lowers(
            "the agent and the state while compiling, the task as a session tag",
            unless="IAM does not see `{}`",
        ),
        "of the attested": Cannot(reason="IAM does not see `{}`"),
        "of the arguments": Cannot(
            "IAM does not see arguments", reason="IAM does not see `{}`, an argument of the call"
        ),
        "of lists": Cannot(reason="IAM does not see `{}`, which is read of a list"),
        "facts": Cannot(reason="IAM does not see `{}`, which follows from the record"),
        "intents": Lowers("as a session tag"),
        "forbids": Lowers("as explicit denies"),
        "evidence": Cannot(
            reason="IAM cannot see whether the {} that it requires is there",
            beside="IAM cannot see the evidence that would lift it",
        ),
        "valid": Lowers("as `aws:CurrentTime`"),
        "during": Cannot(reason="IAM has no recurring windows of time"),
        "obligations": Cannot(
            "such an allow is left out, except for `audit`",
            reason="IAM cannot do what `{}` obliges to",
            beside="`{}` may oblige to more, which IAM cannot do",
        ),
        "terms": Cannot("a warning for terms that AWS cannot keep"),
    },
)
AWS = Platform("AWS", ABILITIES, elsewhere="cannot be said on {}, and is left to another target")
