"""The answer to one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import Any, Literal, NoReturn, Self, TypeVar

Effect = Literal["permit", "challenge", "deny"]
T = TypeVar("T")


def refuse(*_: object, **__: object) -> NoReturn:
    """Stand where something would be changed that many may share."""
    raise TypeError(
        "a decision does not change: change a copy, `dict(...)` or `dataclasses.replace`"
    )


class Unchanging(dict[str, Any]):
    """A JSON object that refuses to be changed, since many decisions may share it.

    What copies it (`dict(each)`, `copy.deepcopy`, `pickle`) gives a dictionary of its own, which may be changed.
    """

    __slots__ = ()

    def __new__(cls, *given: Any, **more: Any) -> Self:
        """Fill it here: `__init__` of a dictionary may be called again, and would change it."""
        made = dict.__new__(cls)
        dict.update(made, *given, **more)
        return made

    def __init__(self, *_: Any, **__: Any) -> None:
        """Leave it as it was made."""

    __setitem__ = __delitem__ = __ior__ = refuse
    clear = pop = popitem = setdefault = update = refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        """Copy as a plain dictionary."""
        return dict, (dict(self),)


def filled_once(cls: type[T]) -> type[T]:
    """Refuse a second call of `__init__`, with which a frozen dataclass can be changed after all."""
    fill: Callable[..., None] = cls.__init__

    @wraps(fill)
    def __init__(self: object, *given: Any, **more: Any) -> None:
        if hasattr(self, "effect"):
            refuse()
        fill(self, *given, **more)

    cls.__init__ = __init__  # type: ignore[method-assign]
    return cls


def _fill(made: Decision, *given: Any) -> None:
    """Fill one that nobody has seen yet, by place, which takes half the time of making one by name."""
    Decision.__init__.__wrapped__(made, *given)  # type: ignore[attr-defined]


@filled_once
@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by which rules, and what goes with it.

    Only `effect == "permit"` lets the call happen. The lists are sorted, so that two evaluators
    that agree give equal decisions. An evaluator may give one object as the answer to many requests:
    no method of it, or of what it holds, changes it; `dataclasses.replace` makes another one.
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
    evidence: tuple[Mapping[str, Any], ...] = ()
    """Of a permit: what it rests on, each `{"rule": ..., "kind": ..., "by": ..., "at": ...}` and its `id` if it has one."""
    decision: bool = field(init=False, repr=False, compare=False)
    """Whether the call may happen, which `effect` says: kept, since every caller asks."""

    def __post_init__(self) -> None:
        """Say once whether the call may happen."""
        object.__setattr__(self, "decision", self.effect == "permit")

    def __bool__(self) -> bool:
        """Raise a TypeError: a denial is an object as well, and `if` would take it for a yes."""
        raise TypeError("a Decision is neither true nor false: ask for its `decision`")

    __setstate__ = refuse

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """Copy and pickle by making another one."""
        return type(self), tuple(getattr(self, each.name) for each in fields(self) if each.init)

    def resting_on(self, evidence: tuple[Mapping[str, Any], ...]) -> Decision:
        """Give the same permit, with what it rests on."""
        made = object.__new__(Decision)
        _fill(
            made,
            self.effect,
            self.rules,
            self.reasons,
            self.requirements,
            self.obligations,
            self.credential,
            self.owner,
            evidence,
        )
        return made

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
                "evidence": [_copied(each) for each in self.evidence],
                "owner": _copied(self.owner),
            },
        }


def _copied(value: Any) -> Any:
    """Copy a JSON value, objects and lists through and through."""
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value
