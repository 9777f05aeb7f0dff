"""What an ARN may have beside the name in it: a deny has to meet it, and an allow must not lend it.

AWS compares whole ARNs, and a name is not the whole of one: Secrets Manager adds six characters,
Lambda a version, DynamoDB an index, and an S3 access point does not name its bucket at all.
`reference/endings.json` is a dated table of that. Of what it does not have anything may follow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from ....compiler.structs import Struct
from ....runtime.glob import Wildcard, glob_match, parse_glob
from ...partial import unique
from .. import reference
from .patterns import (
    ANYTHING,
    SOMETHING,
    Glob,
    beyond_colons,
    join,
    literal,
    may_meet,
    text_of,
)

OPAQUE = "\ue000"
"""A character that no pattern of the table has: it stands for a `*`, of which nothing is known."""


class Row(Struct):
    """ARNs that are alike in what they have beside a name.

    `then` may follow the name, and does so `always` or sometimes; a name may itself have text that
    looks like it, if it `adds_name_characters`. What the thing is in, or a path, may stand `before` the
    name, and ends in that text. With `folds`, a `/` that a name starts with is written once. `also` is
    the last field of ARNs that stand for the same without naming it, and goes on with what comes
    `after` a text here.
    """

    arns: Glob
    then: tuple[Glob, ...] = ()
    always: bool = False
    adds_name_characters: bool = False
    before: str = ""
    folds: bool = False
    also: Glob | None = None
    after: str = ""
    why: str = ""


class Table(Struct):
    """The rows of each service, the first that covers an ARN being the last that counts.

    `beneath` are actions that reach all that is below what they name, with why.
    """

    date: str
    services: dict[str, tuple[Row, ...]]
    beneath: dict[str, str]

    def rows(self, glob: Glob) -> tuple[Row, ...]:
        """The rows of all ARNs that a pattern may match; one that says *anything* if none covers it."""
        service = _service(glob)
        found: list[Row] = []
        text = "".join(part if isinstance(part, str) else OPAQUE for part in glob)
        for row in self.services.get(service, ()):
            if glob_match(row.arns, text):
                return (*found, row)
            if may_meet(row.arns, glob):
                found.append(row)
        return (*found, UNKNOWN)


UNKNOWN = Row(ANYTHING, (ANYTHING,), before="/")
"""What nothing is known of."""


class Denied(Struct):
    """The patterns of a deny, and why they match more than what was named."""

    resources: tuple[Glob, ...]
    reasons: tuple[str, ...] = ()


def denied(glob: Glob, *, elsewhere: bool = True) -> Denied:
    """All that a deny has to match in order to meet what one pattern names, wherever it stands.

    Without `elsewhere` it is what starts like the pattern alone, as a deny beside its own allow needs.
    """
    if glob == ANYTHING:
        return Denied((ANYTHING,))
    rows = table().rows(glob)
    reasons: list[str] = []
    named = [glob]
    if any(row.folds for row in rows) and (folded := _folded(glob)) != glob:
        named.append(folded)
        reasons.append(
            "an ARN has the `/` that a name starts with once, so the deny meets both names"
        )
    marks = unique(row.before for row in rows if row.before) if elsewhere else ()
    inside = [within for mark in marks if (within := _within(named[-1], mark))]
    if inside:
        named += inside
        reasons.append(
            "what a thing is in may stand before its name in an ARN, and the deny meets that too"
        )
    found = [spelling for each in named for spelling in beyond_colons(each)]
    endings = unique(ending for row in rows for ending in row.then)
    if glob[-1] is not Wildcard.ANY and endings:
        reasons.append(_goes_on(endings))
        added = [join(each, ending) for each in found for ending in endings]
        found = added if ANYTHING in endings else [*found, *added]
    for row in rows if elsewhere else ():
        if row.also is not None:
            found += _also(row, glob)
            reasons.append(row.why)
    return Denied(unique(found), unique(reasons))


class Allowed(Struct):
    """The pattern of an allow, None if there is none that matches no more than was named."""

    resource: Glob | None
    reason: str = ""


def allowed(glob: Glob, *, ends_in_name: bool) -> Allowed:
    """What an allow may match, so that nothing that AWS adds to another name makes it match."""
    rows = [row for row in table().rows(glob) if row.then]
    if not rows or glob == ANYTHING:
        return Allowed(glob)
    if text_of(glob) is not None:
        known = [row for row in rows if row is not UNKNOWN and (ends_in_name or row.always)]
        if not known:
            return Allowed(glob)
        endings = unique(ending for row in known for ending in row.then)
        return Allowed(
            glob,
            f"an ARN goes on after the name ({_listed(endings)}), and no such one is allowed: "
            "compare by `like` with a `*` at the end",
        )
    if glob[-1] is not Wildcard.ANY:
        return Allowed(
            None,
            "what AWS adds to a name in an ARN may end like the pattern, which has to end in `*`",
        )
    if any(isinstance(part, Wildcard) for part in glob[:-1]):
        return Allowed(
            None,
            "what AWS adds to a name in an ARN may have the text between two `*` of the pattern",
        )
    narrow = glob
    for row in rows:
        if row.adds_name_characters and any(_may_end_within(glob, each) for each in row.then):
            if not row.always or len(rows) > 1:
                return Allowed(
                    None, "what AWS adds to a name in an ARN may start like the end of the pattern"
                )
            narrow = join(glob, row.then[0])
    if narrow == glob:
        return Allowed(glob)
    return Allowed(narrow, f"an ARN without what AWS adds ({_listed(rows[0].then)}) is not allowed")


def beneath(action: str) -> str | None:
    """Why an action reaches what is below its resource, if it does."""
    return table().beneath.get(action.lower())


def all_of_account(glob: Glob) -> Glob:
    """All that a service has where a pattern is: what is below, and what is above."""
    fields = str(glob[0]).split(":", 5) if glob and isinstance(glob[0], str) else []
    return ANYTHING if len(fields) < 6 else (":".join(fields[:5]) + ":", Wildcard.ANY)


def _folded(glob: Glob) -> Glob:
    """The pattern of an ARN that writes two `/` as one."""
    return (*literal(str(glob[0]).replace("//", "/", 1)), *glob[1:])


def _within(glob: Glob, mark: str) -> Glob | None:
    """The pattern with any text up to a mark between the kind of a thing and its name."""
    fields = str(glob[0]).split(":", 5)
    if len(fields) < 6:
        return None
    kind = re.match("[^/:]*[/:]|", fields[5])
    start = kind[0] if kind else ""
    rest: Glob = (*literal(fields[5][len(start) :]), *glob[1:])
    if rest[:1] in ((), ANYTHING):
        return None
    return join((":".join(fields[:5]) + ":" + start, Wildcard.ANY, mark), rest)


def _also(row: Row, glob: Glob) -> Iterator[Glob]:
    """ARNs that stand for the same; in any region and account, where the pattern has none."""
    fields = str(glob[0]).split(":", 5)
    partition, service = fields[1:3]
    region = literal(fields[3]) or ANYTHING
    account = literal(fields[4]) or SOMETHING
    head = join(literal(f"arn:{partition}:{service}:"), region, (":",), account, (":",))
    if not row.after:
        yield join(head, row.also or ())
        return
    for named in unique(_after(row.after, (*literal(fields[5]), *glob[1:]))):
        for spelling in beyond_colons(named):
            yield join(head, row.also or (), spelling)


def _after(mark: str, glob: Glob) -> Iterator[Glob]:
    """What may come after the first `mark` of a text that a pattern matches."""
    for position, part in enumerate(glob):
        if isinstance(part, Wildcard):  # which may have it
            yield join(ANYTHING, glob[position + 1 :])
        elif mark in part:
            yield (*literal(part.partition(mark)[2]), *glob[position + 1 :])
            return


def _may_end_within(glob: Glob, ending: Glob) -> bool:
    """Whether the text before the `*` of a pattern may end in the start of an ending.

    What adds characters that a name could have adds neither `/` nor `:`.
    """
    text = glob[-2] if len(glob) > 1 else ""
    if not isinstance(text, str):
        return True
    name = re.split("[/:]", text)[-1]
    return any(
        glob_match(ending[:size], name[start:])
        for start in range(len(name))
        for size in range(1, len(ending) + 1)
    )


def _goes_on(endings: tuple[Glob, ...]) -> str:
    """Why a deny is wider, where ARNs go on."""
    if ANYTHING in endings:
        return "no table says how such an ARN goes on, so the deny meets all that starts alike"
    return f"an ARN may go on after what is named ({_listed(endings)}), and the deny meets that too"


def _listed(endings: tuple[Glob, ...]) -> str:
    """Endings as IAM has them."""
    texts = ("".join(p if isinstance(p, str) else p.value for p in each) for each in endings)
    return ", ".join(f"`{text}`" for text in texts)


def _service(glob: Glob) -> str:
    """The service in an ARN; none where a `*` may hide it."""
    fields = str(glob[0]).split(":") if glob and isinstance(glob[0], str) else []
    return fields[2] if len(fields) > 3 else ""


@lru_cache(maxsize=1)
def table() -> Table:
    """The table that comes with the product."""
    file = resources.files(reference) / "endings.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    return Table(
        data["date"],
        {
            service: tuple(
                Row(
                    parse_glob(row["arn"]),
                    tuple(map(parse_glob, row.get("then", ()))),
                    row.get("always", False),
                    row.get("adds_name_characters", False),
                    row.get("before", ""),
                    row.get("folds", False),
                    parse_glob(row["also"]) if "also" in row else None,
                    row.get("after", ""),
                    row.get("why", ""),
                )
                for row in rows
            )
            for service, rows in data["services"].items()
        },
        {action.lower(): why for action, why in data["beneath"].items()},
    )
