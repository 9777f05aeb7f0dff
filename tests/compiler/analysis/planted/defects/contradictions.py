"""Rules that say less, or more, than they seem to."""

from __future__ import annotations

from ..draft import LIMITED, Draft


def redundant(draft: Draft) -> None:
    at = draft.some()
    narrower = draft.random.choice(draft.sendings[at].narrower)
    draft.grants[at].allows["extra"] = f"allow t{at}.send when {LIMITED} and {narrower}"


def partly_forbidden(draft: Draft) -> None:
    at = draft.some()
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.{draft.random.choice(('update', 'send', 'read'))}",
        "when": "when resource.sensitivity == internal",
        "because": 'because "not now"',
    }


def overridden(draft: Draft) -> None:
    at = draft.some()
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.{draft.random.choice(('update', 'send'))}",
        "when": f"when resource.sensitivity <= {draft.random.choice(('internal', 'confidential'))}",
        "because": 'because "not now"',
    }


def covered_forbid(draft: Draft) -> None:
    at = draft.some()
    when = draft.forbids[f"f{at}"]["when"]
    more = draft.random.choice((
        " and context.confidence < 0.5",
        ' and args.reason == "x"',
        " and refusals.before >= 2",
    ))  # fmt: skip
    draft.forbids["extra"] = {**draft.forbids[f"f{at}"], "when": when + more}


def vacuous(draft: Draft) -> None:
    at, low = draft.some(), draft.random.randint(1, 50)
    never = draft.random.choice((
        'args.reason == "x" and resource.sensitivity > internal',
        f'args.reason like "a*" and args.reason like "b{low}*"',
        f'args.reason == "x{low}" and args.reason in ["y", "z"]',
        f'args.reason == "x{low}" and refusals.before < 0',
    ))  # fmt: skip
    draft.more("extra", f"a{at}", f"i{at}", f"allow t{at}.void when {LIMITED} and {never}")


def always_true(draft: Draft) -> None:
    part = draft.random.choice((
        "resource.region in [EU, US, APAC]",
        "(resource.region == EU or resource.region != EU)",
        "resource.sensitivity >= public",
        "refusals.before >= 0",
    ))  # fmt: skip
    draft.narrow(draft.some(), "send", part)


def unless_never(draft: Draft) -> None:
    at, low = draft.some(), draft.random.randint(1, 50)
    draft.forbids["extra"] = {
        "deny": f"deny t{at}.update",
        "when": f"when args.amount > {2000 + low}",
        "unless": f"unless context.confidence > 0.{low} and context.confidence < 0.{low}",
        "because": 'because "too much"',
    }


def bypassed(draft: Draft) -> None:
    at = draft.some()
    step_up = f' and q{at}.before < 9 require step_up "mfa" within 15m'
    has_both = "step_up" in draft.grants[at].allows["update"]
    weaker = step_up if has_both and draft.random.random() < 0.5 else ""
    draft.more(
        "extra", f"a{at}", f"i{at}",
        f"allow t{at}.update when {LIMITED} and args.order == task.order and args.amount <= 1000{weaker}",
        like=at,
    )  # fmt: skip


def absent_permits(draft: Draft) -> None:
    draft.sends(draft.some(), "to?: string", '(not has args.to or args.to like "*@acme.example")')


def path_glob(draft: Draft) -> None:
    at, number = draft.alone(), draft.random.randint(1, 99)
    pattern = draft.random.choice((f"/srv/{number}/*", f"books/{number}/*", "*/invoices/*"))
    if draft.random.random() < 0.5:
        draft.grants[at].allows["read"] = (
            f'allow t{at}.read when {LIMITED} and args.path like "{pattern}"'
        )
    else:
        draft.tools[f"t{at}"]["remove"] = "destroy action(path: string)"
        draft.forbids["extra"] = {
            "deny": f"deny t{at}.remove",
            "when": f'when args.path like "{pattern}"',
            "because": 'because "kept for the auditor"',
        }


def empty_every(draft: Draft) -> None:
    test = draft.random.choice(("in desk", 'like "*@acme.example"', '== "desk@acme.example"'))
    draft.sends(draft.some(), "to: [string]", f"every args.to {test}")


def forbid_glob(draft: Draft) -> None:
    word = draft.random.choice(("*test*", "*password*", "please *"))
    draft.forbids["extra"] = {
        "deny": f"deny t{draft.some()}.void",
        "when": f'when args.reason like "{word}"',
        "because": 'because "no reason"',
    }


DEFECTS = {
    "AGP2101": redundant,
    "AGP2102": partly_forbidden,
    "AGP2103": overridden,
    "AGP2104": covered_forbid,
    "AGP2105": vacuous,
    "AGP2106": always_true,
    "AGP2107": unless_never,
    "AGP2108": bypassed,
    "AGP2109": absent_permits,
    "AGP2111": path_glob,
    "AGP2112": empty_every,
    "AGP2113": forbid_glob,
}
