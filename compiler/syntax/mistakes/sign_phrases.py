"""Phrases of other languages that begin with what is not a token here, in a table.

They are known by the text alone, before the parser looks at any of it.
"""

from __future__ import annotations

from .phrases import TYPES, row

_NAMES = r"[\w.*]+(?:\s*(?:,|\|{1,2})\s*[\w.*]+)*\s*$"
_LISTED = r"(?<![\w.])(?:to|for|allow|deny|separate|from|can)\s+"
_CONSTANT = r"(?:\"[^\"\n]{0,40}\"|\d[\d_.]{0,20}|true\b|false\b)"
_TIME = r"\d{1,2}:\d\d"
_FIELD = rf"(?P<n>[A-Za-z_]\w{{0,60}})\??\s*:\s*(?P<t>{TYPES})\s*$"

SIGNS = (
    row("", r"\b(?P<a>[A-Za-z_][\w.]{0,60})$", r"\.\d{1,9}(?![\w.])", "elements of a list have no positions",
        "write `some {a} == …`"),
    row("", r"(?<![\w.])(?P<n>\d{1,3}(?:_\d{3})*)$", r"'(?P<m>\d{3})(?![\w'])", "`{n}'{m}` is not a number",
        "write `{n}_{m}`", (), fix="{n}_{m}", since="n"),
    row("", r"", rf"(?:\|\|?|&&?)\s*{_CONSTANT}\s*[=!]=\s*{_CONSTANT}", "two constants are compared",
        "leave this out: one side of a comparison is read from the request", ()),
    row("", r"\bduring\s+(?P<d>\w{3})\w{0,6}\s*$",
        rf"-\s*(?P<e>\w{{3}})\w{{0,6}}\s+(?P<t>{_TIME})\s*(?:-|\.\.|to\b)\s*(?P<u>{_TIME})\s*\"?(?P<z>[A-Z][\w/+-]{{1,40}})\"?",
        "from one to another is written `..`", 'write `during {d}..{e} {t}..{u} "{z}"`', fix='{d}..{e} {t}..{u} "{z}"', since="d"),
    row("", r"\bduring\s+(?P<d>\w{3})\w{0,6}\s*$",
        rf"-\s*(?P<e>\w{{3}})\w{{0,6}}\s+(?P<t>{_TIME})\s*(?:-|\.\.|to\b)\s*(?P<u>{_TIME})",
        "from one to another is written `..`", 'write `during {d}..{e} {t}..{u} "Europe/Berlin"`'),
    row("", r"\b(?:allow|deny|can)\s+(?:[\w.*]+\s*,\s*)*$", r"\*\.\*|\*(?=\s*:\s*\*)", "`*.*` is not a capability",
        "everything is written `any`", fix="any"),
    row("", r"\b(?:allow|deny|can)\s+(?:[\w.*]+\s*,\s*)*$", r"\*\.(?P<n>\w{1,60})", "a capability names its resource",
        "write `RESOURCE.{n}` for each resource"),
    row("", r"\b(?:allow|deny|can)\s+(?:[\w.*]+\s*,\s*)*(?P<r>\w{1,60})\.(?P<n>\w{1,60})$", r"\*",
        "`*` stands for all actions, and not for a part of a name", "write each action, or `{r}.*` for all of them"),
    row("", r"\b(?:allow|deny|can|call|separate)\s+(?:[\w.*]+\s*,\s*)*(?P<r>\w{1,60})\s*$", r"(?:->|#)\s*(?P<n>\w{1,60})",
        "resource and action are joined by a dot", "write `{r}.{n}`", fix="{r}.{n}", since="r"),
    row("", r"\baction\s+\w{1,60}\s*(?:\([^()]*\)\s*)?$", r"=>(?=\s*[\w\[{])", "what a call gives back stands behind `->`",
        "write `->`", (("%_ARROW", "->"),), fix="->"),
    row("", r"\baction\s+\w{1,60}\s*\([^()]*\)\s*$", r":(?=\s*[\w\[{])", "what a call gives back stands behind `->`",
        "write `->`", (("%_ARROW", "->"),), fix=" ->"),
    row("", r"\bcall\s[^{}\n]*\)\s*$", r"(?:=>|->)(?=\s*(?P<o>\w{1,20}))", "what a call is answered is said with `expect`",
        "write `expect {o}`", (("expect", "expect"),), fix=" expect "),
    row("", _FIELD, r"\|\s*(?:null|None|nil|undefined)\b", "a field that may be missing has a `?` behind its name",
        "write `{n}?: {t}`", (), fix="{n}?: {t}", since="n"),
    row("", _FIELD, r"(?:\|\s*[\w\"\[\]]{1,40}\s*){1,9}", "a field has one type",
        "write `{n}: json`, or give each type a field of its own", ()),
    row("", _LISTED + _NAMES, r"\|{1,2}", "names are listed with commas", "write `,`", ((",", ","),), fix=","),
)  # fmt: skip
