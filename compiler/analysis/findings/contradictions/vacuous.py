"""A condition that can never hold

## What it means
A condition, or a part of one, is true in no request: it contradicts itself, or a level, a list or a
range leaves nothing. An allow whose conditions cannot hold together never applies: its `when`, what
its revocation leaves, its validity and its window count together, and what it requires too. What the
message underlines is enough to explain it.

The condition of a forbid that is never true may still be unknown, where what it reads is missing or
malformed, and there the forbid applies. It does not apply where it was meant to.

## Example
```agp
tool ledger { action post(amount: number) }

grant payments {
    to bot
    for pay
    allow ledger.post when args.amount > 500 and args.amount < 100      # AGP2105
}
```

## What to do
Write what was meant, often `or`, or the other comparison:

```agp
tool ledger { action post(amount: number) }

grant payments {
    to bot
    for pay
    allow ledger.post when args.amount > 100 and args.amount < 500
}
```

## How to silence it
`# agpc: allow AGP2105 -- REASON` on the line of the rule or above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....ir import nodes as ir
from ....ir.definite import All, Asked, Question, Some, definitely
from ....ir.printing.conditions import requirement_text, window_text
from ....ir.walk import Leaf
from ....report.diagnostics import Diagnostic, Label
from ....structs import Struct
from ...inquiry import Inquiry
from ...procedure.asked_of_rules.condition_parts import conjuncts, smallest
from ...procedure.asked_of_rules.coverage import Region, is_empty, permitted
from ...procedure.cubes.clauses import active, known_now, valid
from ...procedure.cubes.cube import NOW_KEY, Cube, conjunction
from ...procedure.domains.values import Values
from ...procedure.verdict import Undetermined
from ...procedure.world import World
from ...wording import labels_of_tests, shown
from ..facts.limit_below_one import below_one


def about_allow(inquiry: Inquiry, allow: ir.Allow) -> Iterator[Diagnostic]:
    """Report an allow whose conditions can never hold together, and each part of one that cannot."""
    what = f"allow `{allow.id}` can ever apply"
    region = inquiry.ask(what, allow, permitted, inquiry.world, allow)
    never = region and inquiry.ask(what, allow, is_empty, inquiry.world, region)
    asked = [] if allow.condition is None else [definitely(allow.condition, True)]
    asked += [definitely(each, False) for each in allow.revoke]
    if never and not _is_below_one(inquiry, allow, asked):
        yield _never(inquiry.world, allow)
    if never is not False:
        return
    # Its conditions hold together, so only what `or` joins can be without effect.
    for part in _parts(inquiry, allow, allow.condition, known=True):
        if not _is_below_one(inquiry, allow, [definitely(part, True)]):
            yield _part(allow, part, "allow")
    for revoke in allow.revoke:
        for part in _parts(inquiry, allow, revoke):
            yield _part(allow, part, "revocation of allow")


def _is_below_one(inquiry: Inquiry, allow: ir.Allow, questions: list[Question]) -> bool:
    """Whether a limit below one call is why something is never so, which AGP2201 says better."""
    return any(
        below_one(inquiry.policy, allow, leaf, wanted) is not None
        for question in questions
        for leaf, wanted in _in_any_case(question)
    )


def _in_any_case(question: Question) -> Iterator[tuple[Leaf, bool]]:
    """What is asked whichever side of an `or` holds."""
    match question:
        case All(parts):
            for part in parts:
                yield from _in_any_case(part)
        case Asked(leaf, wanted):
            yield leaf, wanted
        case Some():
            return


def about_forbid(inquiry: Inquiry, forbid: ir.Forbid) -> Iterator[Diagnostic]:
    """Report each part of a forbid that can never hold."""
    for part in _parts(inquiry, forbid, forbid.condition):
        yield _part(
            forbid,
            part,
            "forbid",
            "a forbid applies as well where its condition is unknown: where what it reads is "
            "missing or malformed",
        )
    for part in _alternatives_of_unless(inquiry, forbid):
        yield _part(forbid, part, "`unless` of forbid")


def _alternatives_of_unless(inquiry: Inquiry, forbid: ir.Forbid) -> list[ir.Condition]:
    """The parts of an `unless` that are never true; AGP2107 says where the whole is not."""
    if forbid.unless is None:
        return []
    what = f"the `unless` of forbid `{forbid.id}` can be met"
    scope = inquiry.world.rules.scope(forbid)
    if inquiry.ask(what, forbid, inquiry.truths.never_true, forbid.unless, scope) is not False:
        return []
    return _parts(inquiry, forbid, forbid.unless, known=True)


def _parts(
    inquiry: Inquiry,
    rule: ir.Rule,
    condition: ir.Condition | None,
    known: bool = False,
) -> list[ir.Condition]:
    """The smallest parts that are never true; `known` says that the whole can be."""
    scope = inquiry.world.rules.scope(rule)

    def never(part: ir.Condition) -> bool | None:
        what = f"`{shown(part)}` in `{rule.id}` can ever hold"
        return inquiry.ask(what, rule, inquiry.truths.never_true, part, scope)

    return list(dict.fromkeys(smallest(condition, ir.And, never, known=known)))


def _part(rule: ir.Rule, part: ir.Condition, kind: str, note: str = "") -> Diagnostic:
    return Diagnostic(
        "AGP2105",
        f"`{shown(part)}` in the {kind} `{rule.id}` can never hold",
        (
            Label(rule.span, "has a condition that is never true"),
            *labels_of_tests(part, "here", rule),
        ),
        "write what was meant, or remove it",
        (note,) if note else (),
    )


# --- Why an allow never applies -------------------------------------------------------------------


class PermitClause(Struct):
    """One thing that has to be so for an allow to permit, as the language writes it."""

    text: str
    cubes: list[Cube]
    condition: ir.Condition | None = None


def clauses(world: World, allow: ir.Allow) -> Iterator[PermitClause]:
    """Everything that an allow asks of a request within its scope."""
    for each in conjuncts(allow.condition):
        yield PermitClause(f"when {shown(each)}", world.cubes.of(each, "true"), each)
    for each in allow.revoke:
        yield PermitClause(f"revoke when {shown(each)}", world.cubes.of(each, "false"), each)
    if allow.validity is not None:
        bounds = [
            f"{word} {at}"
            for word, at in (("from", allow.validity.start), ("until", allow.validity.end))
            if at is not None
        ]
        now = Cube({NOW_KEY: Values(False, False, valid(allow.validity))})
        yield PermitClause(f"valid {' '.join(bounds)}", [now])
    if allow.window is not None:
        yield PermitClause(f"during {window_text(allow.window)}", [known_now((allow.window, True))])
    for requirement in allow.requirements:
        yield PermitClause(
            f"require {requirement_text(requirement)}", [world.rules.met(requirement)]
        )
    yield PermitClause("the task is active", [active()])


def _never(world: World, allow: ir.Allow) -> Diagnostic:
    """Say which clauses of an allow that never applies exclude each other."""
    kept = list(clauses(world, allow))
    for each in list(kept):
        fewer = [other for other in kept if other is not each]
        if _exclude_each_other(world, allow, fewer):
            kept = fewer
    text = "never true" if len(kept) == 1 else "never true together with the others"
    return Diagnostic(
        "AGP2105",
        f"allow `{allow.id}` can never apply",
        (
            Label(allow.span, "never applies"),
            *(
                label
                for each in kept
                if each.condition is not None
                for label in labels_of_tests(each.condition, text, allow)
            ),
        ),
        "write what was meant, or remove the allow",
        (f"this cannot be: {'; '.join(f'`{each.text}`' for each in kept)}",),
    )


def _exclude_each_other(world: World, allow: ir.Allow, some: list[PermitClause]) -> bool:
    try:
        cubes = conjunction([each.cubes for each in some])
        return is_empty(world, Region(world.rules.scope(allow), cubes, lambda _call: True))
    except Undetermined:
        return False
