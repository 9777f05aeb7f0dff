"""What may happen to a store that keeps facts, step by step, whatever the order."""

from __future__ import annotations

import copy
from typing import Any

from engines.kept import SECOND, Kept

from agpc.runtime.time_text import format_time
from agpc.runtime.values import read_time
from generators.histories import BOTS, VALUES, WORDS, draw_request, draw_result, draw_start
from generators.values import BOOLEANS, Draw, chance, integers, pick

ONWARD = (0, 1, SECOND, 7 * SECOND, 25 * SECOND)
WINDOWS = (10, 20, 30, 60)


def live_through(draw: Draw, kept: Kept) -> None:
    """What happens to a store, whose facts are looked at at each call."""
    tasks: list[tuple[str, str]] = []
    active: set[str] = set()
    for number in range(draw(integers(1, 24))):
        between(draw, kept)
        step(draw, kept, tasks, active, number)
    for each in [draw_request(draw, tasks) for _ in range(3)]:
        kept.time += pick(draw, ONWARD)
        if each["context"].get("task") != 7:
            kept.ask(each)


def between(draw: Draw, kept: Kept) -> None:
    """Time goes on, or another process takes a turn, or one begins anew; or the turn goes on."""
    what = draw(integers(0, 5))
    if what == 0:
        return
    kept.commit(draw(integers(0, 2)))
    kept.time += pick(draw, ONWARD)
    if kept.calls and chance(draw, 25):  # to the moment at which one leaves a window, or nearly
        then = read_time(pick(draw, tuple(kept.calls))[2]["context"]["time"])
        edge = (then or 0) + pick(draw, WINDOWS) * SECOND + pick(draw, (-1, 0, 0, 1))
        kept.time = max(kept.time, edge)
    if what == 1:
        kept.restart()


def step(
    draw: Draw, kept: Kept, tasks: list[tuple[str, str]], active: set[str], number: int
) -> None:
    fails = chance(draw, 15)
    what = draw(integers(0, 10))
    if what == 0 or not tasks:
        start(draw, kept, tasks, active, f"t{number}x", fails)
    elif what == 1:
        kept.say(pick(draw, tuple(tasks))[0], pick(draw, WORDS), fails_before=fails)
    elif what < 7:
        effect = pick(draw, (None, None, "permit", "challenge"))
        again = kept.calls and chance(draw, 50)
        request = draw_again(draw, kept) if again else draw_request(draw, tasks)
        kept.call(request, effect, fails_before=fails)
    elif what == 7 and active and chance(draw, 30):
        ending = pick(draw, tuple(sorted(active)))
        active.discard(ending)
        kept.end(ending, fails_before=fails)
    elif kept.calls:
        become(draw, kept, fails)


def draw_again(draw: Draw, kept: Kept) -> dict[str, Any]:
    """A call as one before, so that they share their keys, and their values, or all but one."""
    request = copy.deepcopy(pick(draw, tuple(kept.calls))[2])
    arguments = request["action"]["properties"]
    if isinstance(arguments, dict) and arguments.get("wait") in ("1m", "60s"):
        arguments["wait"] = pick(draw, ("1m", "60s"))
    if isinstance(arguments, dict) and isinstance(arguments.get("order"), str) and chance(draw, 20):
        arguments["order"] = pick(draw, VALUES)
    return request  # type: ignore[no-any-return]


def start(
    draw: Draw, kept: Kept, tasks: list[tuple[str, str]], active: set[str], id: str, fails: bool
) -> None:
    parents = tuple(each for each in tasks if each[0] in active)
    parent = pick(draw, parents) if parents and draw(BOOLEANS) else None
    fields = {"order": pick(draw, VALUES), "more": [pick(draw, VALUES)], "n": pick(draw, (20, "x", None))}  # fmt: skip
    task = {"id": id, "intent": pick(draw, ("p.work", "p.part", "p.none")), **fields}
    if parent is not None and draw(integers(0, 3)):
        request = draw_start(draw, parent, task, format_time(kept.time))
        if kept.call(request, fails_before=fails) is None:
            return
        seq, effect, _ = kept.calls[-1]
        if chance(draw, 10) and effect == "permit" and seq not in kept.told:
            kept.outcome(seq, "withdrawn")
        if chance(draw, 10):
            task[pick(draw, ("order", "n"))] = pick(draw, VALUES)
        task["intent"] = pick(draw, ("p.part", "p.part", "p.work"))
    agent = pick(draw, BOTS)
    kept.start(
        task,
        agent=agent,
        user=pick(draw, (None, {"id": "user:joe"})),
        parent=None if parent is None else parent[0],
        fails_before=fails,
    )
    tasks.append((id, agent))
    active.add(id)


def become(draw: Draw, kept: Kept, fails: bool) -> None:
    """Something becomes of a call."""
    seq, effect, request = pick(draw, tuple(kept.calls))
    if effect == "challenge":
        kept.refuse(seq, fails_before=fails)
    elif effect == "permit" and seq not in kept.told:
        outcome = pick(draw, ("done", "done", "failed", "withdrawn"))
        if outcome == "withdrawn":
            kept.outcome(seq, outcome, fails_before=fails)
        else:
            kept.outcome(seq, outcome, draw_result(draw, request), fails_before=fails)


# NOIMPORT
