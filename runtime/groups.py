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
from .rules import Allow, Forbid, Owner, Test

NO_ALLOW = "no allow applies"

Asked = tuple[tuple[int, Test], ...]
"""Rules of which something is to be asked, each by its bit."""

_AnyRule = TypeVar("_AnyRule", Allow, Forbid)


class Group:
    """The forbids and allows about a capability, an agent and an intent.

    `closed` and `open` are the forbids and allows that apply to every such call, `forbids` and
    `allows` those of which something is to be asked. `demanding` are the allows with requirements,
    `every` is all of them. `default` is the answer where nothing opens. `denials` and `permits`
    are the decisions that were made, by what applied.
    """

    __slots__ = (
        "_all_allows",
        "_all_forbids",
        "_duties",
        "_user_declared",
        "allows",
        "arguments",
        "capability",
        "closed",
        "default",
        "demanding",
        "denials",
        "every",
        "forbids",
        "is_empty",
        "open",
        "permits",
        "size",
    )

    def __init__(
        self,
        capability: str,
        default: Decision,
        arguments: Arguments = NO_ARGUMENTS,
        forbids: Sequence[Forbid] = (),
        allows: Sequence[Allow] = (),
        user_declared: bool = False,
    ) -> None:
        """Take the rules, sorted by identity, which is the order that decisions list them in."""
        self.capability = capability
        self.arguments = arguments
        self.default = default
        self.size = len(forbids) + len(allows)
        self.is_empty = not self.size
        self.closed, self.forbids = _asked(_forbid_test(rule, user_declared) for rule in forbids)
        self.open, self.allows = _asked(map(_allow_test, allows))
        self.every = (1 << len(allows)) - 1
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
        self._user_declared = user_declared

    def met(self, applying: int, call: Call) -> int:
        """Give those of the allows that apply whose requirements are there."""
        return sum(
            1 << at
            for at, rule in enumerate(self._all_allows)
            if applying >> at & 1
            and all(each.is_there(call, self._user_declared) for each in rule.requirements)
        )

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

    def challenge(self, applying: int, call: Call) -> Decision:
        """Say what is missing; made anew, since what is there and what is not differs in many ways."""
        allows = list(_chosen(self._all_allows, applying))
        return Decision(
            "challenge",
            rules=tuple(rule.id for rule in allows),
            requirements=tuple(
                each.describe(rule.id)
                for rule in allows
                for each in rule.requirements
                if not each.is_there(call, self._user_declared)
            ),
            owner=_owner(allows[0].owner),
        )


def default_of(owner: Owner | None) -> Decision:
    """Deny because nothing opens."""
    return Decision("deny", reasons=(NO_ALLOW,), owner=_owner(owner))


def _owner(owner: Owner | None) -> Unchanging | None:
    return None if owner is None else Unchanging(owner.to_json())


def _chosen(rules: Sequence[_AnyRule], chosen: int) -> Iterator[_AnyRule]:
    """Give the rules of a set, in order."""
    return (rule for at, rule in enumerate(rules) if chosen >> at & 1)


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


def _forbid_test(rule: Forbid, user_declared: bool) -> Test | None:
    """Ask whether a forbid applies, and whether evidence does not lift it."""
    applies, evidence = rule.applies, rule.unless_evidence
    if not evidence:
        return applies

    def closes(call: Call) -> bool:
        return (applies is None or applies(call)) and not all(
            each.is_there(call, user_declared) for each in evidence
        )

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
