"""The rules about one kind of call, arranged so that a decision asks each of them once.

A decision depends on the request only through which of these rules apply. So the few that a group
ever gives are made once and shared. A rule is a bit of a number, a set of rules a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from .arguments import NO_ARGUMENTS, Arguments
from .call import Call
from .decision import Decision, Unchanging
from .people import Asked as Wanted
from .people import Shown, has_too_many_approvals, missing, rests_on
from .rules import Allow, Forbid, Owner, Rule, Test

NO_ALLOW = "no allow applies"
MOST_WANTED = 64  # sets of rules of which it is kept what they ask for together

Asked = tuple[tuple[int, Test], ...]
"""Rules of which something is to be asked, each by its bit."""

Answer = tuple[int, tuple[Unchanging, ...]]
"""The allows that evidence opens, and the evidence."""

_AnyRule = TypeVar("_AnyRule", Allow, Forbid)


class Group:
    """The forbids and allows about a capability, an agent and an intent.

    `asked` are the forbids that apply to every such call and the others, of which something is to be asked;
    then the allows, likewise. `asking` are the forbids that evidence lifts, `demanding` the allows with requirements,
    `every` is all of these. `default` is the answer where nothing opens. `denials` and `permits` are the
    decisions that were made, by what applied. `is_first_start` is whether it may be the start of a task where
    there is none, which needs none that is active.
    """

    __slots__ = (
        "_all_allows",
        "_all_forbids",
        "_duties",
        "_wanted",
        "asked",
        "asking",
        "capability",
        "declare",
        "default",
        "demanding",
        "denials",
        "every",
        "is_empty",
        "is_first_start",
        "permits",
        "size",
        "user_declared",
    )

    def __init__(
        self,
        capability: str,
        default: Decision,
        arguments: Arguments = NO_ARGUMENTS,
        forbids: Sequence[Forbid] = (),
        allows: Sequence[Allow] = (),
        user_declared: bool = False,
        is_first_start: bool = False,
    ) -> None:
        """Take the rules, sorted by identity, which is the order that decisions list them in."""
        self.capability = capability
        self.declare = arguments.declare
        self.default = default
        self.size = len(forbids) + len(allows)
        self.is_empty = not self.size
        self.is_first_start = is_first_start
        self.asked = (*_asked(map(_forbid_test, forbids)), *_asked(map(_allow_test, allows)))
        self.every = (1 << len(allows)) - 1
        self.asking = sum(1 << at for at, rule in enumerate(forbids) if rule.unless_evidence)
        self.demanding = sum(1 << at for at, rule in enumerate(allows) if rule.requirements)
        self.denials: dict[int, Decision] = {}
        self.permits: dict[int | tuple[int, int], Decision] = {}
        self._all_forbids = tuple(forbids)
        self._all_allows = tuple(allows)
        self._duties = tuple(
            (1 << at, _binding_test(rule))
            for at, rule in enumerate(allows)
            if rule.obligations or rule.credential
        )
        self._wanted: dict[tuple[int, int], tuple[tuple[Rule, ...], tuple[Wanted, ...]]] = {}
        self.user_declared = user_declared

    def look_at(self, call: Call) -> Shown:
        """Look at what evidence a call shows."""
        call.capability = self.capability
        return Shown(call, self.user_declared)

    def standing(self, closing: int, shown: Shown) -> int:
        """Give the forbids that evidence has not lifted, of those that close otherwise."""
        for at in _places(closing & self.asking):
            if not missing(self._asked_by(1 << at, 0), shown):
                closing &= ~(1 << at)
        return closing

    def is_wall(self, standing: int, shown: Shown) -> bool:
        """Whether one of these forbids has no way out; else they are a question."""
        return standing & ~self.asking != 0 or not all(
            shown.can_be_given(each) for _, _, each in self._asked_by(standing, 0)
        )

    def ask(self, asking: int, applying: int, shown: Shown) -> Answer | Decision:
        """Give the allows that evidence opens, and the least of it that is enough; or say what is missing."""
        if not applying & (applying - 1):  # one allow, as almost always
            wanted = self._asked_by(asking, applying)
            if asking and has_too_many_approvals(wanted):
                return self.deny(asking)
            lacking_alone = missing(wanted, shown)
            if lacking_alone:
                return self._challenge(asking, applying, {each[:2] for each in lacking_alone})
            return applying, rests_on(wanted, shown)
        open_ = [
            (at, self._asked_by(asking, 1 << at))
            for at in _places(applying)
            if not (asking and has_too_many_approvals(self._asked_by(asking, 1 << at)))
        ]
        if not open_:
            return self.deny(asking)
        permits = [(at, wanted) for at, wanted in open_ if not missing(wanted, shown)]
        if permits:
            _, least = min(permits, key=lambda each: sum(one.count for _, _, one in each[1]))
            return sum(1 << at for at, _ in permits), rests_on(least, shown)
        met = [each for each in open_ if not missing(self._asked_by(0, 1 << each[0]), shown)]
        lacking = {each[:2] for _, wanted in met or open_ for each in missing(wanted, shown)}
        allows = sum(1 << at for at, _ in open_)
        return self._challenge(asking, allows, lacking)

    def _asked_by(self, forbids: int, allows: int) -> tuple[Wanted, ...]:
        """Give what rules ask for together, by their identities."""
        return self._together(forbids, allows)[1]

    def _together(self, forbids: int, allows: int) -> tuple[tuple[Rule, ...], tuple[Wanted, ...]]:
        """Give forbids and allows, by identity, and what they ask for together."""
        found = self._wanted.get((forbids, allows))
        if found is None:
            chosen: list[Rule] = [
                *_chosen(self._all_forbids, forbids),
                *_chosen(self._all_allows, allows),
            ]
            rules = tuple(sorted(chosen, key=lambda rule: rule.id))
            wanted = tuple(
                (rule.id, number, each)
                for rule in rules
                for number, each in enumerate(
                    rule.unless_evidence if isinstance(rule, Forbid) else rule.requirements
                )
            )
            found = rules, wanted
            if len(self._wanted) < MOST_WANTED:
                self._wanted[forbids, allows] = found
        return found

    def binding(self, applying: int, call: Call) -> int:
        """Give the allows whose duties belong to a permit of the call: those that apply, and more."""
        for bit, test in self._duties:
            if not applying & bit and (test is None or test(call)):
                applying |= bit
        return applying

    def deny(self, denying: int) -> Decision:
        """Deny because of forbids."""
        forbids = list(_chosen(self._all_forbids, denying))
        return Decision(
            "deny",
            rules=tuple(rule.id for rule in forbids),
            reasons=tuple(rule.because or f"forbidden by {rule.id}" for rule in forbids),
            owner=_owner(forbids[0].owner),
        )

    def permit(self, permitting: int, binding: int) -> Decision:
        """Permit, with the obligations of every allow that binds and the tightest of their terms."""
        permits = list(_chosen(self._all_allows, permitting))
        binds = list(_chosen(self._all_allows, binding))
        credential = None
        if any(rule.credential for rule in permits):
            terms = [rule.credential for rule in binds if rule.credential]
            credential = Unchanging(
                ttl_seconds=min(ttl for ttl, _ in terms), renew=min(renew for _, renew in terms)
            )
        return Decision(
            "permit",
            rules=tuple(rule.id for rule in permits),
            obligations=tuple(
                Unchanging(id=rule.id, type=name, properties=Unchanging(properties))
                for rule in binds
                for name, properties in rule.obligations
            ),
            credential=credential,
            owner=_owner(permits[0].owner),
        )

    def _challenge(self, forbids: int, allows: int, lacking: set[tuple[str, int]]) -> Decision:
        """Say what is missing; made anew, since what is there and what is not differs in many ways."""
        ids = {id for id, _ in lacking}
        both, wanted = self._together(forbids, allows)
        rules = [rule for rule in both if isinstance(rule, Allow) or rule.id in ids]
        return Decision(
            "challenge",
            rules=tuple([rule.id for rule in rules]),
            requirements=tuple(
                [each.describe(id) for id, number, each in wanted if (id, number) in lacking]
            ),
            owner=_owner(rules[0].owner),
        )


def default_of(owner: Owner | None) -> Decision:
    """Deny because nothing opens."""
    return Decision("deny", reasons=(NO_ALLOW,), owner=_owner(owner))


def _owner(owner: Owner | None) -> Unchanging | None:
    return None if owner is None else Unchanging(owner.to_json())


def _chosen(rules: Sequence[_AnyRule], chosen: int) -> Iterator[_AnyRule]:
    """Give the rules of a set, in order."""
    return (rule for at, rule in enumerate(rules) if chosen >> at & 1)


def _places(chosen: int) -> Iterator[int]:
    """Give the places of the rules of a set."""
    return (at for at in range(chosen.bit_length()) if chosen >> at & 1)


def _asked(tests: Iterable[Test | None]) -> tuple[int, Asked]:
    """Give the set of the rules of which nothing is to be asked, and the tests of the others."""
    always = 0
    asked: list[tuple[int, Test]] = []
    for at, test in enumerate(tests):
        if test is None:
            always |= 1 << at
        else:
            asked.append((1 << at, test))
    return always, tuple(asked)


# --- What is to be asked of a rule ----------------------------------------------------------------


def _forbid_test(rule: Forbid) -> Test | None:
    """Ask whether a forbid closes, and whether it may be time for it."""
    applies, window = rule.applies, rule.window
    if window is None:
        return applies

    def closes(call: Call) -> bool:
        return (applies is None or applies(call)) and not window.excludes(call.now)

    return closes


def _allow_test(rule: Allow) -> Test | None:
    """Ask whether an allow applies, and whether it is time for it."""
    applies, validity, window = rule.applies, rule.validity, rule.window
    if validity is None and window is None:
        return applies

    def opens(call: Call) -> bool:
        return (
            (applies is None or applies(call))
            and (validity is None or validity.holds(call.now))
            and (window is None or window.holds(call.now))
        )

    return opens


def _binding_test(rule: Allow) -> Test | None:
    """Ask whether an allow asks something of every permit of this call, applying or not."""
    binds, validity, window = rule.binds, rule.validity, rule.window
    if validity is None and window is None:
        return binds

    def is_bound(call: Call) -> bool:
        return (
            (binds is None or binds(call))
            and (validity is None or not validity.excludes(call.now))
            and (window is None or not window.excludes(call.now))
        )

    return is_bound
