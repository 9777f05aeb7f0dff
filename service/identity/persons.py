"""Who a person is, by the claims of an identity token: their id, their roles, and how they have shown who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.people.names import ROLE, why_no_name
from ..tokens.compact import Refused
from .claims import seconds


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Which claims say what.

    `roles` gives for each value of the claim of roles what it is here; a value that is not in it is no role. `methods` gives
    for each method that policies name (`step_up "mfa"`) which values show it, each as `amr:VALUE` or `acr:VALUE`.
    """

    person: str
    prefix: str
    roles_claim: str
    roles: Mapping[str, tuple[str, ...]]
    methods: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Identified:
    """A person. `at` is when they have shown who they are, in seconds since 1970; None if nobody says when."""

    person: str
    roles: tuple[str, ...]
    methods: tuple[str, ...]
    at: float | None


def identified(reading: ClaimNames, claims: Mapping[str, Any]) -> Identified:
    """Read claims. Raises `Refused` if they do not say who it is."""
    value = claims.get(reading.person)
    if type(value) is not str or not value:
        raise Refused(f"it has no `{reading.person}`")
    if reading.person == "email" and claims.get("email_verified") is not True:
        raise Refused("nobody has verified the address that it names")
    person = f"{reading.prefix}{value}"
    if why_no_name(person) is not None:
        raise Refused(f"its `{reading.person}` is no id of a person")
    named = (role for many in reading.roles.values() for role in many)
    if person.startswith(ROLE) or person in named:  # rules name people and roles in one place
        raise Refused(f"its `{reading.person}` is the name of a role")
    roles = {
        role
        for each in _texts(claims.get(reading.roles_claim))
        for role in reading.roles.get(each, ())
    }
    shown = {f"amr:{each}" for each in _texts(claims.get("amr"))}
    shown |= {f"acr:{each}" for each in _texts(claims.get("acr"))}
    methods = [name for name, values in reading.methods.items() if not shown.isdisjoint(values)]
    return Identified(
        person, tuple(sorted(roles)), tuple(sorted(methods)), seconds(claims, "auth_time")
    )


def _texts(value: object) -> list[str]:
    listed = [value] if type(value) is str else value
    return [each for each in listed if type(each) is str] if type(listed) is list else []
