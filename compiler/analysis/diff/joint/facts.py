"""What became of meters and sources, and of what they rest on: definitions, kinds of actions, types of results.

Two facts are one if their definitions have one digest, whatever they are called. One that is defined otherwise is
another fact, of which nobody knows what the first one would have been: it is told in words, and whether it is looser.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ....ir import nodes as ir
from ....ir.printing.conditions import type_text
from ....ir.printing.facts import meter_text, origin_text
from ....ir.walk import attributes, conditions_of, conditions_of_rule
from ....text.counted import first_of
from ...procedure.rules.meter_order import counts_all_of

if TYPE_CHECKING:
    from .sides import Joined

LONGEST = 160  # characters of a definition that a sentence has
LISTED = 6


def unlike(joined: Joined) -> frozenset[str]:
    """The keys of facts that one of the two policies alone defines."""
    return _keys(joined.called["base"]) ^ _keys(joined.called["head"])


def _keys(policy: ir.Policy) -> frozenset[str]:
    return frozenset((*policy.meters_by_key, *policy.sources_by_key))


def read_of(rules: Iterable[ir.Rule], keys: frozenset[str]) -> list[str]:
    """The names of the facts of some keys that rules read."""
    read = {
        attribute.path[1].rpartition("#")[0]: None
        for rule in rules
        for condition in conditions_of_rule(rule)
        for attribute, _ in attributes(condition)
        if ir.is_fact(attribute) and attribute.path[1] in keys
    }
    return list(read)


def definitions(joined: Joined) -> Iterator[tuple[str, str]]:
    """A kind and a sentence for each definition that changed, of what is read of facts."""
    base, head = joined.called["base"], joined.called["head"]
    old_meters = {each.name: each for each in base.meters}
    for meter in head.meters:
        was = old_meters.get(meter.name)
        if was is not None and was.digest != meter.digest:
            yield (
                "meter",
                (
                    f"meter `{meter.name}` is `{_cut(meter_text(meter))}` now, `{_cut(meter_text(was))}` before"
                    f"{_of_meters(was, meter)}"
                ),
            )
    old_sources = {each.name: each for each in base.sources}
    for source in head.sources:
        old = old_sources.get(source.name)
        if old is not None and old.digest != source.digest:
            yield "source", f"source `{source.name}` {_of_sources(old, source)}"
    for before, after, came in (
        (base.meters, head.meters, "meter"),
        (base.sources, head.sources, "source"),
    ):
        names, now = {each.name for each in before}, {each.name for each in after}
        for name in sorted(name for name in names - now if " " not in name):
            if _is_read(base, name):
                yield came, f"{came} `{name}` is gone, and rules read it before"


def actions(joined: Joined) -> Iterator[tuple[str, str]]:
    """A kind and a sentence for each action that does something else now, or gives something else back."""
    before = joined.base.declared_actions
    for name, action in joined.head.declared_actions.items():
        was = before.get(name)
        if was is None:
            continue
        if was.kinds != action.kinds:
            yield (
                "action",
                (
                    f"`{name}` {_does(action)} now, and {_does(was)} before: `any {_kind(was, action)}` reaches other calls, "
                    "and sources trust other results"
                ),
            )
        if joined.names.type_of(was.result) != action.result:
            yield "action", f"`{name}` gives back {_gives(action)} now, {_gives(was)} before"


# --- meters ---------------------------------------------------------------------------------------


def _of_meters(was: ir.Meter, now: ir.Meter) -> str:
    """Which of two definitions counts more, where that can be told."""
    if counts_all_of(now, was):
        return ": it counts more, so that upper bounds on it are tighter"
    if counts_all_of(was, now):
        return ": it counts less, so that upper bounds on it are looser"
    return ""


# --- sources --------------------------------------------------------------------------------------


def _of_sources(was: ir.Source, now: ir.Source) -> str:
    more = [f"`{_cut(origin_text(each))}`" for each in now.origins if each not in was.origins]
    less = [f"`{_cut(origin_text(each))}`" for each in was.origins if each not in now.origins]
    if not less:
        return f"takes values from {first_of(more, LISTED)} as well now: it vouches for more"
    if not more:
        return f"takes no values from {first_of(less, LISTED)} any more: it vouches for less"
    return f"takes values from {first_of(more, LISTED)} now, and none from {first_of(less, LISTED)}"


def _is_read(policy: ir.Policy, name: str) -> bool:
    return any(
        ir.is_fact(attribute) and attribute.path[1].rpartition("#")[0] == name
        for condition in conditions_of(policy)
        for attribute, _ in attributes(condition)
    )


def _does(action: ir.Action) -> str:
    return f"is `{' '.join(action.kinds)}`" if action.kinds else "does not say what it does"


def _kind(one: ir.Action, other: ir.Action) -> str:
    return next(each for each in ir.KINDS if (each in one.kinds) != (each in other.kinds))


def _gives(action: ir.Action) -> str:
    return "nothing that is declared" if action.result is None else f"`{_cut(type_text(action.result))}`"  # fmt: skip


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
