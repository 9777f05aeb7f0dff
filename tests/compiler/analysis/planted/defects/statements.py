"""What a policy says of itself, and does not hold."""

from __future__ import annotations

from ..draft import LIMITED, Draft


def asserted(draft: Draft) -> None:
    at = draft.some()
    who = draft.random.choice((f"a{at}", "agent"))
    draft.statements["extra"] = f"assert no {who} can t{at}.{draft.random.choice(('read', 'send'))}"


def unreachable(draft: Draft) -> None:
    at = draft.some()
    draft.statements["extra"] = f"assert a{at} can t{draft.another(at)}.read for i{at}"


def contained(draft: Draft) -> None:
    """Say that somebody does no more than the helper, or let the helper do more than it may."""
    at = draft.helped
    if draft.random.random() < 0.5:
        draft.statements["extra"] = f"assert a{at} within helper for i{at} within help"
        return
    draft.statements["within"] = f"assert helper within a{at} for help within i{at}"
    helping = draft.grants[-1].allows
    helping["read"] = helping["read"].replace(LIMITED, "resource.sensitivity <= confidential")


def separated(draft: Draft) -> None:
    at = draft.some()
    one, other = draft.random.sample(("read", "update", "send"), 2)
    draft.statements["extra"] = f"separate t{at}.{one}, t{at}.{other}"


def isolated(draft: Draft) -> None:
    at = draft.some()
    other = draft.another(at)
    draft.tools[f"t{at}"]["archive"] = "read action"
    draft.more("extra", f"a{other}", f"i{other}", f"allow t{at}.archive when {LIMITED}")
    pair = [f"a{at}", f"a{other}"]
    draft.random.shuffle(pair)
    draft.statements["isolated"] = f"isolate {pair[0]} from {pair[1]}"


DEFECTS = {
    "AGP3101": asserted,
    "AGP3102": unreachable,
    "AGP3103": contained,
    "AGP3301": separated,
    "AGP3302": isolated,
}
