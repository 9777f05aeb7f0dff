"""The answer to one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, Self

Effect = Literal["permit", "challenge", "deny"]


class Unchanging(dict[str, Any]):
    """A JSON object that refuses to be changed, since many decisions may share it.

    What copies it (`dict(each)`, `copy.deepcopy`, `pickle`) gives a dictionary of its own, which may be changed.
    """

    __slots__ = ()

    def __new__(cls, *given: Any, **more: Any) -> Self:
        """Fill it here: `__init__` of a dictionary may be called again, and would change it."""
        made = super().__new__(cls)
        dict.update(made, *given, **more)
        return made

    def __init__(self, *_: Any, **__: Any) -> None:
        """Leave it as it was made."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a decision does not change: change a copy, `dict(...)`")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        """Copy as a plain dictionary."""
        return dict, (dict(self),)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by which rules, and what goes with it.

    Only `effect == "permit"` lets the call happen. The lists are sorted, so that two evaluators
    that agree give equal decisions. An evaluator may give one object as the answer to many requests:
    what it holds refuses to be changed.
    """

    effect: Effect
    rules: tuple[str, ...] = ()
    """Identities of the rules that decided: forbids of a deny, allows of a permit or challenge."""
    reasons: tuple[str, ...] = ()
    """Sentences for a person: the `because` of each forbid, or why nothing applied."""
    requirements: tuple[Mapping[str, Any], ...] = ()
    """Of a challenge: what is missing, each with the rule that asks for it."""
    obligations: tuple[Mapping[str, Any], ...] = ()
    """Of a permit: `{"id": rule, "type": name, "properties": {...}}`; do each, or refuse."""
    credential: Mapping[str, int] | None = None
    """Of a permit: `{"ttl_seconds": s, "renew": n}` for the lease it may issue, if any."""
    owner: Mapping[str, str] | None = None
    """Who answers: `{"name": ..., "contact": ...}` of the first rule, else of the resource."""

    def __bool__(self) -> bool:
        """Raise a TypeError: a denial is an object as well, and `if` would take it for a yes."""
        raise TypeError("a Decision is neither true nor false: ask for its `decision`")

    @property
    def decision(self) -> bool:
        """Whether the call may happen."""
        return self.effect == "permit"

    def to_authzen(self) -> dict[str, Any]:
        """Give the OpenID AuthZEN 1.0 evaluation response, as a JSON object of the caller's own."""
        return {
            "decision": self.decision,
            "context": {
                "effect": self.effect,
                "rules": list(self.rules),
                "reasons": list(self.reasons),
                "requirements": [_copied(each) for each in self.requirements],
                "obligations": [_copied(each) for each in self.obligations],
                "credential": _copied(self.credential),
                "owner": _copied(self.owner),
            },
        }


def _copied(value: Any) -> Any:
    """Copy a JSON value, objects and lists through and through."""
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
