"""How people say what goes with a decision that a test expects, in a table."""

from __future__ import annotations

from .phrases import row

_EFFECT = r"\bexpect\s+(?:permit|challenge|deny)\b[^{}]*$"
_WITH = "what goes with a decision stands after `with`"
_ASKS = "what a challenge asks for stands after `asking`"
_NONE = "that there is none is said with `no`"

EXPECTATIONS = (
    row("with", _EFFECT, r"(?:and\s+)?ttl\s+(?P<d>\d\w{0,20})", _WITH, "write `with credential ttl {d}`",
        (("with", "with"), ("credential", "credential"), ("ttl", "ttl"), ("%DURATION", "{d}")), fix="with credential ttl {d}"),
    row("with", _EFFECT, r"(?P<t>(?:credential|audit|owner|oblige|no\s+(?:credential|obligation|owner))\b)", _WITH,
        "write `with {t} …`", (("with", "with"),), True, fix=" with "),
    *(
        row("with", _EFFECT, rf"without\s+(?:an?\s+)?{what}s?\b", _NONE, f"write `with no {what}`",
            (("with", "with"), ("no", "no"), (what, what)), fix=f"with no {what}")
        for what in ("credential", "obligation", "owner")
    ),
    row("asking", _EFFECT, r"(?:approval|confirmation|step_up)\b", _ASKS, "write `asking {word} …`", (("asking", "asking"),), True, fix=" asking "),
    row("asking", _EFFECT, r"(?:asks?|requir(?:es?|ing)|need(?:s|ing)?|waiting)(?:\s+for)?(?=\s+(?:approval|confirmation|step_up)\b)",
        _ASKS, "write `asking`", (("asking", "asking"),), fix="asking"),
    row("because", _EFFECT, r"(?:reasons?|messages?|saying)\b\s*[:=]?(?=\s*\")", "why a call is denied is said with `because`",
        "write `because \"…\"`", (("because", "because"),), fix="because"),
    row("with", _EFFECT, r"(?:and|plus|having|obliging|including)\b", _WITH,
        "write `with credential ttl 15m, oblige NAME`, as far as they are expected"),
    row("oblige owner", r"\bwith\s*$", r"ttl\s+(?P<d>\d\w{0,20})", "how long a credential lives is its `ttl`",
        "write `credential ttl {d}`", (("credential", "credential"), ("ttl", "ttl"), ("%DURATION", "{d}")), fix="credential ttl {d}"),
    row("oblige owner", r"\bwith\s*$", r"(?:approval|confirmation|step_up)\b", _ASKS, "write `expect challenge asking {word} …`"),
    row("oblige owner", r"\bwith\s*$", r"(?P<n>[A-Za-z_]\w{0,60})", "`{n}` is nothing that goes with a decision",
        "that is `credential ttl 15m`, `oblige NAME`, `audit full` or `owner \"…\" contact \"…\"`"),
    row("obligation owner", r"\bno\s*$", r"oblig\w{0,20}", _NONE, "write `no obligation`",
        (("obligation", "obligation"),), fix="obligation"),
    row(", (", r"\bwith\b[^{}]*\boblige\s+[\w.]{1,60}\s*$", r"and\b", "terms are listed with commas", "write `,`",
        ((",", ","),), fix=","),
)  # fmt: skip
