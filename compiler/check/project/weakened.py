"""What a change takes from the check itself: settings that look for less, and a baseline that holds more.

Whoever proposes a change proposes the settings that it is judged by as well, so that a reviewer has to see what they
would have said before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from ...analysis.diff.beside_decisions import Also
from ...analysis.limits import Limits
from ...ir.printing.conditions import duration_text
from ...report.codes import CODES, Severity
from ...report.diagnostics import SEVERITIES
from ...text.counted import counted, first_of
from .baseline import BaselineError, Entry, read_baseline
from .judges import Judges, judges_at
from .policy_sets import PolicySet
from .revisions import Repository
from .settings import Settings
from .settings_file import SettingsError

LISTED = 6
"""Codes and files that a sentence names."""


def weakened(repository: Repository, revision: str, policy_set: PolicySet) -> Iterator[Also]:
    """How a policy set is judged otherwise than at a revision, what is weaker as what has to be seen first."""
    try:
        before = judges_at(repository, revision, policy_set)
    except SettingsError as error:
        yield Also("settings", f"the settings of before cannot be read: {error}", first=True)
        return
    now = policy_set.settings
    after = Judges(now, policy_set.targets, _entries(policy_set.baseline))
    yield from _looked_for(before.settings, now)
    yield from _severities(before.settings, now)
    yield from _limits(before.settings.limits, now.limits)
    yield from _targets(before.targets, after.targets)
    yield from _baseline(before.baseline, after.baseline)


def _entries(baseline: Path | None) -> Sequence[Entry]:
    try:
        return () if baseline is None else read_baseline(baseline)
    except BaselineError:
        return ()  # which the check says


def _looked_for(before: Settings, after: Settings) -> Iterator[Also]:
    gone = [each for each in CODES if before.looks_for(each) and not after.looks_for(each)]
    come = [each for each in CODES if after.looks_for(each) and not before.looks_for(each)]
    if gone:
        yield Also("settings", f"the settings look no more for {_listed(gone)}", first=True)
    if come:
        yield Also("settings", f"the settings look for {_listed(come)} now")


def _severities(before: Settings, after: Settings) -> Iterator[Also]:
    for code, row in CODES.items():
        old, new = (each.severity.get(code, row.severity) for each in (before, after))
        if old != new:
            text = f"the severity of `{code}` is `{new}` now, `{old}` before"
            yield Also("settings", text, first=_is_less(old, new))
    if before.fail_on != after.fail_on:
        text = f"findings fail from `{after.fail_on}` now, from `{before.fail_on}` before"
        yield Also("settings", text, first=_is_less(after.fail_on, before.fail_on))


def _is_less(old: Severity, new: Severity) -> bool:
    return SEVERITIES.index(new) > SEVERITIES.index(old)


def _limits(before: Limits, after: Limits) -> Iterator[Also]:
    for each in fields(Limits):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if old != new:
            is_longer = type(old) is int and new < old
            is_more = type(old) is tuple and set(new) >= set(old)
            name, now, then = each.name.replace("_", "-"), _value(new), _value(old)
            text = f"the limit `{name}` is {now} now, {then} before"
            yield Also("settings", text, first=not (is_longer or is_more))


def _value(value: object) -> str:
    if type(value) is int:
        return f"`{duration_text(value)}`"
    if isinstance(value, tuple):
        return _listed(list(value)) if value else "nothing"
    return "what it is if left out" if value is None else f"`{value}`"


def _targets(before: Iterable[str], after: Iterable[str]) -> Iterator[Also]:
    if gone := sorted({*before} - {*after}):
        yield Also("settings", f"nothing is compiled to {_listed(gone)} any more", first=True)
    if come := sorted({*after} - {*before}):
        yield Also("settings", f"the policy is compiled to {_listed(come)} now")


def _baseline(before: Iterable[Entry], after: Iterable[Entry]) -> Iterator[Also]:
    old, new = _counted(before), _counted(after)
    for found, first in ((new - old, True), (old - new, False)):
        if not found:
            continue
        number = found.total()
        what = sorted({f"{code} {file}".rstrip() for code, _, file in found})
        how = "more, which no check tells" if first else "less"
        yield Also(
            "baseline",
            f"the baseline holds {counted(number, 'finding')} {how}: {_listed(what)}",
            first,
        )


def _counted(entries: Iterable[Entry]) -> Counter[tuple[str, str, str]]:
    """How many findings a baseline keeps from being told, by what they are known by."""
    found: Counter[tuple[str, str, str]] = Counter()
    for each in entries:
        found[each.code, each.fingerprint, each.file] += each.count
    return found


def _listed(names: Sequence[str]) -> str:
    return first_of([f"`{each}`" for each in names], LISTED)
