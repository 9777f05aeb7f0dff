"""Whole phrases of other languages, in a table: where they stand, and what AGP has instead.

A row is found by what the parser would take there, what stands before, and what stands here. What
its patterns name can be put into the advice. Parsing goes on after what is read in the phrase's
place, or else at the next clause or statement, and nothing more is said of the phrase.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .habits import NEAR, WINDOW

_ATTRIBUTE = r"(?P<a>[A-Za-z_][\w.]{0,60})\s*$"
_VALUE = r"(?P<v>[^\s,;(){}\[\]]{1,40})"
_NOTHING = r"(?:[Nn]one|NONE|null|NULL|[Nn]il|undefined|[Mm]issing|absent|empty|EMPTY)\b"
_ARITHMETIC = "the language has no arithmetic"
_SUM = "let the caller put what is to be compared in one field"
_COUNTED = "keep the count outside, and ask of it: `when context.calls_this_hour < 10`"
_CLOCK = r"\d{1,2}(?::\d\d)?\s*(?:[ap]m)?\b"
_TIMES = 'write `during mon..fri 09:00..17:00 "Europe/Berlin"`'

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*+")|#[^\n]*(?=\n)')


class Idiom(NamedTuple):
    """One row: keys that the parser would take here, patterns, and what is said."""

    needs: frozenset[str]
    before: re.Pattern[str]
    here: re.Pattern[str]
    message: str
    help: str
    instead: tuple[tuple[str, str], ...] = ()
    """What is read in place of the phrase, each as (key, text)."""
    keeps: bool = False
    """Whether what stands here is no part of the mistake: something is missing before it."""


class Found(NamedTuple):
    """What is said of a phrase, and where it stands."""

    message: str
    help: str
    start: int
    end: int
    idiom: Idiom


def _row(
    needs: str,
    before: str,
    here: str,
    message: str,
    help: str,
    instead: tuple[tuple[str, str], ...] = (),
    keeps: bool = False,
) -> Idiom:
    wanted = frozenset(needs.split())
    return Idiom(wanted, re.compile(before), re.compile(here), message, help, instead, keeps)


_NO_TYPES = "types are declared, and a value of another type is refused"
_NO_UNIT = "a number has no unit"
_NAMELESS = "write the number alone, and let the name of the attribute say what it counts"
_TYPES = "string|number|int|integer|bool|boolean|time|duration|ip|json|float|list"
_UNITS = (
    ("s", r"s|secs?|seconds?"), ("m", r"m|mins?|minutes?"), ("h", r"h|hrs?|hours?"), ("d", r"d|days?"),
)  # fmt: skip
_NO_DURATION = "a duration is a number and a unit, without a space"

_CONDITIONS = (
    _row("like", r"\bnow\s*$", r"(?i:between|from|after|before|is)\b[^\n]*?\d{1,2}:\d\d",
         "a time of day is asked with `during`", _TIMES),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:at\s+most|up\s+to|max(?:imum)?|no\s+more\s+than|does\s+not\s+exceed|not\s+more\s+than)\b",
         "`{word}` compares nothing", "write `{a} <= …`"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:at\s+least|min(?:imum)?|no\s+less\s+than|exceeds|over|above)\b",
         "`{word}` compares nothing", "write `{a} > …` or `{a} >= …`"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:after|later\s+than|newer\s+than)\b", "`{word}` compares nothing",
         "write `{a} > …`"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:before|earlier\s+than|older\s+than|under|below)\b(?!\s*\")",
         "`{word}` compares nothing", "write `{a} < …`"),
    _row("and", r"", r"as\s+(?:int|integer|number|string|float|bool|time|str)\b", "nothing is converted",
         "compare with a value of the declared type"),
    _row("and", r"\(\s*(?:int|integer|number|string|float|bool|double|str)\s*\)\s*$", r"\w", "nothing is converted",
         "compare with a value of the declared type"),
    _row("like", r"\b(?:exists|for|forall|for_all)\s*$",
         r"(?:(?:all|each|any|every|some)\s+)?\w{1,40}\s+in\s+(?P<l>[\w.]{1,60})",
         "a list is looked into with `some` and `every`", "write `some {l} == …` or `every {l} == …`"),
    _row("like", r"\b(?:when|unless|and|or|not)\s+if\s*$", r"\w", "a condition has no `if`",
         "join conditions with `and` and `or`, or write a rule for each case"),
    _row("like", _ATTRIBUTE, r"\?(?=\s*(?:and\b|or\b|\}|$))", "whether a field is there is asked with `has`",
         "write `has {a}`"),
    _row("has", r"\b(?:when|unless)\s*$", r"\{+", "a condition stands without braces",
         "write a comparison, as in `when args.amount <= 500`"),
    _row("and", r"\b[A-Z]\w{0,60}\s*$", r"::\s*\"[^\"\n]*\"", "AGP has no entities",
         "name agents after `to` and capabilities after `allow`, or compare a field, "
         'as in `agent.tenant == "x"`'),
    _row("like", _ATTRIBUTE, r"NOT\s+(?P<o>IN|LIKE|CONTAINS)\b", "keywords are in lower case",
         "write `not {a} in […]`, or `not {a} like \"…\"`"),
    _row("like", _ATTRIBUTE, r"IN\b", "keywords are in lower case", "write `{a} in […]`"),
    _row("and", r"(?P<a>[A-Za-z_][\w.]{0,60})\s+in\s+(?P<v>[\d.]{1,20}?)\s*$", r"\.\.\.?=?\s*(?P<w>[\d.]{1,20})",
         "`..` makes no list", "write `{a} >= {v} and {a} <= {w}`"),
    _row(",", r"(?P<a>[A-Za-z_][\w.]{0,60})\s+in\s+\[\s*(?P<v>[\d.]{1,20}?)\s*$", r"\.\.\.?=?\s*(?P<w>[\d.]{1,20})",
         "`..` makes no list", "write `{a} >= {v} and {a} <= {w}`"),
    _row("==", r"(?P<a>[A-Za-z_][\w.]{0,60})\s*==\s*(?P<v>[^\s,]{1,40})\s+or\s+(?P<w>[^\s,]{1,40})\s*$", r"(?![<>=!.(])",
         "each side of `or` is a whole comparison", "write `{a} in [{v}, {w}]`", (), True),
    _row("and", r"(?P<d>\d{4}-\d\d-\d\d)\s*$", r"(?P<t>\d\d:\d\d)", "a time is written in one piece",
         "write `{d}T{t}:00Z`"),
    _row("like", r"\b(?:when|and|or)\s+approved\s*$", r"(?:by|from|of)\b", "an approval is not a condition",
         "write `require approval by \"role:NAME\"` after the condition"),
    _row(",", r"\b(?:when|unless)\s*\[[^\]\n]*$", r"[<>=!]", "conditions are joined with `and` and `or`",
         "write `when … and …`, without brackets"),
    _row("==", r"\b(?:when|unless)\s+\"[^\"\n]*\"\s*$", r"(?![<>=!])", "a condition stands without quotes",
         "write it as it is, as in `when args.amount <= 500`", (), True),
    _row("%NUMBER", r"", r"[$@]\.?(?P<n>[A-Za-z_][\w.]{0,60})", "a name begins with a letter",
         "write `args.{n}`, with the root that it is read from"),
    _row("like", _ATTRIBUTE, r"is\s*(?=[<>=!])", "`is` compares nothing", "leave it out"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?not\s+(?:one\s+of|among|any\s+of)\b", "`one of` compares nothing",
         "write `{a} not in […]`"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:one\s+of|among|is\s+any\s+of|one_?[oO]f)\b|is\s+in\b", "`{word}` compares nothing",
         "write `{a} in […]`"),
    _row("like", _ATTRIBUTE, r"(?:does|do|is|has)\s+not\s+(?:contain|include|match|start|end|equal)\w*",
         "`not` stands before the whole comparison", "write `not {a} …`"),
    _row("and", r"[=<>(,]\s*[frbuFRBU]{1,2}$", r"\"", "a string has nothing before its quotes", "write `\"…\"`"),
    *(
        _row("and", r"[<>=!(\[,]\s*(?P<n>\d+)\s*$", rf"(?:{words})\b", _NO_DURATION, f"write `{{n}}{unit}`")
        for unit, words in _UNITS
    ),
    _row("and", r"\d\s*$", r"(?:weeks?|months?|years?)\b", _NO_DURATION, "write days, as in `30d`"),
    _row("and", r"\d\s*$", r"(?:USD|EUR|GBP|CHF|JPY|[kKMG]i?B|usd|eur|dollars?|euros?|cents?|bytes|percent|pct|[$€£])(?!\w)",
         _NO_UNIT, _NAMELESS),
    _row("%NUMBER", r"[<>=!(\[,]\s*$", r"[$€£]\s?(?P<n>\d[\d_.]{0,30})", _NO_UNIT, "write `{n}`"),
    _row("%NUMBER", r"", r"\$\{?(?P<n>[A-Za-z_][\w.]{0,60})\}?", "a name has no `$`", "write `{n}`"),
    _row("%TIME", r"\bnow\s*[<>=!]+\s*$", r"\d{1,2}:\d\d", "a time of day is asked with `during`", _TIMES),
    _row("like", r"\b(?:agent|principal|subject)\s*$", r"is\s+not\s+(?P<v>[\w.]{1,60})",
         "a rule names its agents after `to`", "name those that are meant: `to ONE, ANOTHER`"),
    _row("like", r"\b(?:agent|principal|subject)\s*$", r"(?:is|in)\s+(?P<v>[\w.]{1,60})",
         "a rule names its agents after `to`", "write `to {v}`"),
    _row("like", r"\b(?:typeof|instanceof|type_?of|kind_?of)\s*$", r"(?P<f>[A-Za-z_][\w.]{0,60})", _NO_TYPES,
         "leave it out, or ask whether it is there: `has {f}`"),
    _row("like", _ATTRIBUTE,
         r"is\s+(?:an?\s+)?(?:number|string|int|integer|bool|boolean|list|array|object|time|text)\b", _NO_TYPES,
         "leave it out, or ask whether it is there: `has {a}`"),
    _row("like", _ATTRIBUTE, r"(?i:contains_?any|intersects|overlaps|has_?any)\b(?:\s+(?:with|of))?",
         "`{word}` compares nothing", "write `{a} contains any […]`"),
    _row("like", _ATTRIBUTE, r"(?i:contains_?all|has_?all|superset)\b(?:\s+of)?", "`{word}` compares nothing",
         "write `{a} contains all […]`"),
    _row("like", _ATTRIBUTE, r"(?i:subset_?of|is_?subset)\b", "`{word}` compares nothing", "write `{a} subset of […]`"),
    _row("like", _ATTRIBUTE, r"(?:any|some)_?(?:\s+(?:in|of)|of|in)\b", "`some` stands before the list",
         "write `some {a} in […]`"),
    _row("like", _ATTRIBUTE, r"(?:all|every|each)_?(?:\s+(?:in|of)|of|in)\b", "`every` stands before the list",
         "write `every {a} in […]`"),
    _row("like", _ATTRIBUTE, r"(?:has|contains|includes)\s+(?P<v>\"[^\"\n]{0,40}\")", "`{word}` looks into no list",
         "write `{a} contains {v}`"),
    _row("and", r"(?P<a>[A-Za-z_][\w.]{0,60})\s+(?:in|within)\s+(?:the\s+)?(?:cidr|CIDR|range|subnet|network|block)\s*$",
         r"(?P<v>\"[^\"\n]{0,60}\")", "a range of addresses is asked with `within`", "write `{a} within {v}`"),
    _row("like", _ATTRIBUTE, r"(?i:(?:is_?)?in_?(?:cidr|range|subnet|network)|cidr|ipmatch|<<=?)(?!\w)\s*(?P<v>\"[^\"\n]{0,60}\")?",
         "a range of addresses is asked with `within`", "write `{a} within \"10.0.0.0/8\"`"),
    _row("like", _ATTRIBUTE, r"(?i:ilike|rlike|glob|similar\s+to|match|starts\s*with|ends\s*with|begins\s*with|prefix)\b",
         "a part of a text is asked with `like`", "write `{a} like \"start*\"` or `{a} like \"*end\"`"),
    _row("like", _ATTRIBUTE, r"!~[*=]?|~[*~=]?", "`{sign}` matches nothing",
         "patterns are globs: write `{a} like \"pay-*\"`, or `not {a} like …`"),
    _row("like", _ATTRIBUTE, r"->\s*(?P<f>\w{1,40})", "a field is read with a dot", "write `{a}.{f}`"),
    _row("[", r"\bin\s*$", r"[({]", "a list stands in square brackets", 'write `["a", "b"]`'),
    _row("and", r"\bin\s+(?:\"[^\"\n]*\"|\d+)\s*$", r",", "a list stands in square brackets",
         'write `["a", "b"]`'),
    _row("like", r"\b(?P<q>some|every)\s+(?P<x>\w{1,40})\s*$", r"[;:|,{]|args\b|task\b|context\b",
         "`{q}` names no variable", "write `{q} LIST == …`, with the list in place of `{x}`"),
    _row("like", r"\bunless\s+(?:approved|approval)\s*$", r"(?:by|from|of)\b",
         "what lifts a forbid is said as what a permit needs", 'write `unless approval by "role:NAME"`'),
    _row("like", _ATTRIBUTE, rf"(?:is\s+not|isnt|is\s+defined|is\s+set|is\s+present)\b(?:\s+{_NOTHING})?(?!\s*[\w\"])",
         "whether a field is there is asked with `has`", "write `has {a}`"),
    _row("like", _ATTRIBUTE, rf"(?:is|IS)\s+(?:not|NOT)\s+{_NOTHING}",
         "whether a field is there is asked with `has`", "write `has {a}`"),
    _row("like", _ATTRIBUTE, rf"(?:is|IS)\s+{_NOTHING}",
         "whether a field is there is asked with `has`", "write `not has {a}`"),
    _row("like", _ATTRIBUTE, r"has\s+(?P<f>\w{1,40})",
         "`has` stands before what it asks for", "write `has {a}.{f}`"),
    _row("like", _ATTRIBUTE, rf"(?i:between)\s+{_VALUE}\s+(?i:and|to)\s+(?P<w>[^\s,;(){{}}\[\]]{{1,40}})",
         "`between` compares nothing", "write `{a} >= {v} and {a} <= {w}`"),
    _row("like", _ATTRIBUTE, r"(?i:between)\b", "`between` compares nothing",
         "write two comparisons, as in `{a} >= 1 and {a} <= 5`"),
    _row("in", r"(?P<a>[A-Za-z_][\w.]{0,60})\s+not\s*$", r"(?P<o>like|contains|under|within|subset)\b",
         "`not` stands before the whole comparison", "write `not {a} {o} …`"),
    _row("in", r"(?P<a>[A-Za-z_][\w.]{0,60})\s+not\s*$", r"(?:equals?|eq)\b",
         "`not equals` compares nothing", "write `{a} != …`"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:greater|more|larger|higher)\b", "`{word}` compares nothing",
         "write `{a} > …`, or `{a} >= …`"),
    _row("like", _ATTRIBUTE, r"(?:is\s+)?(?:less|lower|smaller|fewer)\b", "`{word}` compares nothing",
         "write `{a} < …`, or `{a} <= …`"),
    _row("like", _ATTRIBUTE, r"is\s+subset\b", "`is` compares nothing", "write `{a} subset of …`"),
    _row("like", _ATTRIBUTE, r"(?:\?\.)\s*(?P<f>\w{1,40})",
         "a step that may be missing takes no `?`", "write `{a}.{f}`"),
    _row("like", _ATTRIBUTE, r"\?\?", "there is no default for a missing value",
         "ask whether it is there: `has {a} and {a} …`"),
    _row("and", r"", r"\?(?=[^?.])", "there is no `? :` in a condition",
         "join conditions with `and` and `or`, or write a rule for each case"),
    _row("like", r"\bnow\s*$", r"-\s*(?P<t>[A-Za-z_][\w.]{0,60})",
         "the time since something is its `age`", "write `age({t})`, as in `age({t}) < 30m`"),
    _row("like", r"\bnow\s*$", r"[-+]", "the time since something is its `age`",
         "write `age(NAME) < 30m`, with an attribute that is a `time`"),
    _row("and", r"(?:[\w)\]\"]|\d)\s*$", r"[-+*/]", _ARITHMETIC, _SUM),
    _row("and", r"\d\s*$", r"%(?!\s*\w)", "a percentage is written as a fraction",
         "80% is written as `0.8`"),
    _row("and", r"", r"%|(?:mod|div)\b", _ARITHMETIC, _SUM),
    _row("and", r"\b(?P<q>some|every)\s+(?P<x>\w{1,40})\s+in\s+(?P<l>[\w.]{1,60})\s*$",
         r"(?:satisfies|such|where|with|if|has|that|[:|{,;])",
         "`{q}` names no variable", "write `{q} {l} == …`, without `{x} in`"),
    _row("and", r"\ballow\s[^{}]*$", r"as\s+(?P<n>\w{1,40})",
         "the label of an `allow` stands before its `when`", "write `allow … as {n} when …`"),
    _row("and", r"", r"(?:else|elif|otherwise|then)\b", "a condition has no `else`",
         "write an `allow` or a `forbid` for the other case"),
    _row("and", r"", r"(?:xor|XOR|\^)", "`xor` joins no conditions",
         "write it with `and`, `or` and `not`"),
    _row("and", r"", r"(?:except|but)\b", "an exception is a part of the condition",
         "write `and not …`"),
    _row("and", r"\bwhen\s+(?P<o>not\s+in|in)\s*$", r"(?P<l>[\w.\[]{1,60})",
         "`{o}` has nothing on its left", "write `NAME {o} {l}`"),
    _row("has", r"", r"(?:exists|defined|present)\s+(?P<f>[A-Za-z_][\w.]{0,60})",
         "whether a field is there is asked with `has`", "write `has {f}`"),
    _row("has", r"", r"(?:if|when|where)\b", "a condition stands by itself here",
         "write one `when`, and join its parts with `and`"),
)  # fmt: skip

_CLAUSES = (
    _row("allow", r"", r"(?:timeout|session|session_duration|max_age)\s+\d", "how long a credential lives is said with `credential`",
         "write `credential ttl 15m`"),
    _row("allow", r"", r"(?:expires_at|expires_on|valid_to|end_date)\b", "when a grant ends is said with `valid`",
         "write `valid until 2027-06-30`"),
    _row("allow", r"", r"(?:approved_by|approvers?)\b", "what a permit needs is said with `require`",
         'write `require approval by "role:NAME"`'),
    _row("allow", r"", r"(?:conditions?|filters?|constraints?)\b", "`{word}` begins no clause",
         "write `when CONDITION`, and join several with `and`"),
    _row("allow", r"", r"(?:time_window|business_hours|working_hours)\b", "when a grant holds is said with `during`", _TIMES),
    _row("allow", r"\bduring\s[^\n{}]*$", r"(?P<z>[A-Z][\w/+-]{1,40})", "a time zone stands in double quotes",
         'write `"{z}"`'),
    _row("..", r"\bduring\s[^\n{}]*\d:\d\d\s*$", r"(?:to|until|till|and)\b", "from one to another is written `..`", _TIMES),
    _row("count", r"\bapproval\s+by\s+\"[^\"\n]*\"\s*$", r"or\b", "what a permit needs is needed as a whole",
         'write `require approval by "role:A", "role:B"` where any of them may approve'),
    _row("when", r"\brevoke\s*$", r"(?!if\b|where\b)\w*", "a permit is taken back by a condition",
         "write `revoke when context.confidence < 0.8`"),
    _row("allow", r"\bforbid\s[^{}]*\{[^{}]*$", r"(?:reason|message|msg|why|description|comment|note|error)\b",
         "why something is forbidden is said with `because`", 'write `because "…"`'),
    _row("allow", r"", r"effect\b", "the effect of a rule is its own word",
         "write `allow RESOURCE.ACTION` in a grant, or `deny RESOURCE.ACTION` in a forbid"),
    _row("allow", r"\b(?P<k>allow|deny)\s+(?:[\w.*]+\s*,\s*)*(?P<n>[\w.]{1,60})\s*$", r"\(\s*\)", "a capability has no parentheses",
         "write `{k} {n}`"),
    _row("allow", r"\b(?P<k>allow|deny)\s+(?:[\w.*]+\s*,\s*)*(?P<n>[\w.]{1,60})\s*$", r"\(\s*(?P<x>\w{1,40})?[^()\n]{0,80}\)?",
         "what a rule asks of arguments stands after `when`", "write `{k} {n} when args.{x} …`"),
    _row("allow", r"\baudit\s+\w+\s*$", r",", "`audit` says one thing", "write `audit full` or `audit metadata`"),
    _row("%NAME", r"\baudit\s*$", r"\}", "`audit` says how much is recorded",
         "write `audit full` or `audit metadata`", (("%NAME", "full"),), True),
    _row("ttl", r"\bcredential\s*$", r"(?P<v>\d\w{0,20})", "how long a credential lives is its `ttl`",
         "write `credential ttl {v}`", (("ttl", "ttl"),), True),
    _row("ttl", r"\bcredential\s*$", r"(?:[:={(]|for\b|lifetime\b|expires\b|duration\b|lasts\b)",
         "how long a credential lives is its `ttl`", "write `credential ttl 15m`"),
    *(
        _row("%DURATION", r"", rf"(?P<n>\d+)\s*(?:{words})\b", _NO_DURATION, f"write `{{n}}{unit}`")
        for unit, words in _UNITS
    ),
    _row("until", r"\bvalid\s*$", r"(?:(?:for|during|in)\s+)?\d+\s?(?:[smhdwy]|days?|weeks?|months?|years?)\b",
         "a grant ends on a day", "write `valid until 2027-06-30`"),
    _row("until", r"\bvalid\s*$", r"(?:(?:till?|to|before|through|up\s+to)\s+)?\"?(?P<d>\d{4}-\d\d-\d\d)\"?",
         "when a grant ends is said with `until`", "write `valid until {d}`"),
    _row("until", r"\bvalid\s*$", r"(?:after|since|starting|on)\s+\"?(?P<d>\d{4}-\d\d-\d\d)\"?",
         "when a grant begins is said with `from`", "write `valid from {d}`"),
    _row("until", r"\bvalid\s+from\s+\S{1,40}\s*$", r"(?:till?|-|\.\.|through|and)\s*\"?(?P<d>\d{4}-\d\d-\d\d)?\"?",
         "when a grant ends is said with `until`", "write `until {d}`"),
    _row("%NAME", r"\bvalid\s+from\s+\S{1,40}\s+to\s*$", r"(?P<d>\d{4}-\d\d-\d\d)",
         "when a grant ends is said with `until`", "write `until {d}`"),
    _row("approval step_up", r"\brequire\s*$", r"(?:\d+|two|three|both|dual|multiple|four)\b",
         "how many have to approve is said with `count`",
         'write `require approval by "role:NAME" count 2`'),
    _row("%STRING", r"\b(?:approval\s+by|step_up)\s*$", r"(?P<v>[A-Za-z_][\w:.-]{0,60})",
         "who approves, and how a step-up is done, stands in double quotes", 'write `"{v}"`'),
    _row("%STRING", r"\bapproval\s+by\s*$", r"\d+(?:\s+of)?", "how many have to approve is said with `count`",
         'write `approval by "role:NAME" count 2`'),
    _row("allow", r"", r"(?:rate_?)?(?:limit|rate|throttle|quota|budget|max_calls|times|at\s+most)\b",
         "the language counts no calls", _COUNTED),
    _row("allow", r"", r"(?:per|each|every)\s+(?:\d|minute|hour|day|second)",
         "the language counts no calls", _COUNTED),
    _row("allow", r"", r"(?:log|logging|logged|record|trace)\b",
         "what is to be recorded is said with `audit`", "write `audit full` or `audit metadata`"),
    _row("allow", r"", r"(?:notify|alert|inform|obligation|advice|then)\b",
         "what is to be done with a permit is said with `oblige`",
         "write `oblige notify(channel: \"security\")`"),
    _row("allow", r"", r"(?:requires?|needs?|approve[drs]*|approvals?|with\s+approval)\b(?!\s*(?:approval|step_up)\b)",
         "what a permit needs is said with `require`",
         "write `require approval by \"role:NAME\"` or `require step_up \"mfa\"`"),
    _row("allow", r"", r"(?:mfa|MFA|step-?up|step_up|two_factor)\b",
         "what a permit needs is said with `require`", "write `require step_up \"mfa\"`"),
    _row("allow", r"", r"(?:expires?|expiry|expiration|until|before|not_after|ends?|valid_until)\b",
         "when a grant ends is said with `valid`", "write `valid until 2027-06-30`"),
    _row("allow", r"", r"(?:from|after|starts?|not_before|since)\b(?!\s*\.)",
         "when a grant begins is said with `valid`", "write `valid from 2027-06-30`"),
    _row("allow", r"", r"(?:ttl|lifetime|lease|duration)\b",
         "how long a credential lives is said with `credential`", "write `credential ttl 15m`"),
    _row("allow", r"", r"(?:hours|schedule|window|weekdays?|between|on\s+(?:mon|week))\b",
         "when a grant holds is said with `during`", _TIMES),
    _row("allow", r"", r"(?:except|but|excluding|exclude|unless\s+not)\b",
         "an exception is a condition or a rule of its own",
         "write `when not …`, or a `forbid NAME {{ deny RESOURCE.ACTION when … }}`"),
    _row("allow", r"", r"(?:description|comment|reason|note|id|title|priority|version|severity|message|msg)\b",
         "`{word}` begins no clause", "a comment starts with `#`; a rule is named after `grant` or `forbid`"),
    _row("allow", r"", r"(?:else|elif|otherwise|return)\b", "`{word}` begins no clause",
         "write `when CONDITION`"),
    _row("allow", r"", r"(?:on|over|resources?|actions?|scope|target|tools?|can|may)\b(?!\s*[.(])",
         "what a rule is about is one name", "write `allow RESOURCE.ACTION`, or `deny RESOURCE.ACTION` in a forbid"),
    _row("%STRING", r"\bduring\s[^\n{}]*\d:\d\d\s*$", r"", "the time zone is missing",
         'write it after the times, as in `"Europe/Berlin"`', (("%STRING", '"UTC"'),), True),
    _row("by", r"\bapproval\s*$", r"(?:from|of|:|=|\()", "an approval says by whom",
         "write `approval by \"role:NAME\"`"),
    _row("by", r"\bapproval\s*$", r"\"", "an approval says by whom",
         "write `by` before it: `approval by \"role:NAME\"`", (("by", "by"),), True),
    _row("by", r"\bapproval\s*$", r"", "an approval says by whom", "write `approval by \"role:NAME\"`",
         (("by", "by"), ("%STRING", '"role:x"')), True),
    _row("%STRING", r"\bstep_up\s*$", r"(?![\w:=(])|(?=(?:allow|credential|when|audit|revoke|valid|during|oblige|owner|controls)\b)",
         "a step-up says how", "write `step_up \"mfa\"`", (("%STRING", '"mfa"'),), True),
    _row("approval step_up", r"\brequire\s*$", r"(?:mfa|MFA|2fa|otp)\b", "a step-up says how",
         "write `require step_up \"mfa\"`"),
    _row("approval step_up", r"\brequire\s*$", r"(?:approved|approvals|approver|human|review)\b|\"", "an approval says by whom",
         "write `require approval by \"role:NAME\"`"),
    _row("approval step_up", r"\brequire\s*$", r"\w[\w.]{0,60}\s*(?:[<>=!]|in\b|like\b)", "`require` takes no condition",
         "write it after `when`"),
    _row("%NAME", r"\boblige\s+(?P<n>[\w.]{1,60})\s*\(\s*$", r"(?P<v>\"[^\"\n]{0,40}\"|[\d_.]{1,20})",
         "what an obligation says has a name", "write `{n}(NAME: {v})`"),
    _row("(", r"\boblige\s+(?P<n>[\w.]{1,60})\s*$", r"", "an obligation has parentheses",
         "write `oblige {n}()`, or `oblige {n}(NAME: \"value\")`", (("(", "("), (")", ")")), True),
    _row("%NAME", r"\bduring\s*$", r"\d", "a window begins with its days", _TIMES),
    _row("..", r"\bduring\s[^\n{}]*$", WINDOW.pattern, "from one to another is written `..`", _TIMES),
)  # fmt: skip

_STATEMENTS = (
    _row("grant", r"", r"(?P<k>roles?|groups?|team)\s+\w{1,60}\s*(?:\{|\"|=\s*[\[{])", "`{k}` begins no statement",
         "agents below a path are `agents NAME = \"spiffe://…/*\"`; a person's role is named where it approves, "
         "as in `approval by \"role:NAME\"`"),
    _row("{", r"\buser\s*$", r"(?P<n>\w{1,40})", "users are not declared one by one",
         "write what a rule may read of them, as in `user {{ department: string }}`"),
    _row("can", r"\bassert\s+(?:not|never)\s*$", r"(?:agents?\s+)?(?P<n>[\w.]{1,60})",
         "what is never allowed is asserted with `no`", "write `assert no {n} can …`"),
    _row("can", r"\bassert\s+(?:that|agents?|always)\s*$", r"(?P<n>[\w.]{1,60})", "`assert` names agents by themselves",
         "write `assert {n} can …`"),
    _row("can", r"\bassert\s+no\s+(?:agents?)\s*$", r"(?P<n>[\w.]{1,60})", "`assert` names agents by themselves",
         "write `assert no {n} can …`"),
    _row("for", r"\bassert\s+(?P<s>[\w., ]{1,60}?)\s+can\s+(?:not|never)\s*$", r"[\w.]{1,60}",
         "what is never allowed is asserted with `no`", "write `assert no {s} can …`"),
    _row("for", r"\bassert\s[^{}]*?\bcan\s+(?P<n>[\w.]{1,60})\s*$", r"\(\s*\)", "a capability has no parentheses",
         "write `can {n}`"),
    _row("for", r"\bassert\s[^{}]*?\bcan\s+(?P<n>[\w.]{1,60})\s*$", r"\(\s*(?P<x>\w{1,40})?",
         "what an assertion asks of arguments stands after `when`", "write `can {n} when args.{x} …`"),
    _row(": ?", rf"\b(?:tool|api|dataset)\s+\w+\s*\{{[^{{}}]*?\b(?!(?:actions?|optional|fn|def|func|function|method|{_TYPES})\b)(?P<x>\w{{1,40}})\s*$", rf"[,}}\n]|(?!(?:{_TYPES})\b)\w",
         "an action begins with its word", "write `action {x}`"),
    _row("grant", r"", r"--(?!-)", "`--` is not a comment", "a comment starts with `#`"),
    _row("can", r"\bassert\s+(?P<s>[\w., ]{1,60}?)\s*$", r"(?:cannot|can't|never|may\s+not|must\s+not|should\s+not|not)\b",
         "what is never allowed is asserted with `no`", "write `assert no {s} can …`"),
    _row("can", r"\bassert\s+(?P<s>[\w., ]{1,60}?)\s*$", r"(?:may|must|should|is|has)\b",
         "an assertion is made with `can`", "write `assert {s} can …`, or `assert no {s} can …`"),
    _row("%NAME %PATH", r"\bcan\s*$", r"not\b", "what is never allowed is asserted with `no`",
         "write `assert no AGENT can …`"),
    _row("%STRING", r"\btest\s*$", r"\{", "a test has a name", 'write `test "what it shows" {{`',
         (("%STRING", '"x"'),), True),
    _row("%STRING", r"\btest\s*$", r"(?P<n>\w{1,40})", "the name of a test stands in double quotes",
         'write `test "{n}" {{`', (("%STRING", '"x"'),)),
    _row("%NAME", r"\bcall\s+[\w.]+\s*\(\s*$", r"\{\s*(?P<n>\w{1,40})?", "arguments stand without braces",
         "write `(NAME: VALUE)`, as in `call pay.post(amount: 5)`"),
    _row("%NAME", r"\bcall\s+[\w.]+\s*\(\s*$", r"[\d-]|\"[^\"\n]*+\"(?!\s*:)", "arguments are given by their names",
         "write `(NAME: VALUE)`, as in `call pay.post(amount: 5)`"),
    _row(":", r"\bcall\s+[\w.]+\s*\([^()]*\w\s*$", r"=(?!=)", "an argument is given with `:`",
         "write `NAME: VALUE`", ((":", ":"),)),
    _row("(", r"\bcall\s+(?P<c>[\w.]{1,60})\s*$", r"", "a call has parentheses", "write `call {c}()`",
         (("(", "("), (")", ")")), True),
    _row("", r"(?<!\")\"\"$", r"\"[^\"]*\"{3}", "a string has one pair of quotes",
         'write `"…"`, on one line'),
    _row("action", r"", r"\"actions?\"\s*:?\s*\[?\s*\"?(?P<x>\w{0,40})\"?", "an action stands by its word",
         "write `action {x}`"),
    _row("", r"\bactions?\s*:\s*\[?\s*(?P<x>\w{1,40})\s*$", r"[,\]]", "an action stands by its word",
         "write `action {x}, …`, without `:`"),
    _row("%NAME", r"\b(?P<k>grant|forbid|tool|api|dataset|agent|intent|level|enum|set|let)\s*$", r"[{=]",
         "what `{k}` declares has a name", "write `{k} NAME …`"),
)  # fmt: skip

IDIOMS = (*_CONDITIONS, *_CLAUSES, *_STATEMENTS)


def idiom(text: str, start: int, expected: set[str]) -> Found | None:
    """Find the phrase that begins at an offset where something else was expected."""
    near = _COMMENT.sub(
        lambda each: each[1] or " " * len(each[0]), text[max(0, start - NEAR) : start]
    )
    for row in IDIOMS:
        if not row.needs <= expected:
            continue
        here = row.here.match(text, start)
        before = row.before.search(near) if here else None
        if here is None or before is None:
            continue
        word = re.compile(r"\w{0,40}").match(text, start)
        sign = re.compile(r"[!~=*<>]{0,4}").match(text, start)
        named = {
            "word": word[0] if word else "",
            "sign": sign[0] if sign else "",
            **before.groupdict(),
            **here.groupdict(),
        }
        shown = {name: value or "NAME" for name, value in named.items()}
        end = len(near.rstrip()) - len(near) + start if row.keeps else here.end()
        place = end - 1 if row.keeps else start
        return Found(
            row.message.format_map(shown),
            row.help.format_map(shown),
            max(0, place),
            max(1, end),
            row,
        )
    return None
