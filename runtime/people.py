"""What rules ask for together, of people who are enough: each approval of an answer is by people of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from .call import Call
from .decision import Unchanging
from .evidence import Approval, Requirement
from .values import read_time

MOST_APPROVALS = 4  # to how many one answer may come; what would rest on more is never permitted

Asked = tuple[str, int, Requirement]
"""What a rule asks for: its identity, and the how manyeth of its requirements this is."""

_NOBODY: frozenset[str] = frozenset()


class Shown:
    """What one request shows, looked up once for each requirement."""

    __slots__ = ("_call", "_found", "_user_declared")

    def __init__(self, call: Call, user_declared: bool) -> None:
        """Look at a request, under a policy that declares a `user` block or does not."""
        self._call = call
        self._user_declared = user_declared
        self._found: dict[int, list[dict[str, Any]]] = {}

    def of(self, requirement: Requirement) -> list[dict[str, Any]]:
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
        return len({each["by"] for each in found}) >= requirement.count

    def can_be_given(self, requirement: Requirement) -> bool:
        """Whether anybody could still give it."""
        return requirement.can_be_given(self._call, self._user_declared)


def missing(asked: Sequence[Asked], shown: Shown) -> list[Asked]:
    """Give what is not there; where each is and the people are too few, approvals that lack somebody."""
    lacking = [each for each in asked if not shown.is_there(each[2])]
    if lacking or len(asked) < 2:
        return lacking
    approvals = [each for each in asked if isinstance(each[2], Approval)]
    for size in range(2, len(approvals) + 1):
        for some in combinations(approvals, size):
            if _lack([(each, each.count) for _, _, each in some], shown, _NOBODY):
                return list(some)
    return []


def has_too_many_approvals(asked: Iterable[Asked]) -> bool:
    """Whether one answer may not rest on so many."""
    return sum(isinstance(each[2], Approval) for each in asked) > MOST_APPROVALS


def rests_on(asked: Sequence[Asked], shown: Shown) -> tuple[Unchanging, ...]:
    """Give the least evidence that is enough, the oldest first, then by its `id`.

    Each requirement in turn takes the oldest, but for people without whom later ones would lack somebody.
    """
    if len(asked) == 1 and len(shown.of(asked[0][2])) == 1:  # as almost always
        ((rule, _, wanted),) = asked
        return (_entry(rule, wanted, shown.of(wanted)[0]),)
    found: list[tuple[Any, Unchanging]] = []
    approved: set[str] = set()
    for place, (rule, _, wanted) in enumerate(asked):
        left = wanted.count
        later = [
            (each, each.count) for _, _, each in asked[place + 1 :] if isinstance(each, Approval)
        ]
        for each in sorted(shown.of(wanted), key=_age):
            if isinstance(wanted, Approval):
                person = each["by"]
                rest = [(wanted, left - 1), *later] if left > 1 else later
                if person in approved or _some_lack(rest, shown, approved | {person}):
                    continue
                approved.add(person)
            entry = _entry(rule, wanted, each)
            order = (*_age(each)[:2], entry["by"], rule, wanted.kind, each["at"])
            found.append((order, entry))
            left -= 1
            if not left:
                break
    found.sort(key=lambda each: each[0])
    return tuple(entry for _, entry in found)


def _lack(approvals: Iterable[tuple[Requirement, int]], shown: Shown, but: Iterable[str]) -> bool:
    """Whether approvals have fewer people together than they ask for, leaving some people out."""
    people: set[str] = set()
    wanted = 0
    for each, count in approvals:
        people.update(one["by"] for one in shown.of(each))
        wanted += count
    return len(people.difference(but)) < wanted


def _some_lack(approvals: Sequence[tuple[Requirement, int]], shown: Shown, but: set[str]) -> bool:
    """Whether some of these approvals lack somebody; if not, each can be by people of its own (P. Hall)."""
    return any(
        _lack(some, shown, but)
        for size in range(1, len(approvals) + 1)
        for some in combinations(approvals, size)
    )


def _age(evidence: dict[str, Any]) -> tuple[int, str, str, str]:
    time = read_time(evidence["at"])
    assert time is not None
    by = evidence.get("by")
    return time, evidence.get("id") or "", by if type(by) is str else "", evidence["at"]


def _entry(rule: str, wanted: Requirement, shown: dict[str, Any]) -> Unchanging:
    """Say which evidence it is; of a step-up it is the method that says by what."""
    by = shown["method"] if wanted.kind == "step_up" else shown["by"]
    if shown.get("id") is None:
        return Unchanging(rule=rule, kind=wanted.kind, by=by, at=shown["at"])
    return Unchanging(rule=rule, kind=wanted.kind, by=by, at=shown["at"], id=shown["id"])
