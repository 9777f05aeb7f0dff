"""Meters and sources that do not hold what they promise."""

from __future__ import annotations

from ..draft import LIMITED, Draft


def limit_below_one(draft: Draft) -> None:
    at = draft.some()
    draft.facts["extra"] = f"meter extra = count of t{at}.update per task"
    never = draft.random.choice(("extra < 1", "extra <= 0", "extra == 0", "not extra >= 1"))
    draft.narrow(at, "update", never)


def unfed(draft: Draft) -> None:
    at = draft.some()
    kind = draft.random.choice(("permitted", "done", "asked", "result", "quoted"))
    if kind in ("result", "quoted"):
        draft.tools[f"d{at}"]["former"] = "read action(name: string) -> { email: string }"
        draft.forbids["closed"] = {"deny": f"deny d{at}.former", "because": 'because "out of date"'}
        quoted = "quoted " if kind == "quoted" else ""
        draft.facts[f"s{at}"] += f", {quoted}d{at}.former.email"
        return
    counted = {"permitted": f"t{at}.void", "done": f"done t{at}.void", "asked": f"asked t{at}.send"}
    draft.facts["extra"] = f"meter extra = count of {counted[kind]} per task"
    draft.narrow(at, "send", f"extra.before <= {draft.random.randint(1, 9)}")


def no_record_opens(draft: Draft) -> None:
    """One action after the other, in a circle of one to three."""
    at = draft.some()
    steps = ("outline", "review", "publish")[: draft.random.randint(1, 3)]
    done = draft.random.choice(("", "done "))
    for number, step in enumerate(steps):
        draft.tools[f"t{at}"][step] = "write action"
        before = steps[number - 1]
        draft.grants[at].allows[step] = (
            f"allow t{at}.{step} when {LIMITED} and after {done}t{at}.{before}"
        )


def written_by_others(draft: Draft) -> None:
    at = draft.some()
    kinds = draft.random.choice(("write ", "send ", ""))
    draft.facts[f"s{at}"] = f"source s{at} = said, task, d{at}.find.email"
    draft.tools[f"d{at}"]["add"] = f"{kinds}action(name: string, email: string)"
    draft.grants[at].allows["add"] = (
        f"allow d{at}.add when args.name from said and args.email from said, task"
    )


def beyond_retention(draft: Draft) -> None:
    at, days = draft.some(), draft.random.choice((91, 180, 365))
    draft.facts["extra"] = f"meter extra = sum args.amount of t{at}.update per agent within {days}d"
    draft.narrow(at, "update", "extra <= 90000")


def larger_count(draft: Draft) -> None:
    at = draft.some()
    counted, least = draft.random.choice((
        (f"count of t{at}.read per task", 3),
        (f"sum args.amount of t{at}.update per agent within 7d", 500),
        (f"distinct args.path of t{at}.read per task", 2),
    ))  # fmt: skip
    draft.facts["extra"] = f"meter extra = {counted}"
    opened = draft.random.choice((f"extra.before >= {least}", f"not extra.before < {least}"))
    draft.narrow(at, "send", opened)


def chosen_key(draft: Draft) -> None:
    """Leave the order that a limit is kept by to the agent, or let it be left out."""
    at = draft.some()
    draft.facts["extra"] = f"meter extra = sum args.amount of t{at}.update per args.order within 7d"
    draft.narrow(at, "update", "extra <= 5000")
    if draft.random.random() < 0.5:
        draft.tools[f"t{at}"]["update"] = "write action(amount: number, order?: string)"
        return
    chosen = draft.random.choice(('like "PO-*"', '!= "test"'))
    allows = draft.grants[at].allows
    allows["update"] = allows["update"].replace("args.order == task.order", f"args.order {chosen}")


def number_from_text(draft: Draft) -> None:
    at = draft.some()
    origin = draft.random.choice(("said", f"s{at}", f"quoted t{at}.read.note"))
    draft.narrow(at, "update", f"args.amount from {origin}")


def free_look_up(draft: Draft) -> None:
    """Look up whatever is asked, or take one more argument that nothing reads."""
    at = draft.some()
    if draft.random.random() < 0.5:
        draft.grants[at].allows["find"] = f"allow d{at}.find"
    else:
        find = draft.tools[f"d{at}"]["find"]
        draft.tools[f"d{at}"]["find"] = find.replace("name: string", "name: string, team: string")


def unread_text(draft: Draft) -> None:
    """Send one more text, which nothing reads."""
    at = draft.some()
    more = draft.random.choice(("subject: string", "body?: string", "link: url"))
    send = draft.tools[f"t{at}"]["send"]
    draft.tools[f"t{at}"]["send"] = send.replace(")", f", {more})")


DEFECTS = {
    "AGP2201": limit_below_one,
    "AGP2202": unfed,
    "AGP2203": no_record_opens,
    "AGP2204": written_by_others,
    "AGP2205": beyond_retention,
    "AGP2206": larger_count,
    "AGP2207": chosen_key,
    "AGP2208": number_from_text,
    "AGP2209": free_look_up,
    "AGP2210": unread_text,
}
