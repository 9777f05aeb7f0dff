"""What rules ask for together, of people who are enough: each approval of an answer is by people of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from .call import Call
from .decision import Unchanging
from .evidence import Given, Requirement

MOST_APPROVALS = 4  # to how many one answer may come; what would rest on more is never permitted

Asked = tuple[str, int, Requirement]
"""What a rule asks for: its identity, and the how manyeth of its requirements this is."""

_Used = tuple[str, Requirement, Given]
"""Evidence that an answer rests on: the rule that asks for it, and its requirement."""

_NOBODY: frozenset[str] = frozenset()


class Shown:
    """What one request shows, looked up once for each requirement."""

    __slots__ = ("_call", "_found", "_user_declared")

    def __init__(self, call: Call, user_declared: bool) -> None:
        """Look at a request, under a policy that declares a `user` block or does not."""
        self._call = call
        self._user_declared = user_declared
        self._found: dict[int, list[Given]] = {}

    def of(self, requirement: Requirement) -> list[Given]:
        """Give the evidence that counts."""
        found = self._found.get(id(requirement))
        if found is None:
            found = requirement.shown(self._call, self._user_declared)
            self._found[id(requirement)] = found
        return found

    def is_there(self, requirement: Requirement) -> bool:
        """Whether it is enough, by itself."""
        found = self.of(requirement)
        if requirement.count == 1:
            return bool(found)
        return len({each["by"] for _, each in found}) >= requirement.count

    def can_be_given(self, requirement: Requirement) -> bool:
        """Whether anybody could still give it."""
        return requirement.can_be_given(self._call, self._user_declared)


def missing(asked: Sequence[Asked], shown: Shown) -> list[Asked]:
    """Give what is not there; where each is and the people are too few, approvals that lack somebody."""
    lacking = [each for each in asked if not shown.is_there(each[2])]
    if lacking or len(asked) < 2:
        return lacking
    approvals = [each for each in asked if each[2].by_several]
    for size in range(2, len(approvals) + 1):
        for some in combinations(approvals, size):
            if _lack([(each, each.count) for _, _, each in some], shown, _NOBODY):
                return list(some)
    return []


def has_too_many_approvals(asked: Sequence[Asked]) -> bool:
    """Whether one answer may not rest on so many."""
    if len(asked) <= MOST_APPROVALS:
        return False
    return sum(each[2].by_several for each in asked) > MOST_APPROVALS


def rests_on(asked: Sequence[Asked], shown: Shown) -> tuple[Unchanging, ...]:
    """Give the least evidence that is enough, the oldest first, then by its `id`."""
    found: list[_Used] = []
    for place, (rule, _, wanted) in enumerate(asked):
        given = shown.of(wanted)
        if len(given) > wanted.count:  # seldom is there more than there has to be
            given = _oldest(wanted, asked[place + 1 :], shown, _approvers(found))
        found += [(rule, wanted, each) for each in given]
    if len(found) > 1:
        found.sort(key=_order)
    return tuple(_entry(rule, wanted, each) for rule, wanted, (_, each) in found)


def _oldest(
    wanted: Requirement, later: Sequence[Asked], shown: Shown, approved: set[str]
) -> list[Given]:
    """Give the oldest that is enough, but for people without whom later approvals would lack somebody."""
    found: list[Given] = []
    left = wanted.count
    others = [(each, each.count) for _, _, each in later if each.by_several]
    for given in sorted(shown.of(wanted), key=_age):
        if wanted.by_several:
            person = given[1]["by"]
            rest = [(wanted, left - 1), *others] if left > 1 else others
            if person in approved or _some_lack(rest, shown, approved | {person}):
                continue
            approved = approved | {person}
        found.append(given)
        left -= 1
        if not left:
            break
    return found


def _approvers(found: Iterable[_Used]) -> set[str]:
    """Give the people of approvals."""
    return {each["by"] for _, wanted, (_, each) in found if wanted.by_several}


def _lack(approvals: Iterable[tuple[Requirement, int]], shown: Shown, but: Iterable[str]) -> bool:
    """Whether approvals have fewer people together than they ask for, leaving some people out."""
    people: set[str] = set()
    wanted = 0
    for each, count in approvals:
        people.update(one["by"] for _, one in shown.of(each))
        wanted += count
    return len(people.difference(but)) < wanted


def _some_lack(approvals: Sequence[tuple[Requirement, int]], shown: Shown, but: set[str]) -> bool:
    """Whether some of these approvals lack somebody; if not, each can be by people of its own (P. Hall)."""
    return any(
        _lack(some, shown, but)
        for size in range(1, len(approvals) + 1)
        for some in combinations(approvals, size)
    )


def _age(given: Given) -> tuple[int, str, str, str]:
    time, evidence = given
    by = evidence.get("by")
    return time, evidence.get("id") or "", by if type(by) is str else "", evidence["at"]


def _order(used: _Used) -> tuple[int, str, str, str, str, str]:
    rule, wanted, (time, evidence) = used
    by = _by(wanted, evidence)
    return time, evidence.get("id") or "", by, rule, wanted.kind, evidence["at"]


def _by(wanted: Requirement, shown: dict[str, Any]) -> str:
    """Say by whom it is; of a step-up it is the method that says by what."""
    by: str = shown[wanted.named_by]
    return by


def _entry(rule: str, wanted: Requirement, shown: dict[str, Any]) -> Unchanging:
    """Say which evidence it is."""
    entry = {"rule": rule, "kind": wanted.kind, "by": _by(wanted, shown), "at": shown["at"]}
    if shown.get("id") is not None:
        entry["id"] = shown["id"]
    return Unchanging(entry)
