"""HashiCorp Vault: a token with the policies that the capabilities of a lease have there, which ends with the lease.

Such a token cannot be renewed, is nobody's child, and has no policy beside: not even `default`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from ...runtime.strict_json import NotJSON, read_request
from ...runtime.time_text import format_time
from ...runtime.values import NANOSECONDS
from ..config.kinds import Seconds, Table, Text, listed
from ..config.secrets import SecretFrom
from ..outbound.fetching import NotFetched, Reach, Reply, fetch
from .broker import Credential, NotBrokered, PlatformFailed, Prepared, Wanted
from .settings import base_url, by_capability, read_table, secret

SLACK = 2
"""Seconds that the request may take of a lease: Vault counts from when it makes the token."""
MOST_BYTES = 256 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,1024}")

Policy = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,200}$")]


class Grant(Table):
    """What a capability is at Vault."""

    capability: Text
    policies: Annotated[
        tuple[Policy, ...], BeforeValidator(listed), Field(min_length=1, max_length=50)
    ]

    @field_validator("policies")
    @classmethod
    def _narrow(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if {"root", "default"} & {each.lower() for each in value}:
            raise ValueError("no lease stands for the policies `root` and `default`")
        return value


class Settings(Table):
    """`[brokers.NAME]` of this broker."""

    address: Text
    token: SecretFrom
    grants: Annotated[tuple[Grant, ...], BeforeValidator(listed), Field(min_length=1)]
    role: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")] | None = None
    namespace: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,200}$")] | None = None
    longest: Annotated[Seconds, Field(ge=60)] = 3_600
    private: bool = False
    ca: Text | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What Vault is asked, and until when by our own watch."""

    policies: tuple[str, ...]
    about: Mapping[str, str]
    ends: float


class Vault:
    """Tokens of one Vault."""

    def __init__(
        self, settings: Settings, root: Path, watch: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep what each capability is there. Raises `ValueError`."""
        self._settings, self._root, self._watch = settings, root, watch
        self._grants = by_capability(settings.grants)
        ca = None if settings.ca is None else root / settings.ca
        self._reach = Reach(private=settings.private, ca=ca, most=MOST_BYTES)
        self._url = base_url("address", settings.address, self._reach)
        role = settings.role
        self._path = "auth/token/create-orphan" if role is None else f"auth/token/create/{role}"

    def prepare(self, wanted: Wanted) -> Prepared:
        """Say which token will be asked for. Raises `NotBrokered`."""
        found = [self._grants[each] for each in wanted.capabilities if each in self._grants]
        if not found:
            raise NotBrokered("nothing that it stands for is at Vault")
        until = min(wanted.until, wanted.now + self._settings.longest * NANOSECONDS)
        left = (until - wanted.now) / NANOSECONDS
        if left < SLACK + 1:
            raise NotBrokered(f"the lease ends within {SLACK + 1} seconds")
        policies = tuple(sorted({each for grant in found for each in grant.policies}))
        about = {
            "lease": wanted.lease, "task": wanted.task, "intent": wanted.intent, "agent": wanted.agent,
        }  # fmt: skip
        told = {"action": f"POST {self._path}", "policies": list(policies), "meta": about}
        return Prepared(until, told, _Asked(policies, about, self._watch() + left))

    def obtain(self, prepared: Prepared) -> Credential:
        """Ask for the token. Raises `PlatformFailed`."""
        asked: _Asked = prepared.request
        seconds = int(asked.ends - self._watch()) - SLACK
        if seconds < 1:
            raise PlatformFailed("the lease ended before Vault could be asked")
        reply = self._ask(
            self._path,
            {
                "policies": list(asked.policies),
                "no_default_policy": True,
                "ttl": f"{seconds}s",
                "explicit_max_ttl": f"{seconds}s",
                "renewable": False,
                "type": "service",
                "display_name": asked.about["lease"],
                "meta": dict(asked.about),
            },
        )
        if reply.status != 200:
            raise PlatformFailed(f"Vault gave no token: status {reply.status}")
        given = _read(reply)
        credential = Credential(
            prepared.until,
            {
                "token": given["client_token"],
                "accessor": given["accessor"],
                "policies": list(asked.policies),
                "expires_at": format_time(prepared.until),
            },
        )
        if not _is_narrow(given, asked, seconds) or self._watch() + seconds > asked.ends:
            self.end(credential)
            raise PlatformFailed("Vault gave a token for more, or for longer, than was asked for")
        return credential

    def end(self, credential: Credential) -> bool:
        """Revoke a token."""
        try:
            accessor = credential.values["accessor"]
            return self._ask("auth/token/revoke-accessor", {"accessor": accessor}).status == 204
        except PlatformFailed:
            return False

    def _ask(self, path: str, told: Mapping[str, Any]) -> Reply:
        headers = {
            "x-vault-token": secret(self._settings.token, self._root),
            "x-vault-request": "true",
            "content-type": "application/json",
        }
        if self._settings.namespace is not None:
            headers["x-vault-namespace"] = self._settings.namespace
        content = json.dumps(told).encode()
        try:
            return fetch(
                f"{self._url}/v1/{path}",
                self._reach,
                method="POST",
                headers=headers,
                content=content,
            )
        except NotFetched as error:
            raise PlatformFailed(f"Vault gave no token: {error}") from None


def _read(reply: Reply) -> dict[str, Any]:
    """Read what Vault says of a token. Raises `PlatformFailed`."""
    try:
        found = read_request(reply.content)
    except NotJSON:
        found = None
    given = found.get("auth") if type(found) is dict else None
    if type(given) is not dict or not all(
        type(given.get(each)) is str and _TOKEN.fullmatch(given[each])
        for each in ("client_token", "accessor")
    ):
        raise PlatformFailed("Vault answered with something that is no token")
    return given


def _is_narrow(given: Mapping[str, Any], asked: _Asked, seconds: int) -> bool:
    """Whether a token is for no more than was asked for and ends as it should, as Vault itself tells it."""
    life = given.get("lease_duration")
    return (
        given.get("policies") == list(asked.policies)
        and not given.get("identity_policies")
        and type(life) is int
        and 0 < life <= seconds
        and given.get("renewable") is False
    )


def make(given: Mapping[str, Any], root: Path) -> Vault:
    """Make the broker of its settings. Raises `ValueError`."""
    return Vault(read_table(Settings, given), root)
